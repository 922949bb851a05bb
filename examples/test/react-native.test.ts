import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { Consumer } from "./consumer";

const consumer = new Consumer(["@partyflare/client", "event-target-polyfill", "react"]);
afterAll(() => consumer.dispose());

/** The globals that React Native on Hermes adds to the language. */
const GLOBALS = [
  "AbortController",
  "Blob",
  "WebSocket",
  "btoa",
  "clearTimeout",
  "console",
  "fetch",
  "performance",
  "queueMicrotask",
  "setTimeout",
];

/**
 * Runs a script in a realm that has the language and those globals, with the client as CommonJS. It
 * has `load` and `polyfill`. `polyfill` replaces the polyfills that docs/guide/client.md lists and
 * that need a phone with those of Node. The script's value is printed.
 */
const REALM = `
  const { readFileSync } = require("node:fs");
  const { createRequire } = require("node:module");
  const vm = require("node:vm");
  const realm = vm.createContext({});
  const define = (names) => { for (const name of names) realm[name] = globalThis[name]; };
  define(${JSON.stringify(GLOBALS)});
  realm.navigator = { product: "ReactNative" };
  realm.process = { env: {} };
  // Its URL has no parts that can be read or changed.
  realm.URL = class { constructor(href) { this.href = href; } };
  const modules = new Map();
  const load = (name, require) => {
    const path = require.resolve(name);
    if (!modules.has(path)) {
      const module = { exports: {} };
      modules.set(path, module);
      const inner = createRequire(path);
      const wrapper = "(function (module, exports, require, globalThis) {" + readFileSync(path, "utf8") + "\\n})";
      vm.runInContext(wrapper, realm, path)(module, module.exports, (name) => load(name, inner), realm);
    }
    return modules.get(path).exports;
  };
  realm.load = (name) => load(name, require);
  realm.polyfill = () => {
    define(["URL", "URLSearchParams"]);
    realm.crypto = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };
  };
  const script = readFileSync(process.argv[2], "utf8");
  vm.runInContext("(async () => {" + script + "})()", realm).then(
    (value) => { console.log(JSON.stringify(value)); process.exit(); },
    (error) => { console.log(JSON.stringify(String(error))); process.exit(); },
  );
`;

async function inHermes(name: string, script: string): Promise<unknown> {
  consumer.write("realm.cjs", REALM);
  consumer.write(name, script);
  return JSON.parse((await consumer.node("realm.cjs", name)).stdout);
}

describe("React Native's Hermes", () => {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  let host: string;

  beforeAll(async () => {
    server.on("connection", (socket) => {
      if (socket.protocol === "partyflare.1") socket.send('["$hello",{"id":"ada","room":"lobby"}]');
      socket.on("message", (data: Buffer) => {
        const text = data.toString();
        const [kind, id] = text.startsWith("[") ? (JSON.parse(text) as unknown[]) : [];
        socket.send(kind === "$call" ? JSON.stringify(["$reply", id, 7]) : text);
      });
    });
    if (server.address() === null)
      await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    host = typeof address === "object" ? `127.0.0.1:${address?.port}` : "";
  });
  afterAll(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  it("runs connect and PartySocket, with the polyfills of a documented list", async () => {
    const script = `
      const absent = ["Event", "MessageEvent", "TextEncoder", "crypto", "structuredClone"];
      const had = absent.filter((name) => name in globalThis);
      load("event-target-polyfill");
      polyfill();
      const { connect, PartySocket } = load("@partyflare/client");
      const { useRoom } = load("@partyflare/client/react");
      const where = { host: "${host}", party: "chat", room: "löbby", token: "grüße" };
      const room = connect(where);
      const answer = await room.call("count", "größer");
      room.close();
      const socket = new PartySocket({ ...where, query: { a: 1 } });
      socket.send("hello");
      const { type, data } = await new Promise((resolve) => (socket.onmessage = resolve));
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      socket.close(4000, "bye");
      const { code, reason } = await closed;
      return { had, answer, type, data, code, reason, hook: typeof useRoom };
    `;
    expect(await inHermes("app.js", script)).toEqual({
      had: [],
      answer: 7,
      type: "message",
      data: "hello",
      code: 4_000,
      reason: "bye",
      hook: "function",
    });
  });

  it("runs the import swap for partysocket, with the polyfill of events alone", async () => {
    const script = `
      load("event-target-polyfill");
      const { PartySocket } = load("@partyflare/client/compat/partysocket");
      const query = async () => ({ a: "b c" });
      const socket = new PartySocket({ host: "${host}", room: "löbby", query });
      socket.send("hello");
      const { type, data } = await new Promise((resolve) => (socket.onmessage = resolve));
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      socket.close(4000, "bye");
      const { code, reason } = await closed;
      return { type, data, code, reason, url: socket.url.replace(socket.id, "ID") };
    `;
    expect(await inHermes("swap.js", script)).toEqual({
      type: "message",
      data: "hello",
      code: 4_000,
      reason: "bye",
      url: `ws://${host}/parties/main/l%C3%B6bby?_pk=ID&a=b%20c`,
    });
  });

  it("needs those polyfills", async () => {
    const loading = `load("@partyflare/client")`;
    const connecting = `${loading}.connect({ host: "${host}", party: "chat", room: "lobby" })`;
    expect(await inHermes("bare.js", loading)).toMatch("Event is not defined");
    const polyfilled = `load("event-target-polyfill"); ${connecting}`;
    expect(await inHermes("some.js", polyfilled)).toMatch("crypto is not defined");
  });
});
