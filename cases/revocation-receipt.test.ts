import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTestHost } from '../gateway/io/host.testkit.ts';
import { enrol } from '../gateway/io/index.ts';
import { type Running, runManaged } from '../gateway/io/run.ts';
import { startUpstream, type TestUpstream, until } from '../gateway/io/upstream.testkit.ts';
import { instantText, type JournalLine } from '../src/core/model/index.ts';
import {
  type ControlPlane,
  createEnrolmentCode,
  deny,
  endOverride,
  issueToken,
  type Outcome,
  type RevocationReceipt,
  revocationReceipt,
  revokeToken,
} from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import type { ListeningServer } from '../src/server/index.ts';
import { wireRepository } from '../src/wire.ts';
import { proveAnswer } from './answers.testkit.ts';
import { ALDER, buildCli, createFleet, type OpenFleet, type TestFleet } from './fleet.testkit.ts';
import { planeOf, servePlane } from './served-plane.testkit.ts';

// The life of a secret with a real controller, control plane and gateway in one process, and what the receipt proves of its end.

const DAY_MS = 86_400_000;
const GATEWAY = 'desk-production';
const clock = { nowMs: () => Date.now() };
/** The clock of receipts; it may be ahead. */
let aheadMs = 0;
const later = { nowMs: () => Date.now() + aheadMs };
let fleet: TestFleet;
let open: OpenFleet;
let plane: ControlPlane;
let server: ListeningServer;
let upstream: TestUpstream;
let gateway: Running;

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * DAY_MS) });
  open = await fleet.open(clock);
  upstream = await startUpstream();
  plane = planeOf(open, clock);
  await apply();
  server = await servePlane(plane);
  const code = await createEnrolmentCode(plane, ALDER, GATEWAY);
  if (!code.ok) throw new Error(code.message);
  const stateDir = join(fleet.dir, '.tenantry', 'desk');
  await enrol({ code: code.value.code, source: `http://127.0.0.1:${server.port}`, stateDir });
  const listening = { host: '127.0.0.1', port: 0, simulator: upstream.url, pollSeconds: 5 };
  gateway = await runManaged({ stateDir, ...listening }, makeTestHost());
  await until(() => gateway.service.snapshot !== null, 'a snapshot');
});
afterAll(async () => {
  await gateway.stop(500);
  await server.close();
  await upstream.close();
  open.close();
  fleet.destroy();
});

const apply = async (): Promise<void> => {
  const report = await open.apply({ parts: { lanes: plane.lanes, wake: plane.wakes.wake } });
  expect(report).toMatchObject({ ok: true });
};

/** Changes credentials.yaml as the command does. */
async function change<T>(how: typeof issueToken | typeof revokeToken): Promise<T> {
  const { repository, write } = await wireRepository(fleet.dir);
  const parts = { tree: repository.workTree(), write, hash: nodeHash, random: nodeRandom, clock };
  const done = (await how(parts, ALDER, 'app')) as Outcome<T>;
  if (!done.ok) throw new Error(done.message);
  return done.value;
}

const ask = async (secret: string): Promise<number> => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return response.status;
};

async function receipt(token = 'app'): Promise<Outcome<RevocationReceipt>> {
  const { repository } = await wireRepository(fleet.dir);
  const { store, runtime, publisher } = open.state;
  return revocationReceipt(
    { repository, hash: nodeHash, clock: later, store, runtime, publisher },
    { org: ALDER, token },
  );
}

async function proved(): Promise<RevocationReceipt> {
  const made = await receipt();
  if (!made.ok) throw new Error(made.message);
  proveAnswer(JSON.stringify({ schema: 'tenantry/token-receipt/v1', ...made.value }), 'the receipt');
  return made.value;
}

const generation = (): number => gateway.service.snapshot?.tenant?.generation ?? 0;
const delivered = async (): Promise<void> => void (await gateway.shipping?.drain());
const acknowledged = (): Promise<void> =>
  until(async () => {
    const acks = await open.state.runtime.acks(ALDER);
    return acks.some((ack) => ack.gateway === GATEWAY && ack.generation === generation());
  }, 'the acknowledgement');

