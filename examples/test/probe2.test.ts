import { afterAll, expect, it } from "vitest";
import { Consumer, WORKER } from "./consumer";
import { base, mistakes } from "./mistakes.probe";
const all = new Consumer(["partyflare", "@partyflare/shared", "@partyflare/client", "@cloudflare/workers-types", "@types/react"]);
afterAll(() => all.dispose());
it("probe", () => {
  const files: Record<string, string> = {};
  let n = 0; const keys: Record<string, string> = {};
  for (const [name, [file, from, to]] of Object.entries(mistakes)) {
    const dir = `m${n++}`; keys[dir] = name;
    for (const [f, code] of Object.entries(base)) {
      const next = f === file ? code.replace(from, to) : code;
      if (f === file && next === code && name !== "none") throw new Error(name);
      files[`${dir}/${f}`] = next;
    }
  }
  const r = all.compile({ ...WORKER, lib: ["lib.es2023.d.ts"], skipLibCheck: true, declaration: false, emitDeclarationOnly: false, noEmit: true }, files);
  for (const [dir, name] of Object.entries(keys)) {
    const errs = r.errors.filter((e) => e.startsWith(dir + "/"));
    console.log(`## ${name}: ${errs.length}\n` + errs.map((e) => "   " + e.slice(0, 260)).join("\n"));
  }
  console.log(r.errors.filter((e) => !/^m\d+\//.test(e)).join("\n"));
  expect(1).toBe(1);
}, 120000);
