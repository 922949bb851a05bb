import { expect, it } from "vitest";
import { Consumer, WORKER } from "./consumer";
import { readFileSync } from "node:fs";
const src = readFileSync("/tmp/probe.test.ts", "utf8");
const CONTRACT = /const CONTRACT = `([\s\S]*?)`;/.exec(src)![1]!;
const ROOM = /const ROOM = `([\s\S]*?)`;\nconst all/.exec(src)![1]!;
it.each(["../v4/4.20240405.0/package","../v4/4.20250109.0/package","../v4/4.20250620.0/package","../v4/4.20260101.0/package", "examples/node_modules/workers-types-4"])("%s", (v) => {
  const c = new Consumer(["partyflare", "@partyflare/shared", "@cloudflare/workers-types"], { "@cloudflare/workers-types": v });
  const r = c.compile({ ...WORKER, skipLibCheck: false }, { "contract.ts": CONTRACT, "room.ts": ROOM });
  console.log(v + "\n" + r.errors.map((x) => x.slice(0, 300)).slice(0, 12).join("\n"));
  c.dispose();
  expect(1).toBe(1);
});
