// What a bench is: two ways to spend time that are measured in turns, and what was counted while doing so.

/** The size and place of one run. */
export interface BenchOptions {
  readonly orgs: number;
  /** Progress for a person; goes to stderr. */
  readonly say: (text: string) => void;
}

/** Exact counts of work beside the noisy times: files, signatures, requests. */
export type Counters = Readonly<Record<string, number>>;

/** What a bench needs cannot be had on this machine; the message says why. */
export class BenchSkipped extends Error {}

/** A bench that is ready to run. Each of the two measures once and answers in the bench's unit. */
export interface Prepared {
  readonly numerator: () => Promise<number>;
  readonly denominator: () => Promise<number>;
  readonly counters: () => Counters | Promise<Counters>;
  /** Stop what was started. Files of the run are below the system's temporary folder. */
  readonly close: () => Promise<void>;
}

export interface Bench {
  readonly name: string;
  /** What is divided by what, in one line. */
  readonly title: string;
  readonly unit: 'ms' | 'requests/s';
  readonly orgs: number;
  /** Pairs that are thrown away first; 1 when not said. Servers need more: their code is compiled while it runs. */
  readonly warmUps?: number;
  /** Pairs that are measured where nobody says how many; 5 when not said. More where single ones lie far apart. */
  readonly pairs?: number;
  readonly prepare: (options: BenchOptions) => Promise<Prepared>;
}

/** One pair: numerator and denominator, measured one right after the other. */
export interface Pair {
  readonly numerator: number;
  readonly denominator: number;
  readonly ratio: number;
}

/** What `--json` prints as its last line. */
export interface BenchResult {
  readonly bench: string;
  readonly orgs: number;
  readonly ratio: number;
  readonly numerator: number;
  readonly denominator: number;
  readonly unit: string;
  readonly counters: Counters;
  readonly runs: readonly Pair[];
}
