/** Messages for people: progress and notes. Data goes to stdout elsewhere; secrets have no way in (texts only). */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  /** Progress of long work; shown live on a terminal, as plain lines in CI. */
  progress(label: string, done: number, total: number): void;
}
