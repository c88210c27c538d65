import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emit } from '../src/core/kinds/index.ts';
import type { Sha256Hex } from '../src/core/model/index.ts';
import { ALDER, BIRCH } from './fleet.testkit.ts';
import { MINUTE_MS, openRolloutWorld, type RolloutWorld, SOAK_MS } from './rollout.testkit.ts';
import type { SimulatedGateway } from './simulated-gateway.testkit.ts';

// A change of one org goes through its rings by acknowledgements; a bad but valid one stops in the first and goes back by
// itself, and no gateway of another ring ever sees it. `npm run soak -- rollout` plays the same with 200 gateways.

const SIZE = {
  environments: Number(process.env['TENANTRY_ROLLOUT_ENVIRONMENTS'] ?? 4),
  gateways: Number(process.env['TENANTRY_ROLLOUT_GATEWAYS'] ?? 5),
};
const TIMEOUT_MS = 300_000;
let world: RolloutWorld;
beforeAll(async () => {
  world = await openRolloutWorld(SIZE, { health: { growth: 1000 } });
}, TIMEOUT_MS);
afterAll(() => world.close());

const running = (gateways: readonly SimulatedGateway[]): ReadonlySet<Sha256Hex | undefined> =>
  new Set(gateways.map((gateway) => gateway.running?.digest));

/** What each gateway runs, by name. */
const digests = (): ReadonlyMap<string, Sha256Hex | undefined> =>
  new Map([...world.gateways.values()].map((gateway) => [gateway.name, gateway.running?.digest]));

let terms = 0;

/** A term that the customer calls confidential: every gateway's policy changes with it. */
function editTerms(term = `Heron${terms}`): void {
  terms += 1;
  const path = `orgs/${ALDER}/org.yaml`;
  const text = world.fleet.read(path).replace(/ {4}confidential: .*\n/, '');
  world.fleet.write(path, text.replace('    review:', `    confidential: { terms: ['${term}'] }\n    review:`));
}

/** Ten times as much text as before. */
function editLarge(fleet = world.fleet): void {
  const terms = Array.from({ length: 499 }, (_, index) => `'${'q'.repeat(197)}${index + 100}'`).join(', ');
  const path = `orgs/${ALDER}/org.yaml`;
  const text = fleet.read(path).replace(/ {4}confidential: .*\n/, '');
  fleet.write(path, text.replace('    review:', `    confidential: { terms: [${terms}] }\n    review:`));
}

const DLP = '/spec/document/policy/dlp-filter';

/** Blocks every request of the first environment: valid, and not meant. */
function denyAll(): void {
  const patches = [
    { op: 'replace', path: `${DLP}/detect_patterns`, was: [], value: ['[a-z]'] },
    { op: 'replace', path: `${DLP}/action`, was: 'redact', value: 'block' },
  ];
  world.fleet.write(
    `orgs/${ALDER}/overlays/deny-all.yaml`,
    emit({
      apiVersion: 'tenantry/v1',
      kind: 'Overlay',
      metadata: { org: ALDER, name: 'deny-all' },
      spec: {
        target: { kind: 'Policy', environment: 'e0', name: 'standard' },
        reason: 'a slip of the pen',
        patches,
      },
    }),
  );
}

async function rolledOut(): Promise<void> {
  await world.pollAll();
  for (let looks = 0; looks < 6; looks += 1) {
    await world.look(SOAK_MS);
    await world.pollAll();
  }
  expect((await world.rollout()).state).toBe('done');
}

it('puts the first content out at once, for nobody has anything to keep', () => {
  expect(world.gateways.size).toBe(SIZE.environments * SIZE.gateways);
  expect([...world.gateways.values()].every(({ running: runs }) => runs?.generation === 1)).toBe(true);
  expect(world.inRing('canary')).toHaveLength(SIZE.gateways);
  for (const ring of ['early', 'general']) expect(world.inRing(ring).length).toBeGreaterThan(0);
});

it(
  'advances ring after ring, on acknowledgements and soak, never on time alone',
  async () => {
    const before = digests();
    const report = await world.change(() => editTerms());
    expect(report).toMatchObject({ ok: true, published: [{ org: ALDER, generation: 2 }] });
    expect(report.published[0]?.changed).toHaveLength(SIZE.gateways);
    const isNew = ({ name, running: runs }: SimulatedGateway): boolean => runs?.digest !== before.get(name);

    // Nobody has asked: a day of silence of gateways that never spoke of it opens nothing.
    await world.look(MINUTE_MS);
    expect((await world.rollout()).rings.map(({ state }) => state)).toEqual(['open', 'waiting', 'waiting']);
    await world.pollAll();
    expect(world.inRing('canary').every(isNew)).toBe(true);
    expect([...world.inRing('early'), ...world.inRing('general')].some(isNew)).toBe(false);
    await world.look();
    await world.look(SOAK_MS - 1);
    expect((await world.rollout()).rings.map(({ state }) => state)).toEqual(['open', 'waiting', 'waiting']);
    await world.look(1);
    expect((await world.rollout()).rings.map(({ state }) => state)).toEqual(['done', 'open', 'waiting']);
    await world.pollAll();
    expect(world.inRing('early').every(isNew)).toBe(true);
    expect(world.inRing('general').some(isNew)).toBe(false);
    await world.look();
    await world.look(SOAK_MS);
    await world.pollAll();
    expect([...world.gateways.values()].every(isNew)).toBe(true);
    expect(await world.rollout()).toMatchObject({ state: 'done', generation: 2 });
  },
  TIMEOUT_MS,
);

