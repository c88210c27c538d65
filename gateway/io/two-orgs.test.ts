import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OrgUid, orgUid } from '../../src/core/model/index.ts';
import { tokenDigest } from '../../src/trust/index.ts';
import { makeTestHost } from './host.testkit.ts';
import { ORG, SECRET, sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { chunk, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// Two gateways of two orgs in one process, with the same document, the same names and the same provider: whatever one of them
// uses up is the other's still.

const OTHER = orgUid('zzzzbbbbccccddddeeee') as OrgUid;
const LIMIT = 5;

interface Gateway {
  readonly plane: TestPlane;
  readonly running: Running;
  readonly folder: string;
}

let upstream: TestUpstream;
let gateways: readonly Gateway[] = [];

beforeEach(async () => {
  upstream = await startUpstream();
});
afterEach(async () => {
  for (const { running, plane, folder } of gateways) {
    await running.stop(100);
    await plane.close();
    rmSync(folder, { recursive: true, force: true });
  }
  await upstream.close();
});

async function start(org: OrgUid): Promise<Gateway> {
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  const plane = await startPlane(host.nowMs, org);
  const [token] = sampleData().tokens;
  if (token === undefined) throw new Error('no token');
  const credentials = token.credentials.map((item) => ({ ...item, digest: tokenDigest(org, item.id, SECRET) }));
  const limits = { requestsPerMinute: LIMIT };
  const providers = {
    routing: { strategy: 'round_robin' },
    circuit_breaker: { consecutive_failure_threshold: 1 },
  };
  await plane.publish(documentOf({ targets: [{}, {}], providers })([upstream.url, upstream.url]), {
    tokens: [{ ...token, credentials, limits }],
  });
  const folder = plane.enrolledState();
  const listen = { host: '127.0.0.1', port: 0, simulator: null, upstream: { connections: 1, connectTimeoutMs: 20 } };
  const running = await runManaged({ ...listen, stateDir: folder, pollSeconds: 5 }, host);
  await until(() => running.service.snapshot !== null, 'a snapshot');
  return { plane, running, folder };
}

const ask = ({ running }: Gateway, stream = false): Promise<Response> =>
  fetch(`${running.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      ...{ model: 'gpt-4o-mini', max_tokens: 50, stream },
      messages: [{ role: 'user', content: 'hi' }],
    }),
  });
const targetsOf = async ({ running }: Gateway): Promise<readonly object[]> => {
  const page = (await (await fetch(`${running.url}/tenantry/providers`)).json()) as { targets: object[] };
  return page.targets;
};
const UNTOUCHED = { breaker: 'closed', inFlight: 0, attempts: 0, failures: {} };

test('share no connection, breaker, counter or turn', async () => {
  const [first, second] = [await start(ORG), await start(OTHER)];
  gateways = [first, second];
  const ends: (() => void)[] = [];
  upstream.script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ content: 'a' }));
    ends.push(() => void response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`));
  };
  // The first org takes all connections of both of its targets, then opens their breakers, then reaches its limit.
  const taken = [await ask(first, true), await ask(first, true)];
  const refused: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) refused.push((await ask(first, true)).status);
  expect(refused).toEqual([502, 502, 502, 429]);
  expect(await targetsOf(first)).toMatchObject([
    { breaker: 'open', inFlight: 1 },
    { breaker: 'open', inFlight: 1 },
  ]);
  expect(await targetsOf(second)).toMatchObject([UNTOUCHED, UNTOUCHED]);
  // The second one begins at its first target, with connections and the whole of its limit.
  const answer = await ask(second, true);
  expect([answer.status, answer.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, String(LIMIT - 1)]);
  expect(await targetsOf(second)).toMatchObject([{ ...UNTOUCHED, inFlight: 1, attempts: 1 }, UNTOUCHED]);
  for (const end of ends) end();
  for (const response of [...taken, answer]) await response.text();
  expect(upstream.received).toHaveLength(3);
});
