/** What a client had written down. */
export interface Entry {
  /** 1 for the first of the room. */
  seq: number;
  /** The id of the connection that sent it. */
  by: string;
  /** Counted by its client, from 1. */
  number: number;
}

/** One connection, from its `onConnect` on. */
export interface Visit {
  /** Different for each connection. */
  visit: string;
  /** The connection's id: the same for all connections of one client. */
  id: string;
  /** Which process of workerd it came to. */
  epoch: number;
  /** The code of each `onClose` that was called for it. */
  closes: number[];
}

/** All that a room knows, for comparison with what its clients know. */
export interface RoomReport {
  /** The process that answers. */
  epoch: number;
  /** How often `onStart` has run, over all lives. */
  starts: number;
  log: Entry[];
  visits: Visit[];
  /** What `getConnections` gives. */
  connections: { id: string; visit: string; tags: readonly string[] }[];
  /** Whether this runtime tells how much a socket has yet to send. */
  hasBufferedAmount: boolean;
}
