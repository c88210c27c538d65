import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BundleContent, DEFAULT_BUNDLE_LIMITS, readBundle } from '../src/core/bundle/index.ts';
import type { RepoPath } from '../src/core/model/index.ts';
import { type IssuedToken, issueToken, revokeToken, rotateToken, type Withheld } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { ALDER } from './fleet.testkit.ts';
import { openRolloutWorld, type RolloutWorld, SOAK_MS } from './rollout.testkit.ts';
import { changeSecrets, proved } from './token-life.testkit.ts';

// What a rollback, an operator's and the controller's own, makes of secrets that were taken away since.

const ORG = `orgs/${ALDER}/org.yaml`;
const CANARY = 'w0-e0';
const LATER = 'w0-e1';
let world: RolloutWorld;
beforeAll(async () => {
  world = await openRolloutWorld({ environments: 2, gateways: 1 }, { health: { growth: 1000 } });
  await world.change(() => world.fleet.edit(ORG, 'gateways: [w0-e0]', 'gateways: [w0-e0, w0-e1]'));
  policy('apple');
  await world.change(() => undefined);
  await settle();
}, 120_000);
afterAll(() => world.close());

const issued = (): Promise<IssuedToken> => changeSecrets(world, issueToken);

async function contentOf(gateway: string): Promise<BundleContent> {
  const { store, publisher } = world.open.state;
  const target = (await store.publication(ALDER))?.targets[gateway];
  const uid = await world.open.uidOf(ALDER);
  const bytes = await publisher.get(uid, `targets/${gateway}/${target?.bundle.sha256}.bundle.tar` as RepoPath);
  const read = readBundle(bytes ?? new Uint8Array(), DEFAULT_BUNDLE_LIMITS, nodeHash);
  if (!read.ok) throw new Error('expected a published bundle');
  return read.value;
}

/** Names of the tokens in what is published for a gateway, with the ids of their secrets. */
async function published(gateway: string): Promise<{ readonly [token: string]: readonly string[] }> {
  const { tokens } = (await contentOf(gateway)).data;
  return Object.fromEntries(tokens.map((token) => [token.name, token.credentials.map(({ id }) => id)]));
}

async function settle(): Promise<void> {
  for (let looks = 0; looks < 5; looks += 1) {
    await world.pollAll();
    await world.look(SOAK_MS);
  }
  await world.pollAll();
}

const generation = async (): Promise<number> => (await world.open.headOf(ALDER)).generation;

/** Another policy: the words that may not be said. */
function policy(word: string): void {
  const text = world.fleet.read(ORG).replace(/^ {4}confidential: .*\n/m, '');
  world.fleet.write(ORG, `${text}    confidential: { terms: [${word}] }\n`);
}

it('a change of secrets alone goes to every ring at once, and no failure of a ring takes it back', async () => {
  const before = (await world.rollout()).generation;
  const { id } = await issued();
  expect((await world.open.state.store.delivery(ALDER))?.rollout?.generation).toBe(before);
  for (const gateway of [CANARY, LATER]) expect((await published(gateway))['app']).toEqual([id]);
  await world.pollAll();
  for (const gateway of world.inRing('canary')) await gateway.serve(60);

  expect(await changeSecrets(world, revokeToken)).toBe(1);
  await world.pollAll();
  // The provider is down, which is no reason to bring a leaked secret back.
  for (const gateway of world.inRing('canary')) await gateway.serve(60, 502);
  await world.look(SOAK_MS);
  expect((await world.open.state.store.delivery(ALDER))?.rollout?.generation).toBe(before);
  expect(await world.open.state.store.activeOverrides(ALDER)).toEqual([]);
  for (const gateway of [CANARY, LATER]) expect((await published(gateway))['app']).toEqual([]);
  await world.pollAll();
  expect((await proved(world)).complete).toBe(true);
});

it('the controller takes the policy of a commit back, and neither the secret that it took away nor the one that it brought', async () => {
  const { id: leaked } = await issued();
  await settle();
  policy('banana');
  const { id } = await changeSecrets(world, async (parts, org, token) => {
    await revokeToken(parts, org, token);
    return issueToken(parts, org, token);
  });
  await world.pollAll();
  // The later ring is closed for the policy; for secrets there are no rings.
  for (const gateway of [CANARY, LATER]) expect((await published(gateway))['app']).toEqual([id]);
  for (const gateway of world.inRing('canary')) await gateway.serve(60, 502);
  expect((await world.look())?.rollout).toMatchObject({ state: 'rolled-back', reason: { code: 'ROLLOUT_ERRORS' } });
  for (const gateway of [CANARY, LATER]) expect((await published(gateway))['app']).toEqual([id]);
  expect((await contentOf(CANARY)).policyText).toContain('apple');
  await world.pollAll();
  expect([id === leaked, (await proved(world)).complete]).toEqual([false, true]);

  // Secrets that change meanwhile do not end it: what it keeps away is the policy.
  const [hold] = await world.open.state.store.activeOverrides(ALDER);
  const { id: next } = await changeSecrets(world, rotateToken);
  expect(await world.open.state.store.activeOverrides(ALDER)).toEqual([hold]);
  for (const gateway of [CANARY, LATER]) expect((await published(gateway))['app']).toEqual([id, next].toSorted());
  await world.tell({ org: ALDER, do: 'end', id: hold?.id ?? '', reason: 'the provider is back' });
  await settle();
});

it('secrets that change while a ring soaks are nobody’s silence', async () => {
  policy('cherry');
  await world.change(() => undefined);
  await world.pollAll();
  await world.look();
  await world.look(SOAK_MS / 2);
  await changeSecrets(world, rotateToken);
  expect((await world.look())?.rollout?.state ?? 'running').toBe('running');
  await settle();
  expect(await world.rollout()).toMatchObject({ state: 'done' });
});

it('an operator’s rollback says what does not come back', async () => {
  const { id } = await issued();
  policy('damson');
  await world.change(() => undefined);
  await settle();
  const then = await generation();
  policy('elder');
  await changeSecrets(world, revokeToken);
  world.fleet.edit(ORG, '- { name: app, ', '- { name: other, ');
  await world.change(() => undefined);
  await settle();
  const told = await world.tell({ org: ALDER, do: 'rollback', to: then, reason: 'it blocks too much' });
  if (!told.ok) throw new Error(told.message);
  const { withheld } = told.body as { readonly withheld: readonly Withheld[] };
  expect(withheld).toEqual([CANARY, LATER].map((gateway) => ({ gateway, token: 'app', what: 'gone' })));
  for (const gateway of [CANARY, LATER]) expect(JSON.stringify(await published(gateway))).not.toContain(id);
});
