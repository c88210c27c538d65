import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../../core/model/index.ts';
import { nodeHash } from '../../../host/index.ts';
import type { Publisher } from '../../../ports/index.ts';
import { publisherContract } from '../contract.testkit.ts';
import { ociPublisher, registryCredentialsFrom } from '../index.ts';
import { fileManifest } from './manifest.ts';
import { digestOf, LOGIN, OciServer } from './server.testkit.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const B = 'zzzzbbbbccccddddeeee' as OrgUid;
const REPOSITORY = `fleet/published/${A}`;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (path: string, text: string): ReadonlyMap<string, Uint8Array> => new Map([[path, bytes(text)]]);
const digest = (text: string) => nodeHash.sha256(text);

let server: OciServer;
let endpoint: string;
beforeEach(async () => {
  server = new OciServer();
  endpoint = await server.listen();
});
afterEach(() => server.close());

const login = (change: Readonly<Record<string, string>> = {}) =>
  registryCredentialsFrom({
    TENANTRY_REGISTRY_HOST: new URL(endpoint).host,
    TENANTRY_REGISTRY_USERNAME: LOGIN.username,
    TENANTRY_REGISTRY_PASSWORD: LOGIN.password,
    ...change,
  });

const open = (change: { readonly holdMs?: number; readonly credentials?: ReturnType<typeof login> } = {}): Publisher =>
  ociPublisher({
    place: { endpoint, prefix: 'fleet/published' },
    credentials: server.auth === 'none' ? undefined : login(),
    pauseMs: 1,
    ...change,
  });

publisherContract('the OCI publisher', () => open());

describe('the OCI publisher', () => {
  it('puts each file as an artifact in the repository of its org, under a tag that can be read', async () => {
    const long = `targets/${'g'.repeat(63)}/${'0'.repeat(64)}.bundle.tar`;
    await open().putImmutable(A, new Map([...file('targets/desk_1/abc.bundle.tar', 'one'), ...file(long, 'two')]));
    await open().putMutable(A, 'timestamp.json', bytes('three'), null);
    expect([...server.repositories.keys()]).toEqual([REPOSITORY]);
    expect(server.tags(REPOSITORY)).toEqual([
      `sha256_-${digest(long)}`,
      'targets_.desk__1_.abc.bundle.tar',
      'timestamp.json',
    ]);
    const { manifests, tags } = server.repositories.get(REPOSITORY) as never as Record<string, Map<string, Uint8Array>>;
    const manifest = manifests?.get(String(tags?.get('timestamp.json')));
    expect(JSON.parse(new TextDecoder().decode(manifest))).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.tenantry.published.v1',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
      },
      layers: [
        {
          mediaType: 'application/octet-stream',
          digest: `sha256:${digest('three')}`,
          size: 5,
          annotations: { 'org.opencontainers.image.title': 'timestamp.json' },
        },
      ],
    });
    expect((await open().list(A)).map(({ path }) => path).sort()).toEqual([
      'targets/desk_1/abc.bundle.tar',
      long,
      'timestamp.json',
    ]);
    expect(await open().get(A, long)).toEqual(bytes('two'));
  });

  it.each([
    ['a/b', 'a_b', 'a_/b', 'a__b', 'a_.b', 'a/b_', 'a_-b'],
    ['x/__/y', 'x____y', 'x/y'],
  ])('gives each of %j a tag of its own', async (...paths) => {
    const files = new Map(paths.filter((path) => !path.includes('/_')).map((path) => [path, bytes(path)] as const));
    await open().putImmutable(A, files);
    for (const path of files.keys()) expect(await open().get(A, path)).toEqual(bytes(path));
    expect((await open().list(A)).map(({ path }) => path).sort()).toEqual([...files.keys()].sort());
  });

  it('lists and removes nothing that somebody else put into the repository', async () => {
    await open().putImmutable(A, file('1.root.json', 'one'));
    const stored = server.repositories.get(REPOSITORY);
    const own = stored?.tags.get('1.root.json') ?? '';
    for (const tag of ['latest', '2.root.json', '_x', `sha256_-${'0'.repeat(64)}`]) stored?.tags.set(tag, own);
    expect(await open().list(A)).toEqual([{ path: '1.root.json', bytes: 3 }]);
    await expect(open().get(A, '2.root.json')).rejects.toMatchObject({ code: 'PUBLISH_FOREIGN' });
    await expect(open().remove(A, ['2.root.json'])).rejects.toMatchObject({ code: 'PUBLISH_FOREIGN' });
    await expect(open().putMutable(A, '2.root.json', bytes('x'), null)).rejects.toMatchObject({
      code: 'PUBLISH_CONFLICT',
    });
    expect(server.tags(REPOSITORY)).toContain('1.root.json');
  });

  it('survives a registry that is busy, away, or cuts after the work was done', async () => {
    const publisher = open();
    for (let at = 0; at < 12; at += 1) {
      server.mishaps.push(...Array.from({ length: at }, () => 503), 'done-then-cut', 'cut');
      // The first requests of a write go well here, so that each of them is hit in one of the rounds.
      server.mishaps.splice(0, at, ...([] as number[]));
      const text = `${at}`;
      await publisher.putImmutable(A, file(`${at}.root.json`, text));
      expect(await publisher.get(A, `${at}.root.json`)).toEqual(bytes(text));
    }
    server.mishaps.push(...Array.from({ length: 6 }, () => 503));
    await expect(publisher.get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_UNREACHABLE' });
  });

  it('says that a registry deletes nothing, and publishes there all the same', async () => {
    server.deletes = false;
    const publisher = open();
    await publisher.putImmutable(A, file('1.root.json', 'one'));
    await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
    await open().putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
    await expect(publisher.remove(A, ['1.root.json'])).rejects.toMatchObject({ code: 'PUBLISH_UNDELETABLE' });
    expect((await publisher.list(A)).map(({ path }) => path).sort()).toEqual(['1.root.json', 'timestamp.json']);
    // One claim for each publisher, however often it writes.
    expect(server.tags(REPOSITORY).filter((tag) => tag.startsWith('claim_-'))).toHaveLength(2);
  });

  it.each([
    { endpoint: 'http://registry.example' },
    { endpoint: 'https://user@registry.example' },
    { endpoint: 'https://registry.example/v2/' },
    { endpoint: 'not an address' },
    { prefix: '../other' },
    { prefix: 'a//b' },
    { prefix: 'Upper' },
    { prefix: 'a/' },
    { prefix: 'a'.repeat(201) },
  ])('refuses %o', (change) => {
    const place = { endpoint, prefix: '', ...change };
    expect(() => ociPublisher({ place, credentials: undefined })).toThrow(
      expect.objectContaining({ code: 'PUBLISH_PLACE' }),
    );
  });
});

