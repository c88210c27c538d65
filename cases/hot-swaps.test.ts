import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeTestHost } from '../gateway/io/host.testkit.ts';
import { sampleData, startPlane, type TestPlane, TOKEN } from '../gateway/io/plane.testkit.ts';
import { type Running, runManaged } from '../gateway/io/run.ts';
import {
  chunk,
  completion,
  type Received,
  sendJson,
  startUpstream,
  streamedText,
  streamOf,
  type TestUpstream,
} from '../gateway/io/upstream.testkit.ts';
import type { BundleData, DecisionEvent } from '../src/core/model/index.ts';

// A hundred bundles are published while requests keep coming, plain ones and streams. Each generation hides a word of its
// own, names its token after itself and has prices of its own, so that every answer and every decision tell which policy
// and which data they came from: it must be one, the one that the answer names.

const SWAPS = 100;
const GENERATIONS = SWAPS + 1;
/** What the provider says it was: tokens of one answer. */
const TOKENS = 18;
const WAIT = { timeout: 20_000, interval: 2 };
const PIECES = 8;
const PIECE_GAP_MS = 4;
/** In a request that the provider answers only after the next swap. */
const HELD = 'answer later';

const wordOf = (generation: number): string => `mark-${String(generation).padStart(3, '0')}`;
const WORDS = Array.from({ length: GENERATIONS }, (_, index) => wordOf(index + 1));
const ALL_WORDS = WORDS.join(' ');

const policyOf = (generation: number): string => `pack:
  name: swaps
  version: 1.0.${generation}
  enabled: true
policies:
  chain: [dlp-filter, audit-logger]
policy:
  dlp-filter:
    blocked_terms: [${wordOf(generation)}]
    action: redact
  audit-logger: {}
providers:
  targets:
    - id: main
      provider: openai
      model: gpt-4o-mini
      base_url: ${upstream.url}
      secret_key_ref:
        env: PROVIDER_KEY
`;

const dataOf = (generation: number): Partial<BundleData> => {
  const { tokens, prices } = sampleData();
  const microsPerMillion = generation * 1_000_000;
  return {
    tokens: tokens.map((token) => ({ ...token, name: `bot-${generation}` })),
    prices: prices.map((price) => ({
      ...price,
      inputMicrosPerMillion: microsPerMillion,
      outputMicrosPerMillion: microsPerMillion,
    })),
  };
};

/** The generations whose word is not in the text. */
const hiddenIn = (text: string): readonly number[] =>
  WORDS.flatMap((word, index) => (text.includes(word) ? [] : [index + 1]));

interface Answered {
  readonly status: number;
  readonly stream: boolean;
  readonly bundle: string;
  readonly requestId: string;
  readonly text: string;
}

interface Asked {
  /** Fulfilled when the gateway has read the head of a question whose rest is awaited. */
  readonly begun: Promise<void>;
  readonly answered: Promise<Answered>;
}

let upstream: TestUpstream;
let plane: TestPlane;
let running: Running;
let folder = '';
let agent: Agent;
/** Fulfilled by the next swap. */
let swapped = Promise.withResolvers<void>();
/** Answers that the provider was told to hold back. */
let heldBack = 0;
/** Content digests, by generation from 1. */
let digests: string[] = [];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** All words, whatever was asked: at once or in pieces, and when it was asked to wait, after the next swap. */
const answerWords = async (request: Received, response: Parameters<TestUpstream['script']>[1]): Promise<void> => {
  const isStream = request.body['stream'] === true;
  const { promise } = swapped;
  if (isStream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: '' }));
  }
  if (request.raw.includes(HELD)) {
    heldBack += 1;
    await promise;
  }
  if (!isStream) {
    sendJson(response, 200, completion(ALL_WORDS));
    return;
  }
  const size = Math.ceil(ALL_WORDS.length / PIECES);
  const events = streamOf(ALL_WORDS.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).split(/(?<=\n\n)/);
  for (const event of events) {
    response.write(event);
    await pause(PIECE_GAP_MS);
  }
  response.end();
};

