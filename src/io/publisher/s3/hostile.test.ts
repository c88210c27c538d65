import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../../core/model/index.ts';
import { nodeHash } from '../../../host/index.ts';
import type { Publisher } from '../../../ports/index.ts';
import { s3CredentialsFrom, s3Publisher } from '../index.ts';
import { type Answer, KEYS, type Mishap, S3Server, xml } from './server.testkit.ts';

// What a store answers when fleet.yaml, the credentials or the store itself are not right: each is told as what it is.

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const FILE = new Map([['1.root.json', bytes('one')]]);

let server: S3Server;
let publisher: Publisher;
beforeEach(async () => {
  server = new S3Server();
  const place = { endpoint: await server.listen(), region: KEYS.region, bucket: 'bucket', prefix: 'fleet' };
  const credentials = s3CredentialsFrom({ AWS_ACCESS_KEY_ID: KEYS.id, AWS_SECRET_ACCESS_KEY: KEYS.secret });
  publisher = s3Publisher({ place, credentials, pauseMs: 1 });
});
afterEach(() => server.close());

const always = (answer: Mishap): void => {
  server.mishaps.push(...Array.from({ length: 50 }, () => answer));
};

const page = (isTruncated: string, next: string): string => {
  const entry = `<Contents><Key>fleet/${A}/1.root.json</Key><Size>3</Size></Contents>`;
  return `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${entry}</ListBucketResult>`;
};

