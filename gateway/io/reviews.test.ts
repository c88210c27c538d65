import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { BundleData, BundleToken } from '../../src/core/model/index.ts';
import {
  type Asking,
  BOT,
  OTHER,
  OTHER_BOT,
  outcomeOf,
  type Published,
  say,
  startEnrolled,
} from './enrolled.testkit.ts';
import { createEscalationBook } from './escalation-book.ts';
import { makeTestHost } from './host.testkit.ts';
import { createOutcomes } from './outcomes.ts';
import { sampleData, TOKEN } from './plane.testkit.ts';
import { createKeptReply } from './reply.ts';
import { createReviews, type ReviewsOptions } from './reviews.ts';
import { documentOf } from './routing.testkit.ts';
import { chainOf } from './standalone.testkit.ts';
import { answerTicket } from './tickets.ts';
import { completion, sendJson, streamedText, until } from './upstream.testkit.ts';

// Requests and answers that wait for a person: an enrolled gateway, a control plane and an upstream on loopback.

const KEYWORD = { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } };
const OVERSIGHT = { 'human-oversight': { timeout_seconds: 3600 } };
/** Does not wait. */
const ASYNC = { headers: { prefer: 'respond-async' } };
/** Waits for what a ticket brings. */
const WAIT = { headers: { prefer: 'wait=30' } };

const chained = (policy: object, data: Partial<BundleData> = {}): Published => ({
  policy: documentOf({ targets: [{}], document: chainOf(policy) }),
  data,
});

async function boot(
  policy: object,
  reviews: Pick<ReviewsOptions, 'patienceMs' | 'most'> = {},
  data: Partial<BundleData> = {},
) {
  const gateway = await startEnrolled({ ...chained(policy, data), options: { reviews } });
  const { plane } = gateway;
  const ids = (): readonly string[] => gateway.events('escalation').map(({ id }) => id);
  return {
    ...gateway,
    decisions: () => gateway.events('decision'),
    told: (): readonly string[] =>
      plane.lines.map(({ event }) =>
        event.type === 'escalation-end' || event.type === 'decision'
          ? `${event.type} ${event.type === 'decision' ? `${event.verdict} ${event.status}` : event.outcome}`
          : event.type,
      ),
    asked: async (count = 1): Promise<string> => {
      await until(() => ids().length >= count, 'an escalation');
      return ids()[count - 1] ?? '';
    },
    /** The ticket of a request that does not wait. */
    slipOf: async (body: object): Promise<Slip> => (await (await gateway.ask(body, ASYNC)).json()) as Slip,
    collect: (path: string, how?: Asking): Promise<Response> => gateway.send(path, undefined, how),
  };
}

const codeOf = async (response: Response): Promise<string> =>
  `${await outcomeOf(response)} ${response.headers.get('x-should-retry')}`;
interface Slip {
  readonly ticket: string;
  readonly state: string;
  readonly url: string;
}