/** Asks with all words. With `rest`, the last byte of the question follows when that is fulfilled. */
const ask = (stream: boolean, words: string, rest?: Promise<void>): Asked => {
  const body = JSON.stringify({
    model: 'gpt-4o-mini',
    max_tokens: 50,
    stream,
    messages: [{ role: 'user', content: `${words} ${ALL_WORDS}` }],
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    authorization: `Bearer ${TOKEN}`,
    ...(rest === undefined ? {} : { expect: '100-continue' }),
  };
  const request = httpRequest(`${running.url}/v1/chat/completions`, { method: 'POST', agent, headers });
  const begun = once(request, 'continue').then(() => {});
  const answered = once(request, 'response').then(async ([response]: IncomingMessage[]): Promise<Answered> => {
    if (response === undefined) throw new Error('Expected an answer.');
    const text = (await response.setEncoding('utf8').toArray()).join('');
    const { statusCode: status = 0, headers: said } = response;
    return { status, stream, bundle: String(said['x-tenantry-bundle']), requestId: String(said['x-request-id']), text };
  });
  if (rest === undefined) request.end(body);
  else {
    request.write(body.slice(0, -1));
    void rest.then(() => request.end(body.slice(-1)));
  }
  return { begun, answered };
};

const isActive = (generation: number): boolean => running.service.snapshot?.tenant?.generation === generation;

beforeEach(async () => {
  upstream = await startUpstream();
  upstream.script = answerWords;
  const host = makeTestHost();
  host.variables.set('PROVIDER_KEY', 'sk-one');
  plane = await startPlane(host.nowMs);
  plane.limitMicros = 1e12;
  plane.sliceMicros = 1e10;
  agent = new Agent({ keepAlive: true });
  digests = [await plane.publish(policyOf(1), dataOf(1))];
  folder = plane.enrolledState();
  running = await runManaged({ stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 30 }, host);
  await vi.waitUntil(() => isActive(1), WAIT);
});
afterEach(async () => {
  await running.stop(500);
  agent.destroy();
  await plane.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Publishes the generation while three requests are under way: a question, an answer and a stream that end after the swap. */
const swapTo = async (generation: number): Promise<readonly Answered[]> => {
  const heldBefore = heldBack;
  const halfAsked = ask(false, 'slow question', swapped.promise);
  const late = [halfAsked, ask(false, HELD), ask(true, HELD)];
  await halfAsked.begun;
  await vi.waitUntil(() => heldBack === heldBefore + 2, WAIT);
  digests.push(await plane.publish(policyOf(generation), dataOf(generation)));
  await vi.waitUntil(() => isActive(generation), WAIT);
  const { resolve } = swapped;
  swapped = Promise.withResolvers();
  resolve();
  return Promise.all(late.map(({ answered }) => answered));
};

/** Everything that an answer, what was sent to the provider for it, and its decision say of where they came from. */
const originOf = ({ status, stream, bundle, requestId, text }: Answered, decision: DecisionEvent | undefined) => ({
  status,
  bundle,
  said: hiddenIn(stream ? streamedText(text) : text),
  isWhole: !stream || text.endsWith('data: [DONE]\n\n'),
  asked: upstream.received
    .filter(({ headers }) => headers['x-request-id'] === requestId)
    .map(({ raw }) => hiddenIn(raw)),
  decided: decision && {
    generation: decision.generation,
    contentDigest: decision.contentDigest,
    configVersion: decision.configVersion,
    token: decision.token,
    verdict: decision.verdict,
    settledMicros: decision.wallets.map(({ settledMicros }) => settledMicros),
  },
});

const originIn = (generation: number): ReturnType<typeof originOf> => {
  const digest = digests[generation - 1] ?? '';
  return {
    status: 200,
    bundle: digest.slice(0, 12),
    said: [generation],
    isWhole: true,
    asked: [[generation]],
    decided: {
      generation,
      contentDigest: digest as DecisionEvent['contentDigest'],
      configVersion: `1.0.${generation}+${digest.slice(0, 12)}`,
      token: `bot-${generation}`,
      verdict: 'redact',
      settledMicros: [TOKENS * generation],
    },
  };
};

test(`${SWAPS} swaps under load fail no request, mix no two policies, and let what has begun end as it began`, async () => {
  const answers: Answered[] = [];
  let isOver = false;
  const keepAsking = async (stream: boolean): Promise<void> => {
    while (!isOver) answers.push(await ask(stream, 'go on').answered);
  };
  const load = [keepAsking(false), keepAsking(true)];
  try {
    for (let generation = 2; generation <= GENERATIONS; generation += 1) {
      const late = await swapTo(generation);
      expect(late.map(({ bundle }) => bundle)).toEqual(late.map(() => digests[generation - 2]?.slice(0, 12)));
      answers.push(...late);
    }
  } finally {
    isOver = true;
    await Promise.allSettled(load);
  }
  await Promise.all(load);
  await running.shipping?.drain();

  const decisions = new Map(
    plane.lines.flatMap(({ event }) => (event.type === 'decision' ? [[event.requestId, event] as const] : [])),
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(decisions.size).toBe(answers.length);
  for (const answer of answers) {
    const generation = digests.findIndex((digest) => digest.startsWith(answer.bundle)) + 1;
    expect(originOf(answer, decisions.get(answer.requestId))).toEqual(originIn(generation));
  }
  // Those that were kept across a swap, and at least as many that came as they liked.
  expect(answers.length).toBeGreaterThan(2 * 3 * SWAPS);
  expect(new Set(answers.map(({ bundle }) => bundle)).size).toBe(GENERATIONS);
  expect(plane.acks.map(({ generation, state }) => `${generation} ${state}`)).toEqual(
    digests.map((_, index) => `${index + 1} active`),
  );
}, 60_000);
