// The whole test run, with one count over every runner. `pnpm test` runs all of it, and
// `node scripts/test.mjs check`, `unit`, `faults`, `bench` or `e2e` one part. Ends with `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const RESULTS = ".results";
const LIBRARIES = ["shared", "server", "client"].map((name) => `packages/${name}`);
const EXAMPLES = ["examples", "examples/test", "examples/chat/page", "examples/auth/page"];
const APPS = ["apps/demo", "apps/demo/worker", "e2e", "e2e/fixture", "e2e/fixture/worker"];
const TOOLS = ["harness", "bench", "bench/worker", "faults", "faults/worker"];
const CONSUMERS = ["packages/client/test/strict", "packages/client/test/no-dom"];
const PROJECTS = [...LIBRARIES, ...CONSUMERS, ...APPS, ...TOOLS, ...EXAMPLES];

/** Each check counts as one test. */
const CHECKS = [
  ["lint", "oxlint"],
  ["format", "oxfmt --check"],
  ...PROJECTS.map((folder) => [`types of ${folder}`, `tsc -p ${folder}`]),
  ["unused code and dependencies", "knip"],
  ["bundle sizes", "size-limit"],
  ...LIBRARIES.flatMap((folder) => [
    [`package of ${folder}`, "publint --strict", folder],
    [
      `types of the package of ${folder}`,
      // The server is for Workers alone, which are ESM.
      `attw --pack . --profile ${folder.endsWith("server") ? "esm-only" : "strict"}`,
      folder,
    ],
  ]),
];

const PARTS = {
  check() {
    for (const [name, command, folder] of CHECKS) {
      count(name, run(name, command, folder) ? { passed: 1 } : { failed: 1 });
    }
  },
  unit() {
    const report = `${RESULTS}/unit.json`;
    rmSync(report, { force: true });
    const ok = run("unit", `vitest run --reporter=default --reporter=json --outputFile=${report}`);
    const {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: skipped,
      testResults = [],
    } = read(report);
    for (const { name: file, assertionResults } of testResults) {
      for (const { status, fullName, failureMessages } of assertionResults) {
        if (status === "failed") fail(`${file} › ${fullName}`, failureMessages.join("\n"));
      }
    }
    count("unit and in-workerd tests", { passed, failed, skipped }, ok);
  },
  faults() {
    const report = `${RESULTS}/faults.json`;
    rmSync(report, { force: true });
    const ok = run("faults", "node faults/main.ts");
    const { runs = [] } = read(report);
    for (const { name, seed, result, error } of runs) {
      if (result === "failed") fail(`faults/${name} --seed=${seed}`, error);
    }
    const numberOf = (result) => runs.filter((each) => each.result === result).length;
    const [passed, failed, skipped] = ["passed", "failed", "skipped"].map(numberOf);
    count("faults", { passed, failed, skipped }, ok);
  },
  bench() {
    // Fails on ratios alone, with wide margins: how fast this machine is does not matter.
    count("benchmarks", run("bench", "node bench/main.ts --quick") ? { passed: 1 } : { failed: 1 });
  },
  e2e() {
    const report = `${RESULTS}/e2e.json`;
    rmSync(report, { force: true });
    const ready =
      run("browser", "node scripts/ensure-browser.mjs") && run("build", "pnpm build:apps");
    const ok = ready && run("e2e", "playwright test");
    const { stats = {}, suites = [] } = read(report);
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
    count("end-to-end tests", { passed, failed: (failed ?? 0) + (flaky ?? 0), skipped }, ok);
  },
};

const counts = [];
const failures = [];
const asked = process.argv.slice(2);
mkdirSync(RESULTS, { recursive: true });

if (count("build", run("build", "pnpm build") ? { passed: 1 } : { failed: 1 })) {
  for (const [part, runPart] of Object.entries(PARTS)) {
    if (asked.length > 0 && !asked.includes(part)) continue;
    const start = Date.now();
    runPart();
    console.log(`\n${part}: ${Math.round((Date.now() - start) / 1000)} s`);
  }
}
report();

/** Runs a command line with its output shown, and says whether it succeeded. */
function run(name, command, cwd = ".") {
  console.log(`\n▸ ${name}: ${command}`);
  const { status } = spawnSync(command, { cwd, shell: true, stdio: "inherit" });
  return status === 0;
}

/** Adds to the count. A runner that fails without naming a test counts as one that failed. */
function count(name, { passed = 0, failed = 0, skipped = 0 }, ok = true) {
  const unnamed = !ok && failed === 0 ? 1 : 0;
  if (unnamed) fail(name, "It failed without naming a test: its own output tells why.");
  counts.push({ name, passed, failed: failed + unnamed, skipped });
  return failed + unnamed === 0;
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
    return JSON.parse(readFileSync(file, "utf8"));
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
  console.log(`\n${summary}`);
  process.exitCode = bad.length > 0 ? 1 : 0;
}
