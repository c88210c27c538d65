import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../../core/model/index.ts';
import { nodeHash } from '../../../host/index.ts';
import type { Publisher } from '../../../ports/index.ts';
import { ociPublisher, registryCredentialsFrom } from '../index.ts';
import { LOGIN, type OciReply, OciServer } from './server.testkit.ts';

// What a registry that was broken into, or one that never was meant well, can try.

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = (path: string, text: string): ReadonlyMap<string, Uint8Array> => new Map([[path, bytes(text)]]);

let server: OciServer;
let other: OciServer;
let publisher: Publisher;
beforeEach(async () => {
  server = new OciServer();
  server.auth = 'basic';
  other = new OciServer();
  await other.listen();
  const endpoint = await server.listen();
  publisher = ociPublisher({
    place: { endpoint, prefix: 'fleet' },
    credentials: registryCredentialsFrom({
      TENANTRY_REGISTRY_HOST: new URL(endpoint).host,
      TENANTRY_REGISTRY_USERNAME: LOGIN.username,
      TENANTRY_REGISTRY_PASSWORD: LOGIN.password,
    }),
    pauseMs: 1,
    holdMs: 5000,
  });
  await publisher.putImmutable(A, files('1.root.json', 'one'));
});
afterEach(async () => {
  await server.close();
  await other.close();
});

/** Answers of one kind of request are changed; those of all others, and refusals, stay. */
const lie = (method: string, part: RegExp, change: (reply: OciReply) => Partial<OciReply>): void => {
  server.meddle = (asked, path, reply) =>
    asked === method && part.test(path) && reply.status < 300 ? { ...reply, ...change(reply) } : reply;
};
const headers = (name: string, value: string) => () => ({ headers: { [name]: value } });
const alwaysRedirect = (): void => {
  server.meddle = (_method, path, reply) => (path.includes('/blobs/') ? redirect('?again') : reply);
};
const forget = (status: number) => (): Partial<OciReply> => {
  server.repositories.get(`fleet/${A}`)?.blobs.clear();
  return { status };
};
/** Each list says that it goes on, and only the first page is there. */
const losePages = (): void => {
  let pages = 0;
  lie('GET', /tags/, ({ body }) => {
    pages += 1;
    return pages === 1
      ? { headers: { link: '<list?more>; rel="next"' }, body }
      : { status: 404, headers: {}, body: '' };
  });
};
const get = () => publisher.get(A, '1.root.json');
const put = () => publisher.putImmutable(A, files('2.root.json', 'two'));
const replace = () => publisher.putMutable(A, 'timestamp.json', bytes('two'), null);
const list = () => publisher.list(A);

