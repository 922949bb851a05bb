import { env, runInDurableObject } from "cloudflare:test";
import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { describeTypedRooms } from "../test/rooms";
import { Party } from "./index";

const chat = defineContract({ fromServer: { said: type<string>() } });
const game = defineContract({ fromServer: { moved: type<string>() } });

/** Makes a room of a class on the platform's own objects. */
async function construct(party: new (ctx: DurableObjectState, env: Cloudflare.Env) => unknown) {
  const stub = Party.withRoom(env.BARE, `room-${crypto.randomUUID()}`);
  return runInDurableObject(stub, (_instance, ctx) => {
    try {
      const made = new party(ctx, env);
      return made instanceof Party ? "made" : "something else";
    } catch (error) {
      return String(error);
    }
  });
}

describe("a contract that is no argument of Party.for", () => {
  it("is refused as soon as the room is made, with what to write in its place", async () => {
    class Lobby extends Party {
      static readonly contract = chat;
    }
    expect(await construct(Lobby)).toMatch(
      /^TypeError: Lobby has a static contract.*extends Party\.for\(/,
    );
    class Hall extends Lobby {}
    expect(await construct(Hall)).toMatch(/^TypeError: Lobby has a static contract/);
  });

  it("is refused where Party.for was given another", async () => {
    class Lobby extends Party.for(game) {
      static readonly contract = chat;
    }
    expect(await construct(Lobby)).toMatch(/^TypeError: Lobby has a static contract/);
  });

  it("is no matter where there is none", async () => {
    class Lobby extends Party.for(chat) {}
    class Hall extends Lobby {}
    expect(await Promise.all([construct(Lobby), construct(Hall), construct(Party)])).toEqual([
      "made",
      "made",
      "made",
    ]);
  });
});

describeTypedRooms("a second handle()", (open) => {
  it("is refused at once, and the first stays", async () => {
    const room = open({
      handle: { say: (_party, from) => from.emit("said", { by: "first", text: "here" }) },
    });
    const socket = await room.connect("", ["partyflare.1"]);
    await socket.frame();
    await runInDurableObject(room.stub, (party) => {
      const handlers = { ...party.on, say: () => {} };
      expect(() => party.handle(handlers)).toThrow(/second time.*Call it once/);
    });
    await socket.sendFrame("say", { text: "hello" });
    expect(await socket.frame()).toEqual(["said", { by: "first", text: "here" }]);
  });
});
