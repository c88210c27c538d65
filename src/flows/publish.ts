import { buildBundle, gatewayNames } from '../core/bundle/index.ts';
import { emit } from '../core/kinds/index.ts';
import {
  type Bundle,
  type Clock,
  type CommitId,
  contentDigestOf,
  type DesiredObject,
  type DesiredOrg,
  type Finding,
  FLEET_ORG,
  finding,
  type Hash,
  type JsonObject,
  type ObjectSide,
  type ObservedOrg,
  type OrgSlug,
  ofKind,
  type RepoPath,
  type Sha256Hex,
  startOf,
} from '../core/model/index.ts';
import type { Fence, Log, OrgStore, Publisher, RuntimeStore, Signer } from '../ports/index.ts';
import { ensureRoot, type FirstRoots, publishOrg, refreshOrg } from '../trust/index.ts';
import { pricesOf } from './frame.ts';
import { type Lanes, sideBySide } from './lanes.ts';
import { ownTrouble } from './trouble.ts';

export interface PublishParts {
  readonly fleet: string;
  readonly store: OrgStore;
  readonly runtime: RuntimeStore;
  readonly publisher: Publisher;
  readonly signer: Signer;
  /** Where the first root of a new org comes from. */
  readonly firstRoots: FirstRoots;
  readonly hash: Hash;
  readonly clock: Clock;
  /** Tells whoever waits in a long poll; does nothing where no server runs. */
  readonly wake: (org: ObservedOrg['uid']) => void;
  readonly lanes: Lanes;
  /** The lease under which this process writes; one that was overtaken writes nothing (STORE_FENCED). Absent: reads only. */
  readonly fence: Fence | undefined;
}

export interface PublishedOrg {
  readonly org: OrgSlug;
  readonly generation: number;
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly signatures: number;
  readonly findings: readonly Finding[];
}

/**
 * Publishes what the store holds for one org: bundles are made from applied objects alone, so that what a gateway runs
 * is what was planned and recorded. Files go out first, then the store learns of it; running it again after a crash
 * between any two writes completes it.
 */
export async function publishOne(parts: PublishParts, org: OrgSlug): Promise<PublishedOrg> {
  return publishWith(parts, org, await sharedSettings(parts));
}

async function publishWith(parts: PublishParts, org: OrgSlug, settings: SharedSettings): Promise<PublishedOrg> {
  const observed = await parts.store.observe(org);
  if (observed === undefined) throw new Error(`expected applied objects of ${org}, found none`);
  return parts.lanes.inLane(observed.uid, () => publishObserved(parts, observed, settings));
}

async function publishObserved(
  parts: PublishParts,
  observed: ObservedOrg,
  settings: SharedSettings,
): Promise<PublishedOrg> {
  const { org, generation } = observed;
  const built = buildBundles(parts, observed, settings);
  if (built.bundles === null) return unpublished(org, generation, built.findings);
  const { signer, publisher, fleet, firstRoots } = parts;
  const trust = { fleet, org: observed.uid, signer, publisher, nowMs: parts.clock.nowMs() };
  await ensureRoot({ ...trust, firstRoots });
  const published = await publishOrg({
    ...trust,
    publication: await parts.store.publication(org),
    generation,
    bundles: built.bundles,
    provenance: (gateway) => provenanceOf(observed, gateway),
    nextTimestamp: (nowMs) => parts.runtime.nextTimestamp(org, nowMs),
  });
  await parts.store.transact(org, (tx) => tx.putPublication({ ...published.publication, generation }), parts.fence);
  if (published.signatures > 0) parts.wake(observed.uid);
  const { changed, removed, signatures } = published;
  return { org, generation, changed, removed, signatures, findings: built.findings };
}

function unpublished(org: OrgSlug, generation: number, findings: readonly Finding[]): PublishedOrg {
  return { org, generation, changed: [], removed: [], signatures: 0, findings };
}

/** One bundle per gateway, or null when any of them cannot be made: an org is published whole. */
export function buildBundles(
  parts: Pick<PublishParts, 'fleet' | 'hash'>,
  observed: ObservedOrg,
  { prices, onExpired }: SharedSettings,
): { readonly bundles: readonly Bundle[] | null; readonly findings: readonly Finding[] } {
  const desired = asDesired(observed, parts.hash);
  if (desired === null) return { bundles: null, findings: [notApplied(observed)] };
  const results = gatewayNames(desired).map((gateway) =>
    buildBundle({ fleet: parts.fleet, desired, gateway, prices, onExpired }, parts.hash),
  );
  const findings = results.flatMap((result) => result.findings);
  const bundles = results.flatMap((result) => (result.ok ? [result.value] : []));
  return { bundles: bundles.length === results.length ? bundles : null, findings };
}

/** The fleet's own part of every bundle, as it is applied. */
export interface SharedSettings {
  readonly prices: JsonObject | null;
  readonly onExpired: 'block' | 'keep-serving';
  readonly digest: Sha256Hex;
}

/**
 * True when bundles made of the present settings are not those that are published: a price, or the default of what
 * happens on expiry, moved without any object of the org.
 */
export async function isPublishedStale(parts: PublishParts, org: OrgSlug, settings: SharedSettings): Promise<boolean> {
  const [observed, publication] = await Promise.all([parts.store.observe(org), parts.store.publication(org)]);
  if (observed === undefined || publication === undefined || publication.generation < observed.generation) return false;
  const { bundles } = buildBundles(parts, observed, settings);
  return (bundles ?? []).some(
    (bundle) => publication.targets[bundle.header.gateway]?.contentDigest !== bundle.contentDigest,
  );
}

