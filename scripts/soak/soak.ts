// What a soak test is: something too long for `npm test` that must hold before an issue is called resolved.

export interface SoakOptions {
  /** Progress for a person; goes to stderr. */
  readonly say: (text: string) => void;
  /** Decides everything that is random, and is printed, so that a failure can be repeated. */
  readonly seed: number;
  /** How often to repeat, where the test repeats; each test has its own default. */
  readonly runs: number | undefined;
  /** Only the parts whose name has this text in it, where the test has parts. */
  readonly only: string | undefined;
}

export interface SoakResult {
  readonly ok: boolean;
  /** The result as a table for a person. */
  readonly table: string;
}

export interface Soak {
  readonly name: string;
  readonly title: string;
  readonly run: (options: SoakOptions) => Promise<SoakResult>;
}
