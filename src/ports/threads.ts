/**
 * Threads of this process that all answer the same questions, each with a memory of its own. Asks and answers are plain
 * data: they cross by copy. A thread answers one ask after the other.
 */
export interface Threads<Ask, Answer> {
  readonly count: number;
  /** Asks thread `index` (0 to count - 1). Rejects when the thread fails. */
  run(index: number, ask: Ask): Promise<Answer>;
}
