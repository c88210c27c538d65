import { canonicalText, packBundle } from '../../core/bundle/index.ts';
import {
  type Bundle,
  byCodeUnit,
  type JsonObject,
  type Publication,
  type PublishedRoots,
  type PublishedTarget,
} from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { bundleTarget, factsOf, metadataFile, provenanceTarget, sha256Of, targetFile } from '../layout.ts';
import {
  type Chain,
  chainFields,
  type NextTimestamp,
  openChain,
  type PublishOutcome,
  putSnapshot,
  putTargets,
  putTimestamp,
} from './chain.ts';
import { CLOCK_SLACK_MS, type OrgTrust, type Signing, signingFor, TIMESTAMP_RENEWAL_MS } from './context.ts';
import { withOpa } from './opa.ts';
import { isTaken } from './present.ts';
import { assertRootNames, epochsOf, type RootFile, readRoot } from './root.ts';
import { knowsRoots, openRoots } from './roots.ts';

/** What an org's gateways should get. */
export interface PublishRequest extends OrgTrust {
  /** What the store says was published last; undefined before the first time. */
  readonly publication: Publication | undefined;
  /** The org's generation that the bundles reflect. */
  readonly generation: number;
  /** One per gateway of the org; a gateway that is not among them drops out. */
  readonly bundles: readonly Bundle[];
  /** Commit, author, approvers and digests; asked only for gateways whose content changed. */
  readonly provenance: (gateway: string) => JsonObject;
  readonly nextTimestamp: NextTimestamp;
  /** Puts every file again, because some of what was published is gone. */
  readonly anew?: boolean;
}

/**
 * Publishes an org: immutable files first, the timestamp last, so that a reader sees all of it or nothing. Three
 * signatures when something changed, none when nothing did. Run again after a crash at any point, it goes on with
 * higher versions; content and generation stay what they were. The caller stores the publication afterwards.
 * Throws PUBLISH_ROOT_MISSING before `ensureRoot`, PUBLISH_SIGNER when the root names other keys.
 */
export async function publishOrg(request: PublishRequest): Promise<PublishOutcome> {
  const { publication, bundles, generation } = request;
  const isWhole = request.anew !== true && !(await wasInterrupted(request));
  const before = isWhole ? (publication?.targets ?? {}) : {};
  const changed = bundles.filter(
    (bundle) => targetOf(before, bundle.header.gateway)?.contentDigest !== bundle.contentDigest,
  );
  const wanted = new Set(bundles.map((bundle) => bundle.header.gateway));
  const removed = Object.keys(publication?.targets ?? {}).filter((gateway) => !wanted.has(gateway));
  if (publication !== undefined && before === publication.targets && changed.length === 0 && removed.length === 0) {
    return { publication: { ...publication, generation }, signatures: 0, changed: [], removed: [] };
  }
  const { root, roots } = await openRoots(request, publication ?? NO_ROOTS);
  const signing = signingFor(request, publication?.epochs ?? epochsOf(root));
  await assertSigner(signing, root);
  const opened = await openChain(signing, { publication, generation });
  const targets = new Map<string, PublishedTarget>();
  const files = new Map<string, Uint8Array>();
  for (const bundle of bundles) {
    const kept = changed.includes(bundle) ? undefined : targetOf(before, bundle.header.gateway);
    const target = kept ?? addTarget(files, bundle, request);
    targets.set(bundle.header.gateway, await withOpa(files, { bundle, target, signer: request.signer }));
  }
  if (files.size > 0) await signing.publisher.putImmutable(signing.org, files);
  const chain = await putTimestamp(
    signing,
    await putSnapshot(signing, await putTargets(signing, opened, targets)),
    request.nextTimestamp,
  );
  return {
    publication: publicationOf(signing, chain, { generation, rootVersion: root.version, roots, targets }),
    signatures: signing.count.signatures,
    changed: changed.map((bundle) => bundle.header.gateway).sort(byCodeUnit),
    removed: removed.sort(byCodeUnit),
  };
}

/** Before the first publication the first root is the current one. */
const NO_ROOTS = { rootVersion: 1, roots: {} };

/**
 * True when an earlier run got as far as a new targets file, but not to the store. Gateways may have seen what it
 * published, so nothing can be taken as unchanged: every target is put again, under the present generation.
 */
async function wasInterrupted({ publication, publisher, org }: PublishRequest): Promise<boolean> {
  return isTaken({ publisher, org }, metadataFile('targets', (publication?.targetsVersion ?? 0) + 1));
}

/** What re-signing works on. */
export interface ResignRequest extends OrgTrust {
  readonly publication: Publication;
  readonly nextTimestamp: NextTimestamp;
}

/** Signs a new timestamp over the same snapshot: one signature, and proof that the publisher is alive. */
export async function renewTimestamp(request: ResignRequest): Promise<PublishOutcome> {
  return resign(request, { targets: false, snapshot: false });
}

/** True when the timestamp is old enough to be renewed for who asks (rulings 1), or signed by a clock that was ahead. */
export function timestampDue({ signedAt }: Publication, nowMs: number): boolean {
  return nowMs - signedAt.timestamp > TIMESTAMP_RENEWAL_MS || isAhead(signedAt.timestamp, nowMs);
}

