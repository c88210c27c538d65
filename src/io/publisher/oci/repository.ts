import { parseJson } from '../../../core/model/index.ts';
import { publishError } from '../error.ts';
import { errorCode, isRedirect, type OciAnswer, type OciClient, type OciRequest, wordsOf } from './client.ts';
import { type Digest, digestOf, MANIFEST_TYPE } from './manifest.ts';

/** The operations of the OCI distribution specification that publishing needs, in one repository. */
export interface OciRepository {
  readonly name: string;
  /** What the tag points at, or undefined; PUBLISH_FOREIGN for what is too long to be ours. */
  manifest(tag: string, signal?: AbortSignal): Promise<StoredManifest | undefined>;
  /** Points the tag at these bytes, whatever it pointed at before. */
  putManifest(tag: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Removes a manifest with every tag that points at it; false where the registry deletes nothing. */
  deleteManifest(digest: Digest, signal?: AbortSignal): Promise<boolean>;
  /** The blob, known by its digest and size; PUBLISH_FOREIGN for anything else. */
  blob(digest: Digest, sizeBytes: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Uploads a blob where it is not there yet. */
  putBlob(bytes: Uint8Array): Promise<void>;
  /** Every tag, in any order. */
  tags(signal?: AbortSignal): Promise<readonly string[]>;
}

export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** No publisher of ours puts a longer one. */
const MANIFEST_LIMIT = { bytes: 64 * 1024, code: 'PUBLISH_FOREIGN' } as const;
const PAGE_LIMIT = { bytes: 4 * 1024 * 1024, code: 'PUBLISH_UNREACHABLE' } as const;
const ANSWER_LIMIT = { bytes: 64 * 1024, code: 'PUBLISH_UNREACHABLE' } as const;
const MOST_PAGES = 200;
const TAGS_PER_PAGE = 1000;
/** An upload whose answer was lost is looked for, then begun again. */
const MOST_UPLOADS = 3;
/**
 * What a second try of the same upload is told, after the first was cut: that the upload is done or gone (404), that it goes on
 * behind what came before (416), or that all of it together has another digest (400).
 */
const CUT_BEFORE: readonly number[] = [400, 404, 416];

export function openRepository(client: OciClient, base: URL, name: string): OciRepository {
  const at = (path: string): URL => new URL(`${name}/${path}`, base);
  type Call = Pick<OciRequest, 'method' | 'url'> & Partial<OciRequest>;
  const whole = (call: Call): OciRequest => ({ repository: name, limit: ANSWER_LIMIT, ...call });
  const ask = (call: Call): Promise<OciAnswer> => client.ask(whole(call));

  return {
    name,

    async manifest(tag, signal) {
      const url = at(`manifests/${tag}`);
      const headers = { accept: MANIFEST_TYPE };
      const answer = await ask({ method: 'GET', url, headers, limit: MANIFEST_LIMIT, signal });
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw unexpected('GET', url, answer);
      const digest = digestOf(answer.bytes);
      assertDigest(url, answer, digest);
      return { bytes: answer.bytes, digest };
    },

    async putManifest(tag, bytes, signal) {
      const url = at(`manifests/${tag}`);
      const answer = await ask({ method: 'PUT', url, headers: { 'content-type': MANIFEST_TYPE }, body: bytes, signal });
      if (answer.status !== 201 && answer.status !== 200) throw unexpected('PUT', url, answer);
      assertDigest(url, answer, digestOf(bytes));
    },

    async deleteManifest(digest, signal) {
      const url = at(`manifests/${digest}`);
      const answer = await ask({ method: 'DELETE', url, signal });
      if (answer.status === 404 || (answer.status >= 200 && answer.status < 300)) return true;
      if (answer.status === 405 || errorCode(answer) === 'UNSUPPORTED') return false;
      throw unexpected('DELETE', url, answer);
    },

    async blob(digest, sizeBytes, signal) {
      const url = at(`blobs/${digest}`);
      const limit = { bytes: sizeBytes, code: 'PUBLISH_FOREIGN' } as const;
      const answer = await client.fetchFrom(whole({ method: 'GET', url, limit, signal }));
      if (answer.status !== 200 && answer.status !== 404) throw unexpected('GET', url, answer);
      if (answer.status === 200 && answer.bytes.length === sizeBytes && digestOf(answer.bytes) === digest)
        return answer.bytes;
      const found = answer.status === 404 ? 'none' : `${answer.bytes.length} bytes of ${digestOf(answer.bytes)}`;
      throw publishError('PUBLISH_FOREIGN', `expected ${sizeBytes} bytes of ${digest} in ${name}, found ${found}`);
    },

    async putBlob(bytes) {
      const digest = digestOf(bytes);
      const url = at(`blobs/${digest}`);
      let last: OciAnswer | undefined;
      for (let attempt = 0; attempt < MOST_UPLOADS; attempt += 1) {
        // A registry that keeps blobs in an object store leads there. What is not known to be there is uploaded.
        const found = await client.fetchFrom(whole({ method: 'HEAD', url }));
        if (found.status === 200) return;
        const target = await uploadAt(ask, at('blobs/uploads/'));
        target.searchParams.set('digest', digest);
        const headers = { 'content-type': 'application/octet-stream' };
        last = await ask({ method: 'PUT', url: target, headers, body: bytes });
        if (last.status === 201) return assertDigest(url, last, digest);
        if (!CUT_BEFORE.includes(last.status)) break;
      }
      throw unexpected('PUT', url, last);
    },

    async tags(signal) {
      const found: string[] = [];
      let url: URL | undefined = at(`tags/list?n=${TAGS_PER_PAGE}`);
      for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
        const answer: OciAnswer = await ask({ method: 'GET', url, limit: PAGE_LIMIT, signal });
        // No repository yet; a page that another one named is not one that is not there.
        if (answer.status === 404 && page === 0) return found;
        if (answer.status !== 200) throw unexpected('GET', url, answer);
        found.push(...tagsIn(url, answer));
        url = nextPage(url, answer);
      }
      if (url === undefined) return found;
      throw publishError('PUBLISH_UNREACHABLE', `expected at most ${MOST_PAGES} pages of tags of ${name}, found more`);
    },
  };
}

/** Begins an upload; where the registry wants it, which must be the registry itself, because the credentials go there. */
async function uploadAt(ask: (call: Pick<OciRequest, 'method' | 'url'>) => Promise<OciAnswer>, url: URL): Promise<URL> {
  const begun = await ask({ method: 'POST', url });
  if (begun.status !== 202) throw unexpected('POST', url, begun);
  const text = begun.headers.get('location') ?? '';
  const target = URL.parse(text, url.href);
  if (text !== '' && target?.origin === url.origin && target.username === '') return target;
  const found = text === '' ? 'none' : (target?.origin ?? 'no address');
  throw publishError('PUBLISH_ELSEWHERE', `expected a place at ${url.origin} to upload to, found ${found}`);
}

function tagsIn(url: URL, { bytes }: OciAnswer): readonly string[] {
  try {
    const { name, tags } = parseJson(new TextDecoder().decode(bytes)) as {
      readonly name?: unknown;
      readonly tags?: unknown;
    };
    // A list of none says whose it is; what does not is some other answer, and a tag that is not listed is one that is gone.
    if ((tags === null || tags === undefined) && typeof name === 'string') return [];
    if (Array.isArray(tags)) return tags.filter((tag): tag is string => typeof tag === 'string');
  } catch {
    // As for any other answer that is no list.
  }
  throw publishError('PUBLISH_UNREACHABLE', `expected a list of tags from ${wordsOf({ method: 'GET', url })}`);
}

/** The page that a Link header names (RFC 8288), of the same list. */
function nextPage(url: URL, { headers }: OciAnswer): URL | undefined {
  const text = /<([^>]{1,2048})>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '')?.[1];
  if (text === undefined) return undefined;
  const next = URL.parse(text, url.href);
  if (next?.origin === url.origin && next.pathname === url.pathname) return next;
  throw publishError('PUBLISH_ELSEWHERE', `expected the next page of ${url.host}${url.pathname}, found another place`);
}

/** A registry that says a digest says the right one. */
function assertDigest(url: URL, { headers }: OciAnswer, digest: Digest): void {
  const said = headers.get('docker-content-digest');
  if (said === null || said === digest) return;
  const found = JSON.stringify(said.slice(0, 100));
  throw publishError('PUBLISH_FOREIGN', `expected ${digest} at ${url.host}${url.pathname}, found ${found}`);
}

function unexpected(method: OciRequest['method'], url: URL, answer: OciAnswer | undefined): Error {
  const words = wordsOf({ method, url });
  if (answer !== undefined && isRedirect(answer))
    return publishError('PUBLISH_ELSEWHERE', `expected ${words} to be answered, found a redirect`);
  const code = answer === undefined ? undefined : errorCode(answer);
  const found = `status ${answer?.status ?? 'none'}${code === undefined ? '' : ` ${code}`}`;
  return publishError('PUBLISH_UNREACHABLE', `expected ${words} to succeed, found ${found}`);
}
