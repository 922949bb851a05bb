import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import type { DurableRoom } from "../../test/durable-party";
import { operation } from "../../test/once-call";
import { type HelloHistory, positionQuery } from "../../test/positions";
import { openDurableRoom, type TestRoom } from "../../test/rooms";
import { watchRows } from "../../test/rows-read";
import type { TestSocket } from "../../test/test-socket";

interface Hello {
  readonly history: HelloHistory;
  readonly once: { readonly since: string };
}

/** Enough for a ring that has gone round. */
const EVENTS = 1_500;

/** A room that hibernates, with a full ring and stored results. */
async function open() {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    history: { keepEvents: 1_000, keepMs: 3_600_000 },
    post: () => "done",
  });
  await emit(room, EVENTS);
  const client = new Client(room);
  await client.join();
  await client.post({ number: 1 });
  await client.post({ number: 2 });
  return { room, client, rows: await watchRows(room.stub) };
}

async function emit(room: TestRoom<DurableRoom>, count: number): Promise<void> {
  await runInDurableObject(room.stub, (party) => {
    for (let left = count; left > 0; left -= 1) party.emit("said", "x");
  });
  await looked(room);
}

/** Waits until the room has looked whether what it wrote is still stored: its timers are the earlier ones. */
async function looked(room: TestRoom<DurableRoom>): Promise<void> {
  await runInDurableObject(room.stub, () => scheduler.wait(60));
}

class Client {
  readonly #room: TestRoom<DurableRoom>;
  readonly #key = randomKey();
  #socket: TestSocket | undefined;
  hello: Hello | undefined;

  constructor(room: TestRoom<DurableRoom>) {
    this.#room = room;
  }

  /** Connects, and waits for all that follows `$hello`. */
  async join(position?: HelloHistory): Promise<void> {
    const query = position ? `?${positionQuery(position)}` : "";
    this.#socket = await this.#room.connect(query, ["partyflare.1", `partyflare.key.${this.#key}`]);
    const [hello = ""] = String(await this.#socket.next()).split("\n");
    this.hello = (JSON.parse(hello) as [string, Hello])[1];
    if (position) await this.#socket.next();
  }

  async leave(): Promise<void> {
    await this.#socket?.close(1000);
    await this.#socket?.closed();
  }

  /** Makes a call that happens once, and waits for its reply. */
  async post({ number, ...rest }: { number: number; oldest?: number; repeat?: true }) {
    const known = operation(number, this.hello?.once.since ?? "", rest);
    await this.ask("post", "x", known);
  }

  async ask(...call: unknown[]): Promise<void> {
    await this.#socket?.sendFrame("$call", 1, ...call);
    await this.#socket?.next();
  }
}

describe("the rows that docs/guide/delivery.md lists are those of", () => {
  it("a durable event, alone, with others, and the first after a wake", async () => {
    const { room, rows } = await open();
    await emit(room, 1);
    expect(rows()).toMatchObject({ written: 1, rows: 3 });
    await emit(room, 11);
    expect(rows()).toMatchObject({ written: 11, rows: 3 + 10 * 2 });
    await room.sleep();
    await emit(room, 1);
    expect(rows()).toMatchObject({ written: 1, rows: 17 });
  });

  it("a call that happens once, its repeat, and the first after a wake", async () => {
    const { room, client, rows } = await open();
    await client.post({ number: 3 });
    expect(rows()).toMatchObject({ written: 1, rows: 1 });
    await client.post({ number: 3, repeat: true });
    expect(rows()).toMatchObject({ written: 0, rows: 2 });
    await room.sleep();
    await client.post({ number: 4 });
    expect(rows()).toMatchObject({ written: 1, rows: 6 });
  });

  it("the call that tells that ten others are answered", async () => {
    const { client, rows } = await open();
    for (let number = 3; number <= 12; number += 1) await client.post({ number, oldest: 3 });
    rows();
    await client.post({ number: 13 });
    expect(rows()).toMatchObject({ written: 10, rows: 10 });
  });

  it("clients that connect, for the first time and again", async () => {
    const { room, client, rows } = await open();
    const position = client.hello?.history;
    await new Client(room).join();
    expect(rows()).toMatchObject({ written: 0, rows: 6 });
    await client.leave();
    await emit(room, 10);
    rows();
    await client.join(position);
    expect(rows()).toMatchObject({ written: 0, rows: 17 });
    await client.leave();
    await room.sleep();
    rows();
    await client.join(position);
    expect(rows()).toMatchObject({ written: 0, rows: 30 });
  });

  it("a page of the history, and of a wake in which nothing durable happens", async () => {
    const { room, client, rows } = await open();
    await client.ask("$history", { limit: 50 });
    expect(rows()).toMatchObject({ written: 0, rows: 53 });
    await room.sleep();
    await runInDurableObject(room.stub, (party) => party.emit("passing", "x"));
    expect(rows()).toMatchObject({ written: 0, rows: 0 });
  });

  it("what is the first of a room", async () => {
    const room = openDurableRoom("HIBERNATING_DURABLE", { post: () => "done" });
    const rows = await watchRows(room.stub);
    await emit(room, 1);
    expect(rows()).toMatchObject({ written: 7, rows: 9 });
    const client = new Client(room);
    await client.join();
    rows();
    await client.post({ number: 1 });
    await looked(room);
    expect(rows()).toMatchObject({ written: 4, rows: 7 });
  });
});
