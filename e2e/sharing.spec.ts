import { expect, type Page, test } from "@playwright/test";
import type { Guests, Part, SharingPage } from "./fixture/src/client-types";
import { failOnComplaints } from "./support/complaints";
import { uniqueRoom } from "./support/person";

declare const sharing: SharingPage;

// Components as each test describes them, under StrictMode, in React 19 and 18: see e2e/fixture.
test.use({ baseURL: `http://127.0.0.1:${process.env.PARTYFLARE_FIXTURE_PORT}` });

failOnComplaints();

for (const { react, path } of [
  { react: "19", path: "/sharing" },
  { react: "18", path: "/react-18/" },
]) {
  const tag = react === "19" ? "@promise" : "@react-18";
  test.describe(`useRoom in React ${react}`, () => {
    test.beforeEach(async ({ page }) => {
      await page.goto(path);
      expect(await page.evaluate(() => sharing.version.split(".")[0])).toBe(react);
    });

    test("connects as another user when the token is another's", { tag }, async ({ page }) => {
      const room = uniqueRoom("users");
      await show(page, { name: "a", options: { room, token: "ada" } });
      await isOpen(page, "a", "ada");
      await show(page, { name: "a", options: { room, token: "bob" } });
      await isOpen(page, "a", "bob");
      await expect.poll(() => guestsOf(page, room)).toEqual(guests(["ada", "bob"], ["bob"]));
      // Within the time in which a page may take over the room of the one before.
      await show(page);
      await show(page, { name: "b", options: { room, token: "eve" } });
      await isOpen(page, "b", "eve");
      const ever = ["ada", "bob", "eve"];
      await expect.poll(() => guestsOf(page, room)).toEqual(guests(ever, ["eve"]));
    });

    test("connects as another user when the identity of a token function is another's", async ({
      page,
    }) => {
      const room = uniqueRoom("identity");
      const part = (identity: string) => ({
        name: "a",
        options: { room, identity },
        asks: identity,
      });
      await show(page, part("ada"));
      await isOpen(page, "a", "ada");
      await show(page, part("bob"));
      await isOpen(page, "a", "bob");
      await expect.poll(() => guestsOf(page, room)).toEqual(guests(["ada", "bob"], ["bob"]));
    });

    test(
      "keeps its socket when the token of an identity is renewed, and uses the new one",
      { tag },
      async ({ page }) => {
        const room = uniqueRoom("renewed");
        const part = (token: string) => ({ name: "a", options: { room, identity: "ada", token } });
        await show(page, part("first"));
        await isOpen(page, "a", "first");
        await show(page, part("second"));
        expect(await guestsOf(page, room)).toEqual(guests(["first"], ["first"]));
        await page.evaluate(() => sharing.rooms.a!.reconnect());
        await expect
          .poll(() => guestsOf(page, room))
          .toEqual(guests(["first", "second"], ["second"]));
      },
    );

    test("has one socket each for two components with two tokens", async ({ page }) => {
      const room = uniqueRoom("two");
      await show(
        page,
        { name: "a", options: { room, token: "ada" } },
        { name: "b", options: { room, token: "bob" } },
      );
      await isOpen(page, "a", "ada");
      await isOpen(page, "b", "bob");
      const { ever, now, refused } = await guestsOf(page, room);
      expect([ever.toSorted(), now.toSorted(), refused]).toEqual([
        ["ada", "bob"],
        ["ada", "bob"],
        0,
      ]);
    });

    test("connects when the token comes late", async ({ page }) => {
      const room = uniqueRoom("late");
      const child = { name: "child", options: { room } };
      await show(page, { name: "a", options: { room }, children: [child] });
      await expect(shown(page, "child")).toHaveText("closed unauthorized");
      await show(page, { name: "a", options: { room, token: "ada" }, children: [child] });
      await isOpen(page, "a", "ada");
      // The child is not rendered by its parent, and gives no token itself.
      await isOpen(page, "child", "ada");
      expect(await guestsOf(page, room)).toEqual(guests(["ada"], ["ada"], 1));
    });

    test("gives a child without a token its parent's room, in whatever order they come", async ({
      page,
    }) => {
      const room = uniqueRoom("child");
      const child = (name: string) => ({ name, options: { room } });
      await show(page, child("before"), {
        name: "parent",
        options: { room, token: "ada" },
        children: [child("after")],
      });
      for (const name of ["before", "parent", "after"]) await isOpen(page, name, "ada");
      // It alone renders, and the connection begins anew.
      await page.evaluate(() => {
        sharing.again.after!();
        sharing.again.before!();
      });
      await page.evaluate(() => sharing.rooms.after!.reconnect());
      await expect.poll(() => guestsOf(page, room)).toEqual(guests(["ada", "ada"], ["ada"]));
      await isOpen(page, "before", "ada");
    });

    test("leaves a child in nobody's name where two users are there", async ({ page }) => {
      const room = uniqueRoom("whose");
      const child = { name: "child", options: { room } };
      await show(
        page,
        { name: "a", options: { room, token: "ada" } },
        { name: "b", options: { room, token: "bob" } },
        child,
      );
      await expect(shown(page, "child")).toHaveText("closed unauthorized");
      // And gives it the room of the one that stays.
      await show(page, { name: "b", options: { room, token: "bob" } }, child);
      await isOpen(page, "child", "bob");
    });

    test("takes a child along when its parent logs in as another, or out", async ({ page }) => {
      const room = uniqueRoom("along");
      const part = (token?: string) => ({
        name: "parent",
        options: { room, ...(token !== undefined && { token }) },
        children: [{ name: "child", options: { room } }],
      });
      await show(page, part("ada"));
      await isOpen(page, "child", "ada");
      await show(page, part("bob"));
      await isOpen(page, "child", "bob");
      await show(page, part());
      await expect(shown(page, "parent")).toHaveText("closed unauthorized");
      await expect(shown(page, "child")).toHaveText("closed unauthorized");
      await expect.poll(() => guestsOf(page, room)).toEqual(guests(["ada", "bob"], [], 1));
    });

    test("takes only the options of a component that leaves", async ({ page }) => {
      const room = uniqueRoom("leaves");
      const first = { name: "a", options: { room, identity: "ada" }, asks: "first" };
      const second = { name: "b", options: { room, identity: "ada" }, asks: "second" };
      const third = { name: "c", options: { room, identity: "ada" } };
      await show(page, first);
      await isOpen(page, "a", "first");
      await show(page, first, second, third);
      await page.evaluate(() => sharing.rooms.c!.reconnect());
      await isOpen(page, "c", "second");
      await show(page, first, third);
      await page.evaluate(() => sharing.rooms.c!.reconnect());
      await expect
        .poll(() => guestsOf(page, room))
        .toEqual(guests(["first", "second", "first"], ["first"]));
    });

    test("tells two queries apart by their content", async ({ page }) => {
      const room = uniqueRoom("query");
      const part = (name: string, query: Part["options"]["query"]) => ({
        name,
        options: { room, token: "ada", query },
      });
      await show(
        page,
        part("a", { one: 1, two: "2" }),
        part("b", { two: 2, one: "1", three: undefined }),
        part("c", { one: 1, two: 3 }),
      );
      for (const name of ["a", "b", "c"]) await expect(shown(page, name)).toHaveText("open");
      expect(await areSame(page, "a", "b")).toBe(true);
      expect(await guestsOf(page, room)).toEqual(guests(["ada", "ada"], ["ada", "ada"]));
    });

    test("tells two keys and two ids apart", async ({ page }) => {
      const room = uniqueRoom("keys");
      await show(
        page,
        { name: "a", options: { room, token: "ada", key: "AAAAAAAAAAAAAAAAAAAAAA" } },
        { name: "b", options: { room, token: "ada", key: "BBBBBBBBBBBBBBBBBBBBBB" } },
        { name: "c", options: { room, token: "ada", id: "c" } },
      );
      for (const name of ["a", "b", "c"]) await expect(shown(page, name)).toHaveText("open");
      expect((await guestsOf(page, room)).now).toHaveLength(3);
    });

    test("is closed from the start while it is not enabled, and checks nothing", async ({
      page,
    }) => {
      await show(page, { name: "a", options: { room: "", id: "é", enabled: false } });
      await expect(shown(page, "a")).toHaveText("closed");
      expect(await page.evaluate(() => sharing.shown.a)).toEqual(["closed"]);
    });

    test("keeps its place while it is not enabled: there is one room at an address", async ({
      page,
    }) => {
      const room = uniqueRoom("disabled");
      const a = { name: "a", options: { room, token: "ada", enabled: false } };
      const b = { name: "b", options: { room, token: "ada" } };
      await show(page, a);
      await graceIsOver(page);
      await show(page, a, b);
      await isOpen(page, "b", "ada");
      await expect(shown(page, "a")).toHaveText("open");
      expect(await areSame(page, "a", "b")).toBe(true);
      await show(page, a);
      await expect(shown(page, "a")).toHaveText("closed");
      await show(page, { ...a, options: { ...a.options, enabled: true } });
      await isOpen(page, "a", "ada");
      expect(await guestsOf(page, room)).toEqual(guests(["ada", "ada"], ["ada"]));
    });

    test("stays open after the last component has gone until a call is answered", async ({
      page,
    }) => {
      const room = uniqueRoom("answer");
      await show(page, { name: "a", options: { room, token: "ada" } });
      await isOpen(page, "a", "ada");
      const answer = page.evaluate(() => {
        const call = sharing.rooms.a!.call("wait");
        void sharing.show([]);
        return call;
      });
      await graceIsOver(page);
      await page.request.post(pathOf(room), { data: "answered" });
      expect(await answer).toBe("answered");
      await expect.poll(() => guestsOf(page, room)).toEqual(guests(["ada"], []));
    });

    test("opens one socket for two roots", { tag }, async ({ page }) => {
      const room = uniqueRoom("roots");
      const part = (name: string) => ({ name, options: { room, token: "ada" } });
      await page.evaluate(
        ([one, two]) => {
          void sharing.show([one!]);
          void sharing.show([two!], 1);
        },
        [part("a"), part("b")],
      );
      await isOpen(page, "a", "ada");
      await isOpen(page, "b", "ada");
      expect(await areSame(page, "a", "b")).toBe(true);
      expect(await guestsOf(page, room)).toEqual(guests(["ada"], ["ada"]));
    });

    test("opens one socket for a component that is suspended before it is mounted", async ({
      page,
    }) => {
      const room = uniqueRoom("suspended");
      await show(page, { name: "a", options: { room, token: "ada" }, suspends: true });
      await expect(page.getByText("suspended")).toBeVisible();
      await graceIsOver(page);
      expect(await guestsOf(page, room)).toEqual(guests([], []));
      await page.evaluate(() => sharing.resume());
      await isOpen(page, "a", "ada");
      expect(await guestsOf(page, room)).toEqual(guests(["ada"], ["ada"]));
    });

    test("keeps its socket in a hot reload", async ({ page }) => {
      const room = uniqueRoom("reload");
      await show(page, { name: "a", options: { room, token: "ada" } });
      await isOpen(page, "a", "ada");
      await page.evaluate(() => sharing.hotReload());
      await expect.poll(() => page.evaluate(() => sharing.reloads)).toBe(1);
      await graceIsOver(page);
      await isOpen(page, "a", "ada");
      expect(await guestsOf(page, room)).toEqual(guests(["ada"], ["ada"]));
    });

    test("useCall forgets a room's answer in another room", async ({ page }) => {
      const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
      await show(page, { name: "a", options: { room: first, token: "ada" } });
      await isOpen(page, "a", "ada");
      await page.evaluate(() => sharing.calls.a!());
      await expect(shown(page, "a")).toHaveText("open, called ada");
      await show(page, { name: "a", options: { room: second, token: "bob" } });
      await expect(shown(page, "a")).toHaveText("open");
      await show(page, { name: "a", options: { room: first, token: "ada" } });
      await expect(shown(page, "a")).toHaveText("open");
    });

    test("useCall does not show in a room what another answers late", async ({ page }) => {
      const [first, second] = [uniqueRoom("first"), uniqueRoom("second")];
      await show(page, { name: "a", options: { room: first, token: "ada" } });
      await expect(shown(page, "a")).toHaveText("open");
      const answer = await page.evaluate(
        async (part) => {
          const call = sharing.calls.a!();
          void sharing.show([part]);
          return call;
        },
        { name: "a", options: { room: second, token: "bob" } },
      );
      expect(answer).toBe("ada");
      await expect(shown(page, "a")).toHaveText("open");
      expect(await page.evaluate(() => sharing.shown.a)).not.toContain("open, called ada");
    });

    test("useEvent passes an event's offset on", async ({ page }) => {
      const room = uniqueRoom("offset");
      await show(page, { name: "a", options: { room, token: "ada" } });
      await isOpen(page, "a", "ada");
      await page.evaluate(() => sharing.rooms.a!.emit("note", "hello"));
      await expect.poll(() => page.evaluate(() => sharing.noted)).toEqual([["hello", 1]]);
    });

    test("useLatest serves a component that is mounted later", async ({ page }) => {
      const room = uniqueRoom("latest");
      const a = { name: "a", options: { room, token: "ada" } };
      await show(page, a);
      await isOpen(page, "a", "ada");
      await show(page, a, { ...a, name: "b", hook: "useLatest" });
      await expect(shown(page, "b")).toHaveText("ada");
    });
  });

  test.describe(`usePartySocket in React ${react}`, () => {
    test.beforeEach(({ page }) => page.goto(path));

    const socket = (options: Part["options"]): Part => ({
      name: "a",
      options: { party: "hibernating", ...options },
      hook: "usePartySocket",
    });

    test("renders again when readyState changes", async ({ page }) => {
      const room = uniqueRoom("ready");
      await show(page, socket({ room }));
      await expect(shown(page, "a")).toHaveText("open");
      await page.evaluate(() => sharing.sockets.a!.send("close 1000"));
      await expect(shown(page, "a")).toHaveText("closed");
      await page.evaluate(() => sharing.sockets.a!.reconnect());
      await expect(shown(page, "a")).toHaveText("open");
    });

    test("connects as another user when the token is another's, with another id", async ({
      page,
    }) => {
      const room = uniqueRoom("token");
      const idOf = () => page.evaluate(() => sharing.sockets.a!.id);
      await show(page, socket({ room, token: "ada" }));
      await expect(shown(page, "a")).toHaveText("open");
      const first = await idOf();
      await show(page, socket({ room, token: "bob" }));
      await expect.poll(idOf).not.toBe(first);
      await expect(shown(page, "a")).toHaveText("open");
      const second = await idOf();
      // In another room it is still itself.
      await show(page, socket({ room: uniqueRoom("other"), token: "bob" }));
      await expect(shown(page, "a")).toHaveText("open");
      expect(await idOf()).toBe(second);
    });

    test("connects when the token of an identity comes late, and keeps its socket", async ({
      page,
    }) => {
      const room = uniqueRoom("late");
      await show(page, socket({ party: "guarded", room, identity: "ada" }));
      await expect(shown(page, "a")).toHaveText("closed");
      await expect.poll(() => guestsOf(page, room)).toEqual(guests([], [], 1));
      const id = await page.evaluate(() => sharing.sockets.a!.id);
      await show(page, socket({ party: "guarded", room, identity: "ada", token: "ada" }));
      await expect(shown(page, "a")).toHaveText("open");
      expect(await page.evaluate(() => sharing.sockets.a!.id)).toBe(id);
      expect(await guestsOf(page, room)).toEqual(guests(["ada"], ["ada"], 1));
    });

    test("is closed while it is not enabled, and checks nothing", async ({ page }) => {
      await show(page, socket({ room: "", enabled: false }));
      await expect(shown(page, "a")).toHaveText("closed");
      expect(await page.evaluate(() => sharing.shown.a)).toEqual(["closed"]);
    });
  });
}

