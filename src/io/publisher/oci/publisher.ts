import type { OrgUid, Sha256Hex } from '../../../core/model/index.ts';
import type { PublishedEntry, Publisher } from '../../../ports/index.ts';
import { publishError } from '../error.ts';
import { inTurns } from '../http.ts';
import { isPublishedPath, stepsOf } from '../path.ts';
import { registryAccess } from './access.ts';
import { openClaims } from './claims.ts';
import { openOciClient } from './client.ts';
import { digestOf, type FileEntry, fileIn, fileManifest, sha256In } from './manifest.ts';
import { type OciRepository, openRepository, type StoredManifest } from './repository.ts';
import { type OciPlace, type RegistryCredentials, registryBase } from './settings.ts';
import { isFileTag, tagOf } from './tags.ts';

/** No published file is larger (bundles are 4 MiB at most, with room for what OPA is given). */
const FILE_LIMIT_BYTES = 8 * 1024 * 1024;
/** Files of one call that are on their way at once. */
const AT_ONCE = 8;

export interface OciPublisherOptions {
  readonly place: OciPlace;
  /** undefined for a registry that asks for none. */
  readonly credentials: RegistryCredentials | undefined;
  /** The unit of waiting between tries, and how long a claim is held at most; tests make both short. */
  readonly pauseMs?: number;
  readonly holdMs?: number;
}

/**
 * Publishes into the repository `<prefix>/<org uid>` of an OCI registry: each file is an artifact with a tag made of its path.
 * Registries overwrite tags without conditions, so every write is made under a claim that other publishers see (claims.ts).
 */
export function ociPublisher({ place, credentials, pauseMs = 200, holdMs }: OciPublisherOptions): Publisher {
  const base = registryBase(place);
  if (credentials !== undefined && credentials.host !== base.host) {
    const words = `expected credentials for ${base.host} in the environment, found those for ${credentials.host}`;
    throw publishError('PUBLISH_REFUSED', words);
  }
  const client = openOciClient(registryAccess(base, credentials, { pauseMs }), { pauseMs });
  const claims = openClaims({ pauseMs, ...(holdMs === undefined ? {} : { holdMs }) });
  /** The org's own repository; the paths that go there are checked with it. */
  const repositoryOf = (org: OrgUid, paths: readonly string[]): OciRepository => {
    for (const path of ['any', ...paths]) stepsOf(org, path);
    return openRepository(client, base, place.prefix === '' ? org : `${place.prefix}/${org}`);
  };
  return {
    races: 'claims',
    async putImmutable(org, files) {
      const repository = repositoryOf(org, [...files.keys()]);
      // Blobs are known by their hash, so they need no claim.
      await inTurns([...files.values()], AT_ONCE, (bytes) => repository.putBlob(bytes));
      await claims.hold(repository, (signal) =>
        inTurns([...files], AT_ONCE, ([path, bytes]) => create(repository, { path, bytes, signal })),
      );
    },
    async putMutable(org, path, bytes, over) {
      const repository = repositoryOf(org, [path]);
      await repository.putBlob(bytes);
      await claims.hold(repository, (signal) => replace(repository, { path, bytes, signal }, over));
    },
    async get(org, path, signal) {
      const repository = repositoryOf(org, [path]);
      const found = await repository.manifest(tagOf(path), signal);
      if (found === undefined) return undefined;
      const file = fileIn(found.bytes);
      if (file?.path !== path || file.sizeBytes > FILE_LIMIT_BYTES) throw foreign(repository, path);
      return repository.blob(file.digest, file.sizeBytes, signal);
    },
    list: async (org) => list(repositoryOf(org, [])),
    async remove(org, paths) {
      const repository = repositoryOf(org, paths);
      // In the order given: what names files goes before the files.
      for (const path of paths) await remove(repository, path);
    },
  };
}

interface Write {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly signal: AbortSignal;
}

/** Creates the file, or finds that it is there with the same bytes. */
async function create(repository: OciRepository, { path, bytes, signal }: Write): Promise<void> {
  const [tag, manifest] = [tagOf(path), fileManifest(path, bytes)];
  const existing = await repository.manifest(tag, signal);
  if (existing === undefined) return repository.putManifest(tag, manifest, signal);
  if (existing.digest !== digestOf(manifest))
    throw publishError('PUBLISH_CONFLICT', `expected the same bytes at ${path} in ${repository.name}, found others`);
}

async function replace(
  repository: OciRepository,
  { path, bytes, signal }: Write,
  over: Sha256Hex | 'overlong' | null,
): Promise<void> {
  const [tag, manifest] = [tagOf(path), fileManifest(path, bytes)];
  if (shaOf(await repository.manifest(tag, signal)) !== over) throw overtaken(repository, path);
  await repository.putManifest(tag, manifest, signal);
  // Looked at again before the claim goes: who does not know of claims may have written, too.
  if ((await repository.manifest(tag, signal))?.digest !== digestOf(manifest)) throw overtaken(repository, path);
}

/** SHA-256 of the file that stands there; null for none. What is not ours has none that anybody read. */
function shaOf(stored: StoredManifest | undefined): string | null {
  if (stored === undefined) return null;
  const file = fileIn(stored.bytes);
  return file === undefined ? 'foreign' : sha256In(file);
}

function overtaken({ name }: OciRepository, path: string): Error {
  return publishError('PUBLISH_CONFLICT', `expected the ${path} in ${name} that was read before, found another`);
}

function foreign({ name }: OciRepository, path: string): Error {
  return publishError('PUBLISH_FOREIGN', `expected the manifest of ${path} under its tag in ${name}, found another`);
}

async function list(repository: OciRepository): Promise<readonly PublishedEntry[]> {
  const found: PublishedEntry[] = [];
  await inTurns((await repository.tags()).filter(isFileTag), AT_ONCE, async (tag) => {
    const file = await fileUnder(repository, tag);
    if (file !== undefined) found.push({ path: file.path, bytes: file.sizeBytes });
  });
  return found;
}

/** What is not tagged as we tag files is none of ours. */
async function fileUnder(repository: OciRepository, tag: string): Promise<FileEntry | undefined> {
  const stored = await repository.manifest(tag);
  const file = stored === undefined ? undefined : fileIn(stored.bytes);
  return file !== undefined && isPublishedPath(file.path) && tagOf(file.path) === tag ? file : undefined;
}

async function remove(repository: OciRepository, path: string): Promise<void> {
  const stored = await repository.manifest(tagOf(path));
  if (stored === undefined) return;
  // The manifest names the path, so it has no other tag that would go with it.
  if (fileIn(stored.bytes)?.path !== path) throw foreign(repository, path);
  if (await repository.deleteManifest(stored.digest)) return;
  throw publishError(
    'PUBLISH_UNDELETABLE',
    `expected the registry to delete ${path} in ${repository.name}, found that it deletes nothing`,
  );
}
