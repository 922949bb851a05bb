import { describe, expect, test } from "vitest";
import { eventText, packetOf } from "./engine-io.ts";
import { FrameCounter } from "./frames.ts";
import { payloadsOf } from "./payloads.ts";

/** As a server frames it: text, and not masked. */
function serverFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

const OPEN = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}';
const CONNECTED = '40{"sid":"b"}';

function take(texts: readonly string[], bytesAtOnce: number) {
  const packets: string[] = [];
  const counter = new FrameCounter(payloadsOf("events", (packet) => packets.push(packet)));
  const stream = Buffer.concat(texts.map(serverFrame));
  let events = 0;
  for (let at = 0; at < stream.length; at += bytesAtOnce) {
    events += counter.take(stream, at, Math.min(stream.length, at + bytesAtOnce));
  }
  return { events, packets };
}

describe("packets of Engine.IO 4", () => {
  test.each([
    [OPEN, "open"],
    ["2", "ping"],
    [CONNECTED, "connected"],
    ['42["say","x"]', "event"],
    ['44{"message":"no"}', "refused"],
    ["41", "other"],
    ["1", "other"],
    ["6", "other"],
    ["", "other"],
  ])("%j is %s", (text, packet) => expect(packetOf(text.slice(0, 2))).toBe(packet));

  test("an event is text that begins with 42", () => {
    expect(eventText("say", "x")).toBe('42["say","x"]');
    expect(packetOf(eventText("say", "x").slice(0, 2))).toBe("event");
  });

  const texts = [OPEN, CONNECTED, eventText("say", "x".repeat(300)), "2", eventText("say", "y")];

  test.each([1, 2, 3, 7, 1_000])("events alone are counted, read by %i bytes", (bytes) => {
    expect(take(texts, bytes)).toEqual({ events: 2, packets: ["open", "connected", "ping"] });
  });

  test("an event that holds a newline is one", () => {
    expect(take([eventText("say", "a\nb")], 5).events).toBe(1);
  });
});

describe("messages of the others", () => {
  const texts = ["a", "b\nc", ""];

  test.each([
    ["messages", 3],
    ["lines", 4],
  ] as const)("counted as %s are %i", (counted, count) => {
    const counter = new FrameCounter(payloadsOf(counted, () => {}));
    const stream = Buffer.concat(texts.map(serverFrame));
    expect(counter.take(stream, 0, stream.length)).toBe(count);
  });
});