describe('a request that a person decides about', () => {
  test('waits with its client, and goes out once when it is approved, with money held only then', async () => {
    const { plane, upstream, running, ask, delivered, decisions, told, asked } = await boot(KEYWORD);
    const answer = ask(say('a boiler'));
    const id = await asked();
    expect(plane.lines[0]?.event).toEqual({
      ...{ type: 'escalation', id, at: expect.any(Number), requestId: `req${id.slice(3)}`, phase: 'input' },
      ...{ policy: 'safety-filter', reasonCode: 'safety.detected', token: 'bot', team: 'support' },
      ...{ model: 'gpt-4o-mini', timeoutMs: null },
    });
    expect([upstream.received.length, plane.slices.size]).toEqual([0, 0]);
    plane.decide(id, 'approved');
    const response = await answer;
    expect([response.status, (await response.json()) as unknown]).toEqual([200, completion('a boiler')]);
    await delivered();
    expect(told()).toEqual(['escalation', 'escalation-end approved', 'intent', 'decision escalate 200']);
    expect(decisions()[0]).toMatchObject({ reasonCode: 'safety.detected', wallets: [{ settledMicros: 18 }] });
    expect(upstream.received).toHaveLength(1);
    expect(running().service.reviews?.gauges()).toEqual({ waiting: 0, bytes: 0 });
  });

  test.each([
    ['denied', 'reviewer', 'escalation_denied'],
    ['denied', 'no-review', 'escalation_denied'],
    ['denied', 'timeout', 'escalation_expired'],
  ] as const)('is refused when it is %s (%s), and leaves one decision', async (outcome, reason, code) => {
    const { plane, upstream, ask, delivered, told, asked } = await boot(KEYWORD);
    const answer = ask(say('a boiler'));
    plane.decide(await asked(), outcome, reason);
    expect(await codeOf(await answer)).toBe(`409 ${code} false`);
    await delivered();
    const end = reason === 'timeout' ? 'expired' : 'denied';
    expect(told()).toEqual(['escalation', `escalation-end ${end}`, 'decision escalate 409']);
    expect([upstream.received.length, plane.slices.size]).toEqual([0, 0]);
  });

  test('is not sent when its client has gone', async () => {
    const { plane, upstream, running, ask, delivered, decisions, told, asked } = await boot(KEYWORD);
    const leaving = new AbortController();
    const answer = ask(say('a boiler'), { signal: leaving.signal }).catch(() => 'gone');
    const id = await asked();
    leaving.abort();
    expect(await answer).toBe('gone');
    await until(() => running().service.active === 0, 'the end');
    plane.decide(id, 'approved');
    await delivered();
    expect(told()).toEqual(['escalation', 'escalation-end lost', 'decision escalate 499']);
    expect(decisions()[0]?.reasonCode).toBe('gateway.client_gone');
    expect(upstream.received).toEqual([]);
  });
});

