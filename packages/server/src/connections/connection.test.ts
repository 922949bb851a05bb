import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { describeRooms } from "../../test/rooms";
import type { Connection, Message } from "../index";

describeRooms("a connection's state", (open) => {
  it("is null at first, and what was set last from then on", async () => {
    const room = open({
      onConnect: (_party, connection) => connection.send(JSON.stringify(connection.state)),
      onMessage(_party, connection: Connection<{ count: number }>) {
        connection.setState((previous) => ({ count: (previous?.count ?? 0) + 1 }));
        connection.send(JSON.stringify(connection.state));
      },
    });
    const socket = await room.connect();
    expect(await socket.next()).toBe("null");
    for (const count of [1, 2, 3]) {
      await socket.send("more");
      expect(await socket.next()).toBe(JSON.stringify({ count }));
    }
  });

  it("is a copy of what was set", async () => {
    const room = open({
      onConnect(_party, connection) {
        const state = { name: "Ada" };
        connection.setState(state);
        state.name = "Bob";
        connection.send(JSON.stringify(connection.state));
      },
    });
    expect(await (await room.connect()).next()).toBe('{"name":"Ada"}');
  });

  it("that is too large is refused with its size and the room there is, the old one kept", async () => {
    const { log, ...room } = open({
      onConnect: (_party, connection) => connection.setState({ name: "Ada" }),
      onMessage(_party, connection) {
        connection.setState("x".repeat(20_000));
      },
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect("?_pk=ada");
    await socket.send("grow");
    await vi.waitFor(() => expect(log.length).toBe(1), { timeout: 60_000 });
    const [, size, left] =
      /^RangeError: .* is (\d+) bytes serialized, .* room for (\d+)/.exec(log[0] ?? "") ?? [];
    expect(Number(size)).toBeGreaterThanOrEqual(20_000);
    expect(Number(size)).toBeLessThan(20_020);
    expect(await state(room.stub, "ada")).toEqual({ name: "Ada" });
    // The figure is true to the byte: so much fits, one more does not.
    await runInDurableObject(room.stub, (party) => {
      const connection = party.getConnection("ada");
      // V8 writes a tag and a length of two bytes in front of a string of this size.
      const largest = "x".repeat(Number(left) - 3);
      connection?.setState(largest);
      expect(connection?.state).toBe(largest);
      expect(() => connection?.setState(`${largest}x`)).toThrow(RangeError);
      expect(connection?.state).toBe(largest);
    });
  });

  it("that cannot be cloned is refused, the old one kept", async () => {
    const room = open({ onConnect: (_party, connection) => connection.setState({ name: "Ada" }) });
    await room.connect("?_pk=ada");
    await runInDurableObject(room.stub, (party) => {
      const connection = party.getConnection("ada");
      expect(() => connection?.setState({ call: () => {} })).toThrow(/must be cloneable/);
      expect(connection?.state).toEqual({ name: "Ada" });
    });
  });

  it("can be read, and set, when the connection has left", async () => {
    const { log, ...room } = open({
      onConnect: (_party, connection) => connection.setState({ name: "Ada" }),
      onClose(_party, connection) {
        log.push(JSON.stringify(connection.state));
        connection.setState({ name: "gone" });
        log.push(JSON.stringify(connection.state));
      },
    });
    const socket = await room.connect();
    await socket.close(1000);
    await vi.waitFor(() => expect(log).toEqual(['{"name":"Ada"}', '{"name":"gone"}']), {
      timeout: 60_000,
    });
  });
});

describeRooms("send", (open) => {
  it("takes text, an ArrayBuffer and views of one", async () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const room = open({
      onMessage(_party, connection) {
        connection.send("text");
        connection.send(bytes.buffer);
        connection.send(bytes.subarray(1, 3));
        connection.send(new DataView(bytes.buffer, 3));
      },
    });
    const socket = await room.connect();
    await socket.send("go");
    const received = [];
    for (let count = 0; count < 4; count += 1) received.push(await socket.next());
    expect(received.map(asText)).toEqual(["text", "1,2,3,4", "2,3", "4"]);
  });

  it("does nothing once the connection has left", async () => {
    const { log, ...room } = open({
      onClose(party, connection) {
        connection.send("too late");
        party.broadcast("too late");
        connection.close(4000, "too late");
        log.push("closed");
      },
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect();
    await socket.close(1000);
    await vi.waitFor(() => expect(log).toEqual(["closed"]), { timeout: 60_000 });
  });
});

describeRooms("a message", (open) => {
  it("of bytes arrives as an ArrayBuffer", async () => {
    const room = open({
      onMessage: (_party, connection, message: Message) =>
        connection.send(message instanceof ArrayBuffer ? new Uint8Array(message) : "not bytes"),
    });
    const socket = await room.connect();
    await socket.send(new Uint8Array([5, 6]));
    expect(asText(await socket.next())).toBe("5,6");
  });
});

describeRooms("a closing handshake", (open) => {
  /** A room that notes every close. */
  const noting = (log: string[]) => ({
    onMessage: (_party: unknown, connection: Connection, message: Message) => {
      const [code, reason] = JSON.parse(String(message)) as [
        number | undefined,
        string | undefined,
      ];
      connection.close(code ?? undefined, reason);
    },
    onClose: (
      party: { getConnections(): unknown[] },
      connection: Connection,
      code: number,
      reason: string,
      wasClean: boolean,
    ) =>
      void log.push(
        `${connection.id} ${code} '${reason}' ${wasClean} ${party.getConnections().length}`,
      ),
    onError: (_party: unknown, error: unknown) => void log.push(String(error)),
  });

  it.each([
    { sent: [1000, "done"], seen: "ada 1000 'done' true 0" },
    { sent: [4321, ""], seen: "ada 4321 '' true 0" },
    { sent: [], seen: "ada 1005 '' true 0" },
  ])("begun by the client with $sent is noted once and completed", async ({ sent, seen }) => {
    const log: string[] = [];
    const room = open(noting(log));
    const socket = await room.connect("?_pk=ada");
    await socket.close(...(sent as [number?, string?]));
    const closed = await socket.closed();
    expect([closed.code, closed.reason]).toEqual([sent[0] ?? 1005, sent[1] ?? ""]);
    await vi.waitFor(() => expect(log).toEqual([seen]), { timeout: 60_000 });
    await room.sleep();
    expect(await room.request().then(() => log)).toEqual([seen]);
  });

  it.each([
    { asked: [4000, "bye"], seen: { code: 4000, reason: "bye" } },
    { asked: [null], seen: { code: 1000, reason: "" } },
    { asked: [1005, "no code, no reason"], seen: { code: 1005, reason: "" } },
    { asked: [1006, "reserved"], seen: { code: 1011, reason: "reserved" } },
    { asked: [99_999, "no code at all"], seen: { code: 1011, reason: "no code at all" } },
    { asked: [1000, "é".repeat(100)], seen: { code: 1000, reason: "é".repeat(61) } },
  ])(
    "begun by the room with $asked is noted at once, with what was sent",
    async ({ asked, seen }) => {
      const log: string[] = [];
      const room = open(noting(log));
      const socket = await room.connect("?_pk=ada");
      await socket.send(JSON.stringify(asked));
      expect(await socket.closed()).toEqual(seen);
      const noted = [`ada ${seen.code} '${seen.reason}' true 0`];
      await vi.waitFor(() => expect(log).toEqual(noted), { timeout: 60_000 });
      // The platform reports the peer's half later: that is not a second close.
      await room.sleep();
      expect(await room.request().then(() => log)).toEqual(noted);
    },
  );

  it("begun by the room from elsewhere than the connection's own message is noted once, too", async () => {
    const log: string[] = [];
    const room = open({
      ...noting(log),
      onRequest(party) {
        party.getConnection("ada")?.close(4001, "kicked");
        log.push(`still ${party.getConnections().length}`);
        return new Response();
      },
    });
    const socket = await room.connect("?_pk=ada");
    await room.request();
    expect(await socket.closed()).toEqual({ code: 4001, reason: "kicked" });
    expect(log).toEqual(["still 0", "ada 4001 'kicked' true 0"]);
    await room.sleep();
    expect(await room.request().then(() => log.length)).toBe(3);
  });
});

function asText(message: string | ArrayBuffer): string {
  return typeof message === "string" ? message : new Uint8Array(message).join();
}

function state(stub: Parameters<typeof runInDurableObject>[0], id: string) {
  return runInDurableObject(
    stub,
    (party) =>
      (party as unknown as { getConnection(id: string): Connection | undefined }).getConnection(id)
        ?.state,
  );
}
