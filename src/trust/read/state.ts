import { join } from 'node:path';
import {
  type BundleContent,
  canonicalText,
  type Decoder,
  decode,
  integer,
  nullable,
  oneOf,
  readBundle,
  record,
  text,
} from '../../core/bundle/index.ts';
import type {
  GatewayIdentity,
  Hash,
  JsonObject,
  OrgUid,
  Sha256Hex,
  TargetCustom,
  TrustRole,
} from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { sha256Of } from '../layout.ts';
import type { StateFiles } from './files.ts';
import { type Floors, floorsShape } from './floors.ts';
import { METADATA_ROLES, type MetadataFile, type MetadataFiles, readMetadata } from './metadata.ts';

// The state directory: two slots `a` and `b`, each whole or nothing, and `floors.json` beside them. A slot is overwritten
// file by file, so its former commit.json names other files until the new one stands. A slot counts when its commit.json names the SHA-256 of every file in it. floors.json is written before commit.json,
// so whatever write a crash falls on, floors never stand below what a slot was verified under. Both carry the SHA-256 of
// what they say: a floor that a failing disk lowered by one bit would be believed otherwise.

/** A bundle whose publication was verified, with what was signed about it. */
export interface VerifiedTarget {
  readonly custom: TargetCustom;
  readonly content: BundleContent;
  readonly bundle: Uint8Array;
  readonly provenance: Uint8Array | null;
}

/** A verified publication as a slot keeps it. */
export interface Slot {
  readonly name: SlotName;
  readonly floors: Floors;
  readonly metadata: MetadataFiles;
  readonly target: VerifiedTarget;
  readonly signedAtMs: number;
  readonly expiresAtMs: number;
}

type SlotName = 'a' | 'b';
type FileName = `${TrustRole}.json` | 'bundle.tar' | 'provenance.json';

interface Commit {
  readonly format: 'tenantry/slot/v1';
  readonly floors: Floors;
  readonly custom: TargetCustom;
  readonly signedAtMs: number;
  readonly expiresAtMs: number;
  readonly files: { readonly [name in FileName]: Sha256Hex | null };
}

