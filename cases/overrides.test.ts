import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrgSlug, RepoPath, Sha256Hex } from '../src/core/model/index.ts';
import { issueToken, type OverrideView, operate, rolloutStatus, writeBack } from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, BIRCH, fingerprint } from './fleet.testkit.ts';
import { MINUTE_MS, openRolloutWorld, type RolloutWorld, SOAK_MS } from './rollout.testkit.ts';
import type { SimulatedGateway } from './simulated-gateway.testkit.ts';

// Denials and rollbacks: taken without Git, published at once, seen in status, ended by themselves, brought back into Git.

const DAY_MS = 24 * 60 * MINUTE_MS;
let world: RolloutWorld;
let secret = '';
beforeAll(async () => {
  world = await openRolloutWorld({ environments: 2, gateways: 1 });
  secret = await issued(ALDER, 'console');
  await issued(ALDER, 'app');
  await settle();
});
afterAll(() => world.close());

const gateway = (name: string): SimulatedGateway => {
  const found = world.gateways.get(name);
  if (found === undefined) throw new Error(`expected gateway ${name}`);
  return found;
};
const running = (): readonly (Sha256Hex | undefined)[] =>
  [...world.gateways.values()].map((one) => one.running?.digest);

async function tokenParts() {
  const { repository, write } = await wireRepository(world.fleet.dir);
  const clock = { nowMs: () => world.nowMs };
  return { tree: repository.workTree(), write, hash: nodeHash, random: nodeRandom, clock };
}

async function issued(org: OrgSlug, name: string): Promise<string> {
  const made = await issueToken(await tokenParts(), org, name);
  if (!made.ok) throw new Error(made.message);
  await world.change(() => undefined);
  return made.value.secret;
}

/** Until nothing moves: every gateway asks, every ring soaks. */
async function settle(): Promise<void> {
  for (let looks = 0; looks < 5; looks += 1) {
    await world.pollAll();
    await world.look(SOAK_MS);
  }
  await world.pollAll();
}

async function taken(ask: Parameters<RolloutWorld['tell']>[0]): Promise<OverrideView> {
  const done = await world.tell(ask);
  if (!done.ok) throw new Error(`${done.code}: ${done.message}`);
  return (done.body as { readonly override: OverrideView }).override;
}

const refusal = async (ask: Parameters<RolloutWorld['tell']>[0]): Promise<string> => {
  const done = await world.tell(ask);
  return done.ok ? 'done' : done.code;
};

const tokensOf = async (name: string): Promise<readonly string[]> => {
  const { store, publisher } = world.open.state;
  const target = (await store.publication(ALDER))?.targets[name];
  const uid = await world.open.uidOf(ALDER);
  const bytes = await publisher.get(uid, `targets/${name}/${target?.bundle.sha256}.bundle.tar` as RepoPath);
  return [...new TextDecoder().decode(bytes).matchAll(/"name":"(app|console|probe)"/g)].map((match) => match[1] ?? '');
};

const console_ = async (): Promise<number> =>
  (await fetch(`${world.url}/api/v1/orgs/${ALDER}/usage`, { headers: { authorization: `Bearer ${secret}` } })).status;

it('a denied token is in no bundle of its org and opens no console, at once; ended, it is back', async () => {
  const others = await fingerprint(world.open, BIRCH);
  expect([await console_(), (await tokensOf('w0-e0')).includes('app')]).toEqual([200, true]);
  const app = await taken({ org: ALDER, do: 'deny', name: 'app', reason: 'leaked in a log' });
  expect(app).toMatchObject({ kind: 'deny', what: 'token/app', actor: 'staff ana', isInGit: false });
  await taken({ org: ALDER, do: 'deny', name: 'token/console', reason: 'leaked too' });
  expect(await console_()).toBe(404);
  for (const name of world.gateways.keys()) expect((await tokensOf(name)).includes('app')).toBe(false);
  const before = gateway('w0-e0').running?.digest;
  await world.pollAll();
  expect(gateway('w0-e0').running?.digest).not.toBe(before);
  const history = await world.open.state.store.history(ALDER, { limit: 2 });
  expect(history.map(({ action, actor }) => [action, actor])).toEqual([
    ['deny', 'staff ana'],
    ['deny', 'staff ana'],
  ]);
  const { overrides } = await rolloutStatus(world.plane, [ALDER]);
  expect(overrides.map(({ what }) => what)).toEqual(['token/app', 'token/console']);
  expect(await fingerprint(world.open, BIRCH)).toEqual(others);

  await taken({ org: ALDER, do: 'end', id: app.id, reason: 'it was another one' });
  expect((await tokensOf('w0-e0')).includes('app')).toBe(true);
  // Once, by who ended it.
  const ends = (await world.open.state.store.history(ALDER, { limit: 5 })).filter(({ action }) => action === 'end');
  expect(ends).toMatchObject([{ actor: 'staff ana', detail: { override: app.id, because: 'it was another one' } }]);
  world.nowMs += 31 * DAY_MS;
  await world.look();
  expect([await console_(), await world.open.state.store.activeOverrides(ALDER)]).toEqual([200, []]);
  await settle();
});