const pathOf = (room: string) => `/parties/guarded/${encodeURIComponent(room)}`;

/** Who has come to a room. */
async function guestsOf(page: Page, room: string): Promise<Guests> {
  return (await page.request.get(pathOf(room))).json();
}

function guests(ever: string[], now: string[], refused = 0): Guests {
  return { ever, now, refused };
}

/** Mounts components in place of those before. */
async function show(page: Page, ...parts: Part[]): Promise<void> {
  await page.evaluate((all) => sharing.show(all), parts);
}

function shown(page: Page, name: string) {
  return page.getByRole("status", { name, exact: true });
}

/** Waits until a component's room is open, and its connection one of a name. */
async function isOpen(page: Page, component: string, name: string): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(async (key) => {
        const room = sharing.rooms[key];
        return room?.status.state === "open" ? room.call("name") : room?.status.state;
      }, component),
    )
    .toBe(name);
  await expect(shown(page, component)).toContainText("open");
}

/** Whether two components have the same room. */
function areSame(page: Page, ...[one, other]: [string, string]): Promise<boolean> {
  return page.evaluate(([a, b]) => sharing.rooms[a!] === sharing.rooms[b!], [one, other]);
}

/** Waits until a room has been closed that was left just now: one left before would be closed too. */
async function graceIsOver(page: Page): Promise<void> {
  const witness = await page.context().newPage();
  await witness.goto("/sharing");
  const room = uniqueRoom("witness");
  await show(witness, { name: "a", options: { room, token: "ada" } });
  await isOpen(witness, "a", "ada");
  await show(witness);
  await expect.poll(() => guestsOf(witness, room)).toEqual(guests(["ada"], []));
  await witness.close();
}
