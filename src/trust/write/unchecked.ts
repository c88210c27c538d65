import type { Bundle, Publication, PublishedTarget, RoleEpochs } from '../../core/model/index.ts';
import { TIMESTAMP_FILE } from '../layout.ts';
import { chainOver, putSnapshot, putTargets, putTimestamp } from './chain.ts';
import { type OrgTrust, signingFor } from './context.ts';
import { addTarget, publicationOf } from './publish.ts';

/** What somebody signs with keys that are not theirs, into a place of their own. */
export interface Forgery extends OrgTrust {
  /** What stands before. */
  readonly publication: Publication;
  readonly epochs: RoleEpochs;
  /** Content to pass off as the org's; without it the targets file stays. */
  readonly bundles?: readonly Bundle[];
  /** Whether snapshot and timestamp are signed too. */
  readonly isLedTo: boolean;
  readonly timestampVersion: number;
}

/**
 * Signs and puts what it is told to, without asking whether the root names these keys: what a thief does. For rehearsals,
 * which play him against the real verifier.
 */
export async function forge(forgery: Forgery): Promise<Publication> {
  const { publication, epochs, bundles, timestampVersion } = forgery;
  const signing = signingFor(forgery, epochs);
  const targets = new Map(Object.entries(publication.targets));
  let chain = chainOver(publication, await signing.publisher.get(signing.org, TIMESTAMP_FILE));
  if (bundles !== undefined) {
    for (const [gateway, target] of await putBundles(forgery, bundles)) targets.set(gateway, target);
    chain = await putTargets(signing, chain, targets);
  }
  if (forgery.isLedTo)
    chain = await putTimestamp(signing, await putSnapshot(signing, chain), async () => timestampVersion);
  const { rootVersion, roots } = publication;
  return publicationOf(signing, chain, { generation: generationAfter(publication), rootVersion, roots, targets });
}

async function putBundles(forgery: Forgery, bundles: readonly Bundle[]): Promise<ReadonlyMap<string, PublishedTarget>> {
  const { publication } = forgery;
  const files = new Map<string, Uint8Array>();
  const request = { ...forgery, generation: generationAfter(publication), provenance: () => ({}) };
  const targets = bundles.map((bundle) => [bundle.header.gateway, addTarget(files, bundle, request)] as const);
  await forgery.publisher.putImmutable(forgery.org, files);
  return new Map(targets);
}

/** One above every generation that a gateway may have seen. */
function generationAfter({ generation }: Publication): number {
  return generation + 1;
}
