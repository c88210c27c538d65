import { isJsonObject, type Json, type JsonObject, parseJson } from '../../core/model/index.ts';
import {
  bundleTarget,
  isTooMuch,
  type KnownFiles,
  knownFiles,
  listedTarget,
  metadataFile,
  PARCEL,
  packParcel,
  provenanceTarget,
  TIMESTAMP_FILE,
  targetFile,
} from '../../trust/index.ts';
import { type AuthenticatedReader, NOT_FOUND } from './authenticate.ts';
import { type PublishedBytes, type TimestampAsk, timestampFile } from './bundles.ts';
import { type Answer, answer, type ControlPlane } from './context.ts';

/** What the gateway has already, when GET /bundles/<org uid>/<path>?<query> asks for a parcel of its own org. */
export function parcelAsked(
  caller: AuthenticatedReader,
  uid: string,
  asked: { readonly path: string; readonly query: URLSearchParams },
): KnownFiles | undefined {
  return uid === caller.head.uid && asked.path === PARCEL ? knownFiles(asked.query) : undefined;
}

/** There is no such version of any file. */
const NO_VERSION = 0;

export interface ParcelAsk extends TimestampAsk {
  readonly known: KnownFiles;
}

/**
 * As `timestampFile`, with what the gateway has to fetch after it: newer roots, snapshot and targets, its own bundle and
 * provenance. The ETag is the timestamp's. 404 where that is more than a parcel may hold: then each file is asked for alone.
 */
export async function parcelOf(
  plane: ControlPlane,
  caller: AuthenticatedReader,
  ask: ParcelAsk,
): Promise<Answer<PublishedBytes | null>> {
  const stamp = await timestampFile(plane, ask);
  if (!stamp.ok || stamp.body === null) return stamp;
  const files = new Map([[TIMESTAMP_FILE, stamp.body.bytes]]);
  const take = takeInto(files, plane, ask);
  for (let version = ask.known.root + 1; await take(metadataFile('root', version)); version += 1);
  const snapshot = versionIn('snapshot.json', stamp.body.bytes);
  if (snapshot !== undefined && snapshot !== ask.known.snapshot) {
    const targets = versionIn('targets.json', await take(metadataFile('snapshot', snapshot)));
    const listed = await take(metadataFile('targets', targets ?? NO_VERSION));
    if (listed !== undefined && !caller.isDenied) await takeTarget(take, listed, { caller, known: ask.known });
  }
  const bytes = packParcel(files);
  return bytes === undefined ? NOT_FOUND : answer({ bytes, etag: stamp.body.etag });
}

/** Reads a published file into the parcel; undefined where there is none, and once there is more than a parcel may hold. */
type Take = (path: string) => Promise<Uint8Array | undefined>;

function takeInto(
  files: Map<string, Uint8Array>,
  { publisher }: Pick<ControlPlane, 'publisher'>,
  { head, signal }: Pick<ParcelAsk, 'head' | 'signal'>,
): Take {
  return async (path) => {
    if (isTooMuch(files)) return undefined;
    const bytes = await publisher.get(head.uid, path, signal);
    if (bytes !== undefined) files.set(path, bytes);
    return bytes;
  };
}

async function takeTarget(
  take: Take,
  targets: Uint8Array,
  { caller, known }: { readonly caller: AuthenticatedReader; readonly known: KnownFiles },
): Promise<void> {
  const { gateway } = caller.row;
  const listed = listedTarget(signedIn(targets), gateway);
  if (listed === undefined || listed.bundle.sha256 === known.bundle) return;
  await take(targetFile(bundleTarget(gateway), listed.bundle.sha256));
  if (listed.provenance !== null) await take(targetFile(provenanceTarget(gateway), listed.provenance.sha256));
}

/** The version of `file` that a metadata file names; undefined where there is no such file. */
function versionIn(file: string, bytes: Uint8Array = NOTHING): number | undefined {
  const { meta } = signedIn(bytes) as { readonly meta?: { readonly [name: string]: { readonly version: number } } };
  return meta?.[file]?.version;
}

const NOTHING = new TextEncoder().encode('{}');

/** What is signed in a published file; nothing in what lies in its place: whoever reads it judges it. */
function signedIn(bytes: Uint8Array): JsonObject {
  try {
    const file = parseJson(new TextDecoder().decode(bytes)) as Json;
    return isJsonObject(file) && isJsonObject(file['signed'] ?? null) ? (file['signed'] as JsonObject) : {};
  } catch {
    return {};
  }
}