describe('claims of the OCI publisher', () => {
  /** Requests overtake each other: each waits a few turns, by a count that a seed gives. */
  const shuffle = (seed: number): (() => Promise<void>) => {
    let state = seed;
    return async () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      for (let turn = state % 7; turn > 0; turn -= 1) await new Promise((resolve) => setTimeout(resolve, 0));
    };
  };

  it.each([1, 2])('let one of several racers win, whatever overtakes what (seed %i)', async (seed) => {
    server.deletes = seed % 2 === 0;
    await open().putMutable(A, 'timestamp.json', bytes('zero'), null);
    server.delay = shuffle(seed);
    const texts = ['one', 'two', 'three'];
    const ends = await Promise.allSettled([
      ...texts.map((text) => open().putMutable(A, 'timestamp.json', bytes(text), digest('zero'))),
      ...texts.map((text) => open().putImmutable(A, file('5.targets.json', text))),
    ]);
    for (const [path, from] of [
      ['timestamp.json', 0],
      ['5.targets.json', 3],
    ] as const) {
      const wins = ends.slice(from, from + 3).flatMap((end, at) => (end.status === 'fulfilled' ? [texts[at]] : []));
      expect(wins).toHaveLength(1);
      expect(await open().get(A, path)).toEqual(bytes(wins[0] ?? ''));
    }
    const losers = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []));
    expect(new Set(losers)).toEqual(new Set(['PUBLISH_CONFLICT']));
  });

  it('make a writer wait for one that read before it, however long that takes to write', async () => {
    await open().putMutable(A, 'timestamp.json', bytes('zero'), null);
    let looks = 0;
    let isOver = false;
    const slow = digestOf(fileManifest('timestamp.json', bytes('slow')));
    const reached = Promise.withResolvers<void>();
    server.delay = async (method, path, body) => {
      if (method === 'GET' && path.endsWith('/tags/list')) looks += 1;
      if (method !== 'PUT' || digestOf(body) !== slow) return;
      reached.resolve();
      const from = looks;
      // Until the other one has written, or looked often enough to show that it waits.
      while (!isOver && looks < from + 4) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const first = open().putMutable(A, 'timestamp.json', bytes('slow'), digest('zero'));
    await reached.promise;
    const second = open().putMutable(A, 'timestamp.json', bytes('quick'), digest('zero'));
    const late = expect(second.finally(() => (isOver = true))).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    await first;
    await late;
    expect(await open().get(A, 'timestamp.json')).toEqual(bytes('slow'));
  });

  it('cost four requests of the ten that replace a file', async () => {
    await open().putMutable(A, 'timestamp.json', bytes('one'), null);
    const before = server.log.length;
    await open().putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
    expect(server.log.slice(before)).toEqual([
      ...['HEAD blobs 404', 'POST uploads 202', 'PUT uploads 201'],
      // The blob of a claim, the claim, everyone's claims.
      ...['HEAD blobs 200', 'PUT manifests 201', 'GET tags 200'],
      // What is there, what is put, what is there now; and the claim again.
      ...['GET manifests 200', 'PUT manifests 201', 'GET manifests 200', 'DELETE manifests 202'],
    ]);
  });

  it('leave nothing behind, and hold up no other org', async () => {
    let claimed: readonly string[] = [];
    const publisher = open();
    server.meddle = (method, path, reply) => {
      if (method === 'PUT' && path.endsWith('/timestamp.json')) claimed = server.tags(REPOSITORY);
      return reply;
    };
    await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
    expect(claimed.filter((tag) => tag.startsWith('claim_-'))).toHaveLength(1);
    expect(server.tags(REPOSITORY)).toEqual(['timestamp.json']);
    claimOf('dead');
    await publisher.putMutable(B, 'timestamp.json', bytes('one'), null);
    expect(server.tags(`fleet/published/${B}`)).toEqual(['timestamp.json']);
  });

  /** The claim of a publisher that was killed while it held one. */
  const claimOf = (nonce: string): void => {
    const manifest = bytes(
      JSON.stringify({ artifactType: 'application/vnd.tenantry.claim.v1', annotations: { 'tenantry.claim': nonce } }),
    );
    const stored = server.repositories.get(REPOSITORY);
    stored?.manifests.set(digestOf(manifest), manifest);
    stored?.tags.set('claim_-0000000000000000', digestOf(manifest));
  };

  it.each([true, false])(
    'of a dead publisher end when they stood still for long enough (deletes: %s)',
    async (deletes) => {
      const publisher = open({ holdMs: 1000 });
      await open().putMutable(A, 'timestamp.json', bytes('one'), null);
      claimOf('dead');
      server.deletes = deletes;
      await publisher.putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
      expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('two'));
      // The next one need not wait again.
      const before = server.log.length;
      await open({ holdMs: 60_000 }).putMutable(A, 'timestamp.json', bytes('three'), digest('two'));
      expect(server.log.slice(before).filter((line) => line.startsWith('GET tags'))).toHaveLength(1);
    },
  );

  it("are what says so: anything else under such a tag stands in nobody's way", async () => {
    await open().putMutable(A, 'timestamp.json', bytes('one'), null);
    const stored = server.repositories.get(REPOSITORY);
    stored?.tags.set('claim_-0000000000000000', stored.tags.get('timestamp.json') ?? '');
    const before = server.log.length;
    await open({ holdMs: 60_000 }).putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
    expect(server.log.slice(before).filter((line) => line.startsWith('GET tags'))).toHaveLength(1);
  });

  it('of a living publisher are waited for, and no longer than it takes', async () => {
    const publisher = open({ holdMs: 300 });
    await open().putMutable(A, 'timestamp.json', bytes('one'), null);
    let renewals = 0;
    claimOf('0');
    server.meddle = (method, path, reply) => {
      // It claims again and again, faster than its claim could be taken for dead.
      if (method === 'GET' && path.endsWith('/list')) {
        renewals += 1;
        claimOf(`${renewals}`);
      }
      return reply;
    };
    const late = publisher.putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
    await expect(late).rejects.toMatchObject({ code: 'PUBLISH_CLAIMED' });
    expect(renewals).toBeGreaterThan(1);
    server.meddle = (_method, _path, reply) => reply;
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('one'));
  });

  it('are refused where the list of tags does not show them, before anything is written', async () => {
    server.hidden = (tag) => tag.startsWith('claim_-');
    await expect(open().putImmutable(A, file('1.root.json', 'one'))).rejects.toMatchObject({ code: 'PUBLISH_UNSEEN' });
    expect(server.tags(REPOSITORY)).toEqual([]);
  });

  it('send nothing after their time', async () => {
    const publisher = open({ holdMs: 400 });
    await open().putMutable(A, 'timestamp.json', bytes('one'), null);
    let isHeld = false;
    server.meddle = (method, path, reply) => {
      isHeld ||= method === 'GET' && path.endsWith('/list');
      return reply;
    };
    server.delay = async () => {
      if (isHeld) await new Promise((resolve) => setTimeout(resolve, 500));
    };
    const slow = publisher.putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
    await expect(slow).rejects.toMatchObject({ code: 'PUBLISH_UNREACHABLE' });
    server.delay = async () => undefined;
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('one'));
    expect(server.log.filter((line) => line === 'PUT manifests 201')).toHaveLength(3);
  });

  it('do not hide a writer who knows nothing of them', async () => {
    const publisher = open();
    await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
    const stored = server.repositories.get(REPOSITORY);
    const former = stored?.tags.get('timestamp.json') ?? '';
    server.meddle = (method, path, reply) => {
      if (method === 'PUT' && path.endsWith('/timestamp.json')) stored?.tags.set('timestamp.json', former);
      return reply;
    };
    const written = publisher.putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
    await expect(written).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
  });
});

