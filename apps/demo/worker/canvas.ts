import { type Credential, Party, presence } from "partyflare";
import { canvas, type Person } from "../contract";
import { GRACE_MS } from "../limits";
import { visitorOf } from "./visitor";

/** A canvas that shows everyone's cursors. The room stores nothing. */
export class Canvas extends Party.for(canvas) {
  static override options = { hibernate: true };

  readonly presence = this.use(
    presence({ who: ({ state: { id, name } }) => ({ key: id, name }), graceMs: GRACE_MS }),
  );

  override authorize(request: Request, credential: Credential): Promise<Person> {
    return visitorOf(this.room, request, credential);
  }
}
