/** How far a client has come among a room's durable events, as `$hello` and each event tell it. */
export interface WirePosition {
  readonly epoch: string;
  readonly offset: number;
  readonly tag?: string;
}

/** The parameter by which a client comes back. */
export function positionQuery({ epoch, offset, tag = "" }: WirePosition): string {
  return `partyflare.history=${encodeURIComponent(`${epoch}.${offset}.${tag}`)}`;
}

/** What `$hello` tells of the history. */
export interface HelloHistory extends WirePosition {
  readonly recovered?: boolean;
}

/** A durable event, as its frame carries it. */
export type DurableFrame = [event: string, data: unknown, offset: number, tag: string];
