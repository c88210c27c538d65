import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../../core/model/index.ts';
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
    ['a page that was cut', page('true', '').slice(0, -9)],
    ['a page that says neither', page('', '')],
    ['a page that is not the last and names no next', page('true', '')],
    ['pages without end', page('true', '<NextContinuationToken>same</NextContinuationToken>')],
  ])('takes %s for no list of what is there', async (_what, body) => {
    server.mishaps.push(...Array.from({ length: 300 }, () => ({ status: 200, headers: {}, body })));
    await expect(publisher.list(A)).rejects.toMatchObject({ code: 'PUBLISH_UNREACHABLE' });
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
