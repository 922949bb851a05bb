import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as shared from "@partyflare/shared/internal";
import { type ErrorCode, isRetriedCloseCode, PartyError } from "@partyflare/shared";
import { CLOSE_CODES, ERROR_TEXTS } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { compile, membersOf } from "./compile";
import { codeBlocks, readDocument, ROOT, tableRows } from "./documents";

/** The codes that close no connection. */
const ENDS_NOTHING = ["disconnected", "timeout", "aborted", "unknown_outcome"];

describe("docs/errors.md", () => {
  const page = readDocument("docs/errors.md");

  it("lists every code with its close code, HTTP status, retry and message, and no other", () => {
    const errors = Object.keys(CLOSE_CODES).map((code) => new PartyError(code));
    expect(tableRows(page, "Codes")).toEqual(
      errors.map(({ code, closeCode, status, retry }) => [
        `[\`${code}\`](errors/${code}.md)`,
        ENDS_NOTHING.includes(code) ? "–" : String(closeCode),
        ENDS_NOTHING.includes(code) ? "–" : String(status),
        retry ? "yes" : "no",
        ERROR_TEXTS[code as ErrorCode],
      ]),
    );
  });

  it("has a page for every code, and no other", () => {
    const names = readdirSync(join(ROOT, "docs/errors"));
    expect(names.toSorted()).toEqual(
      Object.keys(CLOSE_CODES)
        .map((code) => `${code}.md`)
        .toSorted(),
    );
  });

  it.each(Object.keys(CLOSE_CODES))("has a page with reasons and a remedy of %s", (code) => {
    const { text } = readDocument(`docs/errors/${code}.md`);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([`\`${code}\``, "When", "What to do", "Example"]);
    expect(codeBlocks({ path: code, text })).toHaveLength(1);
    const { closeCode, status, retry } = new PartyError(code);
    const [, row] = /^\| close code .*\n.*\n\| (.+) \|$/m.exec(text) ?? [];
    const cells = row?.split("|").map((cell) => cell.trim()) ?? [];
    if (ENDS_NOTHING.includes(code)) expect(cells).toEqual([]);
    else {
      const retries = expect.stringMatching(retry ? /^yes/ : /^no/);
      expect(cells).toEqual([String(closeCode), String(status), retries]);
    }
  });

  it("says of every close code whether a client comes back", () => {
    const rows = tableRows(page, "Close codes").map(([codes = "", comesBack]) => ({
      codes: [...codes.matchAll(/\d{4}/g)].map(([code]) => Number(code)),
      comesBack: comesBack === "yes",
    }));
    const listed = rows.flatMap(({ codes }) => codes);
    expect(listed).toEqual(
      expect.arrayContaining([1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013]),
    );
    for (const { codes, comesBack } of rows) {
      expect(codes.filter((code) => isRetriedCloseCode(code) !== comesBack)).toEqual([]);
    }
    const ours = Object.keys(CLOSE_CODES).map((code) => new PartyError(code).closeCode);
    expect(listed).toEqual(expect.arrayContaining(ours));
  });
});

const limits = Object.fromEntries(
  Object.entries(shared).filter(([, value]) => typeof value === "number"),
);

describe("docs/limits.md", () => {
  it("lists every number of limits.ts", () => {
    const rows = tableRows(readDocument("docs/limits.md"), "Numbers");
    const listed = Object.fromEntries(
      rows.map(([name = "", value = ""]) => [
        name.replaceAll("`", ""),
        Number(value.replaceAll(",", "")),
      ]),
    );
    expect(listed).toMatchObject({ ...limits });
  });
});

describe("the tables of names", () => {
  const program = {
    server: compile("worker", [{ path: "names.ts", code: 'export * from "partyflare";' }]),
    client: compile("page", [
      {
        path: "names.ts",
        code: 'export * from "@partyflare/client"; export * from "@partyflare/client/react";',
      },
    ]),
  };
  interface Table {
    path: string;
    of: "server" | "client";
    name: string;
    /** A type whose members the page need not repeat. */
    but?: string;
  }

  /** Entry points of the platform, and the two fields of a Durable Object. */
  const platform = /^(fetch|alarm|webSocket\w+|ctx|env|connect|constructor)$/;

  it.each([
    { path: "docs/party.md", of: "server", name: "Party" },
    { path: "docs/party.md", of: "server", name: "PartyOptions" },
    { path: "docs/guide/connections.md", of: "server", name: "Connection" },
    { path: "docs/guide/contracts.md", of: "server", name: "Contract" },
    { path: "docs/limits.md", of: "server", name: "LimitOptions" },
    { path: "docs/errors.md", of: "server", name: "PartyErrorOptions" },
    { path: "docs/guide/client.md", of: "client", name: "Room" },
    { path: "docs/guide/client.md", of: "client", name: "QueueOptions" },
    { path: "docs/guide/routing.md", of: "server", name: "CorsOptions" },
    { path: "docs/guide/routing.md", of: "server", name: "RetryOptions" },
    { path: "docs/guide/react.md", of: "client", name: "UseRoomOptions", but: "ConnectOptions" },
    { path: "docs/guide/react.md", of: "client", name: "UseCallResult" },
    { path: "docs/guide/presence.md", of: "client", name: "Presence" },
    { path: "docs/guide/presence.md", of: "client", name: "PresenceState" },
    { path: "docs/guide/presence.md", of: "client", name: "PresenceOptions" },
    { path: "docs/guide/shared-state.md", of: "server", name: "SharedState" },
    { path: "docs/guide/shared-state.md", of: "server", name: "SharedStateOptions" },
    { path: "docs/guide/shared-state.md", of: "client", name: "SharedState" },
    { path: "docs/guide/shared-state.md", of: "client", name: "SharedStateOptions" },
    { path: "docs/guide/routing.md", of: "server", name: "FetchRoomOptions" },
    { path: "docs/guide/client.md", of: "client", name: "PartySocketOptions" },
    { path: "docs/guide/client.md", of: "client", name: "PartyFetchOptions" },
    {
      path: "docs/guide/react.md",
      of: "client",
      name: "UsePartySocketOptions",
      but: "PartySocketOptions",
    },
  ] as Table[])("in $path name all that $name has", ({ path, of, name, ...others }) => {
    const { text } = readDocument(path);
    const known = others.but ? membersOf(program[of], "names.ts", others.but) : [];
    const wanted = membersOf(program[of], "names.ts", name).filter(
      (member) => !platform.test(member) && !known.includes(member),
    );
    expect(wanted.length).toBeGreaterThan(0);
    // A name in backticks, alone or as a call: `broadcast`, `broadcast(message)`,
    // `Party.withRoom(…)`.
    expect(
      wanted.filter((member) => !new RegExp(`\`(?:\\w+[. ])?${member}[\`(]`).test(text)),
    ).toEqual([]);
  });
});
