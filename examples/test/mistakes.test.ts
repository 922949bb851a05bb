import { afterAll, describe, expect, it } from "vitest";
import { Consumer, WORKER } from "./consumer";

/** An app without mistakes: a contract, a room that uses all of the contract, and a page. */
const APP = {
  "contract.ts": `import { defineContract, type } from "@partyflare/shared";
export const chat = defineContract({
  fromClient: {
    say: type<{ text: string }>(),
    ping: type<void>(),
  },
  fromServer: {
    said: type<{ by: string; text: string }>(),
    pong: type<void>(),
  },
  calls: {
    rename: {
      input: type<{ name: string }>(),
      output: type<{ name: string }>(),
      errors: { name_taken: type<{ suggestion: string }>() },
    },
  },
  state: type<{ name: string }>(),
  tags: ["host", "guest"],
  member: type<{ name: string }>(),
});
`,
  "room.ts": `import { type ConnectionOf, history, Party, PartyError, presence } from "partyflare";
import { chat } from "./contract";
export class Chat extends Party.for(chat) {
  readonly history = this.use(history({ events: ["said"] }));
  readonly on = this.handle({
    say: (from, { text }) => {
      this.emit("said", { by: from.state.name, text }, { except: [from.id], tags: ["host"] });
    },
    ping: () => this.emit("pong"),
    rename: (from, { name }) => {
      if (this.getConnections(["host"]).some(({ state }) => state.name === name)) {
        throw new PartyError("name_taken", { data: { suggestion: name + "2" } });
      }
      from.setState({ name });
      from.emit("pong");
      return { name };
    },
  });
  authorize() {
    return { name: "Somebody" };
  }
  getConnectionTags() {
    return ["guest" as const];
  }
  onConnect(connection: ConnectionOf<typeof chat>) {
    connection.emit("said", { by: "room", text: connection.state.name });
  }
  readonly people = this.use(presence({ who: ({ state: { name } }) => ({ name }) }));
}
`,
  "page.ts": `import { connect } from "@partyflare/client";
import type { chat } from "./contract";
const room = connect<typeof chat>({ party: "chat", room: "lobby" });
room.on("said", ({ by, text }) => void (by + text));
room.on("pong", () => {});
room.emit("say", { text: "hello" });
room.emit("ping");
export const { name } = await room.call("rename", { name: "Ada" });
room.call("rename", { name: "Ada" }).catch((error) => {
  if (error.code === "name_taken") void error.data.suggestion.length;
});
`,
} as const;

interface Mistake {
  readonly title: string;
  readonly file: keyof typeof APP;
  /** The text of the file to replace. */
  readonly from: string;
  readonly to: string;
  /** The line with the expected error. */
  readonly line: number;
  /** A part of TypeScript's message. */
  readonly says: string;
}

