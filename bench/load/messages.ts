import type { Address } from "./connection.ts";

/** What the load generator is told to do. */
export type LoadCommand =
  | (Visit & Watch & { readonly kind: "open" })
  | (Visit & { readonly kind: "churn" })
  | (Visit & { readonly kind: "return" })
  | (Exchange & Watch & { readonly kind: "exchange" })
  | (Storm & { readonly kind: "storm" })
  | (Publication & { readonly kind: "publish" })
  | (Watch & { readonly kind: "close" });

/** How the server's work is measured. */
export interface Watch {
  /**
   * The server's process: everything is sent at once, and this process stands still until that
   * one has nothing left to do. Otherwise everything is answered as soon as it comes.
   */
  readonly watched?: number;
}

/** Who connects where. */
export interface Visit extends Omit<Address, "path"> {
  /** One a connection. */
  readonly paths: readonly string[];
  /** How many connect at the same time. */
  readonly atOnce: number;
  /** Messages, or frames of batches, that a room sends each of them at once. */
  readonly greetings: number;
}

/** Some connections speak at once, and everything that this causes is waited for; again and again. */
export interface Exchange {
  /** Who speaks, by the order of opening. */
  readonly from: readonly number[];
  /** What each of them says, one message after the other. */
  readonly texts: readonly string[];
  /** Messages, or frames of batches, that come of it in all. */
  readonly answers: number;
  /** Default 1. */
  readonly times?: number;
  /** Between an answer and what is said next, so that the room is quiet. Default 0. */
  readonly pauseMs?: number;
}

/** A backend posts to the room by HTTP, and everyone who is there is sent what it says. */
export interface Publication {
  readonly url: string;
  readonly body: string;
  /** Messages, or frames of batches, that come of one. */
  readonly answers: number;
  readonly times: number;
  readonly pauseMs: number;
}

/** Every connection speaks at its own steady pace, whatever the room does. */
export interface Storm {
  /** What each says, by the order of opening: one text after the other, and then from the start. */
  readonly texts: readonly (readonly string[])[];
  readonly perSecond: number;
  readonly seconds: number;
  /** How many receive each message. Undefined where some may be left out. */
  readonly receivers: number | undefined;
  /** Whether the texts are positions, and everyone has to see where all the others end: see `Positions`. */
  readonly arePositions?: boolean;
}

/** What came of it. */
export interface LoadReport {
  /** Messages, or frames of batches, received. */
  readonly received: number;
  /** Bytes of WebSocket frames received, with their headers. */
  readonly receivedBytes: number;
  /** Messages sent, or connections opened or closed. */
  readonly done: number;
  readonly wallMs: number;
  /** Of each turn, or each connection; 0 where it was not looked at. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of the server, where it was watched. */
  readonly cpuMicroseconds: number | undefined;
  /** Positions of others that came, where they were read. */
  readonly positions: number | undefined;
}
