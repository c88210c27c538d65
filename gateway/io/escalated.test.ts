import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/model/index.ts';
import { chainDocument, type Standalone, startStandalone, targetAt } from './standalone.testkit.ts';
import { chunk, echo, startUpstream, streamedText, type TestUpstream } from './upstream.testkit.ts';

// What needs a person where nobody can be asked, and streams that are kept until their end.

let upstream: TestUpstream;
let gateway: Standalone | undefined;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  upstream.script = echo;
  upstream.received.length = 0;
});

async function start(policy: JsonObject, more: JsonObject = {}): Promise<(body: object) => Promise<Response>> {
  const started = await startStandalone({ document: chainDocument(policy, [targetAt(upstream.url)], more) });
  gateway = started;
  return (body) => started.post('/v1/chat/completions', body);
}

const say = (content: string, more: object = {}): object => ({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content }],
  ...more,
});
const refusalOf = async (response: Response): Promise<object> => ({
  status: response.status,
  retry: response.headers.get('x-should-retry'),
  ...((await response.json()) as { error: object }).error,
});

describe('a stand-alone gateway', () => {
  test('refuses a request that a person would have to decide about, and sends nothing', async () => {
    const ask = await start({ 'safety-filter': { block_if: ['boiler'], action: 'escalate' } });
    expect(await refusalOf(await ask(say('a boiler')))).toEqual({
      ...{ status: 409, retry: 'false', type: 'policy_violation', code: 'escalation_required' },
      policy: 'safety-filter',
      message: 'The text holds a keyword that a person has to look at. Nobody can be asked from here.',
    });
    expect(upstream.received).toEqual([]);
    expect((await ask(say('tea'))).status).toBe(200);
  });

  test.each([false, true])('refuses an answer that a person would have to approve, stream: %s', async (stream) => {
    const ask = await start({ 'human-oversight': {} });
    expect(await refusalOf(await ask(say('secret tea', { stream })))).toMatchObject({
      status: 409,
      code: 'escalation_required',
      policy: 'human-oversight',
    });
    expect(upstream.received).toHaveLength(1);
  });

  test('withholds a stream with action: block as a refusal, also when it says nothing', async () => {
    const ask = await start({ 'human-oversight': { action: 'block' } });
    for (const text of ['tea', '']) {
      expect(await refusalOf(await ask(say(text, { stream: true })))).toMatchObject({
        status: 409,
        code: 'output_blocked',
        policy: 'human-oversight',
      });
    }
  });
});

describe('a stream that is kept until its end', () => {
  const limited = { 'agent-firewall': { transaction_limits: {} } };

  test('goes out with all of its events when nobody has to decide', async () => {
    const response = await (await start(limited))(say('tea and cake', { stream: true }));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const text = await response.text();
    expect([streamedText(text), text.endsWith('data: [DONE]\n\n')]).toEqual(['tea and cake', true]);
  });

  test('is a refusal when the provider breaks off, and when it is too long', async () => {
    const ask = await start(limited, { size_limits: { max_response_bytes: 4000 } });
    upstream.script = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'tea' }), () => response.destroy());
    };
    expect(await refusalOf(await ask(say('x', { stream: true })))).toMatchObject({
      status: 502,
      code: 'upstream_error',
    });
    upstream.script = echo;
    expect(await refusalOf(await ask(say('long '.repeat(1000), { stream: true })))).toMatchObject({
      status: 502,
      code: 'upstream_too_large',
    });
  });
});
