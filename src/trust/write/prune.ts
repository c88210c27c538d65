import { type OrgUid, type Publication, parseJson, type Sha256Hex } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { metadataFile, sha256Of, targetFile } from '../layout.ts';
import type { PublishedFiles } from './context.ts';

/** How much of what was published is kept. */
export interface Retention {
  /** The newest versions of targets and snapshot, with every file that they name; the current ones count among them. */
  readonly versions: number;
}

export const DEFAULT_RETENTION: Retention = { versions: 10 };

export interface PruneRequest {
  readonly org: OrgUid;
  readonly publisher: Pick<PublishedFiles, 'get'>;
  readonly publication: Publication;
  readonly retention: Retention;
  /** Content that gateways said they run: its files stay, however old they are. */
  readonly running: ReadonlySet<Sha256Hex>;
  /** Every published path of the org. */
  readonly paths: readonly string[];
}

const METADATA = /^([1-9]\d{0,15})\.(targets|snapshot)\.json$/;
const TARGET = /^targets\//;

/**
 * The published files of an org that nothing leads to any more: snapshots, then targets, then files, so that a stop half-way leaves
 * nothing that names a missing file. Roots and the timestamp always stay. Nothing is given, and PUBLISH_DAMAGED thrown,
 * when a metadata file that stays cannot be read: what it names would look like nobody's.
 */
export async function prunable(request: PruneRequest): Promise<readonly string[]> {
  const { publication, retention, paths } = request;
  const versions = { targets: versionsOf(paths, 'targets'), snapshot: versionsOf(paths, 'snapshot') };
  // Listed or not: what it names is what gateways are led to.
  if (!versions.targets.includes(publication.targetsVersion)) throw damaged(request, publication.targetsVersion);
  const keep = Math.max(2, retention.versions);
  const kept = {
    targets: new Set([...versions.targets.filter((version) => version <= publication.targetsVersion).slice(0, keep)]),
    snapshot: new Set([
      ...versions.snapshot.filter((version) => version <= publication.snapshotVersion).slice(0, keep),
    ]),
  };
  // Above what the store knows of: another run is on its way, or was interrupted. It is not for us to judge.
  for (const role of ['targets', 'snapshot'] as const) {
    const newest = role === 'targets' ? publication.targetsVersion : publication.snapshotVersion;
    for (const version of versions[role]) if (version > newest) kept[role].add(version);
  }
  const named = await namedFiles(request, versions.targets, kept.targets);
  const isKept = (path: string): boolean => {
    const [, version, role] = METADATA.exec(path) ?? [];
    if (role !== undefined) return kept[role as 'targets' | 'snapshot'].has(Number(version));
    return !TARGET.test(path) || named.has(path);
  };
  const rank = (path: string): number => ['snapshot', 'targets'].indexOf(METADATA.exec(path)?.[2] ?? '') >>> 0;
  return paths.filter((path) => !isKept(path)).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** Newest first. */
function versionsOf(paths: readonly string[], role: 'targets' | 'snapshot'): readonly number[] {
  const versions = paths.flatMap((path) => {
    const [, version, named] = METADATA.exec(path) ?? [];
    return named === role ? [Number(version)] : [];
  });
  return versions.sort((a, b) => b - a);
}

/** Paths of the files that kept targets files name, and of the newest of each content that is running. */
async function namedFiles(
  request: PruneRequest,
  newestFirst: readonly number[],
  kept: Set<number>,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const sought = new Set(request.running);
  const found: Sha256Hex[] = [];
  for (const version of newestFirst) {
    const isKept = kept.has(version);
    if (!isKept && sought.size === 0) break;
    const targets = await targetsOf(request, version, isKept);
    for (const files of filesByGateway(targets)) {
      const isSought = files.digest !== undefined && sought.has(files.digest);
      if (!isKept && !isSought) continue;
      for (const path of files.paths) named.add(path);
      if (isSought) {
        // The file that names it stays too: it is how the next run finds it.
        kept.add(version);
        found.push(files.digest as Sha256Hex);
      }
    }
    for (const digest of found.splice(0)) sought.delete(digest);
  }
  return named;
}

interface Written {
  readonly signed?: {
    readonly targets?: {
      readonly [name: string]: {
        readonly hashes?: { readonly sha256?: string };
        readonly custom?: { readonly contentDigest?: string };
      };
    };
  };
}

type Targets = NonNullable<NonNullable<Written['signed']>['targets']>;

async function targetsOf(request: PruneRequest, version: number, isKept: boolean): Promise<Targets> {
  const { publisher, org, publication } = request;
  const path = metadataFile('targets', version);
  const bytes = await publisher.get(org, path);
  const isOwn =
    version !== publication.targetsVersion || (bytes && sha256Of(bytes) === publication.meta.targets.sha256);
  const targets = bytes === undefined || !isOwn ? undefined : parsed(bytes)?.signed?.targets;
  if (targets !== undefined) return targets;
  if (!isKept) return {};
  throw damaged(request, version);
}

function damaged({ org }: PruneRequest, version: number): TrustError {
  const path = metadataFile('targets', version);
  const words = `expected ${path} of ${org} as it was published, found it missing or changed`;
  return new TrustError('PUBLISH_DAMAGED', words);
}

interface GatewayFiles {
  readonly digest: Sha256Hex | undefined;
  readonly paths: readonly string[];
}

/** The files of each gateway: its bundle, and what else is published beside it. */
function filesByGateway(targets: Targets): readonly GatewayFiles[] {
  const found = new Map<string, { digest: Sha256Hex | undefined; paths: string[] }>();
  for (const [name, { hashes, custom }] of Object.entries(targets)) {
    const gateway = name.slice(0, name.indexOf('/'));
    const entry = found.get(gateway) ?? { digest: undefined, paths: [] };
    if (custom?.contentDigest !== undefined) entry.digest = custom.contentDigest as Sha256Hex;
    if (hashes?.sha256 !== undefined) entry.paths.push(targetFile(name, hashes.sha256 as Sha256Hex));
    found.set(gateway, entry);
  }
  return [...found.values()];
}

function parsed(bytes: Uint8Array): Written | undefined {
  try {
    return (parseJson(new TextDecoder().decode(bytes)) as Written | null) ?? undefined;
  } catch {
    return undefined;
  }
}
