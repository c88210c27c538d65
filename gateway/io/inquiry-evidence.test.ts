import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BundleData } from '../../src/core/model/index.ts';
import { type EnrolledGateway, outcomeOf, say, startEnrolled } from './enrolled.testkit.ts';
import { sampleData } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { echo, sendJson, type TestUpstream, until } from './upstream.testkit.ts';

// What goes to a service that a policy asks is on record before it goes out, as what goes to a provider is.

const KIND = 'external-moderation';

async function boot(
  judge: TestUpstream['script'],
  { data = {}, policies = {} }: { readonly data?: Partial<BundleData>; readonly policies?: object } = {},
) {
  const gateway = await startEnrolled({
    data,
    policy: ([provider = '', service = '']) =>
      documentOf({
        targets: [{}],
        document: {
          policies: { chain: [KIND, ...Object.keys(policies)] },
          policy: { [KIND]: { endpoint: `${service}/judge`, timeout_ms: 5000 }, ...policies },
        },
      })([provider]),
    scripts: [echo, judge],
  });
  /** The types of the lines that are on the disk, in their order. */
  const written = (): readonly string[] => {
    const folder = join(gateway.folder, 'journal');
    const text = readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
    return [...text.matchAll(/"type":"(intent|decision)"(?:[^{}]*?"target":"([^"]*)")?/g)].map(
      ([, type = '', target = '']) => `${type} ${target}`,
    );
  };
  return { ...gateway, service: gateway.upstreams[1], written };
}

test('before the request and before the answer are asked about, and one decision names how often it went out', async () => {
  const heard: (readonly string[])[] = [];
  const { ask, written, delivered, events } = await boot((_request, response) => {
    heard.push(written());
    sendJson(response, 200, { flagged: false });
  });
  expect(await outcomeOf(await ask())).toBe('200');
  expect(heard).toEqual([[`intent ${KIND}`], [`intent ${KIND}`, 'intent a', `intent ${KIND}`]]);
  await delivered();
  expect(events('intent').map(({ target, policy }) => [target, policy])).toEqual([
    [KIND, KIND],
    ['a', undefined],
    [KIND, KIND],
  ]);
  expect(new Set(events('intent').map(({ id }) => id)).size).toBe(3);
  expect(events('decision')).toMatchObject([{ attempts: 3, target: 'a', status: 200 }]);
});

test('where it cannot be, nobody is asked', async () => {
  const { ask, folder, service, upstream } = await boot((_request, response) =>
    sendJson(response, 200, { flagged: false }),
  );
  rmSync(join(folder, 'journal'), { recursive: true });
  expect(await outcomeOf(await ask(say('a secret')))).toBe('503 journal_unavailable');
  expect([service?.received, upstream.received]).toEqual([[], []]);
});

/** The folder as a kill would leave it at this moment. */
function leftBy({ folder }: EnrolledGateway): string {
  const left = `${folder}-left`;
  onTestFinished(() => rmSync(left, { recursive: true, force: true }));
  cpSync(folder, left, { recursive: true, filter: (path) => !path.endsWith('lock') });
  return left;
}

/** Stops it, and starts it on the files that a kill would have left at `left`; nothing of what it did since is known anywhere. */
async function restartOn({ plane, folder, stop, start }: EnrolledGateway, left: string): Promise<void> {
  plane.away = true;
  await stop();
  rmSync(folder, { recursive: true });
  cpSync(left, folder, { recursive: true });
  plane.away = false;
  await start();
}

test.each([
  ['a request', 1, { target: null, attempts: 1 }, []],
  ['an answer', 2, { target: 'a', attempts: 3 }, ['whole']],
])('a kill while %s is asked about costs what went out to a provider, once', async (_, hangs, facts, paid) => {
  let asked = 0;
  const gateway = await boot((_request, response) => {
    asked += 1;
    if (asked < hangs) sendJson(response, 200, { flagged: false });
  });
  const { ask, decided } = gateway;
  const outcome = ask().then(outcomeOf, () => 'gone');
  await until(() => asked === hangs, 'the question');
  await restartOn(gateway, leftBy(gateway));
  await outcome;
  const { wallets, ...decision } = await decided();
  expect(decision).toMatchObject({ reasonCode: 'gateway.interrupted', ...facts });
  expect(wallets.map(({ heldMicros, settledMicros }) => (settledMicros === heldMicros ? 'whole' : 'part'))).toEqual(
    paid,
  );
});

test('a request that a limit of its model refuses has its decision, once a service was asked about it', async () => {
  const limits = { ...sampleData().limits, models: [{ model: 'gpt-4o-mini', limits: { requestsPerMinute: 1 } }] };
  const { ask, delivered, events } = await boot((_request, response) => sendJson(response, 200, { flagged: false }), {
    data: { limits },
  });
  expect([await outcomeOf(await ask()), await outcomeOf(await ask())]).toEqual(['200', '429 rate_limited']);
  await delivered();
  const decided = events('decision').map(({ requestId, status, attempts }) => [requestId, status, attempts]);
  const [first, last] = [events('intent')[0]?.requestId, events('intent').at(-1)?.requestId];
  expect(decided).toEqual([
    [first, 200, 3],
    [last, 429, 1],
  ]);
});

test('a request that a kill loses while it waits for a person is decided as that, also where a service was asked about it', async () => {
  const gateway = await boot((_request, response) => sendJson(response, 200, { flagged: false }), {
    policies: { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } },
  });
  expect(await outcomeOf(await gateway.ask(say('a boiler'), { headers: { prefer: 'respond-async' } }))).toBe('202');
  await restartOn(gateway, leftBy(gateway));
  expect(await gateway.decided()).toMatchObject({
    ...{ status: 503, verdict: 'escalate', reasonCode: gateway.events('escalation')[0]?.reasonCode },
    ...{ token: 'bot', team: 'support', target: null, attempts: 1, wallets: [] },
  });
  expect(gateway.events('escalation-end')).toMatchObject([{ outcome: 'lost' }]);
  expect(gateway.events('decision')).toHaveLength(1);
});
