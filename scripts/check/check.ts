/** What a check found; `output` is printed only when it is not ok, `table` always. */
export interface CheckResult {
  readonly ok: boolean;
  readonly output: string;
  readonly table?: string;
}

/** One line of `npm run check`. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<CheckResult>;
}
