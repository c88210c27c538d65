import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestHost } from '../../gateway/io/host.testkit.ts';
import { startPlane, type TestPlane, TOKEN } from '../../gateway/io/plane.testkit.ts';
import { documentOf } from '../../gateway/io/routing.testkit.ts';
import { type Running, runManaged } from '../../gateway/io/run.ts';
import { echo, startUpstream, type TestUpstream, until } from '../../gateway/io/upstream.testkit.ts';

// Fields that matter only where there are tokens and teams, or several requests at once.

let plane: TestPlane;
let upstream: TestUpstream;
let running: Running;
let folder = '';
const host = makeTestHost();
host.variables.set('UPSTREAM_KEY', 'sk-upstream');

let version = 0;
const serve = async (limits: object): Promise<void> => {
  version += 1;
  const pack = { name: 'fields', version: `1.0.${version}`, enabled: true };
  const document = { targets: [{}], providers: { scope_rate_limits: limits }, document: { pack } };
  const digest = await plane.publish(documentOf(document, [upstream.url]));
  if (folder === '') {
    folder = plane.enrolledState();
    const listen = { host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 };
    running = await runManaged({ stateDir: folder, ...listen }, host);
  }
  await until(() => running.service.snapshot?.contentDigest === digest, 'the new limits');
  // What was counted before has left its minute.
  host.aheadMs += 120_000;
};
const ask = async (): Promise<number> => {
  const response = await fetch(`${running.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return response.status;
};

beforeAll(async () => {
  upstream = await startUpstream();
  plane = await startPlane(host.nowMs);
});
afterAll(async () => {
  await running.stop(500);
  await plane.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each(['rpm', 'tpm'])('providers.scope_rate_limits.per_team.%s changes what a gateway does', async (what) => {
  await serve({ per_team: { [what]: 1000 } });
  expect([await ask(), await ask()]).toEqual([200, 200]);
  await serve({ per_team: { [what]: 1 } });
  await ask();
  expect(await ask()).toBe(429);
});

it.each([
  [1, 1],
  [2, 0],
])('providers.scope_rate_limits.max_parallel_requests of %i refuses %i of two', async (most, refused) => {
  await serve({ max_parallel_requests: most });
  const waiting: (() => void)[] = [];
  upstream.script = (request, response) => {
    waiting.push(() => void echo(request, response));
  };
  const asked = [ask(), ask()];
  await until(() => waiting.length === 2 - refused);
  const early = refused === 0 ? undefined : await Promise.race(asked);
  for (const answer of waiting) answer();
  upstream.script = echo;
  expect([early, (await Promise.all(asked)).filter((status) => status === 429).length]).toEqual([
    refused === 0 ? undefined : 429,
    refused,
  ]);
});
