export const base = {
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
});
`,
"room.ts": `import { type ConnectionOf, history, Party, PartyError } from "partyflare";
import { chat } from "./contract";
export class Chat extends Party.for(chat) {
  readonly history = this.use(history({ events: ["said"] }));
  readonly on = this.handle({
    say: (from, { text }) => this.emit("said", { by: from.state.name, text }, { except: [from.id] }),
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
  if (error.code === "name_taken") void error.data?.suggestion;
});
`};
export const mistakes: Record<string, [file: string, from: string, to: string]> = {
  none: ["room.ts", "ping: ()", "ping: ()"],
  "an event that is no schema": ["contract.ts", "ping: type<void>()", "ping: String"],
  "event undefined": ["contract.ts", "ping: type<void>()", "ping: undefined"],
  "a call's input no schema": ["contract.ts", "      input: type<{ name: string }>()", "      input: String"],
  "a call without output": ["contract.ts", "      output: type<{ name: string }>(),\n", ""],
  "a call's misspelt key": ["contract.ts", "      errors: {", "      error: {"],
  "an error that is no schema": ["contract.ts", "name_taken: type<{ suggestion: string }>()", "name_taken: String"],
  "name of both": ["contract.ts", "    ping: type<void>()", "    rename: type<void>(),\n    ping: type<void>()"],
  "name begins with $": ["contract.ts", "    ping: type<void>()", "    $x: type<void>(),\n    ping: type<void>()"],
  "name of Object": ["contract.ts", "    ping: type<void>()", "    constructor: type<void>(),\n    ping: type<void>()"],
  "state no schema": ["contract.ts", "state: type<{ name: string }>()", "state: String"],
  "tags no array": ["contract.ts", `tags: ["host", "guest"]`, `tags: "host"`],
  "tags of numbers": ["contract.ts", `tags: ["host", "guest"]`, `tags: ["host", "guest", 1]`],
  "unknown key": ["contract.ts", `  tags: [`, `  tagz: ["x"],\n  tags: [`],
  "misspelt table": ["contract.ts", `fromServer: {`, `fromserver: {`],
  "call is a schema": ["contract.ts", `  calls: {`, `  calls: {\n    count: type<number>(),`],
  "misspelt handler": ["room.ts", "    ping: ()", "    pong: ()"],
  "extra handler": ["room.ts", "    ping: ()", "    pang: () => {},\n    ping: ()"],
  "missing handler": ["room.ts", "    ping: () => this.emit(\"pong\"),\n", ""],
  "misspelt event": ["room.ts", "ping: () => this.emit(\"pong\")", "ping: () => this.emit(\"pung\")"],
  "wrong data": ["room.ts", "emit(\"said\", { by: from.state.name, text }", "emit(\"said\", { by: 1, text }"],
  "wrong reply": ["room.ts", "return { name };", "return { nick: name };"],
  "wrong state": ["room.ts", "return { name: \"Somebody\" };", "return { nick: \"Somebody\" };"],
  "wrong tag": ["room.ts", "[\"guest\" as const]", "[\"gest\" as const]"],
  "wrong history": ["room.ts", "history({ events: [\"said\"] })", "history({ events: [\"sad\"] })"],
  "wrong handler data": ["room.ts", "say: (from, { text })", "say: (from, { txt: text })"],
  "page wrong event": ["page.ts", "room.emit(\"ping\")", "room.emit(\"pang\")"],
  "page wrong data": ["page.ts", "room.emit(\"say\", { text: \"hello\" })", "room.emit(\"say\", { text: 1 })"],
  "page wrong input": ["page.ts", "room.call(\"rename\", { name: \"Ada\" }).", "room.call(\"rename\", { name: 1 })."],
  "page wrong call": ["page.ts", "{ name } = await room.call(\"rename\"", "{ name } = await room.call(\"renam\""],
};
