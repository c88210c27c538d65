import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Standalone, startStandalone } from './standalone.testkit.ts';
import {
  chunk,
  completion,
  eventsOf,
  sendJson,
  startUpstream,
  streamedText,
  streamOf,
  type TestUpstream,
  USAGE_CHUNK,
} from './upstream.testkit.ts';

// Policies that change texts, over real sockets on both sides.

const DISCLAIMER = 'General information, not advice.';
const NOTE = ' (Written by an assistant.)';
const documentOf = (origin: string): string => `
pack: { name: texts, version: 1.0.0, enabled: true }
policies:
  chain: [language-validator, request-rewriter, financial-compliance, response-rewriter, bot-detector, audit-logger]
policy:
  language-validator: { denied_languages: [de] }
  request-rewriter:
    system_message: Be brief.
    rules:
      - { name: house, pattern: "(?i)acme corp", replacement: Acme }
  financial-compliance:
    blocked_patterns: ["cannot lose"]
    required_disclaimers: ["${DISCLAIMER}"]
  response-rewriter:
    rules:
      - { name: codes, pattern: "NWO-([0-9]{3})[0-9]{4}", replacement: "NWO-$1xxxx" }
      - { name: note, pattern: "$", replacement: "${NOTE}", position: append }
  bot-detector: { fingerprint_fields: [x-bot], max_requests_per_window: 20, action: block }
  audit-logger: {}
providers:
  targets:
    - { id: main, provider: openai, model: gpt-4o-mini, base_url: "${origin}", secret_key_ref: { env: KEY } }
`;

let upstream: TestUpstream;
let gateway: Standalone;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startStandalone({ document: documentOf(upstream.url) });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const ask = (content: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.post(
    '/v1/chat/completions',
    { model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...more },
    headers,
  );

/** Answers the next requests with this text, whole or in pieces as they ask. */
const answerWith = (pieces: readonly string[]): void => {
  upstream.script = (request, response) => {
    if (request.body['stream'] !== true) {
      sendJson(response, 200, completion(pieces.join('')));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(streamOf(pieces));
  };
};

interface Event {
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
}

describe('texts on their way through a gateway', () => {
  const answer = ['Order NWO-12', '34567 is ', 'paid.'];
  const changed = `Order NWO-123xxxx is paid.\n\n${DISCLAIMER}${NOTE}`;

  test('a request goes out with its system message and its words replaced', async () => {
    answerWith(answer);
    expect((await ask('What does ACME Corp sell?')).status).toBe(200);
    expect(upstream.received.at(-1)?.body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What does Acme sell?' },
    ]);
  });

  test('an answer is the same whole and streamed, and what is added comes before the reason of its end', async () => {
    answerWith(answer);
    const whole = (await (await ask('hello')).json()) as { choices: { message: { content: string } }[] };
    expect(whole.choices[0]?.message.content).toBe(changed);
    const text = await (await ask('hello', { stream: true })).text();
    expect(streamedText(text)).toBe(changed);
    const events = eventsOf(text);
    expect(events.at(-1)).toBe('[DONE]');
    const choices = events.slice(0, -1).flatMap((event) => (JSON.parse(event) as Event).choices);
    const end = choices.findIndex((choice) => choice.finish_reason === 'stop');
    expect(
      choices
        .slice(0, end)
        .map((choice) => choice.delta.content ?? '')
        .join(''),
    ).toBe(changed);
    expect(choices.slice(end)).toHaveLength(1);
  });

  test('each choice has its own end; a call of a tool gets nothing', async () => {
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const call = { index: 0, id: 't', type: 'function', function: { name: 'pay', arguments: '{"a":1}' } };
      response.end(`${chunk({ tool_calls: [call] })}${chunk({}, 'tool_calls')}${USAGE_CHUNK}data: [DONE]\n\n`);
    };
    const text = await (await ask('hello', { stream: true })).text();
    expect(text).toContain('{\\"a\\":1}');
    expect(text).not.toContain(DISCLAIMER);
    expect(text).not.toContain('assistant.');
  });

  test('a blocked pattern ends a stream with an error, without [DONE] and without a letter of it', async () => {
    answerWith(['You can', 'not lo', 'se here.']);
    expect((await ask('hello')).status).toBe(409);
    const text = await (await ask('hello', { stream: true })).text();
    expect(text).not.toMatch(/You|can|lose/);
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
  });

  test('a language that is denied never reaches the provider, and never leaves it', async () => {
    answerWith(answer);
    const before = upstream.received.length;
    const german = 'Wie kann ich die Adresse meiner Bestellung ändern? Ich habe sie noch nicht erhalten.';
    expect((await ask(german)).status).toBe(409);
    expect(upstream.received.length).toBe(before);
    answerWith([german.slice(0, 30), german.slice(30)]);
    const text = await (await ask('hello', { stream: true })).text();
    expect(text).not.toMatch(/Wie|Adresse/);
    expect(text).not.toContain('[DONE]');
  });

  test('callers that look alike are counted by the gateway', async () => {
    answerWith(answer);
    const statuses: number[] = [];
    // Windows begin at multiples of their length: of 41 requests one is the 21st of its window, whenever one turns.
    for (let turn = 0; turn < 41; turn += 1) statuses.push((await ask('hello', {}, { 'x-bot': 'one' })).status);
    expect(statuses.slice(0, 20).every((status) => status === 200)).toBe(true);
    expect(statuses).toContain(409);
    expect((await ask('hello', {}, { 'x-bot': 'two' })).status).toBe(200);
  });
});