it('is brought back into Git as the removal of the secrets, which ends the denial', async () => {
  const path = `orgs/${ALDER}/credentials.yaml`;
  const secrets = world.fleet.read(path);
  const { id } = await taken({ org: ALDER, do: 'deny', name: 'app', reason: 'leaked again' });
  const [override] = await world.open.state.store.activeOverrides(ALDER);
  if (override === undefined) throw new Error('expected an override');
  expect(await writeBack(await tokenParts(), ALDER, override)).toMatchObject({
    ok: true,
    value: { id, paths: [`orgs/${ALDER}/credentials.yaml`] },
  });
  await world.change(() => undefined);
  expect(await world.open.state.store.activeOverrides(ALDER)).toEqual([]);
  expect((await world.open.state.store.overrides(ALDER, { limit: 1 }))[0]).toMatchObject({
    endedWhy: 'its secrets left the repository',
  });

  // A revert brings back what somebody said was stolen: the denial holds again, for as long as it was to last.
  await world.change(() => world.fleet.write(path, secrets));
  expect(await world.open.state.store.activeOverrides(ALDER)).toMatchObject([{ id, endedAt: null, endedWhy: null }]);
  expect((await tokensOf('w0-e0')).includes('app')).toBe(false);
  const [again] = await world.open.state.store.history(ALDER, { limit: 1 });
  expect(again).toMatchObject({ action: 'deny', actor: 'controller', detail: { override: id } });
  await taken({ org: ALDER, do: 'end', id, reason: 'it was another one' });
  expect((await tokensOf('w0-e0')).includes('app')).toBe(true);
  await settle();
});

it('a denied gateway learns within one wake of a long poll that it is listed no more, and reaches nothing else', async () => {
  const cut = gateway('w0-e1');
  await cut.poll();
  const waiting = cut.poll(30);
  const other = gateway('w0-e0').running?.digest;
  const override = await taken({ org: ALDER, do: 'deny', name: 'w0-e1', reason: 'its host was stolen' });
  expect([await waiting, cut.isListed, cut.running]).toEqual([200, false, null]);
  await expect(cut.acknowledge('active', null)).rejects.toThrow('401');
  await gateway('w0-e0').poll();
  expect(gateway('w0-e0').running?.digest).toBe(other);
  await taken({ org: ALDER, do: 'end', id: override.id, reason: 'it was found' });
  // Listed again, but its identity stays revoked: it must be enrolled anew.
  expect(await cut.poll()).toBe(401);
  await cut.enrol(await world.codeOf(ALDER, 'w0-e1'));
  await settle();
  expect(running().includes(undefined)).toBe(false);
});

it('a denial whose process is killed has ended the identity of its gateway, and it stays ended', async () => {
  const cut = gateway('w0-e1');
  expect(await cut.poll(0)).toBeLessThan(400);
  const killed = () => Promise.reject(new Error('killed'));
  const { publisher, runtime, ...parts } = await world.parts();
  const ask = { org: ALDER, do: 'deny', name: 'w0-e1', reason: 'its host was stolen' } as const;
  // Whatever is written after the denial is not written any more.
  const dying = {
    ...parts,
    publisher: { ...publisher, get: publisher.get.bind(publisher), putImmutable: killed, putMutable: killed },
    runtime: { ...runtime, revokeGateway: killed },
  };
  await expect(operate(dying, ask, 'staff ana')).rejects.toThrow('killed');
  const [override] = await world.open.state.store.activeOverrides(ALDER);
  expect(override).toMatchObject({ kind: 'deny', name: 'w0-e1' });
  expect(await world.open.state.runtime.gateway(ALDER, 'w0-e1')).toMatchObject({ revokedAt: world.nowMs });
  await taken({ org: ALDER, do: 'end', id: override?.id ?? '', reason: 'it was found' });
  expect(await cut.poll()).toBe(401);
  await cut.enrol(await world.codeOf(ALDER, 'w0-e1'));
  await settle();
  expect(running().includes(undefined)).toBe(false);
});

