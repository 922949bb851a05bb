import { describe, expect, it } from "vitest";
import {
  asPlain,
  BEFORE,
  type Change,
  changed,
  type DraftValue as Value,
} from "../../../test/drafts";

const EDITS: Record<string, [change: Change, rows: number]> = {
  "assigns a key": [(draft) => (draft.phase = "closed"), 1],
  "assigns a new key": [(draft) => (draft.late = { a: 1 }), 2],
  "assigns an equal value": [(draft) => (draft.tags = ["a", "b"]), 0],
  "assigns null": [(draft) => (draft.boards["one"]!.by = null as never), 1],
  "sets an entry": [(draft) => (draft.votes["cyd"] = "red"), 1],
  "replaces an entry": [(draft) => (draft.votes["ada"] = "blue"), 1],
  "sets an entry to the value that it has": [(draft) => (draft.votes["ada"] = "red"), 0],
  "sets an entry and deletes it": [
    (draft) => {
      draft.votes["cyd"] = "red";
      delete draft.votes["cyd"];
    },
    0,
  ],
  "deletes a key": [(draft) => delete (draft as Partial<Value>).phase, 1],
  "deletes a record": [(draft) => delete (draft as Partial<Value>).votes, 1],
  "deletes an entry": [(draft) => delete draft.votes["ada"], 1],
  "deletes an entry and sets it again": [
    (draft) => {
      delete draft.votes["ada"];
      draft.votes["ada"] = "green";
    },
    1,
  ],
  "deletes what is not there": [(draft) => delete draft.votes["nobody"], 0],
  "deletes every entry": [
    (draft) => {
      for (const name of Object.keys(draft.votes)) delete draft.votes[name];
    },
    2,
  ],
  "deletes in a for-in loop": [
    (draft) => {
      for (const name in draft.votes) delete draft.votes[name];
    },
    2,
  ],
  "replaces a record": [(draft) => (draft.votes = { cyd: "red", ada: "red" }), 2],
  "replaces a record by itself with more": [
    (draft) => (draft.votes = { ...draft.votes, x: "y" }),
    1,
  ],
  "replaces a record by a number": [(draft) => ((draft as { votes: unknown }).votes = 1), 1],
  "replaces a number by a record": [(draft) => ((draft as { none: unknown }).none = { a: 1 }), 2],
  "empties a record": [(draft) => (draft.votes = {}), 2],
  "assigns many entries": [(draft) => Object.assign(draft.votes, { cyd: "red", ada: "x" }), 2],
  "assigns many keys": [(draft) => Object.assign(draft, { phase: "x", late: 1 }), 2],
  "edits deep in an entry": [(draft) => (draft.boards["one"]!.by!.name = "eve"), 1],
  "edits two places of an entry": [
    (draft) => {
      draft.boards["one"]!.title = "Uno";
      draft.boards["one"]!.cells[1] = 9;
    },
    1,
  ],
  "undoes its edit": [
    (draft) => {
      draft.boards["one"]!.title = "x";
      draft.boards["one"]!.title = "One";
    },
    0,
  ],
  "pushes to a plain array": [(draft) => draft.tags.push("c"), 1],
  "pushes to an array in an entry": [(draft) => draft.boards["two"]!.cells.push(1, 2), 1],
  "splices, sorts, reverses": [
    (draft) => {
      draft.boards["one"]!.cells.splice(1, 1, 7, 8);
      draft.boards["one"]!.cells.sort((one, other) => other - one);
      draft.tags.reverse();
    },
    2,
  ],
  "sets a length": [(draft) => (draft.tags.length = 0), 1],
  "pops, shifts and unshifts": [
    (draft) => {
      draft.tags.pop();
      draft.tags.unshift("z", "y");
      draft.tags.shift();
    },
    1,
  ],
  "pushes an item": [(draft) => draft.tasks.push({ id: "t3", text: "fold" }), 1],
  "edits an item": [(draft) => (draft.tasks[1]!.text = "dry well"), 1],
  "edits an item that it has found": [
    (draft) => (draft.tasks.find(({ id }) => id === "t2")!.text = "found"),
    1,
  ],
  "edits each item": [
    (draft) => {
      for (const task of draft.tasks) task.text += "!";
    },
    2,
  ],
  "removes an item": [(draft) => draft.tasks.splice(0, 1), 1],
  "moves an item": [(draft) => draft.tasks.push(draft.tasks.shift()!), 1],
  "swaps two items": [
    (draft) => {
      [draft.tasks[0], draft.tasks[1]] = [draft.tasks[1]!, draft.tasks[0]!];
    },
    1,
  ],
  "sorts a list": [
    // oxlint-disable-next-line unicorn/no-array-sort -- apps do
    (draft) => draft.tasks.sort((one, other) => (one.text < other.text ? -1 : 1)),
    1,
  ],
  "filters a list": [(draft) => (draft.tasks = draft.tasks.filter(({ id }) => id !== "t1")), 1],
  "maps a list": [
    (draft) => (draft.tasks = draft.tasks.map((task) => ({ ...task, text: `${task.text}?` }))),
    2,
  ],
  "clears a list": [(draft) => (draft.tasks = []), 1],
  "gives an item another id": [(draft) => (draft.tasks[0]!.id = "t9"), 2],
  "gives two items one id": [(draft) => (draft.tasks[0]!.id = "t2"), 1],
  "swaps two entries": [
    ({ boards }) => {
      [boards["one"], boards["two"]] = [boards["two"]!, boards["one"]!];
    },
    2,
  ],
  "swaps two keys": [
    (draft) => {
      const any = draft as unknown as Record<string, unknown>;
      [any["votes"], any["boards"]] = [any["boards"], any["votes"]];
    },
    8,
  ],
  "copies a record to another key": [(draft) => (draft.late = draft.votes), 3],
  "copies an entry to another name": [({ boards }) => (boards["x"] = boards["one"]!), 1],
  "copies an entry, and edits it by both names": [
    ({ boards }) => {
      boards["x"] = boards["one"]!;
      boards["x"].title = "X";
      boards["one"]!.cells.push(4);
    },
    2,
  ],
  "moves an entry into an array": [(draft) => draft.tags.push(draft.boards["one"] as never), 1],
  "moves an entry into an item": [
    (draft) => Object.assign(draft.tasks[0]!, { board: draft.boards["one"], votes: draft.votes }),
    1,
  ],
  "moves an item into an entry": [
    (draft) => Object.assign(draft.boards["two"]!, { task: draft.tasks[1], all: draft.tasks }),
    1,
  ],
  "moves a part of an entry within it": [
    ({ boards }) =>
      Object.assign(boards["one"]!, { by: { by: boards["one"]!.by }, a: [boards["one"]!.by] }),
    1,
  ],
  "moves a part, edits it, and deletes where it came from": [
    ({ boards }) => {
      Object.assign(boards["two"]!, { cells: boards["one"]!.cells });
      boards["two"]!.cells.push(5);
      delete boards["one"];
    },
    2,
  ],
  "holds a record that it deletes, and puts it back": [
    (draft) => {
      const { votes } = draft;
      delete (draft as Partial<Value>).votes;
      votes["cyd"] = "red";
      draft.votes = votes;
    },
    1,
  ],
  "edits an object after it has assigned it": [
    (draft) => {
      const board = { title: "New", cells: [] as number[] };
      draft.boards["new"] = board;
      draft.boards["new"].cells.push(1);
      board.title = "Newer";
    },
    1,
  ],
  "edits a record after it has assigned it": [
    (draft) => {
      draft.votes = { x: "y" };
      draft.votes["z"] = "w";
      delete draft.votes["x"];
    },
    3,
  ],
  "increments and appends": [
    (draft) => {
      draft.phase += "!";
      draft.votes["count"] = `${Object.keys(draft.votes).length}`;
    },
    2,
  ],
  "sets an entry with the name of an inherited property": [
    (draft) => {
      draft.votes["constructor"] = "red";
      draft.votes["toString"] = "red";
      draft.votes["hasOwnProperty"] = "red";
    },
    3,
  ],
};

