import type { Clock, Finding, Hash, OrgSlug, OrgUid, RepoPath, ZoneOffset } from '../../core/model/index.ts';
import type { OrgStore, Repository, RuntimeStore, WriteTree } from '../../ports/index.ts';
import type { Frame } from '../frame.ts';
import type { LoadedOrg } from '../org.ts';
import type { Outcome } from '../tokens.ts';

/** What is applied and who is enrolled, as far as an offboarding asks. */
export interface AppliedState {
  readonly store: Pick<OrgStore, 'heads' | 'observe' | 'publication' | 'unpublished'>;
  readonly runtime: Pick<RuntimeStore, 'gateways' | 'acks' | 'escalations'>;
}

export interface OffboardParts {
  readonly repository: Pick<Repository, 'workTree' | 'dirtyPaths'>;
  /** null: say what would happen, write nothing. */
  readonly write: WriteTree | null;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly zoneOffset: ZoneOffset;
  /** null where the store is not at hand: an operator's clone. */
  readonly applied: AppliedState | null;
}

/** An org that stands, rendered, with nothing uncommitted in it. */
export interface Standing {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly frame: Frame;
  readonly loaded: LoadedOrg;
}

/** The files of one step; null removes one. */
export type StepFiles = ReadonlyMap<RepoPath, string | null>;

/** The first finding as a refusal, with its place. */
export function refusedBy(findings: readonly Finding[], org: OrgSlug): Outcome<never> {
  const [first] = findings;
  if (first === undefined)
    return { ok: false, code: 'APPLY_INVALID', message: `expected an org that renders, found ${org}` };
  const { code, place, message, expected, found } = first;
  const words = `${place.file}:${place.line}: ${message}: expected ${expected}, found ${found}`;
  return { ok: false, code, message: words };
}
