import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { readArguments, type CreateCommand } from "./arguments";
import { ask, defaultAnswers } from "./questions";

/** A terminal whose questions are answered by keys, one after the other. */
function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let shown = "";
  output.on("data", (data: Buffer) => (shown += data.toString()));
  return {
    input,
    output,
    /** Waits for a question, and presses keys. */
    async answer(question: string, ...keys: string[]) {
      await vi.waitFor(() => expect(shown).toContain(question), { timeout: 60_000 });
      for (const key of keys) input.write(key);
    },
    shown: () => shown,
  };
}

const ENTER = "\r";
const DOWN = "\u001B[B";
const CONTROL_C = "\u0003";

const create = (...words: string[]) => readArguments(words) as CreateCommand;

describe("the questions", () => {
  it("are three, and Enter takes the default of each", async () => {
    const person = terminal();
    const answers = ask(create(), person);
    await person.answer("Which folder?", ENTER);
    await person.answer("Which template?", ENTER);
    await person.answer("Which kind of page?", ENTER);
    expect(await answers).toEqual(defaultAnswers(create()));
  });

  it("take other answers", async () => {
    const person = terminal();
    const answers = ask(create(), person);
    await person.answer("Which folder?", "my-poll", ENTER);
    await person.answer("Which template?", DOWN, DOWN, ENTER);
    await person.answer("Which kind of page?", DOWN, ENTER);
    expect(await answers).toMatchObject({
      folder: "my-poll",
      template: { name: "poll" },
      framework: "vanilla",
    });
  });

  it("leave out what the command line says", async () => {
    const person = terminal();
    const answers = ask(create("my-chat", "--template=game"), person);
    await person.answer("Which kind of page?", ENTER);
    expect(await answers).toMatchObject({ folder: "my-chat", template: { name: "game" } });
    expect(person.shown()).not.toContain("Which folder?");
  });

  it("show what is wrong with a folder, and ask again", async () => {
    const person = terminal();
    const answers = ask(create("--template=chat", "--react"), person);
    await person.answer("Which folder?", "My Chat", ENTER);
    await person.answer('such as "my-chat"', "\u0015", "my-chat", ENTER);
    expect(await answers).toMatchObject({ folder: "my-chat" });
  });

  it("end with Ctrl+C, and nothing is created", async () => {
    const person = terminal();
    const answers = ask(create(), person);
    const refused = expect(answers).rejects.toThrow("Nothing was created.");
    await person.answer("Which folder?", CONTROL_C);
    await refused;
  });
});