describe('a ticket', () => {
  test('is for a caller that does not wait: the same answer however often it comes', async () => {
    const { plane, upstream, ask, delivered, told, asked, collect } = await boot(KEYWORD);
    const response = await ask(say('a boiler'), ASYNC);
    const slip = (await response.json()) as Slip;
    const id = await asked();
    expect([response.status, response.headers.get('preference-applied'), response.headers.get('location')]).toEqual([
      ...[202, 'respond-async', `/v1/escalations/${id}`],
    ]);
    expect(slip).toEqual({ ticket: id, state: 'waiting', url: `/v1/escalations/${id}` });
    expect((await collect(slip.url)).status).toBe(202);
    const waiting = collect(slip.url, WAIT);
    plane.decide(id, 'approved');
    const answers = [await waiting, await collect(slip.url)];
    expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))).toEqual([
      [200, completion('a boiler')],
      [200, completion('a boiler')],
    ]);
    expect(upstream.received).toHaveLength(1);
    await delivered();
    expect(told()).toEqual(['escalation', 'escalation-end approved', 'intent', 'decision escalate 200']);
  });

  test('is given when patience is over; a stream is told as events, and every refusal as what it is', async () => {
    const { plane, upstream, ask, asked, collect } = await boot(KEYWORD, { patienceMs: 1 });
    const slips = await Promise.all(
      [{ stream: true }, {}, {}].map(async (more) => {
        const response = await ask(say('a boiler', more));
        expect([response.status, response.headers.get('preference-applied')]).toEqual([202, null]);
        return (await response.json()) as Slip;
      }),
    );
    const [stream = '', denied = '', failed = ''] = slips.map(({ ticket }) => ticket);
    await asked(3);
    plane.decide(stream, 'approved');
    plane.decide(denied, 'denied');
    const state = async (ticket: string): Promise<Response> => {
      let response = await collect(`/v1/escalations/${ticket}`);
      await until(async () => {
        if (response.status === 202) response = await collect(`/v1/escalations/${ticket}`);
        return response.status !== 202;
      }, 'what became of it');
      return response;
    };
    const events = await state(stream);
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(streamedText(await events.text())).toBe('a boiler');
    expect(await codeOf(await state(denied))).toBe('409 escalation_denied false');
    upstream.script = (_, response) => sendJson(response, 500, {});
    plane.decide(failed, 'approved');
    expect(await codeOf(await state(failed))).toBe('502 upstream_error null');
  });

  test('tells and logs no words of a failure of ours', async () => {
    const { plane, host, upstream, running, slipOf, collect } = await boot(KEYWORD);
    const slip = await slipOf(say('a boiler'));
    upstream.script = (_, response) => sendJson(response, 500, {});
    const random = (): never => {
      throw new Error('planted words');
    };
    Object.assign(running().service, { random });
    const waiting = collect(slip.url, WAIT);
    plane.decide(slip.ticket, 'approved');
    expect(await codeOf(await waiting)).toBe('500 internal_error null');
    expect(host.logged.join('')).toContain('a request failed');
    expect(host.logged.join('')).not.toContain('planted');
  });

  test('keeps nothing of callers that asked for it in vain', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const host = makeTestHost();
    const never = (): Promise<never> => new Promise(() => {});
    const reviews = createReviews({
      ...{ note: async () => {}, ship: async () => {}, nowMs: host.nowMs, book: createEscalationBook(), patienceMs: 1 },
      outcomes: createOutcomes({ get: never, nowMs: host.nowMs }),
    });
    const facts = { phase: 'input', policy: 'p', reasonCode: 'r', team: null, model: null, timeoutMs: null } as const;
    const review = await reviews.ask({ ...facts, id: 'esc_1', requestId: 'req_1', token: 'bot', bytes: 1 });
    reviews.ticketFor(review, { family: 'openai', use: { scope: 'chat', path: '/', model: null }, call: null });
    const callers: WeakRef<object>[] = [];
    const come = async (): Promise<void> => {
      const response = createKeptReply(1000, null);
      callers.push(new WeakRef(response));
      const request = { headers: { prefer: 'wait=1' } };
      const come = { path: '/v1/escalations/esc_1', request, response };
      await answerTicket(reviews, { name: 'bot' } as BundleToken, come, () => undefined);
      expect(response.status).toBe(202);
    };
    await come();
    await come();
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(callers.map((caller) => caller.deref())).toEqual([undefined, undefined]);
  });

  test('holds none of the limits while it waits, and gives back what it takes when it goes out', async () => {
    const { plane, ask, asked, slipOf, collect } = await boot(
      KEYWORD,
      {},
      { limits: { ...sampleData().limits, concurrentRequests: 1 } },
    );
    const slip = await slipOf(say('a boiler'));
    expect((await ask(say('tea'))).status).toBe(200);
    plane.decide(await asked(), 'approved');
    expect((await collect(slip.url, WAIT)).status).toBe(200);
    expect((await ask(say('tea'))).status).toBe(200);
  });

  test('is for the token that asked, and for nobody else', async () => {
    const { plane, host, asked, slipOf, collect } = await boot(KEYWORD, {}, { tokens: [BOT, OTHER_BOT] });
    const { url } = await slipOf(say('a boiler'));
    expect(await codeOf(await collect(url, { token: OTHER }))).toBe('404 not_found null');
    expect((await collect(url, { token: 'nobody' })).status).toBe(401);
    expect((await collect(`${url}x`)).status).toBe(404);
    expect((await collect(url, { method: 'POST' })).status).toBe(405);
    plane.decide(await asked(), 'approved');
    expect((await collect(url, WAIT)).status).toBe(200);
    host.aheadMs += 15 * 60_000;
    expect(await codeOf(await collect(url))).toBe('410 escalation_gone null');
    expect((await collect(url, { token: OTHER })).status).toBe(404);
  });
});

