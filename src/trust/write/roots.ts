import { Metadata, MetadataKind } from '@tufjs/models';
import {
  instantMs,
  type Publication,
  type PublishedRoots,
  parseJson,
  type SignedFacts,
} from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { factsOf, metadataFile } from '../layout.ts';
import type { OrgTrust } from './context.ts';
import { type RootFile, readRoot, rootJson } from './root.ts';

/** The current root of an org, and all of its roots that are known from now on. */
export interface RootChain {
  readonly root: RootFile;
  readonly roots: PublishedRoots;
}

type Place = Pick<OrgTrust, 'publisher' | 'org'>;

/**
 * The current root as it was published. A root that is not known yet (of a first publication, or of a store that kept
 * none) is taken when the one before it signed it, and the first when it signed itself. Throws PUBLISH_ROOT_MISSING for one
 * that is not there, and PUBLISH_ROOT_CHANGED for another one in its place.
 */
export async function openRoots(
  place: Place,
  { rootVersion, roots }: Pick<Publication, 'rootVersion' | 'roots'>,
): Promise<RootChain> {
  const known: { [version: number]: SignedFacts } = { ...roots };
  let before: RootFile | undefined;
  for (let version = firstToRead(roots, rootVersion); ; version += 1) {
    const root = await publishedRoot(place, roots, version);
    if (known[version] === undefined) {
      assertSigned(place, root, before);
      known[version] = rootFacts(root);
    }
    if (version >= rootVersion) return { root, roots: known };
    before = root;
  }
}

/** A published root that must be there, and be the one that is known. */
export async function publishedRoot(place: Place, roots: PublishedRoots, version: number): Promise<RootFile> {
  const { org } = place;
  const root = await readRoot(place.publisher, org, version);
  if (root === undefined)
    throw new TrustError('PUBLISH_ROOT_MISSING', `expected root ${version} of ${org} to be published, found none`);
  assertKnown(place, root, roots);
  return root;
}

/** Throws PUBLISH_ROOT_CHANGED for a root that is not the one of its version that was published. */
export function assertKnown({ org }: Pick<Place, 'org'>, root: RootFile, roots: PublishedRoots): void {
  const known = roots[root.version];
  if (known === undefined || known.sha256 === root.sha256) return;
  throw changed(`expected ${metadataFile('root', root.version)} of ${org} with SHA-256 ${known.sha256}`, root.sha256);
}

/** Throws PUBLISH_ROOT_CHANGED unless enough keys of the root before signed it, and enough of its own (TUF 5.3.4). */
export function assertSigned({ org }: Pick<Place, 'org'>, root: RootFile, before: RootFile | undefined): void {
  for (const signer of before === undefined ? [root] : [before, root]) {
    if (isSignedBy(signer, root)) continue;
    throw changed(`expected root ${root.version} of ${org} signed as root ${signer.version} asks`, 'other signatures');
  }
}

/** What the store keeps of a root. */
export function rootFacts(root: RootFile): SignedFacts {
  return { ...factsOf(root.bytes), expiresAt: instantMs(rootJson(root).expires) ?? 0 };
}

/** True where the store knows the root that enrolment pins and the one that is in use. */
export function knowsRoots({ roots, rootVersion }: Pick<Publication, 'rootVersion' | 'roots'>): boolean {
  return roots[1] !== undefined && roots[rootVersion] !== undefined;
}

/** Where all are known the current root; else the one before the first that is not, which must have signed it. */
function firstToRead(roots: PublishedRoots, rootVersion: number): number {
  for (let version = 1; version <= rootVersion; version += 1)
    if (roots[version] === undefined) return Math.max(1, version - 1);
  return rootVersion;
}

export function isSignedBy(signer: RootFile, root: RootFile): boolean {
  try {
    metadataOf(signer).verifyDelegate('root', metadataOf(root));
    return true;
  } catch {
    return false;
  }
}

function metadataOf({ bytes }: RootFile) {
  const json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as object;
  return Metadata.fromJSON(MetadataKind.Root, json as Parameters<typeof Metadata.fromJSON>[1]);
}

function changed(expected: string, found: string): TrustError {
  return new TrustError('PUBLISH_ROOT_CHANGED', `${expected}, found ${found}`);
}
