// Checks .github/workflows against GitHub's own schema, and that the commands which they run exist.
// Bundled before it runs (see scripts/test.mjs): GitHub's parser imports JSON as bundlers allow it.
import { globSync, readFileSync } from "node:fs";
import {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseWorkflow,
} from "@actions/workflow-parser";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const errors = [];

const files = globSync(".github/workflows/*.yml");
if (files.length === 0) errors.push("There is no workflow in .github/workflows.");
void checkAll();

async function checkAll() {
  await Promise.all(files.map(checkWorkflow));
  for (const error of errors) console.error(error);
  process.exitCode = errors.length > 0 ? 1 : 0;
}

async function checkWorkflow(name) {
  const content = readFileSync(name, "utf8");
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const template = value && (await convertWorkflowTemplate(context, value));
  errors.push(...context.errors.getErrors().map(({ message }) => message));
  for (const { id, steps = [] } of template?.jobs ?? []) {
    for (const step of steps) {
      const command = step.run?.toString() ?? "";
      for (const [, script = ""] of command.matchAll(/npx -y pnpm@12 ([\w:]+)/g)) {
        if (["install", "exec"].includes(script) || scripts[script] !== undefined) continue;
        errors.push(`${name}, ${String(id)}: package.json has no script "${script}".`);
      }
    }
  }
}
