import { type Fetcher, Updater } from 'tuf-js';
import type { VerifyLimits } from './limits.ts';

/** tuf-js wants a URL; nothing is ever asked of this host. */
const BASE_URL = 'https://repository.invalid/';
/** No file system has this folder: a tuf-js that reached for it would fail, and nothing would be trusted. */
const NO_FOLDER = '\0';

/** What tuf-js trusts: `root.json` and so on, to the very buffers that it was given. */
export type Kept = Map<string, Buffer>;

/** One run of the TUF client workflow. */
export interface TufClient {
  /** Fetches and verifies; what holds is in what is kept. Throws whatever the fetching threw, or what tuf-js says. */
  refresh(): Promise<unknown>;
  /** The present by which expiry is judged from now on: tuf-js takes the system's clock at its start. */
  setReferenceTime(nowMs: number): void;
}

interface Needs {
  readonly limits: VerifyLimits;
  /** Gives a file by its path below the org's folder; throws DownloadHTTPError 404 for a root that is not there. */
  readonly fetch: (path: string, maxBytes: number) => Promise<Buffer>;
}

/** The parts of the updater that its type hides: where it keeps what it trusts, and what it trusts. */
type OpenUpdater = new (options: ConstructorParameters<typeof Updater>[0]) => { refresh(): Promise<unknown> };

/**
 * tuf-js over memory. It would read and write a folder at every step of every run; here only the two functions that do so
 * are others, and the workflow and its checks are its own. `kept` is what was trusted before, `root.json` at least.
 */
export function tufClient(kept: Kept, { limits, fetch }: Needs): TufClient {
  class InMemory extends (Updater as unknown as OpenUpdater) {
    loadLocalMetadata(role: string): Buffer {
      const bytes = kept.get(`${role}.json`);
      if (bytes === undefined) throw new Error(`no ${role} was kept`);
      return bytes;
    }
    persistMetadata(role: string, bytes: Buffer): void {
      kept.set(`${role}.json`, bytes);
    }
  }
  const fetcher: Fetcher = {
    downloadBytes: (url, maxBytes) => fetch(url.slice(BASE_URL.length), maxBytes),
    downloadFile: () => Promise.reject(new Error('targets are fetched by the verifier itself')),
  };
  const updater = new InMemory({
    metadataDir: NO_FOLDER,
    metadataBaseUrl: BASE_URL,
    fetcher,
    config: {
      maxRootRotations: limits.rootRotations,
      rootMaxLength: limits.rootBytes,
      targetsMaxLength: limits.targetsBytes,
    },
  });
  return {
    refresh: () => updater.refresh(),
    setReferenceTime: (nowMs) => setReferenceTime(updater, nowMs),
  };
}

/** Throws when the updater is not of the version that keeps its time where this one does. */
export function setReferenceTime(updater: object, nowMs: number): void {
  const trustedSet: unknown = Reflect.get(updater, 'trustedSet');
  if (!(trustedSet instanceof Object) || !('referenceTime' in trustedSet)) {
    throw new Error('expected tuf-js with a reference time in its trusted set, found another version');
  }
  trustedSet.referenceTime = new Date(nowMs);
}
