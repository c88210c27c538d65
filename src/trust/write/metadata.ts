import {
  Metadata,
  MetaFile,
  type Root,
  Signature,
  type Snapshot,
  Snapshot as SnapshotModel,
  TargetFile,
  type Targets,
  Targets as TargetsModel,
  type Timestamp,
  Timestamp as TimestampModel,
} from '@tufjs/models';
import {
  byCodeUnit,
  type FileFacts,
  instantText,
  type PublishedTarget,
  type SignedFacts,
  type TargetCustom,
  type TrustRole,
} from '../../core/model/index.ts';
import { tufBytes, tufKey } from '../key.ts';
import { bundleTarget, OWN_FIELD, opaTarget, provenanceTarget } from '../layout.ts';
import type { KeySigning, Signing, SigningKeys } from './context.ts';

/** The TUF specification that the files are written to. */
export const SPEC_VERSION = '1.0.31';

/** What every role's signed part says of itself. */
export function commonFields(signing: KeySigning, role: TrustRole, version: number) {
  return { specVersion: SPEC_VERSION, version, expires: instantText(signing.nowMs + signing.lifetimes[role]) };
}

export function targetsModel(
  signing: Signing,
  version: number,
  targets: ReadonlyMap<string, PublishedTarget>,
): Targets {
  const model = new TargetsModel(commonFields(signing, 'targets', version));
  for (const [gateway, target] of [...targets].sort(([a], [b]) => byCodeUnit(a, b))) {
    const custom = { ...customOf(signing, gateway, target) };
    model.addTarget(fileOf(bundleTarget(gateway), target.bundle, { custom }));
    model.addTarget(fileOf(provenanceTarget(gateway), target.provenance, {}));
    if (target.opa !== undefined) model.addTarget(fileOf(opaTarget(gateway), target.opa, {}));
  }
  return model;
}

export function snapshotModel(signing: Signing, version: number, targets: NamedFile): Snapshot {
  return new SnapshotModel({
    ...commonFields(signing, 'snapshot', version),
    meta: { 'targets.json': metaFile(targets) },
  });
}

export function timestampModel(signing: Signing, version: number, snapshot: NamedFile): Timestamp {
  const own = { fleet: signing.fleet, org: signing.org, signedAt: instantText(signing.nowMs) };
  return new TimestampModel({
    ...commonFields(signing, 'timestamp', version),
    snapshotMeta: metaFile(snapshot),
    unrecognizedFields: { [OWN_FIELD]: own },
  });
}

/** A metadata file as another one names it: always with length and SHA-256 (rulings 16). */
export interface NamedFile {
  readonly version: number;
  readonly facts: SignedFacts;
}

/** The signed file of a role, by that role's one key; in the middle of a rotation by its former key too. */
export async function signedFile(
  signing: Signing,
  role: TrustRole,
  model: Targets | Snapshot | Timestamp,
): Promise<Uint8Array> {
  const { signer, epochs, former } = signing;
  const before = former[role];
  const hands = [epochs[role], ...(before === undefined ? [] : [before])].map((epoch) => ({ signer, role, epoch }));
  return signedBy(signing, model, hands);
}

/** One signature to be made. */
export interface Hand {
  readonly signer: SigningKeys;
  readonly role: TrustRole;
  readonly epoch: number;
}

/** The file with a signature of each hand; hands with the same key sign once. */
export async function signedBy(
  signing: KeySigning,
  model: Root | Targets | Snapshot | Timestamp,
  hands: readonly Hand[],
): Promise<Uint8Array> {
  const metadata = new Metadata(model);
  const bytes = tufBytes(model.toJSON());
  for (const { signer, role, epoch } of hands) {
    const { keyID } = tufKey(await signer.publicKey(role, signing.org, epoch));
    if (Object.hasOwn(metadata.signatures, keyID)) continue;
    const signature = await signer.sign(role, signing.org, epoch, bytes);
    signing.count.signatures += 1;
    metadata.signatures[keyID] = new Signature({ keyID, sig: Buffer.from(signature).toString('hex') });
  }
  return new TextEncoder().encode(JSON.stringify(metadata.toJSON()));
}

function customOf(signing: Signing, gateway: string, target: PublishedTarget): TargetCustom {
  const { environment, generation, contentDigest, previous } = target;
  return { fleet: signing.fleet, org: signing.org, gateway, environment, generation, contentDigest, previous };
}

function fileOf(
  path: string,
  facts: FileFacts,
  more: ConstructorParameters<typeof TargetFile>[0]['unrecognizedFields'],
) {
  return new TargetFile({
    path,
    length: facts.length,
    hashes: { sha256: facts.sha256 },
    unrecognizedFields: more ?? {},
  });
}

function metaFile({ version, facts }: NamedFile): MetaFile {
  return new MetaFile({ version, length: facts.length, hashes: { sha256: facts.sha256 } });
}
