import { createHash } from 'node:crypto';
import type { OrgUid, Sha256Hex } from '../../../core/model/index.ts';
import type { PublishedEntry, Publisher } from '../../../ports/index.ts';
import { publishError } from '../error.ts';
import { inTurns } from '../http.ts';
import { isPublishedPath, stepsOf } from '../path.ts';
import { openS3Client, type S3Answer, type S3Client, wordsOf } from './client.ts';
import { type S3Address, type S3Credentials, type S3Place, s3Address } from './settings.ts';

/** No published file is larger (bundles are 4 MiB at most, with room for what OPA is given): a larger one is none of ours. */
const FILE_LIMIT = { bytes: 8 * 1024 * 1024, code: 'PUBLISH_OVERLONG' } as const;
const ANSWER_LIMIT = { bytes: 4 * 1024 * 1024, code: 'PUBLISH_UNREACHABLE' } as const;
/** A page has a thousand files. */
const MOST_PAGES = 200;
/** Immutable files of one call that are on their way at once. */
const PUTS_AT_ONCE = 8;
/** The word of a 404 that says nothing of the file. */
const NO_BUCKET = 'NoSuchBucket';
/** The word of a 404 for a file; a bucket that is asked for a list never says it. */
const NO_KEY = 'NoSuchKey';
/** What caches may do with each kind of file (immutable files have their version or hash in their name). */
const CACHE = {
  immutable: 'public, max-age=31536000, immutable, no-transform',
  mutable: 'public, max-age=5, no-transform',
};

export interface S3PublisherOptions {
  readonly place: S3Place;
  readonly credentials: S3Credentials;
  readonly pauseMs?: number;
}

/**
 * Publishes into `<bucket>/<prefix>/<org uid>/<path>` with conditional writes: an immutable file is created or it is the
 * same already, the mutable one is replaced only over the version that was read. A store that ignores such conditions is
 * refused (PUBLISH_UNCONDITIONAL) before the first write, because two publishers could both win there.
 */
export function s3Publisher({ place, credentials, pauseMs = 200 }: S3PublisherOptions): Publisher {
  const address = s3Address(place);
  const { base } = address;
  const client = openS3Client({ region: place.region, credentials, pauseMs });
  const urlOf = (org: OrgUid, path: string): URL => new URL(stepsOf(org, path).join('/'), base);
  let probed: Promise<void> | undefined;
  const honoursConditions = (): Promise<void> => {
    probed ??= probe(client, base).catch((error: unknown) => {
      probed = undefined;
      throw error;
    });
    return probed;
  };
  return {
    races: 'conditions',
    async putImmutable(org, files) {
      const puts = [...files].map(([path, bytes]) => ({ url: urlOf(org, path), bytes }));
      await honoursConditions();
      await inTurns(puts, PUTS_AT_ONCE, ({ url, bytes }) => create(client, url, bytes));
    },
    async putMutable(org, path, bytes, over) {
      const url = urlOf(org, path);
      await honoursConditions();
      await replace(client, { url, bytes, over });
    },
    async get(org, path, signal) {
      return (await read(client, urlOf(org, path), signal))?.bytes;
    },
    list: (org) => list(client, address, org),
    async remove(org, paths) {
      // In the order given: what names files goes before the files.
      for (const url of paths.map((path) => urlOf(org, path))) await remove(client, url);
    },
  };
}

async function read(client: S3Client, url: URL, signal?: AbortSignal): Promise<S3Answer | undefined> {
  const answer = await client({ method: 'GET', url, limit: FILE_LIMIT, signal });
  if (answer.status === 404 && answer.word !== NO_BUCKET) return undefined;
  if (answer.status !== 200) throw unexpected('GET', url, answer);
  return answer;
}

