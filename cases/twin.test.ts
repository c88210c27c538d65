import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTestHost, type TestHost } from '../gateway/io/host.testkit.ts';
import { enrol } from '../gateway/io/index.ts';
import { type Running, runManaged } from '../gateway/io/run.ts';
import { startUpstream, type TestUpstream, until } from '../gateway/io/upstream.testkit.ts';
import { createEnrolmentCode } from '../src/flows/index.ts';
import { ALDER, forgetAppliedFleet } from './fleet.testkit.ts';
import { openReviewWorld, type ReviewWorld } from './reviews.testkit.ts';

// A copy of a gateway's state folder (a snapshot of a machine, a restored twin) runs beside it: one of the two is refused, and
// hears of that alone. Who looks at the org has to hear of it too.

const GATEWAY = 'desk-production';
let world: ReviewWorld;
let upstream: TestUpstream;
const running: Running[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
  world = await openReviewWorld([], { tokens: ['app'] });
});
afterAll(async () => {
  for (const one of running) await one.stop(200);
  await world.close();
  await upstream.close();
  await forgetAppliedFleet();
});

async function start(stateDir: string): Promise<Running> {
  const host: TestHost = { ...makeTestHost(), nowMs: () => world.nowMs };
  const one = await runManaged({ stateDir, host: '127.0.0.1', port: 0, simulator: upstream.url, pollSeconds: 5 }, host);
  running.push(one);
  await until(() => one.service.snapshot !== null, 'a snapshot');
  return one;
}

async function ask({ url }: Running): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${world.secrets.get('app')}` };
  const body = { model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
  await answer.text();
  return answer.status;
}

const verify = () => world.fleet.run(['events', 'verify', '--org', ALDER]);
const status = () =>
  (
    JSON.parse(world.fleet.run(['status', '--org', ALDER, '--format', 'json']).stdout) as {
      readonly gateways: readonly { readonly gateway: string; readonly lastRefused: object | null }[];
    }
  ).gateways.find(({ gateway }) => gateway === GATEWAY);

test('evidence that a copy of a gateway hides is missed, and the gateway is named', async () => {
  const made = await createEnrolmentCode(world.plane, ALDER, GATEWAY);
  if (!made.ok) throw new Error('expected a code');
  const [stateDir, copy] = ['first', 'copy'].map((name) => join(world.fleet.dir, '.tenantry', name));
  if (stateDir === undefined || copy === undefined) throw new Error('expected two folders');
  await enrol({ code: made.value.code, source: world.url, stateDir });
  const first = await start(stateDir);
  expect([await ask(first), await first.shipping?.drain()]).toEqual([200, true]);
  expect([status()?.lastRefused, verify().status]).toEqual([null, 0]);

  cpSync(stateDir, copy, { recursive: true });
  const twin = await start(copy);
  for (let times = 0; times < 3; times += 1) expect(await ask(twin)).toBe(200);
  expect(await twin.shipping?.drain()).toBe(true);
  expect([await ask(first), await first.shipping?.drain()]).toEqual([200, false]);

  const code = expect.stringMatching(/^(SEQUENCE_USED|EVENT_CHAIN_BROKEN)$/);
  const missing = first.journal?.head();
  expect(status()?.lastRefused).toMatchObject({ code, missingThrough: missing?.sequence });
  const proof = verify();
  expect(proof.status).toBe(1);
  expect(proof.stdout).toContain(`EVENT_DELIVERY_REFUSED: ${GATEWAY}, chain 1, line ${missing?.sequence}`);
  expect(proof.stdout).toContain(missing?.hash);
  // What the copy delivers later mends nothing.
  expect([await ask(twin), await twin.shipping?.drain(), verify().status]).toEqual([200, true, 1]);
  expect(world.fleet.run(['status', '--org', ALDER]).stdout).toContain(
    `its evidence through line ${missing?.sequence} is not here`,
  );
});
