import { describe, expect, it } from "vitest";
import { readArguments } from "./arguments";

describe("the command line", () => {
  it("asks for everything that it does not say", () => {
    expect(readArguments([])).toEqual({
      kind: "create",
      folder: undefined,
      template: undefined,
      framework: undefined,
      isYes: false,
      installs: true,
      usesGit: true,
    });
  });

  it("takes each option in its forms", () => {
    const command = { kind: "create", folder: "a", framework: "vanilla", isYes: true };
    const template = expect.objectContaining({ name: "poll", party: "Poll" });
    const expected = { ...command, template, installs: false, usesGit: false };
    for (const words of [
      ["a", "--template", "poll", "--vanilla", "--yes", "--no-install", "--no-git"],
      ["--no-git", "--no-install", "-y", "-t", "poll", "--framework=vanilla", "a"],
    ]) {
      expect(readArguments(words)).toEqual(expected);
    }
  });

  it("knows migrate, help and version", () => {
    const migrate = { kind: "migrate", folder: ".", isForced: false };
    expect(readArguments(["migrate"])).toEqual(migrate);
    expect(readArguments(["migrate", "old", "--force"])).toEqual({
      kind: "migrate",
      folder: "old",
      isForced: true,
    });
    expect(readArguments(["--help", "--template", "poll"])).toEqual({ kind: "help" });
    expect(readArguments(["help"])).toEqual({ kind: "help" });
    expect(readArguments(["-v"])).toEqual({ kind: "version" });
  });

  it.each([
    [["a", "-t", "nope"], 'no template "nope". Choose one of: chat, cursors, poll, game.'],
    [["a", "--framework", "vue"], 'no framework "vue". Choose one of: react, vanilla.'],
    [["a", "--react", "--vanilla"], "one of react and vanilla. Choose one."],
    [["a", "--colour"], "Unknown option '--colour'. \"create-partyflare --help\" lists"],
    [["a", "--template"], 'argument missing. "create-partyflare --help" lists'],
    [["a", "poll"], 'one word too many: "poll". Give one folder; with npm, write "--" before'],
    [["a", "--force"], '--force is an option of "migrate" only.'],
    [["migrate", "--react"], '"migrate" has no option --react. It has --force.'],
  ])("refuses %j", (words, message) => {
    expect(() => readArguments(words)).toThrow(message);
  });
});
