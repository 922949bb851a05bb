import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CONTENDERS } from "../contenders.ts";
import { Entrant } from "../entrant.ts";
import { moveText, textOfBytes } from "../texts.ts";

const { ws, socketIo, socketIoRecovering } = CONTENDERS;
const BYTES = 100;

describe.each([ws, socketIo, socketIoRecovering])("$name, driven by the load generator", (peer) => {
  let entrant: Entrant;

  beforeEach(async () => {
    entrant = await Entrant.start(peer, { connections: 4 });
    await entrant.open({ rooms: ["one", "one", "one", "other"] });
  });

  afterEach(() => entrant.stop());

  test("what one says reaches all in the room, and nobody else", async () => {
    const texts = [textOfBytes(peer, "say", BYTES)];
    const { received } = await entrant.exchange({ from: [0], texts, answers: 3, times: 5 });
    expect(received).toBe(15);
    const alone = await entrant.exchange({ from: [3], texts, answers: 1, times: 5 });
    expect(alone.received).toBe(5);
  });

  test("an echo reaches its sender alone", async () => {
    const texts = [textOfBytes(peer, "echo", BYTES)];
    const { received } = await entrant.exchange({ from: [1], texts, answers: 1, times: 5 });
    expect(received).toBe(5);
  });

  test("a move reaches all but its sender", async () => {
    const texts = [moveText(peer, "c0")];
    const { received } = await entrant.exchange({ from: [0], texts, answers: 2, times: 5 });
    expect(received).toBe(10);
  });

  test("says goodbye, and is there for those who come later", async () => {
    expect((await entrant.close()).done).toBe(4);
    await entrant.open({ rooms: ["one"] });
    const texts = [textOfBytes(peer, "say", BYTES)];
    expect((await entrant.exchange({ from: [0], texts, answers: 1 })).received).toBe(1);
  });

  test("a message has as many bytes as asked for", () => {
    expect(textOfBytes(peer, "say", BYTES)).toHaveLength(BYTES);
  });
});
