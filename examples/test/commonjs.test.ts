import { createRequire } from "node:module";
import { afterAll, describe, expect, it } from "vitest";
import { Consumer } from "./consumer";

const CLIENT = ["@partyflare/client", "@partyflare/shared", "react"];

const consumer = new Consumer(CLIENT);
afterAll(() => consumer.dispose());

/** Runs a script and parses its output as JSON. */
async function printed(name: string, script: string): Promise<unknown> {
  consumer.write(name, script);
  return JSON.parse((await consumer.node(name)).stdout);
}

describe("a project of CommonJS", () => {
  it("requires the client, its hooks and shared", async () => {
    const script = `
      const { connect, PartySocket } = require("@partyflare/client");
      const { useRoom } = require("@partyflare/client/react");
      const { defineContract } = require("@partyflare/shared");
      const room = connect({ party: "chat", room: "lobby", host: "localhost:1" });
      const { state } = room.status;
      room.close();
      const kinds = [PartySocket, useRoom, defineContract].map((each) => typeof each);
      console.log(JSON.stringify({ kinds, state }));
    `;
    const kinds = ["function", "function", "function"];
    expect(await printed("required.cjs", script)).toEqual({ kinds, state: "connecting" });
  });

  it("has one copy of what the client and its hooks share, as with import", async () => {
    // Two copies of the map of rooms would open two sockets.
    const script = `
      const { readFileSync } = require("node:fs");
      const { resolve } = require("node:path");
      require("@partyflare/client");
      require("@partyflare/client/react");
      const loaded = Object.keys(require.cache).filter((path) => path.includes("client/dist"));
      const mapOf = (path) => JSON.parse(readFileSync(path + ".map", "utf8"));
      const sourcesOf = (path) => mapOf(path).sources.map((source) => resolve(path, "..", source));
      const sources = loaded.flatMap(sourcesOf);
      console.log(JSON.stringify({ files: loaded.map((path) => path.split("/dist/")[1]), sources }));
    `;
    const { files, sources = [] } = (await printed("loaded.cjs", script)) as Record<
      string,
      string[]
    >;
    expect(files).toEqual(expect.arrayContaining(["index.cjs", "react/index.cjs"]));
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.filter((source, index) => sources.indexOf(source) < index)).toEqual([]);
  });

  it("requires the import swap for partysocket, with its default exports", async () => {
    const script = `
      const { default: PartySocket, WebSocket } = require("@partyflare/client/compat/partysocket");
      const { default: hook } = require("@partyflare/client/compat/partysocket/react");
      const { default: socketHook } = require("@partyflare/client/compat/partysocket/use-ws");
      const { default: Base } = require("@partyflare/client/compat/partysocket/ws");
      const socket = new PartySocket({ host: "localhost:1", room: "lobby", startClosed: true });
      const kinds = [hook, socketHook].map((each) => typeof each);
      const isOne = Base === WebSocket && socket instanceof Base;
      console.log(JSON.stringify({ kinds, isOne, roomUrl: socket.roomUrl }));
    `;
    expect(await printed("swapped.cjs", script)).toEqual({
      kinds: ["function", "function"],
      isOne: true,
      roomUrl: "ws://localhost:1/parties/main/lobby",
    });
  });
});

describe("a process that has both the CommonJS and the ESM of a package", () => {
  it("recognises the errors of either by their brand", async () => {
    const script = `
      import { createRequire } from "node:module";
      import * as imported from "@partyflare/shared";
      import { partyErrorOf } from "@partyflare/shared/internal";
      import * as client from "@partyflare/client";
      const require = createRequire(import.meta.url);
      const required = require("@partyflare/shared");
      const own = new imported.PartyError("name_taken", { data: 1 });
      const other = new required.PartyError("name_taken", { data: 1 });
      const { code, closeCode, data } = partyErrorOf(other);
      console.log(JSON.stringify({
        areTwo: imported.PartyError !== required.PartyError,
        are: [
          imported.isPartyError(other),
          required.isPartyError(own),
          client.isPartyError(other),
          require("@partyflare/client").isPartyError(own),
        ],
        copy: { code, closeCode, data },
      }));
    `;
    expect(await printed("both.mjs", script)).toEqual({
      areTwo: true,
      are: [true, true, true, true],
      copy: { code: "name_taken", closeCode: 4_403, data: 1 },
    });
  });
});

describe("Jest with jsdom", () => {
  const require = createRequire(import.meta.url);
  const test = `
    test("a room of a page without TextEncoder", () => {
      expect(typeof document).toBe("object");
      expect(typeof TextEncoder).toBe("undefined");
      expect(typeof useRoom).toBe("function");
      const room = connect({ party: "chat", room: "löbby", token: "grüße", host: "localhost:1" });
      expect(room.emit("say", { text: "grüße" })).toBe("held");
      room.close();
      expect(() => new PartySocket({ party: "chat", room: "lobby" }).close(1000, "ß".repeat(62)))
        .toThrow("123 bytes");
    });
  `;

  it.each([
    ["import, by its usual set-up for ESM", "page.test.mjs", "import", "from "],
    ["require", "page.test.cjs", "const", "= require("],
  ])("runs a test that has the client by %s", async (_how, name, word, from) => {
    const end = from.endsWith("(") ? ")" : "";
    consumer.write(
      name,
      `${word} { connect, PartySocket } ${from}"@partyflare/client"${end};
       ${word} { useRoom } ${from}"@partyflare/client/react"${end};
       ${test}`,
    );
    const config = {
      testEnvironment: require.resolve("jest-environment-jsdom"),
      testMatch: [`**/${name}`],
      moduleFileExtensions: ["js", "mjs", "cjs", "json"],
      transform: {},
    };
    const jest = require.resolve("jest/bin/jest");
    const run = consumer.node(
      "--experimental-vm-modules",
      jest,
      "--rootDir=.",
      `--config=${JSON.stringify(config)}`,
    );
    expect((await run).stderr).toContain("1 passed");
  });
});