it('while a gateway is denied, no code of it is made or taken', async () => {
  const early = await world.codeOf(ALDER, 'w0-e1');
  const { id } = await taken({ org: ALDER, do: 'deny', name: 'w0-e1', reason: 'its host was stolen' });
  await expect(gateway('w0-e1').enrol(early)).rejects.toThrow('ENROL_CODE_REFUSED');
  await expect(world.codeOf(ALDER, 'w0-e1')).rejects.toThrow('expected a gateway that is not denied');
  await taken({ org: ALDER, do: 'end', id, reason: 'it was found' });
  await gateway('w0-e1').enrol(early);
  await settle();
  expect(running().includes(undefined)).toBe(false);
});

describe('where the rows of the org are not what was applied', () => {
  const edit = (from: string, to: string): void =>
    void world.open.sql(
      `UPDATE objects SET document = replace(document, '${from}', '${to}') WHERE org = ? AND kind = 'Wallet'`,
      ALDER,
    );
  const found = async (ask: Parameters<RolloutWorld['tell']>[0]): Promise<readonly unknown[]> => {
    const done = await world.tell(ask);
    if (!done.ok) throw new Error(`${done.code}: ${done.message}`);
    const { override, published } = done.body as {
      readonly override: OverrideView;
      readonly published: { readonly findings: readonly { readonly code: string }[] };
    };
    return [override.id, ...published.findings.map(({ code }) => code)];
  };
  const signed = async () => (await world.open.state.store.publication(ALDER))?.targetsVersion;

  it('who is denied is cut off at once all the same, and nothing else of the org moves until it is healed', async () => {
    await issued(ALDER, 'app');
    await settle();
    const [cut, other] = [gateway('w0-e1'), gateway('w0-e0')];
    await cut.poll();
    await other.poll();
    const before = other.running?.digest;
    edit('"name":"desk"', '"name":"disk"');
    edit('"limit":"', '"limit":"9');
    try {
      const waiting = cut.poll(30);
      const [denial, ...codes] = await found({ org: ALDER, do: 'deny', name: 'w0-e1', reason: 'its host was stolen' });
      expect(codes).toEqual(['DRIFT_FIRST']);
      expect([await waiting, cut.isListed, cut.running]).toEqual([200, false, null]);
      await expect(cut.acknowledge('active', null)).rejects.toThrow('401');
      await other.poll();
      expect(other.running?.digest).toBe(before);

      expect((await tokensOf('w0-e0')).includes('app')).toBe(true);
      const [token] = await found({ org: ALDER, do: 'deny', name: 'token/app', reason: 'leaked in a log' });
      expect((await tokensOf('w0-e0')).includes('app')).toBe(false);
      await other.poll();
      expect(other.running?.digest).not.toBe(before);
      const version = await signed();
      await world.look();
      expect(await signed()).toBe(version);
      for (const id of [denial, token]) await found({ org: ALDER, do: 'end', id: String(id), reason: 'over' });
      expect([await signed(), (await tokensOf('w0-e0')).includes('app')]).toEqual([version, false]);
    } finally {
      edit('"limit":"9', '"limit":"');
      edit('"name":"disk"', '"name":"desk"');
    }
    await world.look();
    expect((await tokensOf('w0-e0')).includes('app')).toBe(true);
    await cut.enrol(await world.codeOf(ALDER, 'w0-e1'));
    await settle();
    expect(running().includes(undefined)).toBe(false);
  });

  it('a gateway whose row somebody took away can be denied as long as it is published', async () => {
    const cut = gateway('w0-e1');
    world.open.sql(`CREATE TABLE IF NOT EXISTS gone AS SELECT * FROM objects WHERE org = ? AND name = 'w0-e1'`, ALDER);
    world.open.sql(`DELETE FROM objects WHERE org = ? AND name = 'w0-e1'`, ALDER);
    const [id] = await found({ org: ALDER, do: 'deny', name: 'w0-e1', reason: 'its host was stolen' });
    await cut.poll();
    expect([cut.isListed, cut.running]).toEqual([false, null]);
    world.open.sql('INSERT INTO objects SELECT * FROM gone WHERE org = ?', ALDER);
    world.open.sql('DROP TABLE gone');
    await taken({ org: ALDER, do: 'end', id: String(id), reason: 'over' });
    await cut.enrol(await world.codeOf(ALDER, 'w0-e1'));
    await settle();
    expect(running().includes(undefined)).toBe(false);
  });
});

