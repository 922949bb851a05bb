/**
 * A promise whose rejection has a type: that of the parameter of `catch`'s function and of
 * `then`'s second one. It is a plain promise; only TypeScript knows more of it.
 */
export interface TypedPromise<Value, Failure> extends Promise<Value> {
  // oxlint-disable-next-line unicorn/no-thenable -- every promise has it
  then<Next = Value, Caught = never>(
    onFulfilled?: ((value: Value) => Next | PromiseLike<Next>) | null,
    onRejected?: ((reason: Failure) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Next | Caught>;
  catch<Caught = never>(
    onRejected?: ((reason: Failure) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Value | Caught>;
}