/** Creates the file, or finds that it is there with the same bytes. */
async function create(client: S3Client, url: URL, bytes: Uint8Array): Promise<void> {
  const put = await write(client, { url, bytes, condition: { 'if-none-match': '*' }, cache: CACHE.immutable });
  if (put === 'written') return;
  const existing = await read(client, url);
  if (existing === undefined || !isSame(existing.bytes, bytes)) {
    throw publishError('PUBLISH_CONFLICT', `expected the same bytes at ${url.pathname}, found others`);
  }
}

interface Replacement {
  readonly url: URL;
  readonly bytes: Uint8Array;
  readonly over: Sha256Hex | 'overlong' | null;
}

async function replace(client: S3Client, { url, bytes, over }: Replacement): Promise<void> {
  const current = over === 'overlong' ? await overlong(client, url) : await standing(client, url, over);
  if (current !== undefined && current.etag === null)
    throw publishError('PUBLISH_UNCONDITIONAL', `expected an ETag for ${url.pathname}, found none`);
  const condition: Readonly<Record<string, string>> =
    current === undefined ? { 'if-none-match': '*' } : { 'if-match': current.etag ?? '' };
  if ((await write(client, { url, bytes, condition, cache: CACHE.mutable })) === 'written') return;
  // Refused, or our own earlier try whose answer was lost.
  const now = await read(client, url);
  if (now === undefined || !isSame(now.bytes, bytes)) throw overtaken(url);
}

/** The file of that SHA-256, or undefined where there is to be none. */
async function standing(client: S3Client, url: URL, over: Sha256Hex | null): Promise<S3Answer | undefined> {
  const current = await read(client, url);
  if ((current === undefined ? null : sha256Of(current.bytes)) !== over) throw overtaken(url);
  return current;
}

/** A file that is too long to be read, with its tag from the same answer that says how long it is. */
async function overlong(client: S3Client, url: URL): Promise<S3Answer> {
  const answer = await client({ method: 'HEAD', url, limit: FILE_LIMIT });
  if (answer.status === 200 && answer.length > FILE_LIMIT.bytes) return answer;
  throw overtaken(url);
}

function overtaken(url: URL): Error {
  return publishError('PUBLISH_CONFLICT', `expected the ${url.pathname} that was read before, found another`);
}

interface Write {
  readonly url: URL;
  readonly bytes: Uint8Array;
  readonly condition: Readonly<Record<string, string>>;
  readonly cache: string;
}

/** 412: the condition does not hold. 404: what it was about is gone. */
async function write(client: S3Client, { url, bytes, condition, cache }: Write): Promise<'written' | 'refused'> {
  const headers = { ...condition, 'cache-control': cache, 'content-type': 'application/octet-stream' };
  const answer = await client({ method: 'PUT', url, headers, body: bytes, limit: ANSWER_LIMIT });
  if (answer.status === 200 || answer.status === 201 || answer.status === 204) return 'written';
  const isGone = answer.status === 404 && answer.word !== NO_BUCKET && 'if-match' in condition;
  if (answer.status === 412 || isGone) return 'refused';
  throw unexpected('PUT', url, answer);
}

/** An ETag that no file has. */
const NO_ETAG = '"00000000000000000000000000000000"';

/**
 * Asks for a creation that must fail because the key exists, and for a replacement that must fail because it holds something
 * else: there are stores that honour only the first. The key lies beside the orgs and is no org's name.
 */
async function probe(client: S3Client, base: URL): Promise<void> {
  const url = new URL('conditions.probe', base);
  const put = (text: string, condition: Write['condition']) =>
    write(client, { url, bytes: new TextEncoder().encode(text), condition, cache: CACHE.mutable });
  const create = (text: string) => put(text, { 'if-none-match': '*' });
  if ((await create('tenantry')) === 'written' && (await create('again')) === 'written')
    throw await overwriting(client, url, 'If-None-Match');
  if ((await put('again', { 'if-match': NO_ETAG })) === 'written') throw await overwriting(client, url, 'If-Match');
}

async function overwriting(client: S3Client, url: URL, condition: string): Promise<Error> {
  await remove(client, url);
  return publishError(
    'PUBLISH_UNCONDITIONAL',
    `expected a store that honours ${condition} at ${url.host}, found one that overwrites`,
  );
}

