import type { Clock, CommitId, Finding, RepoPath } from '../core/model/index.ts';
import type { Repository, Seal, SealedFolders } from '../ports/index.ts';

/** Everything that a check reads. */
export const CHECKED_PATHS = [
  'fleet.yaml',
  'orgs',
  'templates',
  'prices',
  'approvals',
  '.github',
] as readonly string[] as readonly RepoPath[];

/** What the last check of a clean work tree found, whole. */
export interface RememberedCheck {
  readonly commit: CommitId;
  readonly findings: readonly Finding[];
  /** False when one of them makes the check fail. */
  readonly ok: boolean;
  readonly orgs: number;
  /** Rules look at dates, so an answer is only good for a while. */
  readonly untilMs: number;
  /** How the files stood; `due`: not taken down yet; null where that could not be done, or where it broke without an edit. */
  readonly seal: Seal | 'due' | null;
}

/** One answer of a former check. A local convenience: CI never reads it (rulings 24). */
export interface CheckMemory {
  get(): RememberedCheck | undefined;
  /** The large part of the seal, read when the small part holds. */
  folders(): SealedFolders | undefined;
  put(checked: RememberedCheck, folders: SealedFolders | null): void;
}

export interface RememberParts {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly memory: CheckMemory;
}

/**
 * The remembered answer while nothing moved and it is not too old. An unbroken seal proves that by the times of files and
 * folders alone; else it takes the same commit checked out and not one dirty path. undefined: check.
 */
export async function recallCheck(parts: RememberParts): Promise<RememberedCheck | undefined> {
  const known = parts.memory.get();
  if (known === undefined || known.untilMs <= parts.clock.nowMs()) {
    parts.repository.head().catch(() => undefined);
    return undefined;
  }
  const { seal } = known;
  const isSealed = seal !== null && seal !== 'due';
  const edited = isSealed ? await parts.repository.editedSince(seal, parts.memory.folders) : undefined;
  if (edited !== undefined) return edited.length === 0 ? known : undefined;
  const [head, dirty] = await Promise.all([parts.repository.head(), parts.repository.dirtyPaths()]);
  if (head !== known.commit || dirty.length > 0) return undefined;
  if (seal !== null) await remember(parts, known);
  return known;
}

/**
 * Remembers a check of a clean work tree. Sealing it looks at every folder: where a fleet was checked before, that is left
 * to the next check, so that a change of one org does not pay for it.
 */
export async function rememberCheck(
  parts: RememberParts,
  checked: Omit<RememberedCheck, 'commit' | 'seal'>,
): Promise<void> {
  const [head, dirty] = await Promise.all([parts.repository.head(), parts.repository.dirtyPaths()]);
  if (head === undefined || dirty.length > 0) return;
  if (parts.memory.get() === undefined) await remember(parts, { ...checked, commit: head });
  else parts.memory.put({ ...checked, commit: head, seal: 'due' }, null);
}

async function remember(parts: RememberParts, checked: Omit<RememberedCheck, 'seal'>): Promise<void> {
  const sealed = await parts.repository.seal(CHECKED_PATHS, checked.commit);
  parts.memory.put({ ...checked, seal: sealed?.seal ?? null }, sealed?.folders ?? null);
}
