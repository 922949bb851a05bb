import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { PYTHON, runPython } from "./python";
import { type RunningWorker, startWorker } from "./worker-process";

const [client, talk] = codeBlocks(readDocument("docs/guide/other-languages.md")).filter(
  ({ language }) => language === "python",
);

describe("the Python client", () => {
  it("is about 30 lines, and imports nothing but the standard library", () => {
    expect(client?.code.trim().split("\n").length).toBeLessThanOrEqual(36);
    expect(client?.code).toMatch(/^import base64, json, os, socket, struct$/m);
  });
});

// Skipped on machines without Python 3.8 or newer, which the client needs.
describe.skipIf(!PYTHON)("the Python client, against the chat example", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyflare-python-"));
  let worker: RunningWorker;

  beforeAll(async () => {
    writeFileSync(join(folder, "partyflare.py"), client?.code ?? "");
    writeFileSync(join(folder, "talk.py"), talk?.code ?? "");
    worker = await startWorker(join(ROOT, "examples/chat/wrangler.jsonc"));
  });

  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it("speaks raw and framed, in one room, as its page says", async () => {
    const { hostname, port } = worker.url;
    const printed = await runPython("talk.py", [hostname, port, crypto.randomUUID()], folder);
    const expected = [...(talk?.code ?? "").matchAll(/ # prints: (.*)$/gm)].map(([, line]) => line);
    expect(expected.length).toBeGreaterThan(0);
    expect(printed.trim().split("\n")).toEqual(expected);
  });

  it.each([125, 126, 65_535, 65_536])("sends a message of %d bytes", async (bytes) => {
    const { hostname, port } = worker.url;
    const text = bytes - '["$text", ""]'.length;
    const script = `
import sys
from partyflare import Room
room = Room(sys.argv[1], int(sys.argv[2]), "/parties/chat/" + sys.argv[3] + "?name=Ada", framed=True)
room.send("$text", "x" * ${text})
print(next(len(data[0]["text"]) for kind, *data in room.messages() if kind == "said"))
`;
    writeFileSync(join(folder, `send-${bytes}.py`), script);
    const printed = await runPython(
      `send-${bytes}.py`,
      [hostname, port, crypto.randomUUID()],
      folder,
    );
    // The chat cuts messages to 500 characters.
    expect(Number(printed)).toBe(Math.min(text, 500));
  });
});
