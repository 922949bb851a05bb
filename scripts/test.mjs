// The test run, with one count over every runner at the end: `N passed, N failed`.
//
// `pnpm test` is quick: most checks and unit tests with few random cases, the short fault runs, and
// the end-to-end tests that show a promise. `pnpm test:all`, or PARTYFLARE_TEST=all, is everything.
// CONTRIBUTING.md lists what the quick run leaves out.
// `node scripts/test.mjs unit` runs one part: check, unit, e2e, faults or bench.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";

const RESULTS = ".results";
const LIBRARIES = ["shared", "server", "client"].map((name) => `packages/${name}`);

/** GitHub's parser of workflows imports JSON as bundlers allow it, and Node does not. */
const BUNDLED = "--bundle --platform=node --log-level=warning";

const words = process.argv.slice(2);
const isAll = words.includes("--all") || process.env.PARTYFLARE_TEST === "all";
const asked = words.filter((word) => word !== "--all");

/** Which unit tests there are: see harness/quick.ts. Children inherit it. */
process.env.PARTYFLARE_TEST = isAll ? "all" : "quick";

/** How many random cases there are: see harness/scale.ts. Children inherit it. */
process.env.PARTYFLARE_SCALE ??= "0.2";

/** The chance of the fault runs: one commit has the same cases on every machine. */
const SEED = seedOfCommit();

/** How much of the machine a runner of tests uses: two run side by side, since each mostly waits. */
const RUNNER_CORES = 1;

/**
 * What there is to do, by parts, in the order in which it begins. `cores` is how much of the machine
 * a step uses; a step begins when so much is free. Those that only wait use none, and run beside
 * the others.
 */
const PARTS = {
  check: [
    // The whole of it, each time: packages see each other's `dist`, which `tsc -b` does not compare.
    check("types", "tsc -b --force"),
    check("lint", "oxlint"),
    check("format", "oxfmt --check"),
    check("unused code and dependencies", "knip"),
    check("bundle sizes", "size-limit"),
    check(
      "workflows",
      `esbuild scripts/workflows.mjs ${BUNDLED} --outfile=${RESULTS}/workflows.cjs && node ${RESULTS}/workflows.cjs`,
    ),
    // What others would install.
    ...(isAll || asked.includes("check") ? checksOfPackages() : []),
  ],
  // The client on its other platforms has one worker for each, which mostly waits.
  unit: [unit("unit", "!client in *", RUNNER_CORES), unit("platforms", "client in *", 0)],
  e2e: [
    {
      name: "e2e",
      cores: RUNNER_CORES,
      report: "e2e.json",
      command: [
        "node scripts/ensure-browser.mjs",
        "pnpm build:apps",
        // No test of the quick run visits the site.
        ...(isAll ? ["pnpm --filter @partyflare/docs build"] : []),
        `playwright test${isAll ? "" : " --grep @promise"}`,
      ].join(" && "),
      count: countEndToEnd,
    },
  ],
  faults: isAll
    ? [faults("faults-waiting", "waiting", 0), faults("faults", "working", RUNNER_CORES)]
    : [faults("faults", "short", RUNNER_CORES)],
  // Fails on ratios alone, with wide margins: how fast this machine is does not matter.
  bench: isAll ? [{ name: "bench", cores: 2, command: "node bench/main.ts --quick" }] : [],
};

const CORES = Math.max(2, availableParallelism());
const startedAtMs = Date.now();
const counts = [];
const failures = [];

