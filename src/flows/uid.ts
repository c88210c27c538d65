import type { OrgUid, Random } from '../core/model/index.ts';
import type { PresignedRoots } from '../ports/index.ts';
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