test('a secret is issued, used, revoked and refused; the receipt says when, and is complete only once the gateway has said so', async () => {
  const { secret, id } = await change<{ readonly secret: string; readonly id: string }>(issueToken);
  await fleet.save('a secret for the application');
  expect(await receipt()).toMatchObject({ ok: false, code: 'TOKEN_NOT_REVOKED' });
  let before = generation();
  await apply();
  await until(() => generation() > before, 'the secret at the gateway');
  expect(await receipt()).toMatchObject({ ok: false, code: 'TOKEN_NOT_REVOKED' });
  expect(await ask(secret)).toBe(200);

  expect(await change<number>(revokeToken)).toBe(1);
  const commit = await fleet.save('take it away');
  // Merged, and not applied: nothing is revoked yet, and the receipt does not say so.
  expect(await receipt()).toMatchObject({ ok: false, code: 'TOKEN_NOT_REVOKED' });
  expect(await ask(secret)).toBe(200);
  before = generation();
  await apply();
  await until(() => generation() > before, 'the revocation at the gateway');
  expect(await ask(secret)).toBe(401);
  await delivered();
  await acknowledged();

  const made = await proved();
  const { revoked, gateways } = made;
  expect(revoked).toMatchObject({ by: 'commit', commit, secrets: [id] });
  expect(revoked.generation).toBe(made.published?.generation);
  expect(revoked.appliedAt).toBeGreaterThanOrEqual(revoked.revokedAt);
  expect(made.complete).toBe(true);
  const [desk] = gateways;
  expect(gateways).toMatchObject([{ gateway: GATEWAY, state: 'acknowledged', publishedGeneration: generation() }]);
  expect(desk?.acknowledgedAt).toBeGreaterThanOrEqual(revoked.revokedAt);
  // The second request was let in between merge and apply.
  const decisions = (await open.state.runtime.events(ALDER, { limit: 50 }))
    .map(({ text }) => (JSON.parse(text) as JournalLine).event)
    .filter(({ type }) => type === 'decision');
  expect(decisions).toHaveLength(2);
  expect(desk?.lastAccepted).toMatchObject({ requestId: decisions[0]?.requestId, status: 200 });
  expect(made.acceptedForMs).toBe(Math.max(0, (desk?.lastAccepted?.acceptedAt ?? 0) - revoked.revokedAt));

  const command = ['token', 'receipt', 'alder/app'];
  const asJson = fleet.run([...command, '--format', 'json']);
  expect([asJson.status, JSON.parse(asJson.stdout)]).toEqual([0, { schema: 'tenantry/token-receipt/v1', ...made }]);
  const asText = fleet.run(command);
  expect(asText.stdout).toContain(`took away ${id}, with commit ${commit.slice(0, 12)}.`);
  expect(asText.stdout).toContain('Every gateway at which it worked runs without these secrets, or is gone.');
  expect(asText.stdout).toMatch(/desk-production +1 +acknowledged +\d+ +20/);
});

test('a gateway that has not acknowledged is named, also when it is nobody any more, until what it had has expired', async () => {
  const { secret } = await change<{ readonly secret: string }>(issueToken);
  await fleet.save('another secret');
  let before = generation();
  await apply();
  await until(() => generation() > before, 'the second secret');
  expect(await ask(secret)).toBe(200);
  // The receipt of the first is still of the first: what the new secret does is nothing to it.
  await delivered();
  await acknowledged();
  const former = await proved();
  expect(former.complete).toBe(true);
  expect(former.gateways[0]?.lastAccepted?.acceptedAt).toBeLessThan(former.gateways[0]?.eventsThrough ?? 0);

  gateway.pull?.stop();
  await change<number>(revokeToken);
  await fleet.save('take it away again');
  before = generation();
  await apply();
  const made = await proved();
  expect(generation()).toBe(before);
  expect(await ask(secret)).toBe(200);
  expect(made).toMatchObject({
    complete: false,
    gateways: [{ gateway: GATEWAY, state: 'published', acknowledgedAt: null }],
  });
  await open.state.runtime.revokeGateway(ALDER, GATEWAY, Date.now());
  // Its process goes on, and nobody can tell it anything any more.
  expect(await ask(secret)).toBe(200);
  const signed = (await open.state.store.publication(ALDER))?.signedAt.timestamp ?? 0;
  const stopsAt = signed + 3 * DAY_MS;
  expect(await proved()).toMatchObject({ complete: false, gateways: [{ state: 'unreachable', stopsAt }] });
  const asText = fleet.run(['token', 'receipt', 'alder/app']);
  expect([asText.status, asText.stdout.includes(`may let them in until ${instantText(stopsAt)}.`)]).toEqual([2, true]);
  aheadMs = stopsAt - Date.now();
  expect(await proved()).toMatchObject({ complete: true, gateways: [{ state: 'gone', stopsAt: null }] });
});

test('a token that an order denies is revoked by that order', async () => {
  await change(issueToken);
  await fleet.save('a third secret');
  await apply();
  const parts = await open.parts({ lanes: plane.lanes, wake: plane.wakes.wake });
  const denied = await deny(parts, { org: ALDER, name: 'token/app', actor: 'ann', reason: 'it leaked to a log' });
  expect(denied).toMatchObject({ ok: true });
  expect(await proved()).toMatchObject({
    revoked: { by: 'deny', actor: 'ann', commit: null, endedAt: null, endedWhy: null },
    ...{ worksAgain: false, complete: true },
  });
  if (!denied.ok) return;

  const { id } = denied.value.override;
  const ended = await endOverride(parts, { org: ALDER, id, actor: 'bea', reason: 'it was another one' });
  expect(ended).toMatchObject({ ok: true });
  const made = await proved();
  expect(made).toMatchObject({ revoked: { by: 'deny', endedWhy: 'ended by bea: it was another one' } });
  // Nobody is enrolled under the name of its gateway by now, which makes no secret one that is gone.
  expect(made).toMatchObject({ worksAgain: true, complete: false, gateways: [{ state: 'gone' }] });
  const asText = fleet.run(['token', 'receipt', 'alder/app']);
  expect(asText.status).toBe(2);
  expect(asText.stdout).toContain('NOT REVOKED ANY MORE: the order was ended 2');
  expect(asText.stdout).toContain(`has ${made.revoked.secrets.join(', ')} again: it works.`);
});

test('an org or a token that there is not is refused', async () => {
  expect(await receipt('nobody')).toMatchObject({ ok: false, code: 'TOKEN_NOT_REVOKED' });
});
