import { cancel, intro, isCancel, select, text } from "@clack/prompts";
import { basename, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { CreateCommand } from "./arguments";
import { Failure } from "./failure";
import { DEFAULT_NAME, problemOf } from "./project-name";
import { problemOfFolder } from "./target-folder";
import {
  type Framework,
  FRAMEWORK_TITLES,
  FRAMEWORKS,
  type Template,
  TEMPLATES,
} from "./templates";

/** What a new project is made from. */
export interface Answers {
  /** As the reader has typed it. */
  readonly folder: string;
  readonly template: Template;
  readonly framework: Framework;
}

/** Where questions are shown and answered. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** Returns what the command line says, and defaults for the rest. */
export function defaultAnswers({ folder, template, framework }: CreateCommand): Answers {
  return {
    folder: folder ?? DEFAULT_NAME,
    template: template ?? TEMPLATES[0],
    framework: framework ?? FRAMEWORKS[0],
  };
}

/**
 * Asks for what the command line does not say.
 *
 * @throws Failure if the reader gives up.
 */
export async function ask(command: CreateCommand, terminal: Terminal): Promise<Answers> {
  intro("partyflare", terminal);
  const folder =
    command.folder ??
    answered(
      await text({
        ...terminal,
        message: "Which folder?",
        placeholder: DEFAULT_NAME,
        defaultValue: DEFAULT_NAME,
        validate: (typed) => problemOfAnswer(typed || DEFAULT_NAME),
      }),
      terminal,
    );
  const template =
    command.template ??
    answered(
      await select<Template>({
        ...terminal,
        message: "Which template?",
        options: TEMPLATES.map((value) => ({ value, label: value.name, hint: value.hint })),
      }),
      terminal,
    );
  const framework =
    command.framework ??
    answered(
      await select<Framework>({
        ...terminal,
        message: "Which kind of page?",
        options: FRAMEWORKS.map((value) => ({ value, label: FRAMEWORK_TITLES[value] })),
      }),
      terminal,
    );
  return { folder, template, framework };
}

function problemOfAnswer(folder: string): string | undefined {
  const path = resolve(folder);
  return problemOf(basename(path)) ?? problemOfFolder(path, folder);
}

function answered<Value>(value: Value, terminal: Terminal): Exclude<Value, symbol> {
  if (!isCancel(value)) return value as Exclude<Value, symbol>;
  cancel("Cancelled.", terminal);
  throw new Failure("Nothing was created.");
}
