import {
  codes,
  type Finding,
  type FindingCode,
  finding,
  type OrgSlug,
  type RepoPath,
  startOf,
} from '../core/model/index.ts';

/** A refusal of a store, publisher or signer that is about one org, so that the other orgs go on. */
export interface Trouble {
  readonly code: FindingCode;
  readonly message: string;
}

const OF_ONE_ORG =
  /^(STORE_(GENERATION_FELL|UID_CHANGED|HEAD_MISSING|VERSION_FELL|NUMBER_INVALID|CONSTRAINT)|PUBLISH_[A-Z_]+|TRUST_[A-Z_]+)$/;

/** Tells an org's own trouble from what stops everything (the lease is lost, the disk is full) and from bugs; undefined for those. */
export function ownTrouble(cause: unknown): Trouble | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code } = cause as Error & { readonly code?: unknown };
  if (typeof code !== 'string' || !OF_ONE_ORG.test(code)) return undefined;
  return Object.hasOwn(codes, code) ? { code: code as FindingCode, message: cause.message } : undefined;
}

const OF_THE_PLACE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'PUBLISH_UNREACHABLE',
  'PUBLISH_FOLDER',
  'PUBLISH_REFUSED',
  'PUBLISH_ELSEWHERE',
  'PUBLISH_PLACE',
]);

/** True where the place of published files gives none, whatever lies there: nothing is known of the files then. */
export function isOfThePlace({ code }: Trouble): boolean {
  return OF_THE_PLACE.has(code);
}

/**
 * What keeps an org from being published while what was decided of it stands in the store, and may be gone at the next try: its
 * own trouble, or keys that cannot sign. Undefined for what stops everything and for bugs.
 */
export function publishingTrouble(cause: unknown): Trouble | undefined {
  const { code, message } = cause as Error & { readonly code?: unknown };
  const isKnown = typeof code === 'string' && code.startsWith('SIGNER_') && Object.hasOwn(codes, code);
  return isKnown ? { code: code as FindingCode, message } : ownTrouble(cause);
}

/** What keeps an org from being published, as its finding; whatever else was thrown is thrown on. */
export function publishTrouble(org: OrgSlug, cause: unknown, message: string): Finding {
  const known = publishingTrouble(cause);
  if (known === undefined) throw cause;
  const place = startOf(`orgs/${org}/org.yaml` as RepoPath);
  const expected = 'published files of its own';
  return finding(known.code, { org, place, message, expected, found: known.message });
}
