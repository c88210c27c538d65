import { decode, integer, list, oneOf, record, text } from '../core/bundle/index.ts';
import { parseJson, type Sha256Hex } from '../core/model/index.ts';
import { TrustError } from './error.ts';

// Files of one org's repository in one answer, so that an activation is one signed request instead of six. A parcel proves
// nothing: whoever opens it judges each file as if it had come alone. It is a line of JSON, {format, files: [{name, length}]},
// and after its line feed the files, one after the other.

/** The resource below an org's folder that answers with a parcel. */
export const PARCEL = 'publication';
/** The largest parcel: every file of an activation at its own limit, and some roots. */
export const PARCEL_BYTES = 8 * 1024 * 1024;
/** The most files of a parcel; who slept through more roots than that asks for them one by one. */
const MOST_FILES = 128;
const HEADER_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** What a gateway has of its org's repository, so that a source may leave it out. */
export interface KnownFiles {
  /** Version of the newest root that it trusts. */
  readonly root: number;
  readonly snapshot: number | null;
  /** SHA-256 of the bundle that it runs. */
  readonly bundle: Sha256Hex | null;
}

/** The parcel's path below the org's folder, for who has these files. */
export function parcelPath({ root, snapshot, bundle }: KnownFiles): string {
  const known = [`root=${root}`];
  if (snapshot !== null) known.push(`snapshot=${snapshot}`);
  if (bundle !== null) known.push(`bundle=${bundle}`);
  return `${PARCEL}?${known.join('&')}`;
}

/** What the query of a parcel's path says; undefined when it is not one that `parcelPath` wrote. */
export function knownFiles(query: URLSearchParams): KnownFiles | undefined {
  const [root, snapshot, bundle] = ['root', 'snapshot', 'bundle'].map((name) => query.get(name));
  if (!isVersion(root) || !(snapshot === null || isVersion(snapshot))) return undefined;
  if (!(bundle === null || isDigest(bundle))) return undefined;
  return { root: Number(root), snapshot: snapshot === null ? null : Number(snapshot), bundle };
}

function isVersion(value: string | null | undefined): value is string {
  return /^[1-9][0-9]{0,14}$/.test(value ?? '');
}

function isDigest(value: string | null | undefined): value is Sha256Hex {
  return /^[0-9a-f]{64}$/.test(value ?? '');
}

interface Header {
  readonly format: 'tenantry/parcel/v1';
  readonly files: readonly { readonly name: string; readonly length: number }[];
}

const headerShape = record<Header>({
  format: oneOf('tenantry/parcel/v1'),
  files: list(
    record<Header['files'][number]>({
      name: text(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,255}$/, 'the path of a published file'),
      length: integer(0, PARCEL_BYTES),
    }),
    MOST_FILES,
  ),
});

/** True for more files, or bytes, than any parcel holds: whoever gathers them needs no more. */
export function isTooMuch(files: ReadonlyMap<string, Uint8Array>): boolean {
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return files.size > MOST_FILES || bytes > PARCEL_BYTES;
}

/** The bytes of a parcel of these files; undefined when they are too many or too large for one. */
export function packParcel(files: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  const header: Header = {
    format: 'tenantry/parcel/v1',
    files: [...files].map(([name, { length }]) => ({ name, length })),
  };
  const parcel = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...files.values()]);
  return files.size <= MOST_FILES && parcel.length <= PARCEL_BYTES ? parcel : undefined;
}

/** The files of a parcel by their paths. TRUST_ARCHIVE for anything that `packParcel` does not write. */
export function unpackParcel(bytes: Uint8Array): Map<string, Uint8Array> {
  const end = bytes.subarray(0, HEADER_BYTES).indexOf(LINE_FEED);
  if (end === -1) throw unreadable(`expected a first line of at most ${HEADER_BYTES} bytes, found none`);
  const files = new Map<string, Uint8Array>();
  let at = end + 1;
  for (const { name, length } of headerOf(bytes.subarray(0, end)).files) {
    if (files.has(name)) throw unreadable(`expected each file once, found ${name} again`);
    files.set(name, bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) throw unreadable(`expected ${at} bytes, found ${bytes.length}`);
  return files;
}

function headerOf(line: Uint8Array): Header {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    throw unreadable('expected a first line of JSON, found something else');
  }
  const decoded = decode(headerShape, value as null, 'TRUST_ARCHIVE');
  if (!decoded.ok) throw unreadable(decoded.detail);
  return decoded.value;
}

function unreadable(detail: string): TrustError {
  return new TrustError('TRUST_ARCHIVE', `${PARCEL}: ${detail}`);
}
