import {
  type GatewayIdentity,
  instantMs,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  type Sha256Hex,
  sha256Hex,
  type TrustCode,
  type TrustRole,
} from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { KEY_TYPE, keyIdOf } from '../key.ts';
import { MAX_VERSION, OWN_FIELD, sha256Of } from '../layout.ts';

// Checks on metadata before tuf-js sees it: what tuf-js lets pass (tuf-notes, "Accepted, so the guard must refuse").
// None of them replaces a signature; tuf-js verifies those.

/** What every metadata file says of itself. */
export interface RoleFacts {
  readonly version: number;
  readonly expiresMs: number;
}

/** A file as another metadata file names it. */
export interface NamedFacts {
  readonly version: number;
  readonly length: number;
  readonly sha256: Sha256Hex;
}

const MOST_SIGNATURES = 16;
const PUBLIC_KEY = /^[0-9a-f]{64}$/;

/** A metadata file that was read once: what is signed in it, its bytes, and their digest. */
export interface MetadataFile {
  readonly bytes: Uint8Array;
  readonly sha256: Sha256Hex;
  readonly signed: JsonObject;
}

/** The four metadata files of a publication. */
export const METADATA_ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const satisfies readonly TrustRole[];
export type MetadataFiles = { readonly [role in TrustRole]: MetadataFile };

/** Reads a file of the given role; TRUST_METADATA when it is not one. */
export function readMetadata(bytes: Uint8Array, role: TrustRole): MetadataFile {
  return { bytes, sha256: sha256Of(bytes), signed: readSigned(bytes, role) };
}

/** The `signed` part of a file of the given role; TRUST_METADATA when it is not one. */
export function readSigned(bytes: Uint8Array, role: TrustRole): JsonObject {
  const document = unambiguous(bytes, role);
  const signed = isJsonObject(document) ? document['signed'] : undefined;
  const signatures = isJsonObject(document) ? document['signatures'] : undefined;
  if (!isJsonObject(signed) || signed['_type'] !== role)
    fail('TRUST_METADATA', `expected ${role} metadata, found other JSON`);
  if (!Array.isArray(signatures) || signatures.length > MOST_SIGNATURES) {
    fail('TRUST_METADATA', `expected at most ${MOST_SIGNATURES} signatures on ${role}`);
  }
  return signed;
}

/** Version and expiry: whole, bounded, exact (TRUST_VERSION, TRUST_DATE). */
export function roleFacts(signed: JsonObject, role: TrustRole): RoleFacts {
  return {
    version: versionAt(signed['version'], role),
    expiresMs: instantAt(signed['expires'], `the expiry of ${role}`),
  };
}

/** TRUST_ROOT_IDENTITY unless the root is for this fleet and org: looked at before any of its keys. */
export function checkRootIdentity(signed: JsonObject, identity: GatewayIdentity): void {
  const own = signed[OWN_FIELD];
  const [fleet, org] = isJsonObject(own) ? [own['fleet'], own['org']] : [null, null];
  if (fleet !== identity.fleet || org !== identity.orgUid) {
    fail(
      'TRUST_ROOT_IDENTITY',
      `expected a root of ${identity.fleet}/${identity.orgUid}, found ${shown(fleet)}/${shown(org)}`,
    );
  }
}

/** Ed25519 only, ids that are hashes (TRUST_KEY_ID), no key twice (TRUST_DUPLICATE_KEY), thresholds that can be met (TRUST_THRESHOLD). */
export function checkRootKeys(signed: JsonObject): void {
  const keys = objectAt(signed['keys'], 'keys of root');
  const seen = new Set<string>();
  for (const [id, key] of Object.entries(keys)) {
    const fields = objectAt(key, `key ${id}`);
    const value = isJsonObject(fields['keyval']) ? fields['keyval']['public'] : undefined;
    const usable = fields['keytype'] === KEY_TYPE && fields['scheme'] === KEY_TYPE && typeof value === 'string';
    if (!usable || !PUBLIC_KEY.test(value)) fail('TRUST_KEY_ID', `expected an Ed25519 key as ${id}, found another`);
    if (seen.has(value)) fail('TRUST_DUPLICATE_KEY', `expected each public key once, found ${value} under ${id} again`);
    if (keyIdOf(fields) !== id) fail('TRUST_KEY_ID', `expected the hash of the key as its id, found ${id}`);
    seen.add(value);
  }
  for (const role of METADATA_ROLES) checkThreshold(signed, keys, role);
  if (signed['consistent_snapshot'] !== true) fail('TRUST_METADATA', 'expected a root with consistent snapshots');
}

/** The key ids of a role, sorted: floors hold as long as they stay the same. */
export function keyIdsOf(root: JsonObject, role: TrustRole): readonly string[] {
  const entry = objectAt(objectAt(root['roles'], 'roles of root')[role], `role ${role}`);
  const ids = entry['keyids'];
  if (!Array.isArray(ids) || !ids.every((id): id is string => typeof id === 'string')) {
    fail('TRUST_METADATA', `expected key ids for ${role}`);
  }
  return [...ids].sort();
}

/** The snapshot that a timestamp names. */
export function namedSnapshot(signed: JsonObject): NamedFacts {
  return namedFacts(onlyEntry(signed['meta'], 'snapshot.json', 'timestamp'), 'snapshot');
}

