import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

// A registry of the OCI distribution specification on loopback that says no where a real one would: it verifies digests, asks
// for the blobs of a manifest before it takes it, knows upload sessions, gives tokens for one repository each, lists in pages,
// and fails or lies when it is told to.

export const LOGIN = { username: 'publisher', password: 'not/a:real secret' };
const SERVICE = 'registry.test';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/** What to do with the next requests, in order: answer a status, cut the connection, or do the work and then cut it. */
export type Mishap = number | 'cut' | 'done-then-cut';

export interface OciReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

interface Stored {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, Uint8Array>;
  readonly tags: Map<string, string>;
}

interface Call {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Uint8Array;
}

export class OciServer {
  readonly repositories = new Map<string, Stored>();
  readonly mishaps: Mishap[] = [];
  /** After so many more requests everything is cut, as for a publisher that dies there. */
  dieAfter = Number.POSITIVE_INFINITY;
  /** `METHOD kind status` of each answer, where kind is manifests, blobs, uploads, tags or token. */
  readonly log: string[] = [];
  /** What each request brought as Authorization, and to which path. */
  readonly shown: (readonly [path: string, authorization: string])[] = [];
  auth: 'none' | 'basic' | 'bearer' = 'none';
  deletes = true;
  /** Few tags in a page, so that every listing of a test has several. */
  tagsPerPage = 5;
  /** The token server's address where it is not the registry itself. */
  realm: string | undefined;
  /** Changes answers on their way: a registry that lies. */
  meddle: (method: string, path: string, reply: OciReply) => OciReply = (_method, _path, reply) => reply;
  /** Waits before the work, and before the answer, of each request. */
  delay: (method: string, path: string, body: Uint8Array) => Promise<void> = async () => undefined;
  /** Tags that do not appear in the list. */
  hidden = (_tag: string): boolean => false;
  readonly #uploads = new Set<string>();
  readonly #tokens = new Map<string, string>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this.origin;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** Tags of a repository, sorted. */
  tags(repository: string): readonly string[] {
    return [...(this.repositories.get(repository)?.tags.keys() ?? [])].sort();
  }

