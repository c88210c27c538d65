import { type Publication, parseJson, type TrustRole } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { metadataFile, TIMESTAMP_FILE } from '../layout.ts';
import type { OrgTrust } from './context.ts';
import { DAILY_ROLES, keyAtHand, type RootCeremony, rootHands, rootJson, signersOf } from './root.ts';
import { publishedRoot } from './roots.ts';

/** What anybody may know of the keys of one role of an org; nothing private. */
export interface RoleKeys {
  readonly role: TrustRole;
  readonly epoch: number;
  /** As the newest root lists them. */
  readonly keyIds: readonly string[];
  /** Signatures that a file of the role needs. */
  readonly threshold: number;
  /** How many of these keys can be derived, or reached, here. */
  readonly atHand: number;
  /** When the newest file of the role expires; null when it is not there. */
  readonly expires: string | null;
}

/** The keys of each role as they are published. Throws PUBLISH_ROOT_MISSING when the root of the publication is not there. */
export async function roleKeys(trust: OrgTrust & RootCeremony, publication: Publication): Promise<readonly RoleKeys[]> {
  const { org, signer } = trust;
  const { epochs, rootVersion, roots } = publication;
  const signed = rootJson(await publishedRoot(trust, roots, rootVersion));
  const here = async (role: TrustRole): Promise<ReadonlySet<string>> => {
    if (role === 'root')
      return new Set((await rootHands(trust, signersOf(trust, trust), epochs.root)).map(({ key }) => key.keyID));
    const key = await keyAtHand(signer, { role, org, epoch: epochs[role] });
    return new Set(key === undefined ? [] : [key.keyID]);
  };
  const described: RoleKeys[] = [];
  for (const role of ['root', ...DAILY_ROLES] as const) {
    const { keyids, threshold } = signed.roles[role];
    const held = await here(role);
    const atHand = keyids.filter((id) => held.has(id)).length;
    const expires = await expiryOf(trust, pathOf(role, publication));
    described.push({ role, epoch: epochs[role], keyIds: keyids, threshold, atHand, expires });
  }
  return described;
}

function pathOf(role: TrustRole, publication: Publication): string {
  return role === 'timestamp' ? TIMESTAMP_FILE : metadataFile(role, publication[`${role}Version`]);
}

async function expiryOf({ publisher, org }: OrgTrust, path: string): Promise<string | null> {
  const bytes = await publisher.get(org, path);
  if (bytes === undefined) return null;
  try {
    return (parseJson(new TextDecoder().decode(bytes)) as { readonly signed: { readonly expires: string } }).signed
      .expires;
  } catch {
    throw new TrustError('PUBLISH_DAMAGED', `expected ${path} of ${org} as it was published, found another file`);
  }
}
