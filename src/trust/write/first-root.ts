import { instantMs, type OrgUid, type Publication, type RoleEpochs, type TrustRole } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { metadataFile, OWN_FIELD, sha256Of } from '../layout.ts';
import { FIRST_EPOCHS, keySigning, type OrgTrust, type SigningKeys } from './context.ts';
import {
  assertRootNames,
  createRoot,
  DAILY_ROLES,
  epochsOf,
  type RootCeremony,
  type RootFile,
  readRoot,
  rootHands,
  rootJson,
  signersOf,
} from './root.ts';
import { assertKnown, isSignedBy } from './roots.ts';

const ROLES: readonly TrustRole[] = ['root', ...DAILY_ROLES];

/** Where an org's first root comes from when none is published. */
export interface FirstRoots {
  /** The root that a ceremony signed for this org before it existed, or undefined. */
  presigned(org: OrgUid): Promise<Uint8Array | undefined>;
  /** The epochs that a new org begins with: keys below them come from seeds that were replaced. */
  epochs(): Promise<RoleEpochs>;
  /** The root key at hand that signs alone, if there is one; it may be held by others than the daily keys. */
  rootSigners?(): Promise<readonly SigningKeys[]>;
}

/**
 * The org's first root: the published one; else the one that a ceremony signed for it, published; else a new one,
 * published. Throws PUBLISH_ROOT_MISSING when there is none and no root seed either, PUBLISH_ROOT_UNUSABLE for a
 * pre-signed one that gateways would refuse, and PUBLISH_ROOT_CHANGED where another one lies in the place of the pre-signed.
 */
export async function ensureRoot(
  trust: OrgTrust & RootCeremony & { readonly firstRoots?: FirstRoots },
  publication?: Pick<Publication, 'rootVersion' | 'roots'>,
): Promise<RootFile> {
  const { org, publisher, firstRoots } = trust;
  const published = await readRoot(publisher, org, 1);
  const presigned = await firstRoots?.presigned(org);
  if (published !== undefined) {
    assertKnown(trust, published, publication?.roots ?? {});
    if (presigned !== undefined) assertPresigned(org, published, presigned);
    return published;
  }
  const least = (await firstRoots?.epochs()) ?? FIRST_EPOCHS;
  // Once there was a rotation, a new first root is not the one that the second was signed after.
  if (presigned === undefined && publication !== undefined && publication.rootVersion > 1) throw rootMissing(org);
  const root =
    presigned === undefined ? await mintRoot(await byOne(trust), least) : await checkedRoot(trust, presigned, least);
  await publisher.putImmutable(org, new Map([[metadataFile('root', 1), root.bytes]]));
  return root;
}

/** A ceremony signs one root for an org: whatever else lies in its place was put there by somebody. */
function assertPresigned(org: OrgUid, published: RootFile, presigned: Uint8Array): void {
  if (published.sha256 === sha256Of(presigned)) return;
  throw new TrustError(
    'PUBLISH_ROOT_CHANGED',
    `expected the root of ${org} that was signed in advance, SHA-256 ${sha256Of(presigned)}, found ${published.sha256}`,
  );
}

/** With the root key that signs alone, whoever holds it. */
async function byOne<T extends { readonly firstRoots?: FirstRoots }>(trust: T): Promise<T & RootCeremony> {
  const atHand = (await trust.firstRoots?.rootSigners?.()) ?? [];
  return atHand.length === 1 ? { ...trust, rootSigners: atHand } : trust;
}

async function mintRoot(trust: OrgTrust & RootCeremony, epochs: RoleEpochs): Promise<RootFile> {
  const hands = await rootHands(trust, signersOf(trust, trust), epochs.root);
  if (hands.length > 0) return createRoot(trust, epochs);
  throw rootMissing(trust.org);
}

function rootMissing(org: OrgUid): TrustError {
  return new TrustError(
    'PUBLISH_ROOT_MISSING',
    `expected a published or pre-signed root of ${org}, or a root seed to sign one, found none of them`,
  );
}

/** A pre-signed root is published once and for good, so everything that a gateway will ask is asked before. */
async function checkedRoot(trust: OrgTrust, bytes: Uint8Array, least: RoleEpochs): Promise<RootFile> {
  const root: RootFile = { version: 1, bytes, sha256: sha256Of(bytes) };
  const reason = reasonAgainst(trust, root, least);
  if (reason !== undefined)
    throw new TrustError('PUBLISH_ROOT_UNUSABLE', `expected a pre-signed root for ${trust.org}, found ${reason}`);
  await assertRootNames(keySigning(trust, epochsOf(root)), root, DAILY_ROLES);
  return root;
}

function reasonAgainst({ fleet, org, nowMs }: OrgTrust, root: RootFile, least: RoleEpochs): string | undefined {
  if (!isSignedBy(root, root)) return 'one whose signatures do not fit';
  const { version, expires, [OWN_FIELD]: own } = rootJson(root);
  if (own.fleet !== fleet || own.org !== org) return `one of ${own.fleet}/${own.org}`;
  if (version !== 1) return `version ${version}`;
  if ((instantMs(expires) ?? 0) <= nowMs) return `one that expired at ${expires}`;
  const epochs = epochsOf(root);
  return ROLES.some((role) => epochs[role] < least[role]) ? 'one that names keys of former seeds' : undefined;
}