describe("a draft", () => {
  it.each(Object.keys(EDITS))(
    "%s, as a plain object does, and writes a row for each change",
    (name) => {
      const [change, rows] = EDITS[name]!;
      const { value, rows: written } = changed(change);
      expect(value).toEqual(asPlain(change));
      expect(written).toBe(rows);
    },
  );

  it("reads like a plain object", () => {
    const seen: unknown[] = [];
    const look = (draft: Value) => {
      delete draft.votes["ada"];
      draft.votes["cyd"] = "red";
      seen.push([
        "phase" in draft,
        "nothing" in draft,
        "ada" in draft.votes,
        "cyd" in draft.votes,
        "toString" in draft.votes,
        Object.keys(draft),
        Object.keys(draft.votes),
        Object.values(draft.votes),
        Object.entries(draft.votes),
        Object.hasOwn(draft.votes, "bob"),
        Object.hasOwn(draft.votes, "toString"),
        draft.votes["ada"],
        draft.votes["bob"],
        { ...draft.votes },
        JSON.stringify(draft),
        String(draft.votes),
        Array.isArray(draft.tasks),
        draft.tasks.map(({ id }) => id),
        draft.tasks.includes(draft.tasks[0]!),
        draft.votes === draft.votes,
        draft.boards["one"] === draft.boards["one"],
        structuredClone({ ...draft.votes }),
      ]);
      for (const name in draft.votes) seen.push(name);
    };
    changed(look);
    const ofDraft = seen.splice(0);
    look(structuredClone(BEFORE));
    expect(ofDraft).toEqual(seen);
  });
});
