import { Root } from '@tufjs/models';
import type { OrgUid, RoleEpochs, Sha256Hex, TrustRole } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { tufKey } from '../key.ts';
import { metadataFile, OWN_FIELD, sha256Of } from '../layout.ts';
import {
  FIRST_EPOCHS,
  type OrgTrust,
  type PublishedFiles,
  type Signing,
  type SigningKeys,
  signingFor,
} from './context.ts';
import { commonFields, type Hand, signedBy } from './metadata.ts';

const ROLES: readonly TrustRole[] = ['root', 'targets', 'snapshot', 'timestamp'];

/** A published root file. */
export interface RootFile {
  readonly version: number;
  readonly bytes: Uint8Array;
  readonly sha256: Sha256Hex;
}

/** Who signs roots: `threshold` of `rootSigners`, each over seeds of its own; the one signer by default. */
export interface RootCeremony {
  readonly rootSigners?: readonly SigningKeys[];
  readonly threshold?: number;
}

/** The first root of an org, without publishing it: for a ceremony that signs roots before the orgs exist. */
export async function createRoot(trust: OrgTrust & RootCeremony): Promise<RootFile> {
  return newRoot(signingFor(trust, FIRST_EPOCHS), trust, 1, []);
}

/**
 * The org's first root: the published one, or a new one, published. Throws PUBLISH_SIGNER when the published root
 * names other keys than the signer holds.
 */
export async function ensureRoot(trust: OrgTrust & RootCeremony): Promise<RootFile> {
  const published = await readRoot(trust.publisher, trust.org, 1);
  if (published !== undefined) return published;
  const root = await createRoot(trust);
  await trust.publisher.putImmutable(trust.org, new Map([[metadataFile('root', 1), root.bytes]]));
  return root;
}

/** A published root by version, or undefined. */
export async function readRoot(publisher: PublishedFiles, org: OrgUid, version: number): Promise<RootFile | undefined> {
  const bytes = await publisher.get(org, metadataFile('root', version));
  return bytes === undefined ? undefined : { version, bytes, sha256: sha256Of(bytes) };
}

/**
 * Publishes root `version` with the keys of `signing.epochs`, signed by the root keys before and after (TUF 5.3.4).
 * A root of that version which an interrupted rotation left behind is kept when it names the same keys.
 */
export async function publishNextRoot(
  signing: Signing,
  ceremony: RootCeremony,
  version: number,
  before: RoleEpochs,
): Promise<void> {
  const existing = await readRoot(signing.publisher, signing.org, version);
  if (existing !== undefined) return assertRootNames(signing, existing, ROLES);
  const hands = signersOf(signing, ceremony).map((signer): Hand => ({ signer, role: 'root', epoch: before.root }));
  const root = await newRoot(signing, ceremony, version, hands);
  await signing.publisher.putImmutable(signing.org, new Map([[metadataFile('root', version), root.bytes]]));
}

/** Throws PUBLISH_SIGNER unless the root names the signer's key for each of the roles: else gateways would refuse it all. */
export async function assertRootNames(signing: Signing, root: RootFile, roles: readonly TrustRole[]): Promise<void> {
  const signed = (JSON.parse(new TextDecoder().decode(root.bytes)) as { signed: RootJson }).signed;
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

interface RootJson {
  readonly roles: { readonly [role in TrustRole]: { readonly keyids: readonly string[] } };
}

async function newRoot(
  signing: Signing,
  ceremony: RootCeremony,
  version: number,
  more: readonly Hand[],
): Promise<RootFile> {
  const own = { [OWN_FIELD]: { fleet: signing.fleet, org: signing.org } };
  const model = new Root({
    ...commonFields(signing, 'root', version),
    consistentSnapshot: true,
    unrecognizedFields: own,
  });
  const hands = signersOf(signing, ceremony).map(
    (signer): Hand => ({ signer, role: 'root', epoch: signing.epochs.root }),
  );
  for (const { signer, role, epoch } of hands)
    model.addKey(tufKey(await signer.publicKey(role, signing.org, epoch)), role);
  for (const role of ROLES.slice(1)) {
    model.addKey(tufKey(await signing.signer.publicKey(role, signing.org, signing.epochs[role])), role);
  }
  const rootRole = model.roles['root'];
  if (rootRole !== undefined) Object.assign(rootRole, { threshold: ceremony.threshold ?? 1 });
  const bytes = await signedBy(signing, model, [...more, ...hands]);
  return { version, bytes, sha256: sha256Of(bytes) };
}

function signersOf(signing: Signing, ceremony: RootCeremony): readonly SigningKeys[] {
  return ceremony.rootSigners ?? [signing.signer];
}
