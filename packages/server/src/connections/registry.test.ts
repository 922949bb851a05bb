import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { ScriptedRoom } from "../../test/parties";
import { describeHibernatingRooms, describeRooms } from "../../test/rooms";

const tagged = (stub: DurableObjectStub<ScriptedRoom>, ...tags: string[]) =>
  runInDurableObject(stub, (party) =>
    party
      .getConnections(tags)
      .map(({ id }) => id)
      .toSorted(),
  );

/** The tags are in the URL: `?_pk=ada&tags=blue,tall`. */
const taggedByUrl = {
  getConnectionTags: (_party: unknown, _connection: unknown, { request }: { request: Request }) =>
    new URL(request.url).searchParams.get("tags")?.split(",") ?? [],
};

describeRooms("tags", (open) => {
  it("find the connections that carry all of them", async () => {
    const room = open(taggedByUrl);
    await room.connect("?_pk=ada&tags=blue,tall");
    await room.connect("?_pk=bob&tags=blue");
    await room.connect("?_pk=cyd&tags=red,tall");
    await room.connect("?_pk=dee");
    expect(await tagged(room.stub, "blue")).toEqual(["ada", "bob"]);
    expect(await tagged(room.stub, "tall", "blue")).toEqual(["ada"]);
    expect(await tagged(room.stub, "red", "blue")).toEqual([]);
    expect(await tagged(room.stub, "nobody has it")).toEqual([]);
    expect(await tagged(room.stub, "nobody has it", "blue")).toEqual([]);
    expect(await tagged(room.stub)).toEqual(["ada", "bob", "cyd", "dee"]);
  });

  it("can be changed while the connection lives, and last over sleep", async () => {
    const room = open(taggedByUrl);
    await room.connect("?_pk=ada&tags=blue");
    await runInDurableObject(room.stub, (party) => {
      party.getConnection("ada")?.setTags(["red", "tall", "red"]);
      expect(party.getConnection("ada")?.tags).toEqual(["red", "tall"]);
    });
    await room.sleep();
    expect(await tagged(room.stub, "blue")).toEqual([]);
    expect(await tagged(room.stub, "red", "tall")).toEqual(["ada"]);
  });

  it("are refused beyond 10, empty, too long or not text, and the old ones stay", async () => {
    const room = open(taggedByUrl);
    await room.connect("?_pk=ada&tags=blue");
    await runInDurableObject(room.stub, (party) => {
      const connection = party.getConnection("ada");
      const illegal = [
        Array.from({ length: 11 }, (_, index) => `tag ${index}`),
        [""],
        ["x".repeat(257)],
        [7 as unknown as string],
        "blue" as unknown as string[],
      ];
      for (const tags of illegal) expect(() => connection?.setTags(tags)).toThrow(/tag/i);
      expect(connection?.tags).toEqual(["blue"]);
      expect(party.getConnections(["blue"])).toEqual([connection]);
    });
  });

  it("that do not fit beside the state are refused, saying how much fits", async () => {
    const room = open(taggedByUrl);
    await room.connect("?_pk=ada&tags=blue");
    await runInDurableObject(room.stub, (party) => {
      const connection = party.getConnection("ada");
      connection?.setState("x".repeat(16_000));
      const many = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(200));
      expect(() => connection?.setTags(many)).toThrow(/tags is 2\d{3} bytes .* room for \d+/);
      expect(party.getConnections(["blue"])).toEqual([connection]);
    });
  });

  it("are not an id's: nobody can name themselves into a tag", async () => {
    const room = open(taggedByUrl);
    await room.connect("?_pk=admin&tags=guest");
    expect(await tagged(room.stub, "admin")).toEqual([]);
  });
});

describeRooms("the connections of a room", (open) => {
  it("are a snapshot", async () => {
    const room = open({});
    await room.connect("?_pk=ada");
    await room.connect("?_pk=bob");
    await runInDurableObject(room.stub, (party) => {
      const connections = party.getConnections();
      party.getConnection("ada")?.close();
      expect(connections.length).toBe(2);
      expect(party.getConnections().map(({ id }) => id)).toEqual(["bob"]);
      expect(party.getConnection("ada")).toBeUndefined();
    });
  });

  it("are the same objects whoever asks", async () => {
    const room = open({});
    await room.connect("?_pk=ada");
    await runInDurableObject(room.stub, (party) => {
      expect(party.getConnection("ada")).toBe(party.getConnections()[0]);
    });
  });
});

describeHibernatingRooms("a room that wakes", (open) => {
  it("hears a message with the connection that sent it, listed among all others", async () => {
    const room = open({
      onMessage: (party, connection) => {
        const everyone = party.getConnections();
        connection.send(`${connection.id} ${everyone.includes(connection)} ${everyone.length}`);
      },
    });
    const ada = await room.connect("?_pk=ada");
    await room.connect("?_pk=bob");
    await room.sleep();
    await ada.send("hello");
    expect(await ada.next()).toBe("ada true 2");
  });

  it("lists nobody who closed while it slept", async () => {
    const log: string[] = [];
    const room = open({
      onClose: (party, connection) =>
        void log.push(
          `${connection.id} left ${party
            .getConnections()
            .map(({ id }) => id)
            .join()}`,
        ),
    });
    const ada = await room.connect("?_pk=ada");
    await room.connect("?_pk=bob");
    await room.sleep();
    await ada.close(1000);
    await ada.closed();
    expect(await tagged(room.stub)).toEqual(["bob"]);
    expect(log).toEqual(["ada left bob"]);
  });
});
