/** A module of workerd alone, behind the flag `unsafe_module`. */
declare module "workerd:unsafe" {
  const unsafe: {
    /** Resolves when the object has left memory, or rejects if it was not there. */
    evict(
      stub: DurableObjectStub<undefined>,
      options: { readonly webSockets: "hibernate" | "close" },
    ): Promise<void>;
  };
  export default unsafe;
}
