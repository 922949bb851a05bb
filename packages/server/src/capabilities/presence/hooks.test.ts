import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { hookThatDoes, PRESENCE_ACTIONS, PRESENCE_HOOKS } from "../../../test/presence-hooks";
import type { PresenceTestRoom } from "../../../test/presence-party";
import { Viewer } from "../../../test/presence-viewer";
import { describePresenceRooms } from "../../../test/rooms";

const DATA = { cursor: null, typing: true };

/** Those whose error the room reports. */
const FAILING: readonly string[] = ["throw", "reject"];

describePresenceRooms(
  "a function of presence()",
  (open) => {
    const pairs = PRESENCE_HOOKS.flatMap(
      (hook) => Object.entries(PRESENCE_ACTIONS).map(([action, act]) => ({ hook, action, act })),
      // zod drops the promise of its first, synchronous try.
    ).filter(({ hook, action }) => hook !== "schema" || action !== "reject");
    // Each of them mostly waits.
    it.concurrent.each(pairs)(
      "$hook may $action, and the room comes to rest",
      async ({ hook, action, act }) => {
        let party: PresenceTestRoom | undefined;
        let runs = 0;
        const note = crypto.randomUUID();
        const errors: string[] = [];
        const room = open({
          graceMs: 0,
          windowMs: 0,
          ...hookThatDoes(hook, note, () => {
            runs += 1;
            return party && act(party);
          }),
          onError: (error, { during, name }) =>
            void errors.push(`${during} ${name} ${String(error)}`),
        });
        const viewers: Viewer[] = [];
        for (const user of ["ada", "bob"]) viewers.push(await Viewer.join(room, { user }));
        await runInDurableObject(room.stub, (instance) => void (party = instance));
        for (const user of ["cy", "dee"]) viewers.push(await Viewer.join(room, { user }));
        const [ada, bob, cy] = viewers as [Viewer, Viewer, Viewer];
        const quietly = (error: unknown) => expect(String(error)).toContain("after close");
        await ada.set({ ...DATA, note }).catch(quietly);
        await bob.set(DATA).catch(quietly);
        await bob.socket.sendFrame("rename", { name: "Bo" }).catch(quietly);
        await cy.socket.close(1000).catch(quietly);
        // An error on its way to `onError` is no harm.
        party = action === "never return" ? undefined : party;
        await vi.waitFor(
          async () => {
            const before = runs;
            await scheduler.wait(60);
            const { members, ids } = await runInDurableObject(room.stub, (instance) => ({
              members: structuredClone([...instance.presence.members]),
              ids: instance.getConnections().map(({ id }) => id),
            }));
            expect(runs).toBe(before);
            // The room may not have heard of the last close yet.
            if (FAILING.includes(action)) expect(errors).not.toEqual([]);
            const keys = members.map(({ key }) => key).toSorted();
            const shown = viewers.filter(({ socket, me }) => !socket.isClosed && me !== undefined);
            expect(
              members.flatMap(({ devices }) => devices.map(({ id }) => id)).toSorted(),
            ).toEqual(ids.toSorted());
            if (hook === "list" || (hook === "visible" && FAILING.includes(action))) return;
            if (hook === "visible" && action === "never return") return;
            for (const viewer of shown) expect(viewer.keys).toEqual(keys);
          },
          { timeout: 60_000, interval: 20 },
        );
        expect(runs).toBeLessThan(300);
        if (!FAILING.includes(action)) return;
        for (const error of errors) expect(error).toContain("capability presence");
      },
    );
  },
  "awake",
);