describe('an answer that a person decides about', () => {
  test.each([false, true])('is settled, waits, and is released when it is approved; stream: %s', async (stream) => {
    const { plane, ask, delivered, decisions, told, asked } = await boot(OVERSIGHT);
    const answer = ask(say('tea', { stream }));
    const id = await asked();
    await until(() => decisions().length === 1, 'the decision');
    expect(told()).toEqual(['intent', 'escalation', 'decision escalate 202']);
    expect(plane.lines[1]?.event).toMatchObject({
      id: expect.stringMatching(/\.answer$/),
      phase: 'output',
      timeoutMs: 3_600_000,
    });
    expect(decisions()[0]).toMatchObject({
      reasonCode: 'human_oversight.review_required',
      wallets: [{ settledMicros: 18 }],
    });
    plane.decide(id, 'approved');
    const response = await answer;
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(stream ? streamedText(text) : JSON.parse(text)).toEqual(stream ? 'tea' : completion('tea'));
    await delivered();
    expect(told().slice(3)).toEqual(['escalation-end approved']);
  });

  test.each([false, true])('is a refusal when it is denied, and nothing of it goes out; stream: %s', async (stream) => {
    const { plane, ask, delivered, told, asked } = await boot(OVERSIGHT);
    const answer = ask(say('tea', { stream }));
    plane.decide(await asked(), 'denied');
    expect(await codeOf(await answer)).toBe('409 escalation_denied false');
    await delivered();
    expect(told()).toEqual(['intent', 'escalation', 'decision escalate 202', 'escalation-end denied']);
  });

  test('waits behind the ticket of its request, and the ticket brings what came of both', async () => {
    const { plane, asked, slipOf, collect } = await boot({ ...KEYWORD, ...OVERSIGHT });
    const slip = await slipOf(say('a boiler'));
    plane.decide(slip.ticket, 'approved');
    await asked();
    const answerId = await asked(2);
    expect(answerId).toBe(`${slip.ticket}.answer`);
    expect(((await (await collect(slip.url)).json()) as Slip).state).toBe('approved');
    plane.decide(answerId, 'approved');
    expect((await collect(slip.url, WAIT)).status).toBe(200);
  });

  test('holds none of the limits while it waits there', async () => {
    const { plane, upstream, running, ask, asked, slipOf, collect } = await boot(
      { ...KEYWORD, ...OVERSIGHT },
      {},
      { limits: { ...sampleData().limits, concurrentRequests: 1 } },
    );
    const slip = await slipOf(say('a boiler'));
    plane.decide(slip.ticket, 'approved');
    const answerId = await asked(2);
    let answer = (): void => undefined;
    upstream.script = (_, response) => {
      answer = () => sendJson(response, 200, completion('tea'));
    };
    const before = upstream.received.length;
    const next = ask(say('tea'), ASYNC);
    await until(() => upstream.received.length > before, 'the next request');
    plane.decide(answerId, 'approved');
    expect((await collect(slip.url, WAIT)).status).toBe(200);
    // What went on has taken its place again and given back its own, not that of the next.
    expect(await codeOf(await ask(say('tea')))).toMatch(/^429 concurrency_exceeded/);
    answer();
    expect((await next).status).toBe(202);
    await until(() => running().service.counters.flights.size === 0, 'the end of all');
  });
});