describe('an S3 publisher', () => {
  it('says that there is no such bucket, whatever it was asked for', async () => {
    always(xml(404, 'NoSuchBucket'));
    for (const work of [
      () => publisher.get(A, 'timestamp.json'),
      () => publisher.list(A),
      () => publisher.putImmutable(A, FILE),
      () => publisher.putMutable(A, 'timestamp.json', bytes('one'), null),
      () => publisher.remove(A, ['1.root.json']),
    ])
      await expect(work()).rejects.toMatchObject({
        code: 'PUBLISH_UNREACHABLE',
        message: expect.stringContaining('status 404 NoSuchBucket'),
      });
  });

  it.each([
    [xml(400, 'ExpiredToken'), 'PUBLISH_REFUSED', '400 ExpiredToken'],
    [xml(400, 'AuthorizationHeaderMalformed'), 'PUBLISH_UNREACHABLE', '400 AuthorizationHeaderMalformed'],
    [xml(501, 'NotImplemented'), 'PUBLISH_UNREACHABLE', '501 NotImplemented'],
    [xml(301, 'PermanentRedirect'), 'PUBLISH_ELSEWHERE', '301 PermanentRedirect'],
    [xml(307, 'TemporaryRedirect', { location: 'https://elsewhere.example/' }), 'PUBLISH_ELSEWHERE', '307'],
  ] satisfies readonly [Answer, string, string][])(
    'asks once for %o, and tells it by its word',
    async (answer, code, words) => {
      for (const work of [() => publisher.get(A, 'timestamp.json'), () => publisher.putImmutable(A, FILE)]) {
        server.log.length = 0;
        always(answer);
        await expect(work()).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
        expect(server.log).toHaveLength(1);
      }
    },
  );

  it.each([
    ['a page of a web server', '<html>Sign in</html>'],
    ['a page that was cut', page('false', '').slice(0, -9)],
    ['an end without its beginning', '<Error><IsTruncated>false</IsTruncated></ListBucketResult>'],
    ['a page that says neither', page('', '')],
    ['a page that is not the last and names no next', page('true', '')],
    ['pages without end', page('true', '<NextContinuationToken>same</NextContinuationToken>')],
  ])('takes %s for no list of what is there', async (_what, body) => {
    server.mishaps.push(...Array.from({ length: 300 }, () => ({ status: 200, headers: {}, body })));
    await expect(publisher.list(A)).rejects.toMatchObject({ code: 'PUBLISH_UNREACHABLE' });
  });

  const [FILE_MOST, PAGE_MOST] = [8 * 1024 * 1024, 4 * 1024 * 1024];
  const read = { work: () => publisher.get(A, 'timestamp.json'), words: `GET /bucket/fleet/${A}/timestamp.json` };
  const list = { work: () => publisher.list(A), words: 'GET /bucket' };
  const write = { work: () => publisher.putImmutable(A, FILE), words: 'PUT /bucket/fleet/conditions.probe' };
  it.each([
    { what: 'a file', status: 200, most: FILE_MOST, code: 'PUBLISH_OVERLONG', ...read },
    { what: 'a refusal', status: 404, most: FILE_MOST, code: 'PUBLISH_UNREACHABLE', ...read },
    { what: 'a list', status: 200, most: PAGE_MOST, code: 'PUBLISH_UNREACHABLE', ...list },
    { what: 'what came of a write', status: 200, most: PAGE_MOST, code: 'PUBLISH_UNREACHABLE', ...write },
  ])('says of which request $what was too long: $code', async ({ status, most, code, work, words }) => {
    server.mishaps.push({ status, headers: {}, body: 'x'.repeat(most + 1) });
    const message = `expected ${words} to be answered with at most ${most} bytes, found more`;
    await expect(work()).rejects.toMatchObject({ code, message });
  });

  const ONE: Answer = { status: 200, headers: { etag: '"one"' }, body: 'one' };
  const [REFUSED, GONE] = [xml(412, 'PreconditionFailed'), xml(404, 'NoSuchKey')];
  const create = () => publisher.putImmutable(A, FILE);
  const replace = () => publisher.putMutable(A, 'timestamp.json', bytes('two'), nodeHash.sha256('one'));
  const remove = () => publisher.remove(A, ['1.root.json']);
  it.each<[string, () => Promise<unknown>, readonly Answer[], string]>([
    ['a file that is there and is gone', create, [REFUSED, GONE], 'PUBLISH_CONFLICT'],
    ['a file that is not there for who would create it', create, [GONE], 'PUBLISH_UNREACHABLE'],
    ['a file without a tag', replace, [{ ...ONE, headers: {} }], 'PUBLISH_UNCONDITIONAL'],
    ['a file that is another and is gone', replace, [ONE, REFUSED, GONE], 'PUBLISH_CONFLICT'],
    ['a file that went', replace, [ONE, GONE, GONE], 'PUBLISH_CONFLICT'],
    ['a bucket that went', replace, [ONE, xml(404, 'NoSuchBucket')], 'PUBLISH_UNREACHABLE'],
    ['a condition that it does not know', replace, [ONE, xml(400, 'InvalidRequest')], 'PUBLISH_UNREACHABLE'],
    ['a removal that it does not know', remove, [xml(400, 'InvalidRequest')], 'PUBLISH_UNREACHABLE'],
  ])('tells %s as what it is', async (_what, work, answers, code) => {
    await publisher.putImmutable(A, new Map([['1.targets.json', bytes('for the probe')]]));
    server.mishaps.push(...answers);
    await expect(work()).rejects.toMatchObject({ code });
    expect(server.mishaps).toEqual([]);
  });

  it('has nothing to remove where nothing is', async () => {
    server.mishaps.push(GONE);
    await expect(remove()).resolves.toBeUndefined();
  });

  it('removes in the order given: what names files is gone before the files, wherever it stops', async () => {
    const paths = [
      '1.targets.json',
      '2.targets.json',
      ...Array.from({ length: 9 }, (_, at) => `targets/desk/${at}.bundle.tar`),
    ];
    await publisher.putImmutable(A, new Map(paths.map((path) => [path, bytes(path)])));
    server.denies = (method, key) => method === 'DELETE' && key.endsWith('/2.targets.json');
    await expect(publisher.remove(A, paths)).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
    expect((await publisher.list(A)).map(({ path }) => path).sort()).toEqual(paths.slice(1));
  });

  it.each([
    ['seconds', () => '1'],
    ['an instant', () => new Date(Date.now() + 1999).toUTCString()],
  ])('leaves a store alone for as long as it asks to be: %s', async (_how, rest) => {
    // Six tries would be over long before.
    always(xml(503, 'SlowDown', { 'retry-after': rest() }));
    setTimeout(() => server.mishaps.splice(0), 900);
    expect(await publisher.get(A, 'timestamp.json')).toBeUndefined();
    expect(server.log).toEqual(['GET 503', 'GET 404']);
  });

  it.each([
    ['for longer than anybody waits', '61', 1, '61 s'],
    ['for an hour from now', new Date(Date.now() + 3_600_000).toUTCString(), 1, 'that wants to be asked again in '],
    ['for no time that it says', 'soon', 6, 'in 6 tries'],
    ['until a time that has passed', 'Sun, 06 Nov 1994 08:49:37 GMT', 6, 'in 6 tries'],
  ])('asks no more where a store wants to be left alone %s: %s', async (_how, rest, asked, words) => {
    always(xml(429, 'TooManyRequests', { 'retry-after': rest }));
    await expect(publisher.get(A, 'timestamp.json')).rejects.toMatchObject({
      code: 'PUBLISH_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`429.*${words}|${words}.*429`)),
    });
    expect(server.log).toHaveLength(asked);
  });

  it('is asked no more for a file once nobody waits for it', async () => {
    always(xml(503, 'SlowDown', { 'retry-after': '60' }));
    const reader = new AbortController();
    const read = expect(publisher.get(A, 'timestamp.json', reader.signal)).rejects.toMatchObject({
      code: 'PUBLISH_UNREACHABLE',
    });
    await expect.poll(() => server.log).toEqual(['GET 503']);
    reader.abort();
    await read;
  });

  it('writes again where another write of the file was on its way and came to nothing', async () => {
    await publisher.putImmutable(A, new Map([['1.targets.json', bytes('for the probe')]]));
    server.mishaps.push(xml(409, 'ConditionalRequestConflict'));
    await publisher.putImmutable(A, FILE);
    expect(await publisher.get(A, '1.root.json')).toEqual(bytes('one'));
    always(xml(409, 'ConditionalRequestConflict'));
    await expect(publisher.putImmutable(A, new Map([['2.root.json', bytes('two')]]))).rejects.toMatchObject({
      code: 'PUBLISH_UNREACHABLE',
      message: expect.stringContaining('status 409 ConditionalRequestConflict'),
    });
  });
});
