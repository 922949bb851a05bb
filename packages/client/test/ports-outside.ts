import type { TestProject } from "vitest/node";
import { WebSocketServer } from "ws";
import { openPort, type Port, type PortCommand } from "./port";
import type { PortNews } from "./remote-port";

declare module "vitest" {
  interface ProvidedContext {
    /** Where `remote-port.ts` asks for ports. */
    portsOutside: string;
  }
}

/** Opens ports for tests inside workerd: one for each connection, which is told of all that happens. */
// oxlint-disable-next-line import/no-default-export -- vitest asks for it
export default async function offerPorts({ provide }: TestProject): Promise<() => void> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (control) => {
    const tell = (...news: PortNews) => control.send(JSON.stringify(news));
    const opening = openPort({
      onUpgrade: (...details) => tell("onUpgrade", ...details),
      onMessage: (...details) => tell("onMessage", ...details),
      onClose: (...details) => tell("onClose", ...details),
    });
    const withPort = async (action: (port: Port) => unknown) => void action(await opening);
    void withPort(({ host }) => control.send(host));
    control.on("message", (data: Buffer) => {
      void withPort((port) => port.do(...(JSON.parse(data.toString()) as PortCommand)));
    });
    control.on("close", () => void withPort((port) => port.stop()));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  provide("portsOutside", `ws://127.0.0.1:${address.port}`);
  return () => server.close();
}
