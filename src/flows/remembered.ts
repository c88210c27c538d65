import { type Clock, type CommitId, type Finding, fails } from '../core/model/index.ts';
import type { Repository } from '../ports/index.ts';

/** What the last check of a clean work tree found, whole. */
export interface RememberedCheck {
  readonly commit: CommitId;
  readonly findings: readonly Finding[];
  readonly orgs: number;
  /** Rules look at dates, so an answer is only good for a while. */
  readonly untilMs: number;
}

/** One answer of a former check. A local convenience: CI never reads it (rulings 24). */
export interface CheckMemory {
  get(): RememberedCheck | undefined;
  put(checked: RememberedCheck): void;
}

export interface RememberParts {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly memory: CheckMemory;
}

/**
 * The remembered answer while nothing moved: same commit checked out, not one dirty path, not too old. It costs one look
 * at the work tree, whatever the size of the fleet. undefined: check.
 */
export async function recallCheck(parts: RememberParts): Promise<RememberedCheck | undefined> {
  const known = parts.memory.get();
  if (known === undefined || known.untilMs <= parts.clock.nowMs()) return undefined;
  const [head, dirty] = await Promise.all([parts.repository.head(), parts.repository.dirtyPaths()]);
  return head === known.commit && dirty.length === 0 ? known : undefined;
}

/** Remembers a check of a clean work tree. */
export async function rememberCheck(parts: RememberParts, checked: Omit<RememberedCheck, 'commit'>): Promise<void> {
  const [head, dirty] = await Promise.all([parts.repository.head(), parts.repository.dirtyPaths()]);
  if (head !== undefined && dirty.length === 0) parts.memory.put({ ...checked, commit: head });
}

/** True when nothing in the remembered answer makes `check` fail. */
export function isOkCheck(checked: RememberedCheck): boolean {
  return !checked.findings.some(fails);
}