const digest = text<Sha256Hex>(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const name = text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name');
const count = integer(0, Number.MAX_SAFE_INTEGER);

export const customShape: Decoder<TargetCustom> = record<TargetCustom>({
  fleet: name,
  org: text<OrgUid>(/^[a-z0-9]{20}$/, 'an org uid'),
  gateway: name,
  environment: name,
  generation: count,
  contentDigest: digest,
  previous: nullable(digest),
});

const commitShape: Decoder<Commit> = record<Commit>({
  format: oneOf('tenantry/slot/v1'),
  floors: floorsShape,
  custom: customShape,
  signedAtMs: count,
  expiresAtMs: count,
  files: record<Commit['files']>({
    'root.json': digest,
    'timestamp.json': digest,
    'snapshot.json': digest,
    'targets.json': digest,
    'bundle.tar': digest,
    'provenance.json': nullable(digest),
  }),
});

/** Where and for whom state is kept. */
export interface StatePlace {
  readonly dir: string;
  readonly files: StateFiles;
  readonly hash: Hash;
  readonly bundleBytes: number;
}

/** What a start finds: the newest valid slot and the highest floors. */
export interface LoadedState {
  readonly floors: Floors;
  readonly slot: Slot | null;
}

/**
 * Reads the state. Throws TRUST_STATE_FOREIGN when it belongs to another enrolment, and TRUST_STATE when there was state
 * but neither floors nor a slot can be read: going on would forget what was verified.
 */
export async function loadState(place: StatePlace, fresh: Floors): Promise<LoadedState> {
  await place.files.makeFolder(place.dir);
  const slots = [await readSlot(place, 'a'), await readSlot(place, 'b')].filter((slot) => slot !== 'absent');
  const valid = slots.filter((slot) => slot !== 'damaged').sort((x, y) => y.floors.sequence - x.floors.sequence);
  const stored = await readFloors(place);
  if (stored === undefined && slots.length === 0) {
    await writeFloors(place, fresh);
    return { floors: fresh, slot: null };
  }
  const candidates = [...(stored instanceof Object ? [stored] : []), ...valid.map((slot) => slot.floors)];
  const floors = candidates.sort((x, y) => y.sequence - x.sequence)[0];
  if (floors === undefined)
    throw new TrustError('TRUST_STATE', `expected readable floors in ${place.dir}, found damaged ones`);
  assertSameEnrolment(floors, fresh);
  return { floors, slot: valid[0] ?? null };
}

/** Writes a whole slot, then the floors, then the commit that makes it count. */
export async function writeSlot(place: StatePlace, slot: Slot): Promise<void> {
  const { files } = place;
  const { metadata, target, floors, signedAtMs, expiresAtMs } = slot;
  const folder = join(place.dir, slot.name);
  await files.makeFolder(folder);
  const digests: { [file in FileName]?: Sha256Hex | null } = {};
  for (const role of METADATA_ROLES) {
    await files.writeDurable(join(folder, `${role}.json`), metadata[role].bytes);
    digests[`${role}.json`] = metadata[role].sha256;
  }
  for (const [file, bytes] of [
    ['bundle.tar', target.bundle],
    ['provenance.json', target.provenance],
  ] as const) {
    if (bytes !== null) await files.writeDurable(join(folder, file), bytes);
    digests[file] = bytes === null ? null : sha256Of(bytes);
  }
  const commit = { format: 'tenantry/slot/v1', floors, custom: target.custom, signedAtMs, expiresAtMs };
  await writeFloors(place, floors);
  await replace(files, join(folder, 'commit.json'), { ...commit, files: digests });
}

/** Replaces floors.json at once. */
export async function writeFloors(place: StatePlace, floors: Floors): Promise<void> {
  await replace(place.files, join(place.dir, 'floors.json'), floors);
}

async function replace(files: StateFiles, path: string, value: object): Promise<void> {
  const sealed = canonicalText({ ...value, seal: sealOf(value) });
  await files.writeDurable(`${path}.tmp`, new TextEncoder().encode(sealed));
  await files.rename(`${path}.tmp`, path);
}

async function readFloors(place: StatePlace): Promise<Floors | 'damaged' | undefined> {
  const bytes = await place.files.read(join(place.dir, 'floors.json'));
  return bytes === undefined ? undefined : (parsed(bytes, floorsShape) ?? 'damaged');
}

async function readSlot(place: StatePlace, slot: SlotName): Promise<Slot | 'damaged' | 'absent'> {
  const folder = join(place.dir, slot);
  const bytes = await place.files.read(join(folder, 'commit.json'));
  if (bytes === undefined) return 'absent';
  const commit = parsed(bytes, commitShape);
  if (commit === undefined) return 'damaged';
  const contents = new Map<string, Uint8Array>();
  for (const [file, digestOfFile] of Object.entries(commit.files)) {
    if (digestOfFile === null) continue;
    const content = await place.files.read(join(folder, file));
    if (content === undefined || sha256Of(content) !== digestOfFile) return 'damaged';
    contents.set(file, content);
  }
  return slotOf(place, slot, commit, contents) ?? 'damaged';
}

function slotOf(
  place: StatePlace,
  name: SlotName,
  commit: Commit,
  contents: ReadonlyMap<string, Uint8Array>,
): Slot | undefined {
  const content = (file: FileName): Uint8Array => contents.get(file) ?? new Uint8Array(0);
  const bundle = content('bundle.tar');
  const read = readBundle(bundle, { maxBytes: place.bundleBytes }, place.hash);
  if (!read.ok) return undefined;
  const { floors, custom, signedAtMs, expiresAtMs } = commit;
  const fileOf = (role: TrustRole): MetadataFile => readMetadata(content(`${role}.json`), role);
  const metadata: MetadataFiles = {
    root: fileOf('root'),
    timestamp: fileOf('timestamp'),
    snapshot: fileOf('snapshot'),
    targets: fileOf('targets'),
  };
  const provenance = contents.get('provenance.json') ?? null;
  return {
    name,
    floors,
    metadata,
    target: { custom, content: read.value, bundle, provenance },
    signedAtMs,
    expiresAtMs,
  };
}

function parsed<T>(bytes: Uint8Array, shape: Decoder<T>): T | undefined {
  try {
    const { seal, ...value } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as JsonObject;
    if (seal !== sealOf(value)) return undefined;
    const decoded = decode(shape, value, 'TRUST_STATE');
    return decoded.ok ? decoded.value : undefined;
  } catch {
    return undefined;
  }
}

function sealOf(value: object): Sha256Hex {
  return sha256Of(new TextEncoder().encode(canonicalText(value)));
}

function assertSameEnrolment(stored: Floors, fresh: Floors): void {
  const words = (identity: GatewayIdentity): string => `${identity.fleet}/${identity.orgUid}/${identity.gateway}`;
  const [found, expected] = [words(stored.identity), words(fresh.identity)];
  if (found !== expected || stored.pinnedRoot !== fresh.pinnedRoot) {
    throw new TrustError(
      'TRUST_STATE_FOREIGN',
      `expected the state of ${expected} with its root, found that of ${found}`,
    );
  }
}
