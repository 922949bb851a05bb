import { expect, it } from "vitest";
import { isThenable } from "./thenable";

const then = () => {};
const withThen = (target: object, value: unknown = then) =>
  // oxlint-disable-next-line unicorn/no-thenable -- these are what the function is for
  Object.defineProperty(target, "then", { value });

it.each([
  ["a promise", Promise.resolve(1)],
  ["an object with `then`", withThen({})],
  ["a function with `then`, as the promise of an RPC call is", withThen(() => {})],
  [
    "a proxy of one",
    new Proxy(
      withThen(() => {}),
      {},
    ),
  ],
])("%s is thenable", (_what, value) => {
  expect(isThenable(value)).toBe(true);
});

it.each([
  ["nothing", undefined],
  ["null", null],
  ["a text", "then"],
  ["a function", () => {}],
  ["an object whose `then` is data", withThen({}, "later")],
])("%s is not", (_what, value) => {
  expect(isThenable(value)).toBe(false);
});
