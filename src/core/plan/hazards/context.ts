import type { Change, FindingCode, Hazard, ObjectKey, ObjectSide, OrgSlug } from '../../model/index.ts';

/** How much one change may touch before a person must accept it: Fleet.spec.limits. Counts, and shares in percent. */
export interface HazardLimits {
  readonly changedOrgsPercent: number;
  readonly changedOrgsCount: number;
  readonly deletedObjectsPercent: number;
  readonly deletedObjectsCount: number;
}

/** Leased plus spent micro-units of each wallet in its current period, by wallet name. */
export type Balances = ReadonlyMap<string, number>;

/** What the dangers of one org are decided from. */
export interface HazardContext {
  readonly org: OrgSlug;
  readonly base: readonly ObjectSide[] | null;
  readonly head: readonly ObjectSide[] | null;
  readonly changes: readonly Change[];
  readonly limits: HazardLimits | null;
  readonly balances?: Balances;
  /** When the commit of `head` was made; without it nothing is judged by time. */
  readonly commitMs?: number;
}

/** One kind of danger. `decide` gives a hazard for each object (or org) in danger. */
export interface HazardRule {
  readonly code: FindingCode;
  readonly decide: (context: HazardContext) => readonly Hazard[];
}

/** A hazard about one object; its id is the same for the same danger in every plan. */
export function objectHazard(code: FindingCode, object: ObjectKey, message: string): Hazard {
  return { id: `${code}:${object}`, code, message, object };
}

/** A hazard about a whole org, or about the fleet. */
export function orgHazard(code: FindingCode, org: OrgSlug, message: string): Hazard {
  return { id: `${code}:${org}`, code, message, object: null };
}

/** Shares say little of few: below this many in all, only counts are judged. */
const SHARE_COUNTS_FROM = 10;

/** True when `count` of `all` goes over the limit by number, or by share where there are enough for a share to mean something. */
export function exceeds(
  part: { readonly count: number; readonly all: number },
  limit: { readonly count: number; readonly percent: number },
): boolean {
  if (part.count > limit.count) return true;
  return part.all >= SHARE_COUNTS_FROM && part.count * 100 > limit.percent * part.all;
}
