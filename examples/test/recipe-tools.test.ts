import { rmSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { enter, PATIENCE, Recipe } from "./recipe";

describe("the recipe of generated types", () => {
  const recipe = new Recipe("docs/recipes/env.md", { party: "Lobby" });
  const page = ts.sys.readFile(join(recipe.folder, "worker.ts")) ?? "";

  beforeAll(async () => {
    // The page shows only a part of this file. wrangler replaces only files that it has written.
    rmSync(join(recipe.folder, "worker-configuration.d.ts"));
    recipe.write(".dev.vars", 'API_KEY="for tests only"\n');
    await recipe.tool("wrangler", "types", "--strict-vars", "false");
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  it("compiles with what wrangler has generated, which has what the page prints", async () => {
    expect(await recipe.tool("tsc", "-p", ".")).toBe("");
    const generated = ts.sys.readFile(join(recipe.folder, "worker-configuration.d.ts")) ?? "";
    for (const line of ["GREETING: string;", "API_KEY: string;", 'import("./worker").Lobby>;']) {
      expect(generated).toContain(line);
    }
  });

  it("finds a misspelt binding", async () => {
    recipe.write("worker.ts", page.replace("env.GREETING", "env.GREETNG"));
    const output = await recipe
      .tool("tsc", "-p", ".")
      .finally(() => recipe.write("worker.ts", page));
    expect(output).toContain("Property 'GREETNG' does not exist");
  });

  it("runs", async () => {
    const room = enter(await recipe.start(), { party: "lobby", room: "hall" });
    await vi.waitFor(
      () => expect(room.latest("said")).toEqual({ text: "Welcome to hall." }),
      PATIENCE,
    );
    room.close();
  });
});

describe("the recipe of tests", () => {
  const recipe = new Recipe("docs/recipes/testing.md", { party: "Board" });

  afterAll(() => recipe[Symbol.asyncDispose]());

  it("passes as it is printed", async () => {
    const output = await recipe.tool("vitest", "run", "--testTimeout=60000");
    expect(output).toMatch(/Tests +7 passed \(7\)/);
  });
});

describe.each([true, false])(
  "the recipe of hot reload, of a room with hibernate: %s",
  (hibernate) => {
    const recipe = new Recipe("docs/recipes/vite.md", { party: "Chat" });
    const read = () => ts.sys.readFile(join(recipe.folder, "worker.ts")) ?? "";
    let url: URL;

    beforeAll(async () => {
      recipe.write("worker.ts", read().replace("hibernate: true", `hibernate: ${hibernate}`));
      const vite = recipe.node("node_modules/vite/bin/vite.js", "--host", "127.0.0.1");
      const address = /Local: +(http:\S+)/;
      await vi.waitFor(() => expect(vite.output).toMatch(address), { timeout: 120_000 });
      url = new URL(address.exec(vite.output)?.[1] ?? "");
    });
    afterAll(() => recipe[Symbol.asyncDispose]());

    it("goes on with the new code, and clients reconnect where they have to", async () => {
      const address = { party: "chat", room: "lobby" };
      const ada = enter({ url }, address);
      const states: string[] = [];
      ada.onStatus(({ state }) => states.push(state));
      const heard: string[] = [];
      ada.on("said", ({ text }) => heard.push(text));
      ada.emit("say", { text: "hello" });
      await vi.waitFor(() => expect(heard).toEqual(["It was said: hello"]), PATIENCE);
      recipe.write("worker.ts", read().replace("It was said", "Since the edit"));
      // The late client starts the new code of a room in memory.
      const late: ReturnType<typeof enter>[] = [];
      await vi.waitFor(
        () => {
          if (!hibernate) late.push(enter({ url }, address));
          ada.emit("say", { text: "again" });
          expect(heard).toContain("Since the edit: again");
        },
        { ...PATIENCE, interval: 500 },
      );
      expect(states.includes("waiting")).toBe(!hibernate);
      for (const room of [ada, ...late]) room.close();
    });
  },
);