const mistakes: Mistake[] = [
  inContract(
    "an event that is no schema",
    "ping: type<void>()",
    "ping: String",
    5,
    "no Standard Schema",
  ),
  inContract(
    "an event as JSON Schema",
    "ping: type<void>()",
    'ping: { type: "null" }',
    5,
    "no Standard Schema",
  ),
  inContract(
    "an event that is undefined",
    "ping: type<void>()",
    "ping: undefined",
    5,
    "This is undefined",
  ),
  inContract(
    "an input that is no schema",
    "input: type<{ name: string }>()",
    "input: String",
    13,
    "no Standard Schema",
  ),
  inContract(
    "a call without output",
    "      output: type<{ name: string }>(),\n",
    "",
    12,
    "A call has an output",
  ),
  inContract("a misspelt key of a call", "errors: {", "error: {", 15, "A call has no such key"),
  inContract(
    "an error that is no schema",
    "name_taken: type<{ suggestion: string }>()",
    "name_taken: String",
    15,
    "no Standard Schema",
  ),
  inContract(
    "a call that is a schema",
    "  calls: {",
    "  calls: {\n    count: type<number>(),",
    12,
    "A call has an output",
  ),
  inContract(
    "a name of an event and a call",
    "    ping:",
    "    rename: type<void>(),\n    ping:",
    5,
    "both an event and a call",
  ),
  inContract(
    "a name that begins with $",
    "    ping:",
    "    $x: type<void>(),\n    ping:",
    5,
    "begin with $",
  ),
  inContract(
    "a name of every object",
    "    ping:",
    "    constructor: type<void>(),\n    ping:",
    5,
    "property of every object",
  ),
  inContract(
    "a state that is no schema",
    "state: type<{ name: string }>()",
    "state: String",
    18,
    "no Standard Schema",
  ),
  inContract(
    "tags that are a text",
    'tags: ["host", "guest"]',
    'tags: "host"',
    19,
    "Tags are texts",
  ),
  inContract("a tag that is a number", '"guest"]', "1]", 19, "'number' is not assignable"),
  inContract(
    "a key of no contract",
    "  tags: [",
    '  tagz: ["x"],\n  tags: [',
    19,
    "A contract has no such key",
  ),
  inContract("a misspelt table", "fromServer: {", "fromserver: {", 7, "A contract has no such key"),
  inRoom("a misspelt handler", "    ping: ()", "    pang: ()", 9, "'pang' does not exist"),
  inRoom(
    "a handler of nothing",
    "    ping: ()",
    "    pang: () => {},\n    ping: ()",
    9,
    "'pang' does not exist",
  ),
  inRoom("a missing handler", '    ping: () => this.emit("pong"),\n', "", 5, "'ping' is missing"),
  inRoom("a misspelt event", 'this.emit("pong")', 'this.emit("pung")', 9, '"pung"'),
  inRoom(
    "data of a wrong type",
    "by: from.state.name, text",
    "by: 1, text",
    7,
    "'number' is not assignable",
  ),
  inRoom("an audience of a wrong tag", 'tags: ["host"]', 'tags: ["hots"]', 7, '"hots"'),
  inRoom(
    "a wrong reply",
    "return { name };",
    "return { nick: name };",
    10,
    "'{ nick: string; }' is not assignable",
  ),
  inRoom(
    "a wrong state",
    'return { name: "Somebody" };',
    'return { nick: "Somebody" };',
    19,
    "'authorize'",
  ),
  inRoom("a wrong tag", '["guest" as const]', '["gest" as const]', 22, "'getConnectionTags'"),
  inRoom("a history of a misspelt event", 'events: ["said"]', 'events: ["sad"]', 4, '"sad"'),
  inRoom(
    "a wrong name of a handler's data",
    "say: (from, { text })",
    "say: (from, { txt: text })",
    6,
    "'txt' does not exist",
  ),
  inRoom(
    "presence without the members of the contract",
    "presence({ who: ({ state: { name } }) => ({ name }) })",
    "presence()",
    28,
    "Expected 1 arguments, but got 0",
  ),
  inRoom(
    "presence with other options only",
    "who: ({ state: { name } }) => ({ name })",
    "graceMs: 0",
    28,
    "Property 'who' is missing",
  ),
  inRoom("a member without its name", "=> ({ name }) }", "=> ({}) }", 28, "'name' is missing"),
  inPage("an event that the contract does not have", 'emit("ping")', 'emit("pang")', 7, '"pang"'),
  inPage(
    "data of a wrong type",
    '{ text: "hello" }',
    "{ text: 1 }",
    6,
    "'number' is not assignable",
  ),
  inPage(
    "input of a wrong type",
    '{ name: "Ada" }).catch',
    "{ name: 1 }).catch",
    9,
    "'number' is not assignable",
  ),
  inPage(
    "a misspelt call",
    '} = await room.call("rename"',
    '} = await room.call("renam"',
    8,
    '"renam"',
  ),
];

type Place = [title: string, from: string, to: string, line: number, says: string];

function inContract(...place: Place): Mistake {
  return mistakeIn("contract.ts", place);
}

function inRoom(...place: Place): Mistake {
  return mistakeIn("room.ts", place);
}

function inPage(...place: Place): Mistake {
  return mistakeIn("page.ts", place);
}

function mistakeIn(file: Mistake["file"], [title, from, to, line, says]: Place): Mistake {
  if (!APP[file].includes(from)) throw new Error(`${file} has no ${from}.`);
  return { title, file, from, to, line, says };
}

describe("one mistake is one error, at its line", () => {
  const consumer = new Consumer([
    "partyflare",
    "@partyflare/shared",
    "@partyflare/client",
    "@cloudflare/workers-types",
  ]);
  afterAll(() => consumer.dispose());

  /** One program compiles all apps, each in its own folder. */
  const { errors } = consumer.compile(
    { ...WORKER, skipLibCheck: true, declaration: false, emitDeclarationOnly: false, noEmit: true },
    Object.fromEntries([
      ...filesIn("without"),
      ...mistakes.flatMap((mistake, index) => filesIn(`app-${index}`, mistake)),
    ]),
  );

  function filesIn(folder: string, mistake?: Mistake): [string, string][] {
    return Object.entries(APP).map(([name, code]) => [
      `${folder}/${name}`,
      mistake?.file === name ? code.replace(mistake.from, mistake.to) : code,
    ]);
  }

  const errorsIn = (folder: string) =>
    errors
      .filter((error) => error.startsWith(`${folder}/`))
      .map((error) => error.slice(folder.length + 1));

  it("finds none where there is none", () => {
    expect(errorsIn("without")).toEqual([]);
  });

  it.each(mistakes.map((mistake, index) => ({ ...mistake, index })))(
    "$file: $title",
    ({ file, line, says, index }) => {
      const found = errorsIn(`app-${index}`);
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`${file}:${line}: `);
      expect(found[0]).toContain(says);
    },
  );
});
