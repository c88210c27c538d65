import type { Json, JsonObject } from '../../model/index.ts';

/** The work that one value may cost: about one unit for each keyword that looks at each part of it. */
export interface Budget {
  left: number;
}

/** The place in the schema of the first keyword that a value does not satisfy, relative to the schema; null: it is valid. */
export type Check = (value: Json, budget: Budget) => string | null;

/** What a keyword needs of the compiler. */
export interface KeywordContext {
  /** Of the keyword, relative to the schema. */
  readonly pointer: string;
  /** The object that the keyword stands in. */
  readonly parent: JsonObject;
  /** The check of a schema below; `steps` lead from the keyword to it. */
  readonly below: (schema: Json, ...steps: readonly (string | number)[]) => Check;
  /** The check of the schema of another keyword beside this one. */
  readonly beside: (name: string) => Check;
  /** Notes that the keyword has no sense here. */
  readonly fault: (expected: string, found: string) => null;
}

/** Makes the check of one keyword; null when it checks nothing, or a fault was noted. */
export type Keyword = (given: Json, context: KeywordContext) => Check | null;

/** Takes from the budget; throws when it is used up, and the check of the whole value ends. */
export function spend(budget: Budget, amount: number): void {
  budget.left -= amount;
  if (budget.left < 0) throw new Error('Expected a value that can be checked within the budget, found a larger one.');
}

/** A value by its type, so that nothing of a long one is repeated; a short word as it is. */
export function nameOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value.length <= 60 ? value : `text of ${value.length} characters`;
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : `an object of ${Object.keys(value).length} keys`;
}
