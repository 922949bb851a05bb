import { expect, it } from "vitest";
import { isThenable } from "./thenable";

const then = () => {};

it.each([
  ["a promise", Promise.resolve(1)],
  ["an object with `then`", { then }],
  ["a function with `then`, as the promise of an RPC call is", Object.assign(() => {}, { then })],
  ["a proxy of one", new Proxy(Object.assign(() => {}, { then }), {})],
])("%s is thenable", (_what, value) => {
  expect(isThenable(value)).toBe(true);
});

it.each([
  ["nothing", undefined],
  ["null", null],
  ["a text", "then"],
  ["a function", () => {}],
  ["an object whose `then` is data", { then: "later" }],
])("%s is not", (_what, value) => {
  expect(isThenable(value)).toBe(false);
});