const unknown = asked.filter((part) => !PARTS[part]);
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}. There is: ${Object.keys(PARTS).join(", ")}.`);
  process.exit(1);
}
mkdirSync(RESULTS, { recursive: true });
const parts = Object.keys(PARTS).filter((part) => asked.length === 0 || asked.includes(part));
if (await perform(check("build", "pnpm build"))) {
  await performAll(parts.flatMap((part) => PARTS[part]));
}
report();

/** Returns a number below 2 ** 28, which is 1 where there is no commit. */
function seedOfCommit() {
  const { stdout } = spawnSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return Number.parseInt((stdout ?? "").slice(0, 7), 16) || 1;
}

/** Counts as one test. Its output is shown where it fails. */
function check(name, command, cwd = ".") {
  return { name, command, cwd, cores: 1, isQuiet: true };
}

function checksOfPackages() {
  const ofLibraries = LIBRARIES.flatMap((folder) => [
    check(`package of ${folder}`, "publint --strict", folder),
    check(
      `types of the package of ${folder}`,
      // The server is for Workers alone, which are ESM.
      `attw --pack . --profile ${folder.endsWith("server") ? "esm-only" : "strict"}`,
      folder,
    ),
  ]);
  // The starter is a program: there is nothing to import, so it has no types.
  return [
    ...ofLibraries,
    check("package of the starter", "publint --strict", "packages/create-partyflare"),
  ];
}

/** @param projects a pattern of the names of projects, with `!` before it for all others. */
function unit(name, projects, cores) {
  const file = `${name}.json`;
  const report = `--reporter=default --reporter=json --outputFile=${RESULTS}/${file}`;
  const command = `vitest run --project "${projects}" ${report}`;
  return { name, cores, report: file, command, count: countUnit };
}

function faults(name, kind, cores) {
  const file = `${name}.json`;
  const command = `node faults/main.ts --kind=${kind} --seed=${SEED} --report=${file}`;
  return { name, cores, report: file, command, count: countFaults };
}

/** Does all of it, in this order, as much at once as the machine has cores for. */
async function performAll(steps) {
  const running = new Map();
  const used = () => [...running.values()].reduce((sum, { cores }) => sum + cores, 0);
  // What waits has the longest way to go.
  const waiting = steps.toSorted((a, b) => Number(a.cores > 0) - Number(b.cores > 0));
  while (waiting.length > 0 || running.size > 0) {
    while (waiting.length > 0 && (running.size === 0 || used() + waiting[0].cores <= CORES)) {
      const step = waiting.shift();
      const done = (async () => {
        await perform(step);
        running.delete(done);
      })();
      running.set(done, step);
    }
    await Promise.race(running.keys());
  }
}

/** Runs a step and counts what came of it. @returns whether it succeeded. */
async function perform({ name, command, cwd, isQuiet = false, report: file, count: countIt }) {
  const fromMs = Date.now();
  if (file !== undefined) rmSync(`${RESULTS}/${file}`, { force: true });
  if (!isQuiet) console.log(`▸ ${name}: ${command}`);
  const { isDone, lines } = await run(command, cwd, isQuiet ? undefined : `${name} │ `);
  if (isQuiet && !isDone) console.log(`▸ ${name}: ${command}\n${lines.join("\n")}`);
  const counted = countIt?.(read(file)) ?? (isDone ? { passed: 1 } : { failed: 1 });
  const isGood = count(name, counted, isDone);
  console.log(`${isGood ? "✓" : "✗"} ${name}, ${Math.round((Date.now() - fromMs) / 1000)} s`);
  return isGood;
}

/** Runs a command line, and shows its output as it comes where there is a prefix for it. */
function run(command, cwd, prefix) {
  const { NO_COLOR, ...environment } = process.env;
  const wantsColor = process.stdout.isTTY && NO_COLOR === undefined;
  const env = wantsColor ? { ...environment, FORCE_COLOR: "1" } : process.env;
  const child = spawn(command, { cwd, env, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (prefix !== undefined) console.log(`${prefix}${line}`);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ isDone: false, lines: [...lines, String(error)] }));
    child.on("close", (code) => resolve({ isDone: code === 0, lines }));
  });
}

function countUnit({ numPassedTests, numFailedTests, numPendingTests, testResults = [] }) {
  for (const { name: file, assertionResults } of testResults) {
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === "failed") fail(`${file} › ${fullName}`, failureMessages.join("\n"));
    }
  }
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
}

function countFaults({ runs = [] }) {
  for (const { name, seed, result, error } of runs) {
    if (result === "failed") fail(`faults/${name} --seed=${seed}`, error);
  }
  const numberOf = (result) => runs.filter((each) => each.result === result).length;
  const [passed, failed, skipped] = ["passed", "failed", "skipped"].map(numberOf);
  return { passed, failed, skipped };
}

function countEndToEnd({ stats = {}, suites = [] }) {
  for (const { file, title, tests } of suites.flatMap(specsOf)) {
    for (const { status, results } of tests) {
      const error = results.find((result) => result.error !== undefined)?.error;
      if (status === "unexpected" || status === "flaky") {
        fail(`e2e/${file} › ${title}`, error?.message);
      }
    }
  }
  const { expected: passed, unexpected: failed, flaky, skipped } = stats;
  // A test that needed a second try is a failed one.
  return { passed, failed: (failed ?? 0) + (flaky ?? 0), skipped };
}

/** Adds to the count. A runner that fails without naming a test counts as one that failed. */
function count(name, { passed = 0, failed = 0, skipped = 0 }, isDone) {
  const unnamed = !isDone && failed === 0 ? 1 : 0;
  // Nor is a runner any good that has run nothing.
  const isEmpty = isDone && passed + failed + skipped === 0 ? 1 : 0;
  if (unnamed > 0) fail(name, "It failed without naming a test: its own output tells why.");
  if (isEmpty > 0) fail(name, "It has run nothing.");
  counts.push({ name, passed, failed: failed + unnamed + isEmpty, skipped });
  return failed + unnamed + isEmpty === 0;
}

/** Keeps what failed, and the beginning of why, for the end of the output. */
function fail(name, reason = "") {
  failures.push([name, ...reason.split("\n").slice(0, 12)].join("\n    "));
}

/** The tests of a suite of Playwright's report, and of the suites within it. */
function specsOf({ specs = [], suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)];
}

function read(file) {
  try {
    return JSON.parse(readFileSync(`${RESULTS}/${file}`, "utf8"));
  } catch {
    return {};
  }
}

function report() {
  const sum = (key) => counts.reduce((total, entry) => total + entry[key], 0);
  const bad = counts.filter(({ failed }) => failed > 0);
  for (const failure of failures) console.log(`\n✗ ${failure}`);
  if (bad.length > 0) console.log(`\nFailed: ${bad.map(({ name }) => name).join(", ")}`);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  const summary = `${sum("passed")} passed, ${sum("failed")} failed${skipped}`;
  writeFileSync(`${RESULTS}/summary.txt`, `${summary}\n`);
  const seconds = Math.round((Date.now() - startedAtMs) / 1000);
  console.log(`\n${isAll ? "all" : "quick"}: ${seconds} s\n${summary}`);
  process.exitCode = bad.length > 0 ? 1 : 0;
}
