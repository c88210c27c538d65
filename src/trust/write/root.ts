import { type Key, Metadata, MetadataKind, Root } from '@tufjs/models';
import { instantMs, type OrgUid, type RoleEpochs, type Sha256Hex, type TrustRole } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { tufKey } from '../key.ts';
import { metadataFile, OWN_FIELD, sha256Of } from '../layout.ts';
import {
  FIRST_EPOCHS,
  type KeySigning,
  type KeyTrust,
  keySigning,
  type OrgTrust,
  type PublishedFiles,
  type SigningKeys,
} from './context.ts';
import { commonFields, type Hand, signedBy } from './metadata.ts';

const ROLES: readonly TrustRole[] = ['root', 'targets', 'snapshot', 'timestamp'];

/** The roles whose keys are used every day, by the controller and the control plane. */
export const DAILY_ROLES = ['targets', 'snapshot', 'timestamp'] as const;

/** A published root file. */
export interface RootFile {
  readonly version: number;
  readonly bytes: Uint8Array;
  readonly sha256: Sha256Hex;
}

/** Who signs roots: `threshold` of `rootSigners`, each over a seed of its own; the one signer by default. */
export interface RootCeremony {
  readonly rootSigners?: readonly SigningKeys[];
  /** By default that of the root before; 1 for a first root. */
  readonly threshold?: number;
  /** How many root keys there are to be after new root keys; by default as many as before. */
  readonly rootKeys?: number;
}

/** Where an org's first root comes from when none is published. */
export interface FirstRoots {
  /** The root that a ceremony signed for this org before it existed, or undefined. */
  presigned(org: OrgUid): Promise<Uint8Array | undefined>;
  /** The epochs that a new org begins with: keys below them come from seeds that were replaced. */
  epochs(): Promise<RoleEpochs>;
}

/**
 * The first root of an org, without publishing it: for a ceremony that signs roots before the orgs exist. Every one of
 * the root signers signs. Throws PUBLISH_ROOT_THRESHOLD when one of them has no key here, or they are fewer than the threshold.
 */
export async function createRoot(trust: KeyTrust & RootCeremony, epochs = FIRST_EPOCHS): Promise<RootFile> {
  const signing = keySigning(trust, epochs);
  const signers = signersOf(signing, trust);
  const hands = await rootHands(signing, signers, epochs.root);
  const threshold = trust.threshold ?? 1;
  if (hands.length < signers.length || hands.length < threshold)
    throw tooFew(signing.org, Math.max(signers.length, threshold), hands.length);
  return makeRoot(signing, { version: 1, keys: hands.map(({ key }) => key), threshold }, hands);
}

/**
 * The org's first root: the published one; else the one that a ceremony signed for it, published; else a new one,
 * published. Throws PUBLISH_ROOT_MISSING when there is none and no root seed either, and PUBLISH_ROOT_UNUSABLE for a
 * pre-signed one that gateways would refuse.
 */
export async function ensureRoot(
  trust: OrgTrust & RootCeremony & { readonly firstRoots?: FirstRoots },
): Promise<RootFile> {
  const { org, publisher, firstRoots } = trust;
  const published = await readRoot(publisher, org, 1);
  if (published !== undefined) return published;
  const least = (await firstRoots?.epochs()) ?? FIRST_EPOCHS;
  const presigned = await firstRoots?.presigned(org);
  const root = presigned === undefined ? await mintRoot(trust, least) : await checkedRoot(trust, presigned, least);
  await publisher.putImmutable(org, new Map([[metadataFile('root', 1), root.bytes]]));
  return root;
}

/** A published root by version, or undefined. */
export async function readRoot(publisher: PublishedFiles, org: OrgUid, version: number): Promise<RootFile | undefined> {
  const bytes = await publisher.get(org, metadataFile('root', version));
  return bytes === undefined ? undefined : { version, bytes, sha256: sha256Of(bytes) };
}

/** A published root that must be there; PUBLISH_ROOT_MISSING else. */
export async function currentRoot(
  { publisher, org }: Pick<OrgTrust, 'publisher' | 'org'>,
  version: number,
): Promise<RootFile> {
  const root = await readRoot(publisher, org, version);
  if (root !== undefined) return root;
  throw new TrustError('PUBLISH_ROOT_MISSING', `expected root ${version} of ${org} to be published, found none`);
}

/** Throws PUBLISH_SIGNER unless the root names the signer's key for each of the roles: else gateways would refuse it all. */
export async function assertRootNames(signing: KeySigning, root: RootFile, roles: readonly TrustRole[]): Promise<void> {
  const signed = rootJson(root);
  for (const role of roles) {
    const { keyID } = tufKey(await signing.signer.publicKey(role, signing.org, signing.epochs[role]));
    if (!signed.roles[role].keyids.includes(keyID)) {
      throw new TrustError(
        'PUBLISH_SIGNER',
        `expected the ${role} key ${keyID} in root ${root.version} of ${signing.org}, found others`,
      );
    }
  }
}