describe('credentials of a registry', () => {
  it('of so many orgs are kept, and asked for anew beyond', async () => {
    server.auth = 'bearer';
    const publisher = open();
    const orgs = Array.from({ length: 65 }, (_, at) => `${at}`.padStart(20, 'a') as OrgUid);
    for (const org of [...orgs, ...orgs.slice(-2)]) await publisher.get(org, 'timestamp.json');
    const tokens = () => server.log.filter((line) => line === 'GET token 200').length;
    expect(tokens()).toBe(65);
    await publisher.get(orgs[0] ?? A, 'timestamp.json');
    expect(tokens()).toBe(66);
  });

  it.each(['basic', 'bearer'] as const)('are shown as its %s challenge asks', async (auth) => {
    server.auth = auth;
    const publisher = open();
    await publisher.putImmutable(A, file('1.root.json', 'one'));
    expect(await publisher.get(A, '1.root.json')).toEqual(bytes('one'));
    expect(await publisher.list(A)).toHaveLength(1);
    await publisher.remove(A, ['1.root.json']);
    expect(await publisher.list(A)).toEqual([]);
    await publisher.putMutable(B, 'timestamp.json', bytes('one'), null);
    const tokens = server.log.filter((line) => line === 'GET token 200');
    expect(tokens).toHaveLength(auth === 'bearer' ? 2 : 0);
    const withPassword = server.shown.filter(([path, text]) => text.startsWith('Basic ') && path !== '/token');
    if (auth === 'bearer') expect(withPassword).toEqual([]);
  });

  it('are asked for once for all who wait, and again when a token ended', async () => {
    server.auth = 'bearer';
    const publisher = open();
    const reads = Array.from({ length: 5 }, () => publisher.get(A, 'timestamp.json'));
    expect(await Promise.all(reads)).toEqual(reads.map(() => undefined));
    expect(server.log.filter((line) => line === 'GET token 200')).toHaveLength(1);
    server.revokeTokens();
    expect(await publisher.get(A, 'timestamp.json')).toBeUndefined();
    expect(server.log.filter((line) => line === 'GET token 200')).toHaveLength(2);
  });

  it.each(['basic', 'bearer'] as const)(
    'are refused when they are wrong or missing, and never repeated (%s)',
    async (auth) => {
      server.auth = auth;
      for (const credentials of [login({ TENANTRY_REGISTRY_PASSWORD: 'hunter2' }), undefined]) {
        const before = server.log.length;
        const failure = await open({ credentials })
          .get(A, 'timestamp.json')
          .catch((error: unknown) => error);
        expect(failure).toMatchObject({ code: 'PUBLISH_REFUSED' });
        expect(inspect(failure)).not.toContain('hunter2');
        expect(server.log.length - before).toBeLessThanOrEqual(3);
      }
    },
  );

  it('end a loop of challenges', async () => {
    server.auth = 'bearer';
    server.meddle = (_method, path, reply) =>
      path === '/token' ? { ...reply, body: JSON.stringify({ token: 'of-no-use', expires_in: 1 }) } : reply;
    const refused = open().get(A, 'timestamp.json');
    await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
    expect(server.log).toEqual(['GET manifests 401', 'GET token 200', 'GET manifests 401']);
  });

  it('cannot be printed', () => {
    const credentials = login({ TENANTRY_REGISTRY_PASSWORD: 'hunter2' });
    const publisher = open({ credentials });
    for (const thing of [credentials, publisher])
      for (const text of [inspect(thing, { depth: null, showHidden: true }), JSON.stringify(thing), String(thing)])
        expect(text).not.toContain('hunter2');
  });

  it.each([
    { TENANTRY_REGISTRY_PASSWORD: '' },
    { TENANTRY_REGISTRY_USERNAME: '' },
    { TENANTRY_REGISTRY_HOST: '' },
    { TENANTRY_REGISTRY_USERNAME: 'a:b' },
  ])('are refused when they are not whole: %o', (change) => {
    expect(() => login(change)).toThrow(expect.objectContaining({ code: 'PUBLISH_REFUSED' }));
  });

  it('are for the one host that the environment names', () => {
    const credentials = login({ TENANTRY_REGISTRY_HOST: 'registry.example' });
    expect(() => open({ credentials })).toThrow(expect.objectContaining({ code: 'PUBLISH_REFUSED' }));
  });

  it('go to no token server but the one that the environment names', async () => {
    const thief = new OciServer();
    const realm = `${await thief.listen()}/token`;
    server.auth = 'bearer';
    server.realm = realm;
    await expect(open().get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_ELSEWHERE' });
    expect(thief.shown).toEqual([]);
    // The same server, once it is named: asked for one repository, and the password is for it alone.
    const credentials = login({ TENANTRY_REGISTRY_TOKEN_HOST: new URL(realm).host });
    thief.meddle = (_method, _path, reply) => reply;
    await expect(open({ credentials }).get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
    expect(thief.log).toEqual(['GET token 200']);
    server.auth = 'basic';
    await expect(open({ credentials }).get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_ELSEWHERE' });
    expect(server.shown.filter(([, text]) => text.startsWith('Basic'))).toEqual([]);
    await thief.close();
  });

  it.each(['http://registry.example/token', 'ftp://127.0.0.1/token', 'no address', 'https://user:word@HOST/token'])(
    'do not go to the realm %s',
    async (realm) => {
      server.auth = 'bearer';
      server.realm = realm.replace('HOST', new URL(endpoint).host);
      await expect(open().get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_ELSEWHERE' });
      expect(server.shown).toEqual([]);
    },
  );

  it.each(['http://tokens.example/token', 'ftp://tokens.example/token'])(
    'do not go to a token server that is named without https: %s',
    async (realm) => {
      server.auth = 'bearer';
      server.realm = realm;
      const credentials = login({ TENANTRY_REGISTRY_TOKEN_HOST: 'tokens.example' });
      await expect(open({ credentials }).get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_ELSEWHERE' });
      expect(server.shown).toEqual([]);
    },
  );

  it('are shown once where they were refused', async () => {
    server.auth = 'basic';
    const publisher = open({ credentials: login({ TENANTRY_REGISTRY_PASSWORD: 'wrong' }) });
    for (const asked of [['GET manifests 401', 'GET manifests 401'], ['GET manifests 401']]) {
      server.log.length = 0;
      await expect(publisher.get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
      expect(server.log).toEqual(asked);
    }
  });

  it.each([
    ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' }, 'PUBLISH_ELSEWHERE'],
    ['a request in an hour', { status: 429, headers: { 'retry-after': '3600' }, body: '' }, 'PUBLISH_UNREACHABLE'],
    ['what they do not allow', { status: 403, headers: {}, body: '' }, 'PUBLISH_REFUSED'],
    ['no JSON', { status: 200, headers: {}, body: 'token' }, 'PUBLISH_UNREACHABLE'],
    ['no token', { status: 200, headers: {}, body: '{}' }, 'PUBLISH_UNREACHABLE'],
    ['a token that breaks the header', { status: 200, headers: {}, body: '{"token":"a\\nb"}' }, 'PUBLISH_UNREACHABLE'],
    [
      'a token without end',
      { status: 200, headers: {}, body: `{"token":"${'a'.repeat(70_000)}"}` },
      'PUBLISH_UNREACHABLE',
    ],
  ])('are not turned into %s', async (_what, reply, code) => {
    server.auth = 'bearer';
    server.meddle = (_method, path, served) => (path === '/token' ? reply : served);
    await expect(open().get(A, 'timestamp.json')).rejects.toMatchObject({ code });
    expect(server.log.filter((line) => line.startsWith('GET token'))).toHaveLength(1);
  });

  it.each(['', 'Negotiate', 'Bearer service="registry.test"'])(
    'are not shown for the challenge %j',
    async (challenge) => {
      server.auth = 'basic';
      server.meddle = (_method, _path, reply) => ({ ...reply, headers: { 'www-authenticate': challenge } });
      await expect(open().get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
      expect(server.shown).toEqual([]);
    },
  );
});