describe('a hostile registry', () => {
  it.each<[string, () => Promise<unknown>, string, () => void]>([
    ['other bytes of a blob', get, 'PUBLISH_FOREIGN', () => lie('GET', /blobs/, () => ({ body: 'two' }))],
    ['a cut blob', get, 'PUBLISH_FOREIGN', () => lie('GET', /blobs/, () => ({ body: 'on' }))],
    ['a longer blob', get, 'PUBLISH_FOREIGN', () => lie('GET', /blobs/, () => ({ body: 'one more' }))],
    ['a blob without end', get, 'PUBLISH_FOREIGN', () => lie('GET', /blobs/, () => ({ headers: {}, body: endless() }))],
    [
      'an error without end',
      get,
      'PUBLISH_UNREACHABLE',
      () => lie('GET', /blobs/, () => ({ status: 404, headers: {}, body: endless() })),
    ],
    ['no blob', get, 'PUBLISH_FOREIGN', () => lie('GET', /blobs/, () => ({ status: 404 }))],
    [
      'a manifest of another digest than it says',
      get,
      'PUBLISH_FOREIGN',
      () => lie('GET', /manifests/, headers('docker-content-digest', `sha256:${'0'.repeat(64)}`)),
    ],
    [
      'a manifest without end',
      get,
      'PUBLISH_FOREIGN',
      () => lie('GET', /manifests/, () => ({ body: 'x'.repeat(70_000) })),
    ],
    [
      'a word without end on a manifest',
      get,
      'PUBLISH_UNREACHABLE',
      () => lie('GET', /manifests/, () => ({ status: 404, headers: {}, body: 'x'.repeat(70_000) })),
    ],
    [
      'no manifest at all',
      get,
      'PUBLISH_FOREIGN',
      () => lie('GET', /manifests/, () => ({ headers: {}, body: 'null' })),
    ],
    [
      'a manifest of another file',
      get,
      'PUBLISH_FOREIGN',
      () => lie('GET', /manifests/, ({ body }) => ({ headers: {}, body: String(body).replace('1.root', '2.root') })),
    ],
    [
      'a file that is too large to be one',
      get,
      'PUBLISH_FOREIGN',
      () => lie('GET', /manifests/, () => ({ headers: {}, body: oversized() })),
    ],
    ['a redirect of a manifest', get, 'PUBLISH_ELSEWHERE', () => lie('GET', /manifests/, () => redirect('/elsewhere'))],
    [
      'a redirect to http',
      get,
      'PUBLISH_ELSEWHERE',
      () => lie('GET', /blobs/, () => redirect('http://store.example/x')),
    ],
    ['a redirect to a file', get, 'PUBLISH_ELSEWHERE', () => lie('GET', /blobs/, () => redirect('file:///etc/passwd'))],
    ['redirects without end', get, 'PUBLISH_ELSEWHERE', () => alwaysRedirect()],
    [
      'an upload elsewhere',
      put,
      'PUBLISH_ELSEWHERE',
      () => lie('POST', /uploads/, headers('location', `${other.origin}/v2/x/blobs/uploads/1`)),
    ],
    ['no place to upload to', put, 'PUBLISH_ELSEWHERE', () => lie('POST', /uploads/, () => ({ headers: {} }))],
    ['a redirect of an upload', put, 'PUBLISH_ELSEWHERE', () => lie('PUT', /uploads/, () => redirect(other.origin))],
    [
      'another digest of what was uploaded',
      put,
      'PUBLISH_FOREIGN',
      () => lie('PUT', /uploads/, headers('docker-content-digest', 'sha256:0')),
    ],
    [
      'another digest of what was put',
      replace,
      'PUBLISH_FOREIGN',
      () => lie('PUT', /timestamp/, headers('docker-content-digest', 'sha256:0')),
    ],
    ['a manifest that is not taken', put, 'PUBLISH_UNREACHABLE', () => lie('PUT', /2\.root/, () => ({ status: 202 }))],
    ['lists of nobody', list, 'PUBLISH_UNREACHABLE', () => lie('GET', /tags/, () => ({ body: '{"errors":[]}' }))],
    ['a list that ends in a page that is not there', list, 'PUBLISH_UNREACHABLE', () => losePages()],
    ['no upload begun', put, 'PUBLISH_UNREACHABLE', () => lie('POST', /uploads/, () => ({ status: 200 }))],
    ['uploads that are never known', put, 'PUBLISH_UNREACHABLE', () => lie('PUT', /uploads/, forget(404))],
    ['a refusal', put, 'PUBLISH_REFUSED', () => lie('POST', /uploads/, () => ({ status: 403 }))],
    [
      'a list elsewhere',
      list,
      'PUBLISH_ELSEWHERE',
      () => lie('GET', /tags/, headers('link', `<${other.origin}/v2/fleet/${A}/tags/list>; rel="next"`)),
    ],
    [
      'a list of another org',
      list,
      'PUBLISH_ELSEWHERE',
      () => lie('GET', /tags/, headers('link', '</v2/fleet/b/tags/list>; rel="next"')),
    ],
    [
      'a list without end',
      list,
      'PUBLISH_UNREACHABLE',
      () => lie('GET', /tags/, headers('link', '<list?more>; rel="next"')),
    ],
    ['a list that is none', list, 'PUBLISH_UNREACHABLE', () => lie('GET', /tags/, () => ({ body: '{"tags":"all"}' }))],
    [
      'a list that is too long',
      list,
      'PUBLISH_UNREACHABLE',
      () => lie('GET', /tags/, () => ({ body: ' '.repeat(5 * 2 ** 20) })),
    ],
    ['a status that says nothing', list, 'PUBLISH_UNREACHABLE', () => lie('GET', /tags/, () => ({ status: 206 }))],
  ])('is not followed, nor believed: %s', async (_what, work, code, begin) => {
    begin();
    await expect(work()).rejects.toMatchObject({ code });
    expect(other.log).toEqual([]);
    expect(other.shown).toEqual([]);
  });

  it('may say nothing of digests, and may keep blobs elsewhere, where no credentials are shown', async () => {
    const path = `/v2/fleet/${A}/blobs/sha256:${nodeHash.sha256('one')}`;
    lie('GET', /blobs/, () => redirect(`${other.origin}${path}`));
    other.repositories.set(`fleet/${A}`, {
      ...{ manifests: new Map(), tags: new Map() },
      blobs: new Map([[path.slice(path.lastIndexOf('/') + 1), bytes('one')]]),
    });
    expect(await get()).toEqual(bytes('one'));
    expect(other.log).toEqual(['GET blobs 200']);
    expect(other.shown).toEqual([]);
    lie('PUT', /./, () => ({ headers: {} }));
    await put();
    await replace();
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('two'));
  });

  it('may lead to where it keeps blobs when it is asked whether it has one; what is not there is uploaded', async () => {
    const path = (text: string): string => `/v2/fleet/${A}/blobs/sha256:${nodeHash.sha256(text)}`;
    server.meddle = (method, asked, reply) =>
      method === 'HEAD' && reply.status === 200 ? redirect(`${other.origin}${asked}`) : reply;
    other.repositories.set(`fleet/${A}`, {
      ...{ manifests: new Map(), tags: new Map() },
      blobs: new Map([[path('two').slice(path('two').lastIndexOf('/') + 1), bytes('two')]]),
    });
    await put();
    await replace();
    expect(server.log.filter((line) => line === 'POST uploads 202')).not.toEqual([]);
    expect(other.log).toContain('HEAD blobs 404');
    expect(other.log).toContain('HEAD blobs 200');
    // An address that was signed for reading alone.
    other.meddle = () => ({ status: 403, headers: {}, body: '' });
    await publisher.putMutable(A, 'timestamp.json', bytes('three'), nodeHash.sha256('two'));
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('three'));
    expect(other.shown).toEqual([]);
  });

  it.each([400, 404, 416])(
    'may have kept the half of an upload that was cut: begun again after a %i',
    async (status) => {
      let puts = 0;
      lie('PUT', /uploads/, () => {
        puts += 1;
        if (puts > 1) return {};
        server.repositories.get(`fleet/${A}`)?.blobs.delete(`sha256:${nodeHash.sha256('two')}`);
        return { status };
      });
      await put();
      expect(await publisher.get(A, '2.root.json')).toEqual(bytes('two'));
      lie('PUT', /uploads/, forget(status));
      const third = publisher.putImmutable(A, files('3.root.json', 'three'));
      await expect(third).rejects.toMatchObject({
        code: 'PUBLISH_UNREACHABLE',
        message: expect.stringContaining(`status ${status}`),
      });
    },
  );

  it('is left alone for as long as it asks to be', async () => {
    server.log.length = 0;
    server.meddle = () => ({ status: 429, headers: { 'retry-after': '1' }, body: '' });
    setTimeout(() => {
      server.meddle = (_method, _path, reply) => reply;
    }, 900);
    expect(await get()).toEqual(bytes('one'));
    expect(server.log).toEqual(['GET manifests 429', 'GET manifests 200', 'GET blobs 200']);
  });

  it.each([/manifests/, /blobs/])('is asked no more once nobody waits for an answer: %s', async (busy) => {
    server.log.length = 0;
    lie('GET', busy, () => ({ status: 503, headers: { 'retry-after': '60' }, body: '' }));
    const reader = new AbortController();
    const read = expect(publisher.get(A, '1.root.json', reader.signal)).rejects.toMatchObject({
      code: 'PUBLISH_UNREACHABLE',
    });
    await expect.poll(() => server.log.at(-1)).toMatch(/ 503$/);
    reader.abort();
    await read;
  });

  it('is told by the request that it answered with too much', async () => {
    lie('GET', /blobs/, () => ({ body: 'one more' }));
    const message = new RegExp(
      `^expected GET [^ ]+/v2/fleet/${A}/blobs/sha256:[0-9a-f]{64} to be answered with at most 3 `,
    );
    await expect(get()).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });

  it('is asked for no file that is too large to be one', async () => {
    lie('GET', /manifests/, () => ({ headers: {}, body: oversized() }));
    server.log.length = 0;
    await expect(get()).rejects.toMatchObject({ code: 'PUBLISH_FOREIGN' });
    expect(server.log).toEqual(['GET manifests 200']);
  });

  it.each([
    [405, 'MANIFEST_UNKNOWN', 'PUBLISH_UNDELETABLE'],
    [400, 'UNSUPPORTED', 'PUBLISH_UNDELETABLE'],
    [400, 'MANIFEST_INVALID', 'PUBLISH_UNREACHABLE'],
  ])('is taken for one that deletes nothing where it says so alone: %i %s', async (status, word, code) => {
    const body = JSON.stringify({ errors: [{ code: word }] });
    lie('DELETE', /manifests/, () => ({ status, headers: {}, body }));
    await expect(publisher.remove(A, ['1.root.json'])).rejects.toMatchObject({ code });
  });

  it('is told by the scheme, too, and without what opens the place', async () => {
    lie(
      'POST',
      /uploads/,
      headers('location', `${server.origin.replace('http:', 'https:')}/v2/x/blobs/uploads/1?key=hunter2`),
    );
    const upload = await put().catch((error: unknown) => String(error));
    expect(upload).toContain(`expected a place at ${server.origin} to upload to, found https://`);
    lie('GET', /blobs/, () => redirect('http://store.example/x?key=hunter2'));
    const read = await get().catch((error: unknown) => String(error));
    expect(read).toContain('"http://store.example/x"');
    expect(`${upload} ${read}`).not.toContain('hunter2');
  });

  it('cannot make a read of one org one of another', async () => {
    const B = 'zzzzbbbbccccddddeeee' as OrgUid;
    await publisher.get(B, '1.root.json');
    expect(server.shown.at(-1)?.[0]).toBe(`/v2/fleet/${B}/manifests/1.root.json`);
    for (const org of [`${A}/x`, '..', `fleet/${A}`, ''])
      await expect(publisher.get(org as OrgUid, '1.root.json')).rejects.toMatchObject({ code: 'PUBLISH_PATH' });
  });
});

function redirect(location: string): OciReply {
  return { status: 307, headers: { location }, body: '' };
}

function endless(): Readable {
  return new Readable({
    read() {
      this.push(new Uint8Array(64 * 1024));
    },
  });
}

function oversized(): string {
  const annotations = { 'org.opencontainers.image.title': '1.root.json' };
  const layer = { digest: `sha256:${'0'.repeat(64)}`, size: 9 * 2 ** 20, annotations };
  return JSON.stringify({ artifactType: 'application/vnd.tenantry.published.v1', layers: [layer] });
}
