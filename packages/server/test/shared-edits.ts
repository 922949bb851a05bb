import * as z from "zod";
import type { Edit } from "./shared-schedules";

/** A value with a place of each kind. */
export const shared = z
  .object({
    phase: z.enum(["open", "closed"]),
    votes: z.record(z.string(), z.enum(["red", "blue"])),
    secrets: z.record(z.string(), z.object({ owner: z.string(), text: z.string() })),
    tasks: z.array(z.object({ id: z.string(), text: z.string() })),
    big: z.record(z.string(), z.string()),
    era: z.number().default(0),
  })
  .catchall(z.unknown());

export type Value = z.output<typeof shared>;
/** Makes changes of a value. No two of its secrets and tasks are alike. */
export class Editor {
  #secrets = 0;
  #tasks = 0;

  /** Applies edits to a draft. */
  edit(draft: Value, edits: readonly Edit[]): void {
    for (const edit of edits) this.#apply(draft, edit);
  }

  #apply(draft: Value, edit: Edit): void {
    switch (edit.kind) {
      case "vote":
        if (edit.choice === null) delete draft.votes[edit.name];
        else draft.votes[edit.name] = edit.choice as "red";
        return;
      case "phase":
        draft.phase = edit.phase;
        return;
      case "secret": {
        const { name, owner } = edit;
        this.#secrets += 1;
        if (owner === null) delete draft.secrets[name];
        else draft.secrets[name] = { owner, text: `<${owner}-${this.#secrets}>` };
        return;
      }
      case "task":
        return this.#editTasks(draft.tasks, edit);
      case "any":
        if (edit.value === undefined) delete draft[edit.key];
        else draft[edit.key] = edit.value;
        return;
      case "big":
        draft.big[edit.name] = `${this.#secrets}`.padEnd(110_000, "x");
        return;
      default:
        edit satisfies never;
    }
  }

  #editTasks(tasks: Value["tasks"], { how, at }: Extract<Edit, { kind: "task" }>): void {
    const task = () => ({ id: `t${(this.#tasks += 1)}`, text: `${at}` });
    const found = tasks[at % Math.max(1, tasks.length)];
    if (how === "clear") tasks.length = 0;
    else if (how === "push") tasks.push(task(), task());
    else if (how === "unshift") tasks.unshift(task());
    else if (how === "sort") tasks.sort((one, other) => (one.text < other.text ? -1 : 1));
    else if (!found) tasks.push(task());
    else if (how === "edit") found.text += "!";
    else if (how === "remove") tasks.splice(tasks.indexOf(found), 1);
    else tasks.unshift(...tasks.splice(at % tasks.length, 2));
  }
}
