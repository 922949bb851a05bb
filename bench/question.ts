/** How much of everything is measured: for the record, or as little as shows a slip of a factor. */
export type Scale = "full" | "quick";

/** What a question is given. */
export interface QuestionContext {
  readonly scale: Scale;
  /** Rounds that count; warm-ups come before them. */
  readonly rounds: number;
  /** Shows how far it is, on one line that is written over. */
  readonly progress: (text: string) => void;
}

/** Something to be known, and how it is measured. One file each. */
export interface Question {
  /** What it is called on the command line and in file names: `fan-out`. */
  readonly name: string;
  /** What is asked, for people. */
  readonly title: string;
  readonly ask: (context: QuestionContext) => Promise<Table[]>;
}

/** Contenders side by side, as measured by turns in one run. */
export interface Table {
  /** Within its question, unique: `100 connections, 100 B`. */
  readonly name: string;
  /** Of the measured values: `µs of CPU a delivery`. Less is better, or else `isMoreBetter`. */
  readonly unit: string;
  readonly isMoreBetter?: boolean;
  readonly rows: readonly Row[];
  /** What else is to be said: what was left out, and why. */
  readonly note?: string;
}

/** What was measured of one contender. */
export interface Row {
  /** A name of `CONTENDERS`, or the question's own. */
  readonly contender: string;
  /** One a round, in the order they were measured. */
  readonly values: readonly number[];
  /** What else was seen, by names that say the unit: `p50 in ms`. Medians of the rounds. */
  readonly beside?: Readonly<Record<string, number>>;
}

/** A ratio of medians that has to be reached. */
export interface Target {
  readonly question: string;
  readonly table: string;
  /** What several tables that are to reach the same are called together. Default: `table`. */
  readonly tables?: string;
  readonly contender: string;
  readonly against: string;
  /** The median of the contender, divided by that of the other. */
  readonly atMost: number;
}
