import { runInDurableObject } from "cloudflare:test";
import { PartyError } from "@partyflare/shared";
import { expect, it } from "vitest";
import { SharedClient } from "../../../test/shared-client";
import type { SharedTestRoom } from "../../../test/shared-party";
import { describeSharedRooms } from "../../../test/rooms";

const vote = (party: SharedTestRoom, by: string, choice: string | number = "red") =>
  party.poll.change((draft) => void (draft.votes[by] = choice));

describeSharedRooms("a call that changes the shared state", (open) => {
  it.each(["act", "post"] as const)(
    "is answered in the message of its change: %s",
    async (name) => {
      const room = open({
        act(party) {
          vote(party, "ada", 1);
          vote(party, "ada", 2);
          return "done";
        },
      });
      const ada = await SharedClient.join(room);
      const bob = await SharedClient.join(room, { id: "bob" });
      expect(await ada.call(name)).toEqual([
        ["$shared", { version: 2, run: expect.any(String), set: [["votes", "ada", 2]] }],
        ["$reply", 1, "done"],
      ]);
      await bob.until(() => JSON.stringify(bob.value) === '{"phase":"open","votes":{"ada":2}}');
      expect(ada.with("$shared")).toHaveLength(1);
    },
  );

  it.each(["act", "post"] as const)(
    "is answered with a refusal behind its change: %s",
    async (name) => {
      const room = open({
        act(party) {
          vote(party, "ada");
          throw new PartyError("too_late");
        },
      });
      const ada = await SharedClient.join(room);
      const frames = await ada.call(name);
      const change = [
        "$shared",
        { version: 1, run: expect.any(String), set: [["votes", "ada", "red"]] },
      ];
      const refusal = ["$fail", 1, expect.objectContaining({ code: "too_late" })];
      // A `once` call that fails has changed nothing.
      expect(frames).toEqual(name === "act" ? [change, refusal] : [refusal]);
      expect(await room.stub.results()).toMatchObject({ version: name === "act" ? 1 : 0 });
    },
  );

  it.each([false, true])("is answered like that if it is async, failing: %s", async (fails) => {
    const room = open({
      async act(party) {
        vote(party, "ada");
        await scheduler.wait(40);
        vote(party, "bob");
        await Promise.resolve();
        vote(party, "cyd");
        if (fails) throw new PartyError("too_late");
        return "done";
      },
    });
    const ada = await SharedClient.join(room);
    const eve = await SharedClient.join(room, { id: "eve" });
    const set = ["ada", "bob", "cyd"].map((by) => ["votes", by, "red"]);
    expect(await ada.call("act")).toEqual([
      ["$shared", { version: 3, run: expect.any(String), set }],
      fails ? ["$fail", 1, expect.anything()] : ["$reply", 1, "done"],
    ]);
    await eve.until(() => eve.viewer.version === 3);
    expect(eve.value).toEqual(ada.value);
  });

  it("is no longer waited for after a second, and its client then gets the changes of others", async () => {
    let end = () => {};
    const room = open({
      act: (party) => {
        vote(party, "ada");
        return new Promise<void>((resolve) => (end = resolve));
      },
    });
    const ada = await SharedClient.join(room);
    const answered = ada.call("act");
    await ada.until(() => ada.viewer.version === 1);
    expect(ada.with("$reply")).toEqual([]);
    await runInDurableObject(room.stub, (party) => vote(party, "bob"));
    await ada.until(() => ada.viewer.version === 2);
    await runInDurableObject(room.stub, () => end());
    expect(await answered).toEqual([["$reply", 1]]);
  });

  it("is answered in one message, however large the change", async () => {
    const text = "x".repeat(100_000);
    const room = open({ act: (party) => vote(party, "ada", text) });
    const ada = await SharedClient.join(room);
    expect((await ada.call("act")).map(([name]) => name)).toEqual(["$shared", "$reply"]);
  });

  it("is answered alone if it changes nothing, or if its client has not subscribed", async () => {
    const room = open({
      act: (party, _from, input) => (input ? vote(party, "ada") : undefined),
    });
    const ada = await SharedClient.join(room);
    expect(await ada.call("act")).toEqual([["$reply", 1]]);
    const bob = await SharedClient.join(room, { id: "bob", asked: undefined });
    expect(await bob.call("act", 1)).toEqual([["$reply", 1]]);
    expect(await bob.call("act", 1)).toEqual([["$reply", 2]]);
    expect(bob.with("$shared")).toEqual([]);
  });

  it("is answered by what others have changed meanwhile, too, and sends nothing twice", async () => {
    const room = open({ act: (party, { id }, input) => vote(party, `${id}${String(input)}`) });
    const clients = await Promise.all(["a", "b", "c"].map((id) => SharedClient.join(room, { id })));
    await Promise.all(
      clients.map(async (client) => {
        for (let count = 0; count < 10; count += 1) {
          const frames = await client.call("act", count);
          expect(frames.at(-1)?.[0]).toBe("$reply");
          const { id } = client.frames[0]![1] as { id: string };
          expect((client.value as { votes: object }).votes).toHaveProperty(`${id}${count}`);
        }
      }),
    );
    const { value } = await room.stub.results();
    for (const client of clients) {
      await client.until(() => client.viewer.version === 30);
      expect(client.value).toEqual(value);
      const sent =
        client.viewer.texts
          .slice(1)
          .join()
          .match(/"[abc]\d"/g) ?? [];
      expect(new Set(sent).size).toBe(sent.length);
    }
  });

  it("is rolled back with its transaction, and sends nothing", async () => {
    const room = open({
      act(party, _from, how) {
        vote(party, "kept");
        const run = () => {
          vote(party, "ada");
          party.poll.change((draft) => void (draft.phase = "closed"));
          throw new RangeError("rolled back");
        };
        const begin = () =>
          how === "platform" ? party.storage.transactionSync(run) : party.transact(run);
        expect(begin).toThrow("rolled back");
        expect(party.poll.value).toEqual({ phase: "open", votes: { kept: "red" } });
      },
    });
    const ada = await SharedClient.join(room);
    const bob = await SharedClient.join(room, { id: "bob" });
    await ada.call("act", "party");
    await ada.call("act", "platform");
    await bob.until(() => JSON.stringify(bob.value).includes("kept"));
    expect(ada.viewer.texts.concat(bob.viewer.texts).join()).not.toMatch(/"ada"|closed/);
    expect(ada.value).toEqual({ phase: "open", votes: { kept: "red" } });
    await room.sleep();
    expect((await room.stub.results()).value).toEqual({ phase: "open", votes: { kept: "red" } });
  });
});

describeSharedRooms(
  "many changes in one batch window",
  (open) => {
    it("are one frame", async () => {
      const room = open({ act: (party, _from, input) => vote(party, `v${String(input)}`) });
      const ada = await SharedClient.join(room);
      await runInDurableObject(room.stub, (party) => vote(party, "first"));
      await ada.until(() => ada.viewer.version === 1);
      await runInDurableObject(room.stub, async (party) => {
        vote(party, "zero");
        for (let count = 0; count < 100; count += 1) {
          vote(party, `v${count}`, count);
          await Promise.resolve();
        }
      });
      await ada.until(() => ada.viewer.version === 102);
      // The first one at once, if the window before is over. All others together.
      expect(ada.viewer.texts.length).toBeLessThanOrEqual(4);
      expect(Object.keys((ada.value as { votes: object }).votes)).toHaveLength(102);
    });
  },
  "batched",
);
