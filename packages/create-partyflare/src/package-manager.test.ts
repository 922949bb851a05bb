import { expect, it } from "vitest";
import { addCommand, packageManagerOf, runCommand, settingsOf } from "./package-manager";

it.each([
  [undefined, "npm", undefined],
  ["", "npm", undefined],
  ["npm/11.6.0 node/v24.21.0 linux x64 workspaces/false", "npm", "11.6.0"],
  ["pnpm/12.21.0 npm/? node/v24.21.0 linux x64", "pnpm", "12.21.0"],
  ["yarn/1.22.22 npm/? node/v24.21.0 linux x64", "yarn", "1.22.22"],
  ["bun/1.3.0 npm/? node/v24.3.0 linux x64", "bun", "1.3.0"],
  ["cnpm/9.0.0 npm/?", "npm", undefined],
])("%j is %s", (userAgent, name, version) => {
  expect(packageManagerOf(userAgent)).toEqual({ name, version });
});

it("runs scripts by names that are no commands of a package manager", () => {
  const pnpm = packageManagerOf("pnpm/12.21.0");
  expect(runCommand(pnpm, "deploy")).toBe("pnpm run deploy");
  expect(addCommand(pnpm, "wrangler", true)).toBe("pnpm add -D wrangler");
  expect(addCommand(packageManagerOf(undefined), "zod")).toBe("npm install zod");
});

it("adds the settings that pnpm and a new Yarn need", () => {
  expect(Object.keys(settingsOf(packageManagerOf("pnpm/12.21.0")))).toEqual([
    "pnpm-workspace.yaml",
  ]);
  expect(Object.keys(settingsOf(packageManagerOf("yarn/4.1.0")))).toEqual([".yarnrc.yml"]);
  expect(settingsOf(packageManagerOf("yarn/1.22.22"))).toEqual({});
  expect(settingsOf(packageManagerOf("npm/11.6.0"))).toEqual({});
});
