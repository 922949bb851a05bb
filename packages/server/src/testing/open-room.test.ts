import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { typedScripts } from "../../test/typed-parties";
import { openRoom } from "./index";

const said = (by: string, text: string) => ({ by, text });

function opened(name = crypto.randomUUID()) {
  typedScripts.set(name, {
    handle: {
      say: (party, from, { text }: { text: string }) => party.emit("said", said(from.id, text)),
      rename: (_party, from, { name }: { name: string }) => {
        from.setState({ name });
        return { name };
      },
    },
  });
  return openRoom(env.HIBERNATING_TYPED, name);
}

it("joins, sends, waits, calls and sleeps", async () => {
  const room = await opened();
  const ada = await room.join({ token: "ada" });
  const bob = await room.join();
  ada.emit("say", { text: "hello" });
  expect(await ada.next("said")).toEqual({ by: ada.id, text: "hello" });
  expect(await bob.next("said")).toEqual({ by: ada.id, text: "hello" });
  expect(await ada.call("rename", { name: "Ada" })).toEqual({ name: "Ada" });
  await room.sleep();
  expect(await room.run((party) => party.getConnection(ada.id)?.state)).toEqual({ name: "Ada" });
  ada.emit("say", { text: "again" });
  expect(await bob.next("said")).toEqual({ by: ada.id, text: "again" });
  await ada.next("said", { timeoutMs: 50 });
  await room.restart();
  ada.emit("say", { text: "third" });
  expect(await bob.next("said")).toEqual({ by: ada.id, text: "third" });
  ada.cut();
  await ada.reconnect();
  await ada.close();
  expect(await room.run((party) => party.getConnections().length)).toBe(1);
  await room.advance(60_000);
});
