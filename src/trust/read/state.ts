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
import {
  type FileFacts,
  type GatewayIdentity,
  type Hash,
  type JsonObject,
  type OrgUid,
  parseJson,
  type Sha256Hex,
  type TargetCustom,
} from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { factsOf, sha256Of } from '../layout.ts';
import type { StateFiles } from './files.ts';
import { type Floors, floorsShape } from './floors.ts';
import { METADATA_ROLES, type MetadataFile, type MetadataFiles, readMetadata } from './metadata.ts';

// The state directory: two slots, the files `a.slot` and `b.slot`, and `floors.json` beside them. A slot is one file: a line
// that says under which floors it was verified, with the SHA-256 of every part, then the parts one after the other. It
// counts when all of them hold. floors.json is written before the slot, so whatever write a crash falls on, floors never
// stand below what a slot was verified under. Both carry the SHA-256 of what they say: a floor that a failing disk lowered
// by one bit would be believed otherwise.

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

/** The parts of a slot, in their order; the last may be missing. */
const PARTS = [...METADATA_ROLES, 'bundle', 'provenance'] as const;
type Part = (typeof PARTS)[number];
type Parts = { readonly [part in Part]: Uint8Array | null };

/** The first line of a slot. */
interface Commit {
  readonly format: 'tenantry/slot/v2';
  readonly floors: Floors;
  readonly custom: TargetCustom;
  readonly signedAtMs: number;
  readonly expiresAtMs: number;
  readonly parts: { readonly [part in Part]: FileFacts | null };
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

const facts = record<FileFacts>({ length: count, sha256: digest });

const commitShape: Decoder<Commit> = record<Commit>({
  format: oneOf('tenantry/slot/v2'),
  floors: floorsShape,
  custom: customShape,
  signedAtMs: count,
  expiresAtMs: count,
  parts: record<Commit['parts']>({
    root: facts,
    timestamp: facts,
    snapshot: facts,
    targets: facts,
    bundle: facts,
    provenance: nullable(facts),
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

/** Writes the floors, then a whole slot: as one file it is there at once or not at all. */
export async function writeSlot(place: StatePlace, slot: Slot): Promise<void> {
  const { metadata, target, floors, signedAtMs, expiresAtMs } = slot;
  const of = ({ bytes, sha256 }: MetadataFile): FileFacts => ({ length: bytes.length, sha256 });
  const commit: Commit = {
    format: 'tenantry/slot/v2',
    floors,
    custom: target.custom,
    signedAtMs,
    expiresAtMs,
    parts: {
      root: of(metadata.root),
      timestamp: of(metadata.timestamp),
      snapshot: of(metadata.snapshot),
      targets: of(metadata.targets),
      bundle: factsOf(target.bundle),
      provenance: target.provenance === null ? null : factsOf(target.provenance),
    },
  };
  const contents = [...METADATA_ROLES.map((role) => metadata[role].bytes), target.bundle];
  if (target.provenance !== null) contents.push(target.provenance);
  await writeFloors(place, floors);
  await replace(place.files, slotFile(place, slot.name), Buffer.concat([sealed(commit), NEWLINE, ...contents]));
}

/** Replaces floors.json at once. */
export async function writeFloors(place: StatePlace, floors: Floors): Promise<void> {
  await replace(place.files, join(place.dir, 'floors.json'), sealed(floors));
}

function slotFile(place: StatePlace, slot: SlotName): string {
  return join(place.dir, `${slot}.slot`);
}

const NEWLINE = Uint8Array.of(0x0a);

/** The canonical text of an object with its own SHA-256 as the last field. */
function sealed(value: object): Uint8Array {
  const bytes = Buffer.from(canonicalText(value), 'utf8');
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from(`,"seal":"${sha256Of(bytes)}"}`, 'utf8')]);
}

async function replace(files: StateFiles, path: string, bytes: Uint8Array): Promise<void> {
  await files.writeDurable(`${path}.tmp`, bytes);
  await files.rename(`${path}.tmp`, path);
}

async function readFloors(place: StatePlace): Promise<Floors | 'damaged' | undefined> {
  const bytes = await place.files.read(join(place.dir, 'floors.json'));
  return bytes === undefined ? undefined : (parsed(bytes, floorsShape) ?? 'damaged');
}

async function readSlot(place: StatePlace, slot: SlotName): Promise<Slot | 'damaged' | 'absent'> {
  const bytes = await place.files.read(slotFile(place, slot));
  if (bytes === undefined) return 'absent';
  const end = bytes.indexOf(NEWLINE[0] ?? 0);
  const commit = parsed(bytes.subarray(0, Math.max(end, 0)), commitShape);
  if (commit === undefined) return 'damaged';
  const parts = partsOf(commit, bytes.subarray(end + 1));
  return parts === undefined ? 'damaged' : (slotOf(place, slot, { commit, parts }) ?? 'damaged');
}

/** The parts that follow the first line, each with the length and digest that it says; undefined when one is another. */
function partsOf({ parts }: Commit, bytes: Uint8Array): Parts | undefined {
  let at = 0;
  const found: { [part in Part]?: Uint8Array | null } = {};
  for (const part of PARTS) {
    const named = parts[part];
    const content = named === null ? null : bytes.slice(at, at + named.length);
    if (content !== null && sha256Of(content) !== named?.sha256) return undefined;
    found[part] = content;
    at += content?.length ?? 0;
  }
  return found as Parts;
}

function slotOf(
  place: StatePlace,
  name: SlotName,
  { commit, parts }: { readonly commit: Commit; readonly parts: Parts },
): Slot | undefined {
  const content = (part: Part): Uint8Array => parts[part] ?? new Uint8Array(0);
  const bundle = content('bundle');
  const read = readBundle(bundle, { maxBytes: place.bundleBytes }, place.hash);
  if (!read.ok) return undefined;
  const { floors, custom, signedAtMs, expiresAtMs } = commit;
  const metadata: MetadataFiles = {
    root: readMetadata(content('root'), 'root'),
    timestamp: readMetadata(content('timestamp'), 'timestamp'),
    snapshot: readMetadata(content('snapshot'), 'snapshot'),
    targets: readMetadata(content('targets'), 'targets'),
  };
  return {
    name,
    floors,
    metadata,
    target: { custom, content: read.value, bundle, provenance: parts.provenance },
    signedAtMs,
    expiresAtMs,
  };
}

function parsed<T>(bytes: Uint8Array, shape: Decoder<T>): T | undefined {
  try {
    const { seal, ...value } = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as JsonObject;
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