it('a rollback holds older content under a higher generation, whatever is applied, and comes back through the rings', async () => {
  const path = `orgs/${ALDER}/org.yaml`;
  const first = running();
  const generation = (await world.open.headOf(ALDER)).generation;
  await world.change(() =>
    world.fleet.edit(path, '    review:', "    confidential: { terms: ['Heron'] }\n    review:"),
  );
  await settle();
  const second = running();
  expect(second.every((digest, index) => digest !== first[index])).toBe(true);

  const expiresAt = world.nowMs + DAY_MS;
  // The repository is away meanwhile, not only its host.
  const [git, away] = [join(world.fleet.dir, '.git'), join(world.fleet.dir, '.git-away')];
  renameSync(git, away);
  const { id } = await taken({ org: ALDER, do: 'rollback', to: generation, reason: 'refuses orders', expiresAt });
  await world.pollAll();
  expect(running()).toEqual(first);
  renameSync(away, git);
  await world.change(() => world.fleet.edit(path, "['Heron']", "['Egret']"));
  await world.pollAll();
  expect(running()).toEqual(first);

  // A day later it ends, and what Git wants by then is no surprise for everybody at once.
  world.nowMs = expiresAt;
  await world.look();
  await world.pollAll();
  expect(running().filter((digest, index) => digest !== first[index])).toHaveLength(1);
  await settle();
  expect(running().some((digest, index) => digest === first[index] || digest === second[index])).toBe(false);
  expect((await world.open.state.store.overrides(ALDER, { limit: 1 }))[0]).toMatchObject({ id, endedWhy: 'expired' });
});

it('is brought into Git as a pin of its name, which then holds it and ends it', async () => {
  const path = `orgs/${ALDER}/org.yaml`;
  const first = running();
  const to = (await world.open.headOf(ALDER)).generation;
  await world.change(() => world.fleet.edit(path, "['Egret']", "['Ibis']"));
  await settle();
  const expiresAt = world.nowMs + DAY_MS;
  const { id } = await taken({ org: ALDER, do: 'rollback', to, reason: 'until spring', expiresAt });
  const [override] = await world.open.state.store.activeOverrides(ALDER);
  if (override === undefined) throw new Error('expected an override');
  await writeBack(await tokenParts(), ALDER, override);
  const pin = `orgs/${ALDER}/pins/${id}.yaml`;
  expect(world.fleet.read(pin)).toContain(`generation: ${to}`);
  await world.change(() => undefined);
  expect(await world.open.state.store.activeOverrides(ALDER)).toMatchObject([{ id, isInGit: true }]);
  expect(await refusal({ org: ALDER, do: 'end', id, reason: 'by hand' })).toBe('OVERRIDE_UNKNOWN');
  await world.pollAll();
  expect(running()).toEqual(first);
  await world.change(() => world.fleet.remove(pin));
  expect(await world.open.state.store.activeOverrides(ALDER)).toEqual([]);
  await settle();
  expect(running().some((digest, index) => digest === first[index])).toBe(false);
});

it('refuses what is not there, not kept, or without an end', async () => {
  const base = { org: ALDER, reason: 'a test' };
  expect(await refusal({ ...base, do: 'deny', name: 'nobody' })).toBe('DENY_UNKNOWN');
  expect(await refusal({ ...base, do: 'deny', name: 'gateway/app' })).toBe('DENY_UNKNOWN');
  expect(await refusal({ ...base, do: 'deny', name: 'probe' })).toBe('DENY_UNKNOWN');
  expect(await refusal({ ...base, do: 'deny', name: 'console', expiresAt: world.nowMs })).toBe('OVERRIDE_EXPIRY');
  expect(await refusal({ ...base, do: 'deny', name: 'console', expiresAt: world.nowMs + 91 * DAY_MS })).toBe(
    'OVERRIDE_EXPIRY',
  );
  expect(await refusal({ ...base, do: 'rollback', to: 1, gateway: 'nobody' })).toBe('GATEWAY_UNKNOWN');
  const highest = (await world.open.state.store.delivery(ALDER))?.highest ?? 0;
  const taken = await world.open.state.store.activeOverrides(ALDER);
  expect(await refusal({ ...base, do: 'rollback', to: highest + 1 })).toBe('ROLLBACK_UNKNOWN');
  expect(await world.open.state.store.activeOverrides(ALDER)).toEqual(taken);
  expect(await refusal({ ...base, do: 'end', id: 'rollback-1' })).toBe('OVERRIDE_UNKNOWN');
  expect(await refusal({ ...base, do: 'pause' })).toBe('ROLLOUT_NONE');
  expect(await refusal({ ...base, org: 'nobody' as OrgSlug, do: 'pause' })).toBe('ORG_UNKNOWN');
  expect(await refusal({ ...base, org: 'nobody' as OrgSlug, do: 'deny', name: 'app' })).toBe('ORG_UNKNOWN');
});