describe('a request that the wallet cannot pay, where the wallet says hold', () => {
  const holding = (): Partial<BundleData> => ({
    wallets: sampleData().wallets.map((wallet) => ({ ...wallet, whenExhausted: 'hold' as const })),
  });

  test('waits for a person, and runs when somebody has topped it up', async () => {
    const { plane, ask, delivered, decisions, told, asked } = await boot(KEYWORD, {}, holding());
    plane.limitMicros = 0;
    const answer = ask(say('tea'));
    const id = await asked();
    expect(plane.lines[0]?.event).toMatchObject({
      phase: 'wallet',
      policy: 'team',
      reasonCode: 'wallet.exhausted',
      id,
    });
    plane.limitMicros = 1_000_000;
    plane.decide(id, 'approved');
    expect((await answer).status).toBe(200);
    await delivered();
    expect(told()).toEqual(['escalation', 'escalation-end approved', 'intent', 'decision escalate 200']);
    expect(decisions()[0]).toMatchObject({ reasonCode: 'wallet.exhausted', wallets: [{ settledMicros: 18 }] });
  });

  test.each(['denied', 'approved'] as const)(
    'is the refusal of the wallet when it is %s and not topped up',
    async (how) => {
      const { plane, upstream, ask, delivered, told, asked } = await boot(KEYWORD, {}, holding());
      plane.limitMicros = 0;
      const answer = ask(say('tea'));
      plane.decide(await asked(), how);
      expect(await codeOf(await answer)).toBe('402 budget_exceeded false');
      await delivered();
      expect(told()).toEqual(['escalation', `escalation-end ${how}`, 'decision escalate 402']);
      expect(upstream.received).toEqual([]);
    },
  );

  test('asks once for itself and once for money; a wallet that blocks asks nobody', async () => {
    const { plane, change, ask, asked, slipOf, collect } = await boot(KEYWORD, {}, holding());
    plane.limitMicros = 0;
    const slip = await slipOf(say('a boiler'));
    plane.decide(await asked(), 'approved');
    expect(await asked(2)).toBe(`${slip.ticket}.wallet`);
    plane.limitMicros = 1_000_000;
    plane.decide(`${slip.ticket}.wallet`, 'approved');
    expect((await collect(slip.url, WAIT)).status).toBe(200);
    plane.limitMicros = 0;
    await change(chained({ 'prompt-injection': {} }));
    const big = say('tea', { max_tokens: 900_000 });
    expect(await codeOf(await ask(big))).toBe('402 budget_exceeded false');
  });
});

describe('what waits', () => {
  test('is bounded in number and bytes, and what is finished makes room', async () => {
    const { plane, ask, delivered, told, asked, slipOf, collect } = await boot(KEYWORD, {
      most: { count: 1, bytes: 1000 },
    });
    const big = await ask(say(`a boiler ${'x'.repeat(1000)}`));
    expect(await codeOf(big)).toBe('503 review_unavailable null');
    const slip = await slipOf(say('a boiler'));
    expect(await codeOf(await ask(say('a boiler')))).toBe('503 review_unavailable null');
    plane.decide(await asked(), 'approved');
    expect((await collect(slip.url, WAIT)).status).toBe(200);
    const next = ask(say('a boiler'));
    plane.decide(await asked(2), 'denied');
    expect((await next).status).toBe(409);
    expect((await collect(slip.url)).status).toBe(410);
    await delivered();
    expect(told().filter((line) => line === 'decision escalate 503')).toHaveLength(2);
  });

  test('is a quarter of the places for one token, and no answer that is kept counts', async () => {
    const { plane, ask, asked, collect } = await boot(
      KEYWORD,
      { most: { count: 8, bytes: 100_000 } },
      { tokens: [BOT, OTHER_BOT] },
    );
    const later = (content: string, token = TOKEN): Promise<Response> => ask(say(content), { ...ASYNC, token });
    const slip = (await (await later('a boiler')).json()) as Slip;
    expect((await later('a boiler')).status).toBe(202);
    expect(await codeOf(await later('a boiler'))).toBe('503 review_unavailable null');
    expect((await later('a boiler', OTHER)).status).toBe(202);
    await asked(3);
    plane.decide(slip.ticket, 'approved');
    expect((await collect(slip.url, WAIT)).status).toBe(200);
    expect((await later('a boiler')).status).toBe(202);
    // By their bytes too: what is larger than the quarter waits alone.
    expect(await codeOf(await later(`a boiler ${'x'.repeat(30_000)}`, OTHER))).toBe('503 review_unavailable null');
  });

  test('is let go when the gateway stops: refused, ended as lost, decided', async () => {
    const { start, stop, ask, delivered, told, asked, slipOf, collect } = await boot(KEYWORD);
    const slip = await slipOf(say('a boiler'));
    const answer = ask(say('the other boiler'));
    await asked(2);
    await stop();
    expect(await codeOf(await answer)).toBe('503 review_unavailable null');
    expect(told().slice(2).sort()).toEqual([
      'decision escalate 503',
      'decision escalate 503',
      'escalation-end lost',
      'escalation-end lost',
    ]);
    await start();
    expect(await codeOf(await collect(slip.url))).toBe('410 escalation_gone null');
    await delivered();
    expect(told()).toHaveLength(6);
  });
});
