import { expect, it } from "vitest";
import { framesOf, joinAs } from "../../../test/leaving";
import { type DurableFrame, positionQuery } from "../../../test/positions";
import { describeDurableRooms } from "../../../test/rooms";

describeDurableRooms("a position", (open) => {
  it("is what the room has told: by its hello, and by each event", async () => {
    const room = open();
    const ada = await joinAs(room, "ada");
    for (const text of ["1", "2", "3"]) await ada.socket.sendFrame("say", text);
    const frames = (await framesOf(ada.socket, 3)) as DurableFrame[];
    const tags = frames.map(([, , , tag]) => tag);
    for (const tag of tags) expect(tag).toMatch(/^[\w-]{8}$/);
    expect(new Set(tags).size).toBe(3);
    const { epoch } = ada.hello.history;
    const told = [
      ada.hello.history,
      ...frames.map(([, , offset, tag]) => ({ epoch, offset, tag })),
    ];
    for (const [index, position] of told.entries()) {
      const back = await joinAs(room, `back-${index}`, { query: `&${positionQuery(position)}` });
      expect(back.hello.history).toMatchObject({ offset: index, recovered: true });
      const rest = frames.slice(index);
      if (rest.length > 0) expect(await framesOf(back.socket, rest.length)).toEqual(rest);
    }
  });

  it("is another's tag, a guess or a wrong place: then nothing of the past follows", async () => {
    const room = open();
    const ada = await joinAs(room, "ada");
    for (const text of ["1", "2", "3"]) await ada.socket.sendFrame("say", text);
    const [first, second] = (await framesOf(ada.socket, 3)) as DurableFrame[];
    const { epoch } = ada.hello.history;
    const forged = [
      { epoch, offset: 0 },
      { epoch, offset: 0, tag: "AAAAAAAA" },
      { epoch, offset: 1, tag: second?.[3] },
      { epoch, offset: 2, tag: first?.[3] },
      { epoch, offset: 1 },
      { epoch, offset: 4, tag: first?.[3] },
      { epoch: "other", offset: 1, tag: first?.[3] },
    ];
    for (const [index, position] of forged.entries()) {
      const eve = await joinAs(room, `eve-${index}`, { query: `&${positionQuery(position)}` });
      expect(eve.hello.history, JSON.stringify(position)).toMatchObject({
        epoch,
        offset: 3,
        recovered: false,
      });
      await eve.socket.sendFrame("$call", 1, "ask");
      // The very next frame: no replay came before it.
      expect(await framesOf(eve.socket, 1)).toEqual([["$reply", 1]]);
    }
  });

  it.each(["x", "..", "e.-1.a", "e.1.5.a", "e.1e3.", "e.99999999999999999.", "é.1.", "\0"])(
    "that cannot be read, %j, is one that is not recovered",
    async (text) => {
      const room = open();
      const query = `&partyflare.history=${encodeURIComponent(text)}`;
      const { hello } = await joinAs(room, "ada", { query });
      expect(hello.history).toMatchObject({ offset: 0, recovered: false });
    },
  );

  it("has a name of ours: `_at` is the app's own", async () => {
    const seen: (string | null)[] = [];
    const room = open({
      authorize: (_party, { url }) => void seen.push(new URL(url).searchParams.get("_at")),
    });
    const { hello } = await joinAs(room, "ada", { query: "&_at=noon" });
    expect(hello.history).not.toHaveProperty("recovered");
    expect(seen).toEqual(["noon"]);
  });
});
