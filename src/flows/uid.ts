import type { JsonObject, Organization, OrgSlug, OrgUid, Random } from '../core/model/index.ts';
import type { PresignedRoots } from '../ports/index.ts';
import type { Frame } from './frame.ts';
import type { Outcome } from './tokens.ts';

const UID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UID_CHARS = 20;

/** 20 characters without bias: bytes above the last whole multiple of 36 are drawn again. */
export function mintUid(random: Random): OrgUid {
  let uid = '';
  while (uid.length < UID_CHARS) {
    for (const byte of random.bytes(32)) {
      if (byte < 252 && uid.length < UID_CHARS) uid += UID_ALPHABET[byte % 36] ?? '';
    }
  }
  return uid as OrgUid;
}

/** A uid for a new org. */
export interface ChosenUid {
  readonly uid: OrgUid;
  /** Pre-signed uids that nobody has then; null where none was prepared. */
  readonly left: number | null;
}

/**
 * One of the pre-signed uids that is not in use, drawn at random so that two checkouts seldom take the same (`check` tells when
 * they did); a new one where none was ever prepared. ROOTS_USED_UP when all are in use.
 */
export async function chooseUid(
  parts: { readonly random: Random; readonly roots: Pick<PresignedRoots, 'uids'> },
  used: ReadonlySet<string>,
): Promise<Outcome<ChosenUid>> {
  const prepared = await parts.roots.uids();
  if (prepared.length === 0) return { ok: true, value: { uid: mintUid(parts.random), left: null } };
  const free = prepared.filter((uid) => !used.has(uid));
  const [high = 0, low = 0] = parts.random.bytes(2);
  const uid = free[(high * 256 + low) % Math.max(1, free.length)];
  if (uid !== undefined) return { ok: true, value: { uid, left: free.length - 1 } };
  const message = `expected a pre-signed uid that is free, found all ${prepared.length} in use`;
  return { ok: false, code: 'ROOTS_USED_UP', message };
}

interface UidHolder {
  readonly code: 'ISO_I15_SHARED_UID' | 'ISO_I55_RETIRED_ORG_REUSED';
  readonly words: string;
}

/** Whose each uid is that an org of this fleet has or had: read from org.yaml, since an org that does not render has one too. */
export function uidHolders(
  frame: Pick<Frame, 'fleet'>,
  specs: ReadonlyMap<OrgSlug, Organization['spec'] | null>,
): UidHolders {
  const gone = frame.fleet?.document.spec.retiredOrgs ?? [];
  const wasOf = ({ org, retired }: (typeof gone)[number]): UidHolder => ({
    code: 'ISO_I55_RETIRED_ORG_REUSED',
    words: `was that of ${org}, which was retired at ${retired}`,
  });
  const isOf = (org: OrgSlug): UidHolder => ({ code: 'ISO_I15_SHARED_UID', words: `is that of orgs/${org}` });
  return new Map<string, UidHolder>([
    ...gone.map((item) => [item.uid, wasOf(item)] as const),
    ...[...specs].flatMap(([org, spec]) => (spec === null ? [] : [[spec.uid, isOf(org)] as const])),
  ]);
}

export type UidHolders = ReadonlyMap<string, UidHolder>;

/** The refusal of a uid that `--set` gives and that somebody has or had: keys, ledger and evidence go by it. */
export function heldUid(document: JsonObject, holders: UidHolders): Outcome<never> | null {
  const { uid } = document['spec'] as JsonObject;
  const holder = typeof uid === 'string' ? holders.get(uid) : undefined;
  if (holder === undefined) return null;
  const message = `expected a uid that no org has or ever had, found ${uid}, which ${holder.words}; leave out --set uid, and a new one is drawn`;
  return { ok: false, code: holder.code, message };
}
