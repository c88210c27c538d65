import {
  type BundleFetcher,
  type FetchAnswer,
  type FetchOptions,
  PARCEL_BYTES,
  parcelPath,
  TIMESTAMP_FILE,
  TrustError,
  unpackParcel,
} from '../../src/trust/index.ts';
import { type Download, fileOrThrow } from './download.ts';

/** A source that had no parcel is asked for files one by one for this long. */
const SINGLY_MS = 3_600_000;
const ROOT_FILE = /^[0-9]+\.root\.json$/;

/**
 * Asks for a parcel where the verifier asks for the timestamp, and gives out its files as they are asked for, each once and
 * within its own limit. What is not in it is asked for alone, newer roots excepted: a parcel has all there are. A source
 * without parcels (a static host, an older control plane) gives every file alone.
 */
export function createParcelFetcher(download: Download, nowMs: () => number): BundleFetcher {
  let parcel: Map<string, Uint8Array> | undefined;
  let singlyUntilMs = 0;
  const alone = async (path: string, asked: FetchOptions): Promise<FetchAnswer> =>
    fileOrThrow(await download(path, asked), path);

  const askForAll = async (asked: FetchOptions): Promise<FetchAnswer | undefined> => {
    if (asked.known === undefined || nowMs() < singlyUntilMs) return undefined;
    const answer = await download(parcelPath(asked.known), { ...asked, limitBytes: PARCEL_BYTES });
    if (answer.status === 200) {
      parcel = unpackParcel(answer.bytes);
      const timestamp = given(parcel, TIMESTAMP_FILE, asked.limitBytes, answer.etag);
      if (timestamp !== undefined) return timestamp;
      throw new TrustError('TRUST_ARCHIVE', `expected ${TIMESTAMP_FILE} in the parcel, found none`);
    }
    if (answer.status === 304) return answer;
    // A fault of the source (5xx) says nothing of what it has.
    if (answer.status === 404 || answer.statusCode < 500) singlyUntilMs = nowMs() + SINGLY_MS;
    return undefined;
  };

  return {
    async get(path, asked) {
      if (path === TIMESTAMP_FILE) {
        parcel = undefined;
        return (await askForAll(asked)) ?? alone(path, asked);
      }
      const found = parcel === undefined ? undefined : given(parcel, path, asked.limitBytes, null);
      if (found !== undefined) return found;
      return parcel !== undefined && ROOT_FILE.test(path) ? { status: 404 } : alone(path, asked);
    },
  };
}

/** Takes a file out of the parcel; TRUST_LENGTH above its limit. */
function given(
  parcel: Map<string, Uint8Array>,
  path: string,
  limitBytes: number,
  etag: string | null,
): FetchAnswer | undefined {
  const bytes = parcel.get(path);
  if (bytes === undefined) return undefined;
  parcel.delete(path);
  if (bytes.length <= limitBytes) return { status: 200, bytes, etag };
  throw new TrustError('TRUST_LENGTH', `expected at most ${limitBytes} bytes of ${path}, found ${bytes.length}`);
}
