import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../../core/model/index.ts';
import { nodeHash } from '../../../host/index.ts';
import type { Publisher } from '../../../ports/index.ts';
import { publisherContract } from '../contract.testkit.ts';
import { s3CredentialsFrom, s3Publisher } from '../index.ts';
import { KEYS, S3Server } from './server.testkit.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (path: string, text: string): ReadonlyMap<string, Uint8Array> => new Map([[path, bytes(text)]]);
const digest = (text: string) => nodeHash.sha256(text);

let server: S3Server;
let endpoint: string;
beforeEach(async () => {
  server = new S3Server();
  endpoint = await server.listen();
});
afterEach(() => server.close());

const open = (change: { readonly secret?: string; readonly prefix?: string } = {}): Publisher =>
  s3Publisher({
    place: { endpoint, region: KEYS.region, bucket: 'bucket', prefix: change.prefix ?? 'fleet/published' },
    credentials: s3CredentialsFrom({ AWS_ACCESS_KEY_ID: KEYS.id, AWS_SECRET_ACCESS_KEY: change.secret ?? KEYS.secret }),
    pauseMs: 1,
  });

publisherContract('the S3 publisher', () => open());

describe('the S3 publisher', () => {
  it.each([
    { honours: [], ignored: 'If-None-Match' },
    { honours: ['if-match'], ignored: 'If-None-Match' },
    { honours: ['if-none-match'], ignored: 'If-Match' },
  ] as const)('writes nothing to a store that honours $honours alone', async ({ honours, ignored }) => {
    server.honours = honours;
    for (const work of [
      () => open().putImmutable(A, file('1.root.json', 'one')),
      () => open().putMutable(A, 'timestamp.json', bytes('one'), null),
    ])
      await expect(work()).rejects.toMatchObject({
        code: 'PUBLISH_UNCONDITIONAL',
        message: expect.stringContaining(`honours ${ignored} at `),
      });
    expect([...server.objects.keys()]).toEqual([]);
  });

  it.each(['/bucket', '/bucket/s3', '/s3/bucket/'])(
    'lists what it put below %s, where steps of the address are called as the bucket is',
    async (mount) => {
      server.mount = mount.replace(/\/$/, '');
      endpoint += mount;
      const publisher = open({ prefix: 'bucket/fleet' });
      await publisher.putImmutable(A, file('1.root.json', 'one'));
      expect([...server.objects.keys()]).toContain(`/bucket/bucket/fleet/${A}/1.root.json`);
      expect(await publisher.list(A)).toEqual([{ path: '1.root.json', bytes: 3 }]);
    },
  );

  it('says where it lists that the address names the bucket already', async () => {
    endpoint += '/bucket';
    await expect(open().list(A)).rejects.toMatchObject({
      code: 'PUBLISH_PLACE',
      message: expect.stringContaining('/bucket/bucket, found the place of a file (404 NoSuchKey)'),
    });
  });

  it('asks once whether the store honours conditions', async () => {
    const publisher = open();
    await publisher.putImmutable(A, file('1.root.json', 'one'));
    await publisher.putImmutable(A, file('2.root.json', 'two'));
    expect(server.log).toEqual(['PUT 200', 'PUT 412', 'PUT 412', 'PUT 200', 'PUT 200']);
  });

  it('is refused with a wrong secret, and does not repeat it', async () => {
    const failure = await open({ secret: 'hunter2' })
      .get(A, 'timestamp.json')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'PUBLISH_REFUSED' });
    expect(String(failure)).toContain('SignatureDoesNotMatch');
    expect(String(failure)).not.toContain('hunter2');
  });

  it('survives a store that is busy, away, or cuts after the work was done', async () => {
    const publisher = open();
    await publisher.putImmutable(A, file('1.root.json', 'one'));
    server.mishaps.push(503, 'cut', 'done-then-cut');
    await publisher.putImmutable(A, file('2.root.json', 'two'));
    server.mishaps.push('done-then-cut');
    await publisher.putMutable(A, 'timestamp.json', bytes('three'), null);
    expect(await publisher.get(A, '2.root.json')).toEqual(bytes('two'));
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('three'));
    // The read that goes before it, then the write.
    server.mishaps.push(500, 500);
    await publisher.putMutable(A, 'timestamp.json', bytes('four'), digest('three'));
    server.mishaps.push(...Array.from({ length: 6 }, () => 503));
    await expect(publisher.get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_UNREACHABLE' });
  });

  it('replaces a file that is too long to be read by its tag, and nothing that came in its place', async () => {
    const publisher = open();
    const key = `/bucket/fleet/published/${A}/timestamp.json`;
    const long = new Uint8Array(8 * 1024 * 1024 + 1);
    const replace = () => publisher.putMutable(A, 'timestamp.json', bytes('one'), 'overlong');
    await expect(replace()).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    server.objects.set(key, long);
    await expect(publisher.get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_OVERLONG' });
    // Another publisher comes between the look at it and the write.
    server.denies = (method) => {
      if (method === 'HEAD') server.objects.set(key, bytes('newer'));
      return false;
    };
    await expect(replace()).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    server.denies = () => false;
    await expect(replace()).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('newer'));
    server.objects.set(key, long);
    await replace();
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('one'));
    server.mishaps.push({ status: 404, headers: { 'content-length': `${2 ** 24}` }, body: '' });
    await expect(replace()).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    server.objects.set(key, long.slice(1));
    await expect(replace()).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
  });

  it('gives the loser of a race the conflict, also between reading and writing', async () => {
    const publisher = open();
    await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
    const racers = ['two', 'three', 'four'].map((text) =>
      publisher.putMutable(A, 'timestamp.json', bytes(text), digest('one')).then(
        () => text,
        (error: { readonly code: string }) => error.code,
      ),
    );
    const ends = await Promise.all(racers);
    expect(ends.filter((end) => end === 'PUBLISH_CONFLICT')).toHaveLength(2);
    const winner = ends.find((end) => end !== 'PUBLISH_CONFLICT') ?? '';
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes(winner));
  });

  it('reads no more than a published file can have', async () => {
    server.objects.set(`/bucket/fleet/published/${A}/timestamp.json`, new Uint8Array(9 * 1024 * 1024));
    await expect(open().get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_OVERLONG' });
  });

  it.each([
    { endpoint: 'http://store.example' },
    { endpoint: 'https://user@store.example' },
    { endpoint: 'https://store.example/?list' },
    { endpoint: 'https://store.example/#x' },
    { endpoint: 'not an address' },
    { bucket: 'Bucket' },
    { bucket: '../other' },
    { bucket: 'a..b' },
    { prefix: '../other' },
    { prefix: 'a//b' },
  ])('refuses %o', (change) => {
    const place = { endpoint, region: KEYS.region, bucket: 'bucket', prefix: '', ...change };
    const credentials = s3CredentialsFrom({ AWS_ACCESS_KEY_ID: KEYS.id, AWS_SECRET_ACCESS_KEY: KEYS.secret });
    expect(() => s3Publisher({ place, credentials })).toThrow(expect.objectContaining({ code: 'PUBLISH_PLACE' }));
  });

  it.each([
    { AWS_ACCESS_KEY_ID: 'id' },
    { AWS_SECRET_ACCESS_KEY: 'secret' },
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: 'secret' },
    { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: '' },
  ])('refuses to open without credentials: %o', (environment) => {
    expect(() => s3CredentialsFrom(environment)).toThrow(expect.objectContaining({ code: 'PUBLISH_REFUSED' }));
  });

  it.each([
    ['AWS_SESSION_TOKEN', 'hunter2\nhunter3'],
    ['AWS_SESSION_TOKEN', 'hunter2€'],
    ['AWS_ACCESS_KEY_ID', 'hunter2\nhunter3'],
    ['AWS_ACCESS_KEY_ID', 'hunter2 '],
  ])('refuses %s that no header can hold, and does not repeat it: %j', (name, value) => {
    const environment = { AWS_ACCESS_KEY_ID: KEYS.id, AWS_SECRET_ACCESS_KEY: KEYS.secret, [name]: value };
    const open = () => s3CredentialsFrom(environment);
    expect(open).toThrow(expect.objectContaining({ code: 'PUBLISH_REFUSED' }));
    expect(open).toThrow(name);
    expect(open).not.toThrow('hunter');
  });
});
