import { codes, type FindingCode } from '../core/model/index.ts';

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
