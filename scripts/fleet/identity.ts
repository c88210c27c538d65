// Who the synthetic orgs are. Everything follows from (seed, number of the org), and nothing is shared by two orgs.

import { createHash } from 'node:crypto';
import type { OrgSlug, OrgUid } from '../../src/core/model/index.ts';

/** One synthetic customer. */
export interface OrgIdentity {
  /** Counts from 1. */
  readonly number: number;
  readonly slug: OrgSlug;
  readonly uid: OrgUid;
  readonly displayName: string;
  readonly domain: string;
  /** Part of the names of accounts, secrets and hosts; not the slug, so that nothing is found by chance. */
  readonly code: string;
  /** The same bytes for the same word, others for another word or org. */
  readonly draw: (word: string) => Buffer;
}

const UID_LENGTH = 20;
const CODE_LENGTH = 10;
const NAMES = ['Amber', 'Birch', 'Cobalt', 'Dune', 'Ember', 'Fjord', 'Granite', 'Harbor', 'Iris', 'Juniper'];
const TRADES = ['Clinics', 'Finance', 'Foods', 'Labs', 'Legal', 'Logistics', 'Media', 'Motors', 'Power', 'Schools'];

const base36 = (bytes: Buffer, length: number): string =>
  BigInt(`0x${bytes.toString('hex')}`)
    .toString(36)
    .padStart(length, '0')
    .slice(-length);

const pick = (words: readonly string[], byte: number | undefined): string => words[(byte ?? 0) % words.length] ?? '';

/** The identity of org `number` of the fleet that `seed` stands for. */
export const orgIdentity = (seed: number, number: number): OrgIdentity => {
  const draw = (word: string): Buffer => createHash('sha256').update(`${seed}\0${number}\0${word}`).digest();
  const serial = String(number).padStart(5, '0');
  const code = `c${base36(draw('code'), CODE_LENGTH)}`;
  const name = draw('name');
  // Both are made to their formats right here.
  const slug = `org-${serial}` as OrgSlug;
  const uid = base36(draw('uid'), UID_LENGTH) as OrgUid;
  return {
    number,
    slug,
    uid,
    displayName: `${pick(NAMES, name[0])} ${pick(TRADES, name[1])} ${serial}`,
    domain: `${code}.example`,
    code,
    draw,
  };
};

/** The secret of one token of an org: known to benches, which must call the gateways that they start. */
export const tokenSecret = (org: OrgIdentity, token: string): { readonly id: string; readonly secret: Uint8Array } => ({
  id: base36(org.draw(`token id ${token}`), 12),
  secret: new Uint8Array(org.draw(`token secret ${token}`)),
});