/**
 * True for a signature of a time that has not come: gateways refuse one that is a day ahead (TRUST_CLOCK), and by its age
 * it would never be made anew.
 */
function isAhead(signedAtMs: number, nowMs: number): boolean {
  return signedAtMs - nowMs > CLOCK_SLACK_MS;
}

/**
 * Re-signs what nears the half of its life (rulings 2) or was signed by a clock that was ahead, or everything; and learns
 * the roots, where the store does not know them. Nothing due: no signature, same publication.
 * The moment is spread over a tenth of the life by a hash of the org uid, so that a fleet is not due at once.
 */
export async function refreshOrg(request: ResignRequest & { readonly what: 'due' | 'all' }): Promise<PublishOutcome> {
  const { publication, what, nowMs } = request;
  const { lifetimes } = signingFor(request, publication.epochs);
  const early = Number.parseInt(sha256Of(new TextEncoder().encode(request.org)).slice(0, 8), 16) / 2 ** 32 / 10;
  const due = (role: 'targets' | 'snapshot'): boolean =>
    what === 'all' ||
    nowMs - publication.signedAt[role] >= lifetimes[role] * (0.5 - early) ||
    isAhead(publication.signedAt[role], nowMs);
  const parts = { targets: due('targets'), snapshot: due('snapshot') };
  if (!parts.targets && !parts.snapshot && !timestampDue(publication, nowMs) && knowsRoots(publication)) {
    return { publication, signatures: 0, changed: [], removed: [] };
  }
  return resign(request, parts);
}

interface Parts {
  readonly targets: boolean;
  readonly snapshot: boolean;
}

async function resign(request: ResignRequest, parts: Parts): Promise<PublishOutcome> {
  return resignWith(signingFor(request, request.publication.epochs), request, parts);
}

async function resignWith(signing: Signing, request: ResignRequest, parts: Parts): Promise<PublishOutcome> {
  const { publication } = request;
  const { root, roots } = await openRoots(request, publication);
  await assertSigner(signing, root);
  const targets = new Map(Object.entries(publication.targets));
  let chain = await openChain(signing, { publication, generation: publication.generation });
  if (parts.targets) chain = await putTargets(signing, chain, targets);
  if (parts.targets || parts.snapshot) chain = await putSnapshot(signing, chain);
  chain = await putTimestamp(signing, chain, request.nextTimestamp);
  const { generation, rootVersion } = publication;
  return {
    publication: publicationOf(signing, chain, { generation, rootVersion, roots, targets }),
    signatures: signing.count.signatures,
    changed: [],
    removed: [],
  };
}

/** Throws unless the signer holds the keys that the root names, and no rotation waits to be completed. */
async function assertSigner(signing: Signing, root: RootFile): Promise<void> {
  await assertRootNames(signing, root, ['targets', 'snapshot', 'timestamp']);
  if ((await readRoot(signing.publisher, signing.org, root.version + 1)) !== undefined) {
    throw new TrustError(
      'PUBLISH_ROTATION_PENDING',
      `expected root ${root.version} of ${signing.org} to be the newest, found root ${root.version + 1} of an interrupted rotation`,
    );
  }
}

/** Adds a gateway's bundle and its provenance, under their hashes, to the files to put. */
export function addTarget(
  files: Map<string, Uint8Array>,
  bundle: Bundle,
  request: Pick<PublishRequest, 'fleet' | 'org' | 'publication' | 'generation' | 'provenance'>,
): PublishedTarget {
  const { gateway, environment, fleet, orgUid } = bundle.header;
  if (fleet !== request.fleet || orgUid !== request.org) {
    throw new TrustError(
      'TRUST_AUDIENCE',
      `expected a bundle for ${request.fleet}/${request.org}, found ${fleet}/${orgUid}`,
    );
  }
  const archive = packBundle(bundle);
  const provenance = new TextEncoder().encode(canonicalText(request.provenance(gateway)));
  const facts = { bundle: factsOf(archive), provenance: factsOf(provenance) };
  files.set(targetFile(bundleTarget(gateway), facts.bundle.sha256), archive);
  files.set(targetFile(provenanceTarget(gateway), facts.provenance.sha256), provenance);
  const last = targetOf(request.publication?.targets ?? {}, gateway);
  const previous = (last?.contentDigest === bundle.contentDigest ? last.previous : last?.contentDigest) ?? null;
  return { environment, generation: request.generation, contentDigest: bundle.contentDigest, previous, ...facts };
}

function targetOf(targets: Publication['targets'], gateway: string): PublishedTarget | undefined {
  return Object.hasOwn(targets, gateway) ? targets[gateway] : undefined;
}

/** What the store keeps of a chain that was put. */
export function publicationOf(
  signing: Signing,
  chain: Chain,
  facts: {
    readonly generation: number;
    readonly rootVersion: number;
    readonly roots: PublishedRoots;
    readonly targets: ReadonlyMap<string, PublishedTarget>;
  },
): Publication {
  const { generation, rootVersion, roots, targets } = facts;
  return {
    generation,
    epochs: signing.epochs,
    rootVersion,
    roots,
    ...chainFields(chain),
    targets: Object.fromEntries(targets),
  };
}
