import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApplyParts, advanceAll, apply, openLanes, publishOne } from '../src/flows/index.ts';
import { ALDER } from './fleet.testkit.ts';
import { openRolloutWorld, type RolloutWorld, SOAK_MS } from './rollout.testkit.ts';

// A controller dies before and after its writes, all along a rollout that goes back; the next one goes on with what is
// stored, and everybody ends up with what they had. `npm run soak -- rollout` dies at every point, this at every so many.

const STRIDE = Number(process.env['TENANTRY_ROLLOUT_STRIDE'] ?? 5);
const TIMEOUT_MS = 300_000;

let world: RolloutWorld;
beforeAll(async () => {
  world = await openRolloutWorld({ environments: 3, gateways: 1 });
});
afterAll(() => world.close());

class Killed extends Error {}

/** Parts whose process ends at the `at`th point: before a write, or after it. */
function dying(parts: ApplyParts, at: number): { readonly parts: ApplyParts; readonly points: () => number } {
  let point = 0;
  const reach = (): void => {
    point += 1;
    if (point >= at) throw new Killed();
  };
  const around =
    <Args extends readonly unknown[], T>(write: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      reach();
      const done = await write(...args);
      reach();
      return done;
    };
  const { store, publisher, runtime } = parts;
  return {
    points: () => point,
    parts: {
      ...parts,
      lanes: openLanes(),
      store: { ...store, transact: around(store.transact.bind(store)) as typeof store.transact },
      publisher: {
        ...publisher,
        get: publisher.get.bind(publisher),
        putImmutable: around(publisher.putImmutable.bind(publisher)),
        putMutable: around(publisher.putMutable.bind(publisher)),
      },
      runtime: { ...runtime, nextTimestamp: around(runtime.nextTimestamp.bind(runtime)) },
    },
  };
}

const digests = (): readonly unknown[] =>
  [...world.gateways.values()].map(({ name, running }) => [name, running?.digest]);

const atHead = () => ({ commit: world.fleet.head(), orgs: null, expect: null, heal: false });

/** Applies a bad change and looks until it went back; gives the number of points that it reached before it died, if it did. */
async function play(at: number): Promise<number | null> {
  const { parts, points } = dying(await world.parts(), at);
  try {
    await apply(parts, atHead());
    await world.pollAll();
    await advanceAll(parts);
    return null;
  } catch (cause) {
    if (!(cause instanceof Killed)) throw cause;
    return points();
  }
}

it(
  'killed before or after any write, the next run goes on, and a bad change goes back all the same',
  async () => {
    const path = `orgs/${ALDER}/org.yaml`;
    world.loads = ({ policyText }) => (policyText.includes('Bad') ? { refuses: 'GATEWAY_POLICY_REFUSED' } : 'runs');
    const before = digests();
    const uninvolved = [...world.inRing('early'), ...world.inRing('general')];
    let died = 0;
    for (let at = 1; ; at += STRIDE) {
      const text = world.fleet.read(path).replace(/ {4}confidential: .*\n/, '');
      world.fleet.write(path, text.replace('    review:', `    confidential: { terms: ['Bad${at}'] }\n    review:`));
      await world.fleet.save(`bad ${at}`);
      const reached = await play(at);
      // Another controller, after the death of the first one.
      await world.open.apply();
      await world.pollAll();
      for (let looks = 0; looks < 2; looks += 1) {
        await world.look(SOAK_MS);
        await world.pollAll();
      }
      expect([at, digests()]).toEqual([at, before]);
      const { store } = world.open.state;
      expect([at, (await world.rollout()).state]).toEqual([at, 'rolled-back']);
      expect([at, (await store.activeOverrides(ALDER)).length, await store.unpublished()]).toEqual([at, 1, ['_fleet']]);
      expect(await store.verifyHistory(ALDER)).toBeNull();
      if (reached === null) break;
      died += 1;
    }
    expect(died).toBeGreaterThan(20 / STRIDE);
    for (const gateway of uninvolved) expect([gateway.name, gateway.offered.size]).toEqual([gateway.name, 1]);
  },
  TIMEOUT_MS,
);

it('a controller that was overtaken decides and publishes nothing', async () => {
  const { store } = world.open.state;
  const first = await store.acquireLease('controller', 'first', 1, 10);
  if (!first.granted) throw new Error('expected the lease');
  await store.acquireLease('controller', 'second', 100, 10);
  const stale = { ...(await world.parts()), fence: { name: 'controller', fence: first.fence } };
  const path = `orgs/${ALDER}/org.yaml`;
  const text = world.fleet.read(path).replace(/ {4}confidential: .*\n/, '');
  world.fleet.write(path, text.replace('    review:', "    confidential: { terms: ['Good'] }\n    review:"));
  await world.change(() => undefined);
  const state = await store.delivery(ALDER);
  await world.pollAll();
  world.nowMs += SOAK_MS;
  await expect(advanceAll(stale)).rejects.toMatchObject({ code: 'STORE_FENCED' });
  expect(await store.delivery(ALDER)).toEqual(state);
});

it('an apply that comes between two reads of a look is published all the same', async () => {
  const parts = await world.parts();
  const { store } = parts;
  const path = `orgs/${ALDER}/org.yaml`;
  for (const method of ['observe', 'delivery', 'publication'] as const) {
    const text = world.fleet.read(path).replace(/ {4}confidential: .*\n/, '');
    world.fleet.write(path, text.replace('    review:', `    confidential: { terms: ['${method}'] }\n    review:`));
    await world.fleet.save(method);
    let applied = false;
    // What every other reader of the store sees stays as it is; this look alone is slow.
    const slow = async (org: typeof ALDER) => {
      const value = await store[method](org);
      if (!applied) {
        applied = true;
        await apply({ ...parts, lanes: openLanes(), store: { ...store, unpublished: async () => [] } }, atHead());
      }
      return value;
    };
    await publishOne({ ...parts, store: { ...store, [method]: slow } }, ALDER);
    await world.open.apply();
    const { generation } = await world.open.headOf(ALDER);
    expect([method, (await store.publication(ALDER))?.generation]).toEqual([method, generation]);
    const wanted = (await store.delivery(ALDER))?.releases.filter((item) => item.generation === generation) ?? [];
    expect([method, wanted.length]).toEqual([method, world.gateways.size]);
  }
});
