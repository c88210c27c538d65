import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { chainDocument, type Standalone, startStandalone, targetAt } from './standalone.testkit.ts';
import { startUpstream, type TestUpstream } from './upstream.testkit.ts';

// V8 reads an escaped key as another one after a text that was made for it (nodejs/node#63785): no caller
// chooses so what policies see.

let upstream: TestUpstream;
let gateway: Standalone;
const DLP = { 'dlp-filter': { blocked_terms: ['project-falcon'], action: 'block' } };

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startStandalone({ document: chainDocument(DLP, [targetAt(upstream.url)]) });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
afterEach(() => {
  upstream.received.length = 0;
});

const say = (text: string): string => JSON.stringify([{ role: 'user', content: text }]);
const ask = (body: string): Promise<Response> => gateway.post('/v1/chat/completions', body);

/** Asks with `members` and a key that V8 then takes for an escaped one of as many characters. */
async function poison(members: string): Promise<void> {
  await ask(`{${members},"m\\\\u00":1}`);
  upstream.received.length = 0;
}

test('a key is what it says, however it is written', async () => {
  const members = `"seed":1,"messages":${say('hi')}`;
  await poison(members);
  expect((await ask(`{${members},"m\\u006fdel":"gpt-4o-mini"}`)).status).toBe(200);
  expect(upstream.received.map(({ body }) => body)).toEqual([
    { seed: 1, messages: JSON.parse(say('hi')), model: 'gpt-4o-mini' },
  ]);
});

test('no caller has policies and wallets read one value, and the provider another', async () => {
  const members = `"n":1,"model":"gpt-4o-mini","messages":${say('hi')}`;
  await poison(members);
  const response = await ask(`{${members},"m\\u006fdel":"o1-pro"}`);
  expect([await response.json(), upstream.received]).toMatchObject([{ error: { code: 'malformed_json' } }, []]);
});