  /** Forgets every token that was given out. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const url = new URL(request.url ?? '/', this.origin);
    const { authorization } = request.headers;
    if (authorization !== undefined) this.shown.push([url.pathname, authorization]);
    this.dieAfter -= 1;
    const mishap = this.dieAfter < 0 ? 'cut' : this.mishaps.shift();
    if (mishap === 'cut') return void request.socket.destroy();
    const method = request.method ?? '';
    const body = Buffer.concat(chunks);
    await this.delay(method, url.pathname, body);
    const served =
      typeof mishap === 'number' ? failure(mishap, 'TOOMANYREQUESTS') : this.#serve({ request, url, body });
    const reply = this.meddle(method, url.pathname, served);
    this.log.push(`${method} ${kindOf(url)} ${reply.status}`);
    await this.delay(method, url.pathname, body);
    if (mishap === 'done-then-cut') return void request.socket.destroy();
    response.writeHead(reply.status, reply.headers);
    if (reply.body instanceof Readable) return void reply.body.pipe(response);
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  #serve(call: Call): OciReply {
    const { url, request } = call;
    if (url.pathname === '/token') return this.#token(call);
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/([a-z0-9._/-]+?)\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === '') return failure(404, 'NAME_UNKNOWN');
    const challenge = this.#challenge(request, repository);
    if (challenge !== null) return { ...failure(401, 'UNAUTHORIZED'), headers: { 'www-authenticate': challenge } };
    if (kind === 'manifests') return this.#manifests(call, repository, reference);
    if (kind === 'tags') return this.#list(url, repository);
    return this.#blobs(call, repository, reference);
  }

  #challenge({ headers: { authorization = '' } }: IncomingMessage, repository: string): string | null {
    if (this.auth === 'none') return null;
    if (this.auth === 'basic') return authorization === basic() ? null : 'Basic realm="Registry", charset="UTF-8"';
    const scope = this.#tokens.get(authorization);
    if (scope === `repository:${repository}:pull,push,delete`) return null;
    // What it asks for is more than the publisher needs: it is not to be asked for.
    return `Bearer realm="${this.realm ?? `${this.origin}/token`}",service="${SERVICE}",scope="repository:*:*"`;
  }

  #token({ request, url }: Call): OciReply {
    if (request.headers.authorization !== basic()) return failure(401, 'UNAUTHORIZED');
    if (url.searchParams.get('service') !== SERVICE) return failure(400, 'DENIED');
    const token = randomUUID();
    this.#tokens.set(`Bearer ${token}`, url.searchParams.get('scope') ?? '');
    return { status: 200, headers: {}, body: JSON.stringify({ token, expires_in: 300 }) };
  }

  #stored(repository: string): Stored {
    const stored = this.repositories.get(repository) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.repositories.set(repository, stored);
    return stored;
  }

  #manifests({ request, body }: Call, repository: string, reference: string): OciReply {
    const { manifests, tags, blobs } = this.#stored(repository);
    const digest = reference.startsWith('sha256:') ? reference : tags.get(reference);
    if (request.method === 'PUT') {
      if (request.headers['content-type'] !== MANIFEST_TYPE) return failure(415, 'UNSUPPORTED');
      const { config, layers } = JSON.parse(Buffer.from(body).toString()) as {
        readonly config: { readonly digest: string };
        readonly layers: readonly { readonly digest: string }[];
      };
      if ([config, ...layers].some((part) => !blobs.has(part.digest))) return failure(404, 'MANIFEST_BLOB_UNKNOWN');
      manifests.set(digestOf(body), new Uint8Array(body));
      tags.set(reference, digestOf(body));
      return { status: 201, headers: { 'docker-content-digest': digestOf(body) }, body: '' };
    }
    const bytes = manifests.get(digest ?? '');
    if (digest === undefined || bytes === undefined) return failure(404, 'MANIFEST_UNKNOWN');
    if (request.method === 'GET')
      return {
        status: 200,
        headers: { 'docker-content-digest': digest, 'content-type': MANIFEST_TYPE },
        body: bytes,
      };
    if (request.method !== 'DELETE' || !this.deletes || digest !== reference) return failure(405, 'UNSUPPORTED');
    manifests.delete(digest);
    for (const [tag, at] of tags) if (at === digest) tags.delete(tag);
    return { status: 202, headers: {}, body: '' };
  }

  #blobs({ request, url, body }: Call, repository: string, reference: string): OciReply {
    const { blobs } = this.#stored(repository);
    if (request.method === 'POST' && reference === 'uploads/') {
      const id = randomUUID();
      this.#uploads.add(`uploads/${id}`);
      const location = `/v2/${repository}/blobs/uploads/${id}?_state=kept`;
      return { status: 202, headers: { location }, body: '' };
    }
    if (request.method === 'PUT') {
      if (!this.#uploads.has(reference) || url.searchParams.get('_state') !== 'kept')
        return failure(404, 'BLOB_UPLOAD_UNKNOWN');
      const digest = url.searchParams.get('digest');
      if (digest !== digestOf(body)) return failure(400, 'DIGEST_INVALID');
      this.#uploads.delete(reference);
      blobs.set(digest, new Uint8Array(body));
      return { status: 201, headers: { 'docker-content-digest': digest }, body: '' };
    }
    const bytes = blobs.get(reference);
    if (bytes === undefined) return failure(404, 'BLOB_UNKNOWN');
    return { status: 200, headers: { 'docker-content-digest': reference }, body: bytes };
  }

  #list(url: URL, repository: string): OciReply {
    if (!this.repositories.has(repository)) return failure(404, 'NAME_UNKNOWN');
    const last = url.searchParams.get('last') ?? '';
    const tags = this.tags(repository).filter((tag) => tag > last && !this.hidden(tag));
    const page = tags.slice(0, this.tagsPerPage);
    const next = `</v2/${repository}/tags/list?n=${this.tagsPerPage}&last=${page.at(-1)}>; rel="next"`;
    const headers = tags.length > page.length ? { link: next } : {};
    return {
      status: 200,
      headers: headers as Record<string, string>,
      body: JSON.stringify({ name: repository, tags: page }),
    };
  }
}

function kindOf({ pathname }: URL): string {
  return /\/(manifests|uploads|tags|blobs)\//.exec(pathname.replace('/blobs/uploads/', '/uploads/'))?.[1] ?? 'token';
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function basic(): string {
  return `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`;
}

function failure(status: number, code: string): OciReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message: 'in words' }] }),
  };
}
