import { type BundleContent, decode, readBundle } from '../../core/bundle/index.ts';
import type { FileFacts, GatewayIdentity, Hash, JsonObject, Sha256Hex, TargetCustom } from '../../core/model/index.ts';
import { isJsonObject } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { bundleTarget, provenanceTarget, targetFile } from '../layout.ts';
import { checkExact } from './checks.ts';
import type { BundleFetcher } from './fetcher.ts';
import { fetchFile } from './guard.ts';
import { customShape, type VerifiedTarget } from './state.ts';

/** What verified targets metadata says of one gateway. */
export interface ListedTarget {
  readonly bundle: FileFacts;
  readonly provenance: FileFacts | null;
  /** As signed; compared with the identity after length and hash. */
  readonly custom: unknown;
}

/** The entry of a gateway, or undefined when the org has no such gateway (any more). */
export function listedTarget(signed: JsonObject, gateway: string): ListedTarget | undefined {
  const targets = isJsonObject(signed['targets']) ? signed['targets'] : {};
  const bundle = entryOf(targets, bundleTarget(gateway));
  if (bundle === undefined) return undefined;
  const provenance = entryOf(targets, provenanceTarget(gateway));
  return {
    bundle: factsOf(bundle),
    provenance: provenance === undefined ? null : factsOf(provenance),
    custom: bundle['custom'],
  };
}

/** What a target may be, and for whom. */
export interface TargetChecks {
  readonly identity: GatewayIdentity;
  readonly generationFloor: number;
  readonly bundleBytes: number;
  readonly provenanceBytes: number;
  readonly hash: Hash;
}

/** Fetches a listed target and takes it through every check that follows the metadata; throws TrustError. */
export async function fetchTarget(
  listed: ListedTarget,
  checks: TargetChecks,
  fetcher: BundleFetcher,
  signal: AbortSignal | undefined,
): Promise<VerifiedTarget> {
  const { identity, bundleBytes, provenanceBytes } = checks;
  const take = (name: string, facts: FileFacts, limit: number) => fetchExact(fetcher, { name, facts, limit }, signal);
  const bundle = await take(bundleTarget(identity.gateway), listed.bundle, bundleBytes);
  const custom = checkCustom(listed.custom, identity);
  checkGeneration(custom, checks.generationFloor);
  const content = checkContent(bundle, custom, checks);
  const provenance =
    listed.provenance === null
      ? null
      : await take(provenanceTarget(identity.gateway), listed.provenance, provenanceBytes);
  return { custom, content, bundle, provenance };
}

/** TRUST_AUDIENCE unless fleet, org and gateway are those pinned at enrolment. */
export function checkCustom(value: unknown, identity: GatewayIdentity): TargetCustom {
  const decoded = decode(customShape, (value ?? null) as null, 'TRUST_METADATA');
  if (!decoded.ok) throw new TrustError(decoded.code, `custom of the target: ${decoded.detail}`);
  const { fleet, org, gateway } = decoded.value;
  if (fleet !== identity.fleet || org !== identity.orgUid || gateway !== identity.gateway) {
    const expected = `${identity.fleet}/${identity.orgUid}/${identity.gateway}`;
    throw new TrustError(
      'TRUST_AUDIENCE',
      `expected a target for ${expected}, found one for ${fleet}/${org}/${gateway}`,
    );
  }
  return decoded.value;
}

/** TRUST_GENERATION_FELL below the floor: a rollback is a higher generation with older content. */
function checkGeneration(custom: TargetCustom, floor: number): void {
  if (custom.generation < floor) {
    throw new TrustError('TRUST_GENERATION_FELL', `expected generation ${floor} or higher, found ${custom.generation}`);
  }
}

/** Archive and shape, then that the bundle says of itself what was signed about it. */
function checkContent(bundle: Uint8Array, custom: TargetCustom, checks: TargetChecks): BundleContent {
  const read = readBundle(bundle, { maxBytes: checks.bundleBytes }, checks.hash);
  if (!read.ok) throw new TrustError(read.code, read.detail);
  const { header, contentDigest } = read.value;
  const own = [header.fleet, header.orgUid, header.gateway, header.environment].join('/');
  const signed = [custom.fleet, custom.org, custom.gateway, custom.environment].join('/');
  if (own !== signed) throw new TrustError('TRUST_AUDIENCE', `expected a bundle for ${signed}, found one for ${own}`);
  if (contentDigest !== custom.contentDigest) {
    throw new TrustError(
      'TRUST_CONTENT_DIGEST',
      `expected the content ${custom.contentDigest}, found ${contentDigest}`,
    );
  }
  return read.value;
}

interface WantedFile {
  readonly name: string;
  readonly facts: FileFacts;
  readonly limit: number;
}

/** TRUST_LENGTH over the limit or off the signed length, TRUST_HASH off the signed hash, TRUST_MISSING when absent. */
async function fetchExact(
  fetcher: BundleFetcher,
  wanted: WantedFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { name, facts, limit } = wanted;
  if (facts.length > limit)
    throw new TrustError('TRUST_LENGTH', `expected at most ${limit} bytes of ${name}, found ${facts.length}`);
  const bytes = await fetchFile(fetcher, targetFile(name, facts.sha256), facts.length, signal);
  if (bytes === undefined) throw new TrustError('TRUST_MISSING', `expected ${name}, found nothing`);
  checkExact(name, bytes, facts);
  return bytes;
}

function entryOf(targets: JsonObject, name: string): JsonObject | undefined {
  const entry = Object.hasOwn(targets, name) ? targets[name] : undefined;
  return isJsonObject(entry) ? entry : undefined;
}

/** The shape was checked with the targets file. */
function factsOf(entry: JsonObject): FileFacts {
  const hashes = isJsonObject(entry['hashes']) ? entry['hashes'] : {};
  return { length: Number(entry['length']), sha256: String(hashes['sha256']) as Sha256Hex };
}
