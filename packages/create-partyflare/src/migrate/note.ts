/** A part of `partykit.json` that was not carried over as it is. */
export interface Note {
  /** The field: `serve.build`. */
  readonly field: string;
  /** Why, as a sentence. */
  readonly reason: string;
  /** What the reader has to do, as a sentence. */
  readonly remedy: string;
}