/** The targets file that a snapshot names; it names no other. */
export function namedTargets(signed: JsonObject): NamedFacts {
  return namedFacts(onlyEntry(signed['meta'], 'targets.json', 'snapshot'), 'targets');
}

/** When a timestamp was signed; TRUST_DATE unless it is an instant before the expiry, TRUST_AUDIENCE for another org. */
export function signedAt(signed: JsonObject, identity: GatewayIdentity): number {
  const own = objectAt(signed[OWN_FIELD], `${OWN_FIELD} of timestamp`);
  if (own['fleet'] !== identity.fleet || own['org'] !== identity.orgUid) {
    fail(
      'TRUST_AUDIENCE',
      `expected a timestamp of ${identity.fleet}/${identity.orgUid}, found ${shown(own['fleet'])}/${shown(own['org'])}`,
    );
  }
  const time = instantAt(own['signedAt'], 'the signing time of timestamp');
  if (time > instantAt(signed['expires'], 'the expiry of timestamp'))
    fail('TRUST_DATE', 'expected a signing time before the expiry');
  return time;
}

/** No delegations (TRUST_DELEGATION); every target with a length and a SHA-256 and with no other hash (TRUST_UNPINNED). */
export function checkTargets(signed: JsonObject): void {
  if (signed['delegations'] !== undefined) fail('TRUST_DELEGATION', 'expected targets without delegations');
  for (const [name, target] of Object.entries(objectAt(signed['targets'], 'targets'))) {
    const entry = objectAt(target, `target ${name}`);
    lengthAt(entry['length'], name);
    hashAt(entry['hashes'], name);
  }
}

function checkThreshold(signed: JsonObject, keys: JsonObject, role: TrustRole): void {
  const ids = keyIdsOf(signed, role);
  const threshold = objectAt(objectAt(signed['roles'], 'roles of root')[role], `role ${role}`)['threshold'];
  const unknown = ids.find((id) => !Object.hasOwn(keys, id));
  if (unknown !== undefined) fail('TRUST_KEY_ID', `expected only listed keys for ${role}, found ${unknown}`);
  if (new Set(ids).size !== ids.length) fail('TRUST_DUPLICATE_KEY', `expected each key of ${role} once`);
  if (!Number.isSafeInteger(threshold) || Number(threshold) < 1 || Number(threshold) > ids.length) {
    fail('TRUST_THRESHOLD', `expected a threshold from 1 to ${ids.length} for ${role}`);
  }
}

function namedFacts(entry: JsonObject, role: TrustRole): NamedFacts {
  return {
    version: versionAt(entry['version'], role),
    length: lengthAt(entry['length'], role),
    sha256: hashAt(entry['hashes'], role),
  };
}

function onlyEntry(meta: Json | undefined, name: string, role: TrustRole): JsonObject {
  const entries = objectAt(meta, `meta of ${role}`);
  if (Object.keys(entries).join() !== name) fail('TRUST_METADATA', `expected ${role} to name ${name} and nothing else`);
  return objectAt(entries[name], name);
}

function versionAt(value: Json | undefined, what: string): number {
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MAX_VERSION) return Number(value);
  return fail('TRUST_VERSION', `expected a version of ${what} from 1 to ${MAX_VERSION}, found ${shown(value)}`);
}

function instantAt(value: Json | undefined, what: string): number {
  const time = typeof value === 'string' ? instantMs(value) : undefined;
  return (
    time ?? fail('TRUST_DATE', `expected an instant such as 2027-01-31T00:00:00Z as ${what}, found ${shown(value)}`)
  );
}

function lengthAt(value: Json | undefined, what: string): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  return fail('TRUST_UNPINNED', `expected a length of ${what}, found ${shown(value)}`);
}

function hashAt(value: Json | undefined, what: string): Sha256Hex {
  const hashes = isJsonObject(value) ? value : {};
  const digest = Object.keys(hashes).join() === 'sha256' ? sha256Hex(String(hashes['sha256'])) : undefined;
  return digest ?? fail('TRUST_UNPINNED', `expected a SHA-256 and no other hash of ${what}`);
}

function objectAt(value: Json | undefined, what: string): JsonObject {
  return isJsonObject(value) ? value : fail('TRUST_METADATA', `expected an object as ${what}, found ${shown(value)}`);
}

/** A text in a JSON document, kept as it is, or space between its parts. */
const TEXT_OR_SPACE = /"[^"\\]*(?:\\.[^"\\]*)*"|[ \t\n\r]+/g;

/** TRUST_METADATA unless it is JSON, TRUST_AMBIGUOUS unless there is one way to read it: no doubled field, no odd spelling. */
function unambiguous(bytes: Uint8Array, role: TrustRole): Json {
  let value: Json;
  let spelt: string;
  let compact: string;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = parseJson(text);
    spelt = JSON.stringify(value);
    // What we publish has no space in it; only that of another writer is taken out.
    compact = text === spelt ? text : text.replace(TEXT_OR_SPACE, (part) => (part.startsWith('"') ? part : ''));
  } catch {
    return fail('TRUST_METADATA', `expected JSON as ${role}`);
  }
  if (compact !== spelt || compact.includes('"__proto__":')) {
    fail('TRUST_AMBIGUOUS', `expected JSON with one reading as ${role}, found doubled fields or an odd spelling`);
  }
  return value;
}

function shown(value: Json | undefined): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}

function fail(code: TrustCode, message: string): never {
  throw new TrustError(code, message);
}