interface Bad {
  readonly code: string;
  readonly change: () => void;
  /** What happens after the gateways of the ring were offered it. */
  readonly meanwhile: () => Promise<void>;
  readonly mend: () => void;
}

const BAD: readonly (readonly [string, Bad])[] = [
  [
    'crashes hosts on load',
    {
      code: 'ROLLOUT_SILENT',
      change: () => {
        editTerms('Crash');
        world.loads = ({ policyText }) => (policyText.includes('Crash') ? 'dies' : 'runs');
      },
      meanwhile: async () => {
        await world.look(4 * MINUTE_MS);
        expect((await world.rollout()).state).toBe('running');
        world.nowMs += 2 * MINUTE_MS;
      },
      mend: () => editTerms(),
    },
  ],
  [
    'denies everybody',
    {
      code: 'ROLLOUT_BLOCKS',
      change: denyAll,
      meanwhile: async () => {
        for (const gateway of world.inRing('canary')) await gateway.serve(10);
      },
      mend: () => {
        world.fleet.remove(`orgs/${ALDER}/overlays/deny-all.yaml`);
        editTerms();
      },
    },
  ],
  [
    'is ten times as large as before, and more than hosts take',
    {
      code: 'ROLLOUT_REJECTED',
      change: () => {
        editLarge();
        const usual = world.inRing('canary')[0]?.running?.bytes ?? 0;
        world.loads = ({ bytes }) => (bytes > 10 * usual ? { refuses: 'TRUST_LENGTH' } : 'runs');
      },
      meanwhile: async () => undefined,
      mend: () => editTerms(),
    },
  ],
];

describe.each(BAD)('a valid change that %s', (_, bad) => {
  it(
    'stops in the first ring, goes back by itself, and is seen by no other ring',
    async () => {
      for (const gateway of world.inRing('canary')) await gateway.serve(10);
      const before = digests();
      const generation = world.inRing('canary')[0]?.running?.generation ?? 0;
      const birchBefore = world.others[0]?.running?.digest;
      const others = [...world.inRing('early'), ...world.inRing('general')];
      const offered = new Map(others.map((gateway) => [gateway.name, gateway.offered.size]));
      const report = await world.change(() => {
        bad.change();
        // Another customer's change in the same commit is no part of this rollout.
        const path = `orgs/${BIRCH}/org.yaml`;
        const [, limit = ''] = /limit: '(\d+)\.00'/.exec(world.fleet.read(path)) ?? [];
        world.fleet.edit(path, `limit: '${limit}.00'`, `limit: '${Number(limit) + 1}.00'`);
      });
      expect(report.orgs.map((item) => (item.outcome === 'held' ? item.message : item.outcome))).toEqual([
        'applied',
        'applied',
      ]);
      expect(report.ok).toBe(true);
      await world.pollAll();
      await bad.meanwhile();
      expect((await world.look())?.rollout).toMatchObject({
        state: 'rolled-back',
        reason: { code: bad.code, ring: 'canary', by: 'controller' },
      });
      await world.pollAll();
      expect(digests()).toEqual(before);
      for (const gateway of world.inRing('canary')) expect(gateway.running?.generation).toBeGreaterThan(generation + 1);
      for (const gateway of others) expect(gateway.offered.size).toBe(offered.get(gateway.name));
      expect(world.others[0]?.running?.digest).not.toBe(birchBefore);
      const { store } = world.open.state;
      expect(await store.activeOverrides(ALDER)).toMatchObject([
        { kind: 'rollback', actor: 'controller', isInGit: false },
      ]);
      expect((await store.history(ALDER, { limit: 1 }))[0]).toMatchObject({ action: 'rollback', actor: 'controller' });
      expect(await store.verifyHistory(ALDER)).toBeNull();
      // It holds by itself: nothing is tried again before other content comes.
      await world.look(60 * MINUTE_MS);
      await world.pollAll();
      expect(digests()).toEqual(before);

      world.loads = () => 'runs';
      await world.change(bad.mend);
      await rolledOut();
      expect(await store.activeOverrides(ALDER)).toEqual([]);
      expect(running([...world.gateways.values()]).has(undefined)).toBe(false);
    },
    TIMEOUT_MS,
  );
});

it('does not open a ring for content that multiplied, until somebody looked', async () => {
  const strict = await openRolloutWorld({ environments: 2, gateways: 1 });
  try {
    const before = strict.inRing('canary')[0]?.running?.digest;
    await strict.change(() => editLarge(strict.fleet));
    const grown = await strict.rollout();
    expect(grown).toMatchObject({ state: 'halted', reason: { code: 'ROLLOUT_SIZE', ring: 'canary' } });
    await strict.pollAll();
    expect(strict.inRing('canary')[0]?.running?.digest).toBe(before);
    await strict.tell({ org: ALDER, do: 'resume', reason: 'it is meant' });
    await strict.pollAll();
    expect(strict.inRing('canary')[0]?.running?.digest).not.toBe(before);
  } finally {
    await strict.close();
  }
});