/**
 * Orgs that publish at the same time. Each writes its files in order, the timestamp last; what overlaps is waiting for
 * the disk.
 */
const PUBLISHING_ORGS = 8;

/** Publishes every org that is due. What stands in one org's way is that org's finding; the others go on. */
export async function publishDue(parts: PublishParts & { readonly log: Log }): Promise<readonly PublishedOrg[]> {
  const due = await duePublications(parts.store);
  if (due.length === 0) return [];
  const settings = await sharedSettings(parts);
  let done = 0;
  return sideBySide(due, PUBLISHING_ORGS, async (org) => {
    const published = await publishWith(parts, org, settings).catch((cause: unknown) => troubleOf(org, cause));
    done += 1;
    parts.log.progress('publish', done, due.length);
    return published;
  });
}

function troubleOf(org: OrgSlug, cause: unknown): PublishedOrg {
  const known = ownTrouble(cause);
  if (known === undefined) throw cause;
  const place = startOf(`orgs/${org}/org.yaml` as RepoPath);
  const facts = { org, place, message: 'this org could not be published', expected: 'published files of its own' };
  return unpublished(org, 0, [finding(known.code, { ...facts, found: known.message })]);
}

/** Prices and defaults of the applied fleet settings. */
export async function sharedSettings(parts: Pick<PublishParts, 'store' | 'hash'>): Promise<SharedSettings> {
  const objects = (await parts.store.observe(FLEET_ORG))?.objects ?? [];
  const fleet = ofKind(objects, 'Fleet')[0] ?? null;
  return {
    prices: pricesOf(objects, fleet),
    onExpired: fleet?.document.spec.onExpired ?? 'block',
    digest: settingsDigest(objects, parts.hash),
  };
}

/** Digest of the fleet's own part of every bundle, of applied objects or of a tree's. */
export function settingsDigest(objects: readonly Pick<ObjectSide, 'id' | 'document'>[], hash: Hash): Sha256Hex {
  const fleet = ofKind(objects, 'Fleet')[0]?.document.spec;
  const book = objects.find((item) => item.id.kind === 'PriceBook' && item.id.name === fleet?.prices);
  return hash.sha256(JSON.stringify([fleet?.onExpired ?? null, book === undefined ? null : emit(book.document)]));
}

/**
 * Stored objects as what they were made from: the emitter is deterministic, so the text is the applied one. null when
 * the rows are not what was applied last: what somebody wrote into the store reaches no gateway.
 */
function asDesired(observed: ObservedOrg, hash: Hash): DesiredOrg | null {
  const objects = observed.objects.map((object): DesiredObject => {
    const { id, path, document } = object;
    const text = emit(document);
    return { id, path, origin: 'generated', document, text, digest: hash.sha256(text) };
  });
  const contentDigest = contentDigestOf(objects, hash);
  return contentDigest === observed.contentDigest
    ? { org: observed.org, uid: observed.uid, objects, contentDigest }
    : null;
}

function notApplied({ org }: ObservedOrg): Finding {
  return finding('DRIFT_FIRST', {
    org,
    place: startOf(`orgs/${org}/org.yaml` as RepoPath),
    message: 'the rows of this org are not what was last applied, so nothing of it is published',
    expected: 'the rows that the last apply wrote',
    found: 'others',
  });
}

/** Where a gateway's content came from; asked only when the content changed (rulings 4). */
function provenanceOf(observed: ObservedOrg, gateway: string): JsonObject {
  return {
    format: 'tenantry/provenance/v1',
    org: observed.uid,
    gateway,
    generation: observed.generation,
    commit: observed.commit as CommitId | null,
    contentDigest: observed.contentDigest,
  };
}

/** Orgs whose published generation is behind their head: what a crash between apply and publish leaves. */
export async function duePublications(store: OrgStore): Promise<readonly OrgSlug[]> {
  const published = await store.publishedGenerations();
  const heads = (await store.heads()).filter((head) => head.org !== FLEET_ORG);
  return heads.filter((head) => (published.get(head.org) ?? -1) < head.generation).map((head) => head.org);
}

/** Re-signs whatever is past half of its life, org by org (rulings 2); with counts of signatures. */
export async function refreshAll(
  parts: PublishParts,
): Promise<readonly { readonly org: OrgSlug; readonly signatures: number }[]> {
  const done: { org: OrgSlug; signatures: number }[] = [];
  const heads = (await parts.store.heads()).filter((head) => head.org !== FLEET_ORG);
  for (const { org, uid } of heads) {
    const signatures = await parts.lanes.inLane(uid, () => refreshOne(parts, { org, uid }));
    if (signatures > 0) done.push({ org, signatures });
  }
  return done;
}

async function refreshOne(
  parts: PublishParts,
  { org, uid }: { readonly org: OrgSlug; readonly uid: ObservedOrg['uid'] },
): Promise<number> {
  const publication = await parts.store.publication(org);
  if (publication === undefined) return 0;
  const { signer, publisher, fleet } = parts;
  const nextTimestamp = (nowMs: number): Promise<number> => parts.runtime.nextTimestamp(org, nowMs);
  const trust = { fleet, org: uid, signer, publisher, nowMs: parts.clock.nowMs(), publication, nextTimestamp };
  const refreshed = await refreshOrg({ ...trust, what: 'due' });
  if (refreshed.signatures > 0)
    await parts.store.transact(org, (tx) => tx.putPublication(refreshed.publication), parts.fence);
  return refreshed.signatures;
}
