import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { Party } from "../../index";
import { SharedClient } from "../../../test/shared-client";
import { phaseHooks, sharedScripts, type SharedTestRoom } from "../../../test/shared-party";
import { describeSharedRooms, type TestRoom } from "../../../test/rooms";

const vote = (party: SharedTestRoom, by: string, choice: string | number = "red") =>
  party.poll.change((draft) => void (draft.votes[by] = choice));

function fails(party: SharedTestRoom): never {
  vote(party, "never");
  throw new RangeError("rolled back");
}

/** The rows of the shared state, in order. */
const rowsOf = ({ stub }: Pick<TestRoom<SharedTestRoom>, "stub">) =>
  runInDurableObject(stub, (_party, { storage: { sql } }) =>
    sql.exec(`SELECT key, entry, kind, version, json FROM partyflare_shared`).toArray(),
  );

describeSharedRooms("a room with shared state", (open) => {
  it("sends a client the value with its hello, and every change to all that subscribe", async () => {
    const room = open();
    const ada = await SharedClient.join(room);
    const quiet = await SharedClient.join(room, { id: "quiet", asked: undefined });
    const raw = await room.connect("?_pk=raw");
    expect(ada.value).toEqual({ phase: "open", votes: {} });
    await runInDurableObject(room.stub, (party) => vote(party, "bob"));
    await ada.until(() => ada.viewer.version === 1);
    expect(ada.value).toEqual({ phase: "open", votes: { bob: "red" } });
    await quiet.socket.sendFrame("$with", "shared");
    await quiet.until(() => quiet.viewer.version === 1);
    expect(quiet.value).toEqual(ada.value);
    expect(quiet.frames.map(([name]) => name)).toEqual(["$hello", "$shared"]);
    expect(raw.received).toEqual([]);
  });

  it("answers a client that was away with what has changed, or with the whole value", async () => {
    const room = open({ keepTombstones: 1 });
    const ada = await SharedClient.join(room);
    await runInDurableObject(room.stub, (party) => {
      for (const name of ["a", "b", "c", "d"]) vote(party, name);
    });
    await ada.until(() => ada.viewer.version === 4);
    const asked = ada.viewer.position;
    await ada.socket.close(1000);
    await room.sleep();
    const remove = (name: string) =>
      runInDurableObject(room.stub, (party) =>
        party.poll.change(({ votes }) => delete votes[name]),
      );
    const back = async (position: string) => {
      const id = crypto.randomUUID();
      const { viewer } = await SharedClient.join(room, { id, asked: position });
      return JSON.parse(viewer.texts[0] ?? "") as unknown;
    };
    const run = expect.any(String) as string;
    expect(await back(asked)).toEqual({ version: 4, run });
    await remove("a");
    expect(await back(asked)).toEqual({ version: 5, run, gone: [["votes", "a"]] });
    await remove("b");
    const whole = [
      ["phase", "open"],
      ["votes", { c: "red", d: "red" }],
    ];
    expect(await back(asked)).toEqual({ version: 6, run, reset: true, set: whole });
    for (const forged of [
      "x.1",
      ".0",
      "1",
      "NaN.NaN",
      "x".repeat(500),
      asked.replace(/\d+$/, "9"),
    ]) {
      expect(await back(forged)).toEqual({ version: 6, run, reset: true, set: whole });
    }
  });

  it("sends a large value in several frames, and a change meanwhile after them", async () => {
    const room = open();
    await runInDurableObject(room.stub, (party) => {
      for (let count = 0; count < 8; count += 1) vote(party, `v${count}`, "é".repeat(90_000));
    });
    const ada = await SharedClient.join(room);
    await runInDurableObject(room.stub, (party) => vote(party, "late"));
    await ada.until(() => ada.viewer.version === 9);
    expect(ada.value).toEqual((await room.stub.results()).value);
    const sizes = ada.messages.map((frames) => JSON.stringify(frames).length);
    // The late vote may come with the last part.
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
  });

  it("lets the party's own RPC method read the value, without a client", async () => {
    const room = open();
    await runInDurableObject(room.stub, (party) => vote(party, "ada"));
    const { value, version } = await room.stub.results();
    expect([value, version]).toEqual([{ phase: "open", votes: { ada: "red" } }, 1]);
  });

  it("refuses a client's frame of the capability, and changes nothing", async () => {
    const invalid: unknown[] = [];
    const room = open({ onInvalid: (_party, mistake) => void invalid.push(mistake) });
    const ada = await SharedClient.join(room);
    const forged = { version: 9, run: "x", reset: true, set: [["phase", "closed"]] };
    await ada.socket.sendFrame("$shared", forged);
    await ada.until(() => ada.with("$error").length > 0);
    expect(ada.with("$error")[0]?.[0]?.[1]).toMatchObject({ code: "unknown_frame" });
    expect(await room.stub.results()).toEqual({ value: { phase: "open", votes: {} }, version: 0 });
    expect(invalid).toEqual([expect.objectContaining({ code: "unknown_frame", name: "shared" })]);
    await ada.socket.sendFrame("$with", "shared");
    await ada.until(() => ada.with("$error").length > 1);
    expect(ada.viewer.changes).toBe(1);
  });

  it("begins anew for its clients after deleteAll", async () => {
    const room = await open({
      async act(party) {
        await party.storage.deleteAll();
        return party.poll.version;
      },
    }).kit();
    const ada = await room.join({ subscribe: ["shared"] });
    await room.run((party) => vote(party, "bob"));
    await ada.waitUntil(() => ada.shared.version === 1);
    expect(await ada.call("act", null)).toBe(0);
    await ada.waitUntil(() => ada.shared.version === 0);
    expect(ada.shared.value).toEqual({ phase: "open", votes: {} });
    await room.run((party) => vote(party, "cyd"));
    await ada.waitUntil(() => ada.shared.version === 1);
    expect(ada.shared.value).toEqual({ phase: "open", votes: { cyd: "red" } });
  });

  it("brings a client up to date that was away, or is restarted", async () => {
    const room = await open({ act: (party, { id }) => vote(party, id) }).kit();
    const ada = await room.join({ id: "ada", subscribe: ["shared"] });
    const bob = await room.join({ id: "bob", subscribe: ["shared"] });
    ada.cut();
    await bob.call("act", null);
    await bob.waitUntil(() => bob.shared.version === 1);
    expect(ada.shared.value).toEqual({ phase: "open", votes: {} });
    await ada.reconnect();
    await ada.waitUntil(() => ada.shared.version === 1);
    await room.restart();
    await ada.call("act", null);
    for (const client of [ada, bob]) {
      await client.waitUntil(() => client.shared.version === 2);
      expect(client.shared.value).toEqual({ phase: "open", votes: { ada: "red", bob: "red" } });
    }
  });
});

