import { type Key, Root } from '@tufjs/models';
import { type OrgUid, parseJson, type RoleEpochs, type Sha256Hex, type TrustRole } from '../../core/model/index.ts';
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

/** A published root by version, or undefined. */
export async function readRoot(publisher: PublishedFiles, org: OrgUid, version: number): Promise<RootFile | undefined> {
  const bytes = await publisher.get(org, metadataFile('root', version));
  return bytes === undefined ? undefined : { version, bytes, sha256: sha256Of(bytes) };
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

/** The part of a root file that publishing reads back. */
export interface RootJson {
  readonly version: number;
  readonly expires: string;
  readonly keys: { readonly [id: string]: Parameters<typeof Key.fromJSON>[1] };
  readonly roles: { readonly [role in TrustRole]: { readonly keyids: readonly string[]; readonly threshold: number } };
  readonly [OWN_FIELD]: { readonly fleet: string; readonly org: string; readonly epochs?: RoleEpochs };
}

/** The signed part of a root file; PUBLISH_DAMAGED where it is none, since somebody may have written to the file. */
export function rootJson(root: Pick<RootFile, 'bytes'>): RootJson {
  try {
    const { signed } = parseJson(new TextDecoder().decode(root.bytes)) as unknown as { readonly signed: RootJson };
    if (ROLES.every((role) => Array.isArray(signed.roles[role].keyids)) && typeof signed[OWN_FIELD].org === 'string')
      return signed;
  } catch {
    // As one of another shape.
  }
  throw new TrustError('PUBLISH_DAMAGED', `expected a root file as it was published, found ${root.bytes.length} bytes`);
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
