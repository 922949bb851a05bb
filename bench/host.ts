/** A server's process, whatever it runs. */
export interface Host {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Of the process. */
  readonly pid: number;
  /** What it has written to its output lately. */
  readonly output: string;
  /** The time on a CPU it has had so far, in microseconds. */
  cpuMicroseconds(): number;
  /** Ends it, and removes what it has left on the disk. */
  stop(): Promise<void>;
}
