import type { FileFacts, OrgUid, Publication } from '../../core/model/index.ts';
import {
  bundleTarget,
  metadataFile,
  opaTarget,
  provenanceTarget,
  sha256Of,
  TIMESTAMP_FILE,
  targetFile,
} from '../layout.ts';
import type { PublishedFiles } from './context.ts';
import { namedBy } from './overtaken.ts';

/** The paths of published files that are not as they were put. */
export interface Astray {
  readonly gone: readonly string[];
  /** Of another length or with other bytes, or not to be read. */
  readonly changed: readonly string[];
}

export interface CompareRequest {
  readonly org: OrgUid;
  readonly publisher: Pick<PublishedFiles, 'get'>;
  readonly publication: Publication;
  /** Length of every published file of the org, by its path. */
  readonly listed: ReadonlyMap<string, number>;
}

/**
 * What a publication leads to, against what lies there: by the list where that tells enough, else by SHA-256. Of the
 * timestamp, which is renewed all the time, it counts which snapshot it leads to; its signature is for readers.
 */
export async function comparePublished(request: CompareRequest): Promise<Astray> {
  const { publication, listed } = request;
  const put = putFiles(publication);
  const gone = [TIMESTAMP_FILE, ...put.keys()].filter((path) => !listed.has(path));
  const changed: string[] = [];
  if (listed.has(TIMESTAMP_FILE) && !(await leadsToSnapshot(request))) changed.push(TIMESTAMP_FILE);
  for (const [path, facts] of put) if (listed.has(path) && !(await isAsPut(request, path, facts))) changed.push(path);
  return { gone, changed };
}

/** Every file below the timestamp that readers of this publication ask for. */
function putFiles({ roots, meta, targets, ...versions }: Publication): ReadonlyMap<string, FileFacts> {
  return new Map<string, FileFacts>([
    ...Object.entries(roots).map(([version, facts]) => [metadataFile('root', Number(version)), facts] as const),
    [metadataFile('snapshot', versions.snapshotVersion), meta.snapshot],
    [metadataFile('targets', versions.targetsVersion), meta.targets],
    ...Object.entries(targets).flatMap(([gateway, { bundle, provenance, opa }]) => [
      [targetFile(bundleTarget(gateway), bundle.sha256), bundle] as const,
      [targetFile(provenanceTarget(gateway), provenance.sha256), provenance] as const,
      ...(opa === undefined ? [] : [[targetFile(opaTarget(gateway), opa.sha256), opa] as const]),
    ]),
  ]);
}

async function isAsPut(request: CompareRequest, path: string, { length, sha256 }: FileFacts): Promise<boolean> {
  if (request.listed.get(path) !== length) return false;
  const bytes = await readable(request, path);
  return bytes !== undefined && sha256Of(bytes) === sha256;
}

async function leadsToSnapshot(request: CompareRequest): Promise<boolean> {
  const { sha256 } = request.publication.meta.snapshot;
  return namedBy(await readable(request, TIMESTAMP_FILE), 'snapshot')?.sha256 === sha256;
}

const NOT_AS_PUT: readonly unknown[] = ['PUBLISH_DAMAGED', 'PUBLISH_FOREIGN', 'PUBLISH_OVERLONG'];

/** The bytes; undefined where what lies there cannot be read as a published file. */
async function readable({ publisher, org }: CompareRequest, path: string): Promise<Uint8Array | undefined> {
  try {
    return await publisher.get(org, path);
  } catch (cause) {
    if (NOT_AS_PUT.includes((cause as { readonly code?: unknown }).code)) return undefined;
    throw cause;
  }
}
