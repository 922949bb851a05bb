/**
 * A mistake that the reader can mend: a wrong option, or a folder that cannot be written. The program
 * prints its message, one sentence on what is wrong and one on the remedy, and no stack.
 */
export class Failure extends Error {
  override readonly name = "Failure";
}