/** The part of a root file that publishing reads back; our own files, so their shape is known. */
export interface RootJson {
  readonly version: number;
  readonly expires: string;
  readonly keys: { readonly [id: string]: Parameters<typeof Key.fromJSON>[1] };
  readonly roles: { readonly [role in TrustRole]: { readonly keyids: readonly string[]; readonly threshold: number } };
  readonly [OWN_FIELD]: { readonly fleet: string; readonly org: string; readonly epochs?: RoleEpochs };
}

/** The signed part of a root file. */
export function rootJson(root: Pick<RootFile, 'bytes'>): RootJson {
  return (JSON.parse(new TextDecoder().decode(root.bytes)) as { readonly signed: RootJson }).signed;
}

/** Of which epochs the keys of a root are, as it says itself. */
export function epochsOf(root: Pick<RootFile, 'bytes'>): RoleEpochs {
  return rootJson(root)[OWN_FIELD].epochs ?? FIRST_EPOCHS;
}

/** A root key that is at hand: who signs with it, and its public half. */
export interface RootHand extends Hand {
  readonly key: Key;
}

/** The root keys of an epoch that are at hand; a signer whose seed is elsewhere is left out. */
export async function rootHands(
  { org }: Pick<OrgTrust, 'org'>,
  signers: readonly SigningKeys[],
  epoch: number,
): Promise<readonly RootHand[]> {
  const hands: RootHand[] = [];
  for (const signer of signers) {
    const key = await keyAtHand(signer, { role: 'root', org, epoch });
    if (key !== undefined) hands.push({ signer, role: 'root', epoch, key });
  }
  return hands;
}

/** The key of a role and epoch; undefined when its seed is not here. */
export async function keyAtHand(
  signer: SigningKeys,
  { role, org, epoch }: { readonly role: TrustRole; readonly org: OrgUid; readonly epoch: number },
): Promise<Key | undefined> {
  try {
    return tufKey(await signer.publicKey(role, org, epoch));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SIGNER_SEED_MISSING') return undefined;
    throw error;
  }
}

/** Whose root keys there are, and how many of them must sign. */
export interface RootPlan {
  readonly version: number;
  readonly keys: readonly Key[];
  readonly threshold: number;
}

/** A root with the signer's daily keys, signed by each of the hands. It says itself of which epochs its keys are. */
export async function makeRoot(signing: KeySigning, plan: RootPlan, hands: readonly Hand[]): Promise<RootFile> {
  const { fleet, org, epochs } = signing;
  const model = new Root({
    ...commonFields(signing, 'root', plan.version),
    consistentSnapshot: true,
    unrecognizedFields: { [OWN_FIELD]: { fleet, org, epochs: { ...epochs } } },
  });
  for (const key of plan.keys) model.addKey(key, 'root');
  for (const role of DAILY_ROLES) model.addKey(tufKey(await signing.signer.publicKey(role, org, epochs[role])), role);
  const rootRole = model.roles['root'];
  if (rootRole !== undefined) Object.assign(rootRole, { threshold: plan.threshold });
  const bytes = await signedBy(signing, model, hands);
  return { version: plan.version, bytes, sha256: sha256Of(bytes) };
}

/** Who may hold a root key of this org. */
export function signersOf(signing: Pick<KeySigning, 'signer'>, ceremony: RootCeremony): readonly SigningKeys[] {
  return ceremony.rootSigners ?? [signing.signer];
}

export function tooFew(org: OrgUid, expected: number, found: number): TrustError {
  return new TrustError(
    'PUBLISH_ROOT_THRESHOLD',
    `expected ${expected} root keys of ${org} at hand, found the seeds of ${found}`,
  );
}

async function mintRoot(trust: OrgTrust & RootCeremony, epochs: RoleEpochs): Promise<RootFile> {
  const hands = await rootHands(trust, signersOf(trust, trust), epochs.root);
  if (hands.length > 0) return createRoot(trust, epochs);
  throw new TrustError(
    'PUBLISH_ROOT_MISSING',
    `expected a published or pre-signed root of ${trust.org}, or a root seed to sign one, found none of them`,
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
  if (!isSignedByItself(root)) return 'one whose signatures do not fit';
  const { version, expires, [OWN_FIELD]: own } = rootJson(root);
  if (own.fleet !== fleet || own.org !== org) return `one of ${own.fleet}/${own.org}`;
  if (version !== 1) return `version ${version}`;
  if ((instantMs(expires) ?? 0) <= nowMs) return `one that expired at ${expires}`;
  const epochs = epochsOf(root);
  return ROLES.some((role) => epochs[role] < least[role]) ? 'one that names keys of former seeds' : undefined;
}

function isSignedByItself(root: RootFile): boolean {
  try {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(root.bytes)) as object;
    const metadata = Metadata.fromJSON(MetadataKind.Root, json as Parameters<typeof Metadata.fromJSON>[1]);
    metadata.verifyDelegate('root', metadata);
    return true;
  } catch {
    return false;
  }
}