async function remove(client: S3Client, url: URL): Promise<void> {
  const answer = await client({ method: 'DELETE', url, limit: ANSWER_LIMIT });
  const isGone = answer.status === 404 && answer.word !== NO_BUCKET;
  if (answer.status >= 300 && !isGone) throw unexpected('DELETE', url, answer);
}

/** ListObjectsV2, page by page. What is not named as we name files is none of ours. */
async function list(client: S3Client, address: S3Address, org: OrgUid): Promise<readonly PublishedEntry[]> {
  const [, name = ''] = /^([a-z0-9]{20})$/.exec(org) ?? [];
  if (name === '') stepsOf(org, 'x');
  const prefix = `${address.prefix}${name}/`;
  const found: PublishedEntry[] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const url = new URL(address.bucket);
    url.searchParams.set('list-type', '2');
    url.searchParams.set('prefix', prefix);
    if (token !== undefined) url.searchParams.set('continuation-token', token);
    const { entries, next } = pageIn(url, await client({ method: 'GET', url, limit: ANSWER_LIMIT }));
    for (const { key, bytes } of entries) {
      const path = key.startsWith(prefix) ? key.slice(prefix.length) : '';
      if (isPublishedPath(path)) found.push({ path, bytes });
    }
    if (next === undefined) return found;
    token = next;
  }
  throw publishError('PUBLISH_UNREACHABLE', `expected at most ${MOST_PAGES} pages of files of ${org}, found more`);
}

interface Page {
  readonly entries: readonly { readonly key: string; readonly bytes: number }[];
  /** Where the next page begins; undefined for the last. */
  readonly next: string | undefined;
}

/** One page of a listing. What is no whole page is refused, since a file that is not listed is one that is gone. */
function pageIn(url: URL, answer: S3Answer): Page {
  if (answer.status === 404 && answer.word === NO_KEY) throw noBucket(url);
  if (answer.status !== 200) throw unexpected('GET', url, answer);
  const page = new TextDecoder().decode(answer.bytes);
  const [, isTruncated] = /<IsTruncated>(true|false)<\/IsTruncated>/.exec(page) ?? [];
  const next = /<NextContinuationToken>([^<]{1,2048})<\/NextContinuationToken>/.exec(page)?.[1];
  const isWhole = /<ListBucketResult[\s>]/.test(page) && page.trimEnd().endsWith('</ListBucketResult>');
  if (!isWhole || isTruncated === undefined || (isTruncated === 'true' && next === undefined)) {
    const found = isWhole ? 'one that does not say where it goes on' : 'something else';
    throw publishError('PUBLISH_UNREACHABLE', `expected a page of files from GET ${url.pathname}, found ${found}`);
  }
  const entries = [...page.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = '']) => ({
    key: /<Key>([^<&]{1,1024})<\/Key>/.exec(entry)?.[1] ?? '',
    bytes: Number(/<Size>(\d{1,15})<\/Size>/.exec(entry)?.[1] ?? 0),
  }));
  return { entries, next: isTruncated === 'true' && next !== undefined ? unescaped(next) : undefined };
}

/** An endpoint that names the bucket, in its host or path, takes the bucket's name behind it for that of a file. */
function noBucket(url: URL): Error {
  return publishError(
    'PUBLISH_PLACE',
    `expected a bucket at ${url.host}${url.pathname}, found the place of a file (404 ${NO_KEY}), as where \`endpoint\` names the bucket already`,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text as XML escapes it, by name or by number. */
function unescaped(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,5})|#(\d{1,6})|([a-z]{2,4}));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function unexpected(method: string, url: URL, answer: S3Answer): Error {
  const found = wordsOf(answer);
  return publishError('PUBLISH_UNREACHABLE', `expected ${method} ${url.pathname} to succeed, found ${found}`);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function sha256Of(bytes: Uint8Array): Sha256Hex {
  return createHash('sha256').update(bytes).digest('hex') as Sha256Hex;
}