describeSharedRooms(
  "a room with shared state that sleeps",
  (open, party) => {
    it("has its value again, and sends connections only what changes afterwards", async () => {
      const room = await open().kit();
      const ada = await room.join({ subscribe: ["shared"] });
      const values: unknown[] = [];
      ada.shared.subscribe((value) => values.push(value));
      await room.run((party) => vote(party, "bob"));
      await ada.waitUntil(() => ada.shared.version === 1);
      await room.sleep();
      expect(await room.stub.results()).toEqual({
        value: { phase: "open", votes: { bob: "red" } },
        version: 1,
      });
      await room.sleep();
      await room.run((party) => {
        vote(party, "cyd");
        expect(() => party.transact(() => fails(party))).toThrow();
      });
      await ada.waitUntil(() => ada.shared.version === 2);
      await ada.nothing();
      expect(values).toEqual([
        { phase: "open", votes: { bob: "red" } },
        { phase: "open", votes: { bob: "red", cyd: "red" } },
      ]);
    });

    it("tells its clients that a value in memory has begun anew, also one that was away", async () => {
      const room = await open({ persist: false }).kit();
      const ada = await room.join({ subscribe: ["shared"] });
      const bob = await room.join({ subscribe: ["shared"] });
      await room.run((party) => vote(party, "bob"));
      for (const client of [ada, bob]) await client.waitUntil(() => client.shared.version === 1);
      bob.cut();
      await room.sleep();
      expect((await room.stub.results()).version).toBe(0);
      await ada.waitUntil(() => ada.shared.version === 0);
      expect(ada.shared.value).toEqual({ phase: "open", votes: {} });
      // The version that bob has, of another run.
      await room.run((party) => vote(party, "cyd"));
      await ada.waitUntil(() => ada.shared.version === 1);
      await bob.reconnect();
      for (const client of [ada, bob]) {
        await client.waitUntil(() => "cyd" in (client.shared.value?.votes ?? {}));
        expect(client.shared.value).toEqual({ phase: "open", votes: { cyd: "red" } });
      }
    });

    it("does not start with a value that the schema refuses, and loses nothing", async () => {
      const errors: unknown[] = [];
      let isStrict = false;
      phaseHooks.set("old", () => !isStrict);
      const room = open({ onError: (error) => void errors.push(error) });
      await runInDurableObject(room.stub, (party) => {
        party.poll.change((draft) => void (draft.phase = "old"));
        vote(party, "bob");
      });
      const rows = await rowsOf(room);
      isStrict = true;
      await evictDurableObject(room.stub);
      await expect(Promise.resolve(room.stub.results())).rejects.toThrow();
      // Not the next time either.
      await expect(Promise.resolve(room.stub.results())).rejects.toThrow();
      const ada = await SharedClient.join(room);
      expect(ada.frames).toEqual([
        ["$close", expect.objectContaining({ code: 1011, retry: true })],
      ]);
      expect(errors).not.toEqual([]);
      for (const error of errors) {
        expect(String(error)).toMatch(
          /^TypeError: Raise schemaVersion, .* stored with schemaVersion 1 .* phase: /,
        );
      }
      isStrict = false;
      // A stub of an object that has failed stays broken.
      const stub = Party.withRoom(env[party], room.name);
      expect(await stub.results()).toEqual({
        value: { phase: "old", votes: { bob: "red" } },
        version: 2,
      });
      expect(await rowsOf({ stub })).toEqual(rows);
    });

    it("migrates its value once, in one version, and its clients get the new one", async () => {
      const room = await open().kit();
      const ada = await room.join({ subscribe: ["shared"] });
      await room.run((party) => vote(party, "bob"));
      await ada.waitUntil(() => ada.shared.version === 1);
      const from: number[] = [];
      Object.assign(sharedScripts.get(room.name) ?? {}, {
        schemaVersion: 3,
        migrate(stored: { votes: object }, version: number) {
          from.push(version);
          return { ...stored, phase: "new", votes: { ...stored.votes, cyd: 3 } };
        },
      });
      await room.sleep();
      const migrated = { phase: "new", votes: { bob: "red", cyd: 3 } };
      expect(await room.stub.results()).toEqual({ value: migrated, version: 2 });
      await ada.waitUntil(() => ada.shared.version === 2);
      expect(ada.shared.value).toEqual(migrated);
      await room.sleep();
      expect(await room.stub.results()).toEqual({ value: migrated, version: 2 });
      expect(from).toEqual([1]);
    });
  },
  "hibernating",
);

it("a room with shared state is read by its name", async () => {
  const stub = Party.withRoom(env.SHARED, `room-${crypto.randomUUID()}`);
  expect(await stub.results()).toEqual({ value: { phase: "open", votes: {} }, version: 0 });
});
