import { runInDurableObject } from "cloudflare:test";
import { PING } from "@partyflare/shared/internal";
import { expect, it, vi } from "vitest";
import { moveClock } from "../leaving";
import { dataIn, eventsIn, type Frame, FramedClient, silentGaps, told } from "../framed-client";
import { openDurableRoom } from "../rooms";

const ROOMS = ["IN_MEMORY_DURABLE", "HIBERNATING_DURABLE"] as const;

/** An object that another library would await. */
function thenable(then: (resolve: (value: unknown) => unknown) => unknown): object {
  // oxlint-disable-next-line unicorn/no-thenable -- the point of these tests
  return { then };
}

it.each([
  [
    "returns nothing from then",
    thenable((resolve) => {
      resolve(5);
      return undefined;
    }),
  ],
  [
    "calls back twice",
    thenable((resolve) => {
      resolve(5);
      return Promise.resolve(resolve(6));
    }),
  ],
])(
  "a handler's thenable that %s is answered, and the connection lives on",
  async (_what, thenable) => {
    const errors: string[] = [];
    const room = openDurableRoom("HIBERNATING_DURABLE", {
      ask: (_party, _from, input) => (input === "odd" ? thenable : "fine"),
      onError: (_party, error) => void errors.push(String(error)),
    });
    const ada = await FramedClient.join(room);
    await ada.socket.sendFrame("$call", 1, "ask", "odd");
    await ada.socket.sendFrame("$call", 2, "ask", "even");
    expect([await ada.frame(), await ada.frame()]).toEqual([
      ["$reply", 1, 5],
      ["$reply", 2, "fine"],
    ]);
    expect(errors).toEqual([]);
  },
);

it("no offset means two events: a lib transaction that fails within the platform's", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const ada = await FramedClient.join(room);
  await runInDurableObject(room.stub, (party) => {
    try {
      party.transactByPlatform(() => {
        party.emit("said", "ghost");
        try {
          party.transact(() => {
            party.emit("said", "held");
            throw new Error("inner");
          });
        } catch {}
        throw new Error("outer");
      });
    } catch {}
  });
  await runInDurableObject(room.stub, (party) => party.emit("said", "real"));
  const events = eventsIn(await ada.received());
  expect(new Set(events.map(([, , offset]) => offset)).size, JSON.stringify(events)).toBe(
    events.length,
  );
});

it("no offset means two events: a lib transaction that fails after the platform's", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const ada = await FramedClient.join(room);
  await runInDurableObject(room.stub, (party) => {
    for (const [transact, data] of [
      ["transactByPlatform", "ghost"],
      ["transact", "held"],
    ] as const) {
      try {
        party[transact](() => {
          party.emit("said", data);
          throw new Error("rolled back");
        });
      } catch {}
    }
    party.emit("said", "real");
  });
  const events = eventsIn(await ada.received());
  expect(new Set(events.map(([, , offset]) => offset)).size, JSON.stringify(events)).toBe(
    events.length,
  );
});

/** A room where a client that comes back is given a tag in a transaction that is rolled back. */
async function openRollingBack() {
  let isBack = false;
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    onConnect(party, connection) {
      if (!isBack) return;
      try {
        party.transact(() => {
          connection.setTags(["red"]);
          throw new Error("refused by the app");
        });
      } catch {}
    },
  });
  const ada = await FramedClient.join(room);
  await ada.leave();
  const comeBack = () => {
    isBack = true;
    return FramedClient.join(room, { key: ada.key, at: ada.place });
  };
  return { room, comeBack };
}

it("a gap is told, also when the tags were set in a transaction that is rolled back", async () => {
  const { room, comeBack } = await openRollingBack();
  await runInDurableObject(room.stub, (party) => party.emit("said", "missed", { tags: ["red"] }));
  const back = await comeBack();
  await runInDurableObject(room.stub, (party) => party.emit("said", "new", { tags: ["red"] }));
  const frames = await back.received();
  expect(dataIn(frames).at(-1)).toBe("new");
  // Either "missed" came, or the client was told of a gap.
  expect(told(frames, "$history").length + Number(dataIn(frames).includes("missed"))).toBe(1);
});

it("the rest of a replay is not dropped silently, when tags are set in a transaction that is rolled back", async () => {
  const { room, comeBack } = await openRollingBack();
  await runInDurableObject(room.stub, (party) => {
    for (let n = 0; n < 12; n += 1) party.emit("said", "x".repeat(100_000));
    party.emit("said", "secret", { tags: ["red"] });
  });
  const back = await comeBack();
  expect(back.hello.history.recovered).toBe(true);
  await vi.waitUntil(() => back.reached >= 12, 60_000);
  await runInDurableObject(room.stub, (party) => party.emit("said", "new"));
  const frames = await back.received();
  expect(silentGaps(back.hello, frames)).toEqual([]);
});

it("what the app has wiped at its end stays empty", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    async ask(party) {
      party.emit("said", "the room is closed");
      await party.storage.deleteAll();
      return "closed";
    },
  });
  const ada = await FramedClient.join(room);
  const { answer } = await ada.call("ask");
  expect(answer[2]).toBe("closed");
  const tables = await runInDurableObject(room.stub, (_party, { storage }) =>
    storage.sql.exec(`SELECT name FROM sqlite_master WHERE name LIKE 'partyflare%'`).toArray(),
  );
  expect(tables).toEqual([]);
});

it.each(ROOMS)("a message is a sign of life, also after a long silence (%s)", async (kind) => {
  const heard: string[] = [];
  const left: number[] = [];
  const room = openDurableRoom(kind, {
    say: (_party, _from, text) => void heard.push(text),
    onClose: (_party, _connection, code) => void left.push(code),
  });
  const ada = await FramedClient.join(room);
  await ada.socket.send(PING);
  await ada.until(([name]) => name === "$pong");
  // The room is awake and knows all its connections.
  await runInDurableObject(room.stub, (party) => void party.getConnections());
  moveClock(100_000);
  await ada.socket.sendFrame("say", "I was asleep");
  await vi.waitFor(() => expect(heard.length + left.length).toBeGreaterThan(0), {
    timeout: 60_000,
  });
  expect({ heard, left }).toEqual({ heard: ["I was asleep"], left: [] });
});

it("connection.emit of a durable event before the connection is open says so", async () => {
  const thrown: unknown[] = [];
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    getConnectionTags(_party, connection) {
      for (const event of ["passing", "said"] as const) {
        try {
          connection.emit(event, "welcome");
          thrown.push(undefined);
        } catch (error) {
          thrown.push(String(error).slice(0, 20));
        }
      }
      return [];
    },
  });
  const ada = await FramedClient.join(room);
  const data = dataIn(await ada.received());
  expect({ thrown: thrown.map(Boolean), data }).toEqual({ thrown: [true, true], data: [] });
});

it("7 kB of $history do not stop the room", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", { ask: () => "echo" });
  const ada = await FramedClient.join(room, { id: "ada" });
  const bob = await FramedClient.join(room, { id: "bob" });
  await runInDurableObject(room.stub, (party) => {
    for (let n = 0; n < 1_000; n += 1) {
      party.emit("said", "x".repeat(8_000), { clients: ["somebody else"] });
    }
  });
  const frames = Array.from({ length: 256 }, (_, id) => `["$call",${id},"$history",{}]`);
  void ada.socket.send(frames.join("\n"));
  await bob.call("ask");
  // Somebody else has had a turn before all pages were read.
  const answered = ada.socket.frames.filter((frame) => (frame as Frame)[0] === "$reply");
  expect(answered.length).toBeLessThan(frames.length);
});
