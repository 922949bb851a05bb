import { afterAll, expect, it } from "vitest";
import { Consumer, PAGE, WORKER } from "./consumer";
import ts from "typescript";
const CONTRACT = `
import { defineContract, type } from "@partyflare/shared";
export const chat = defineContract({
  fromClient: { say: type<{ text: string }>(), ping: type<void>() },
  fromServer: { said: type<{ by: string; text: string }>(), pong: type<void>(), any: type<unknown>() },
  calls: {
    rename: { input: type<{ name: string }>(), output: type<{ name: string }>(), errors: { name_taken: type<{ suggestion: string }>() } },
    save: { input: type<{ name: string }>(), output: type<void>(), once: true },
  },
  state: type<{ name: string }>(),
  tags: ["host", "guest"],
});
`;
const ROOM = `
import { Party, PartyError, type, defineContract } from "partyflare";
import { chat } from "./contract";
export interface Env { CHAT: DurableObjectNamespace<Chat> }
export class Chat extends Party.for(chat)<Env> {
  readonly on = this.handle({
    say: (from, { text }) => this.emit("said", { by: from.id, text }),
    ping: () => this.emit("pong"),
    rename: (from, { name }) => ({ name }),
    save: () => {},
  });
  authorize() { return { name: "x" }; }
}
export const own = type<{ mine: string }>();
type Constructor<Instance> = new (...args: any[]) => Instance;
export function WithVersion<Base extends Constructor<Party<any, any>>>(base: Base) {
  return class extends base {
    version = 1;
    onStart() { void this.ctx.id; }
  };
}
export const Mixed = WithVersion(Party.for(chat));
export const Anonymous = class extends Party.for(chat)<Env> { version = 2; };
export class Both extends WithVersion(Party.for(chat)) { x = this.version; }
`;
const all = new Consumer(["partyflare", "@partyflare/shared", "@partyflare/client", "@cloudflare/workers-types", "@types/react"]);
afterAll(() => all.dispose());
it("probe", () => {
  const r = all.compile({ ...WORKER, skipLibCheck: false }, { "contract.ts": CONTRACT, "room.ts": ROOM });
  console.log(r.errors.join("\n"));
  console.log(Object.entries(r.declarations).join("\n").slice(0, 6000));
  expect(1).toBe(1);
});
