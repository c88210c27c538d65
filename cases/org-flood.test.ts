import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrgSlug } from '../src/core/model/index.ts';
import { issueToken } from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import type { ListeningServer } from '../src/server/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, BIRCH, createFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';
import { planeOf, servePlane } from './served-plane.testkit.ts';

// One org floods the control plane while its own work does not get on. The store is the real one; it holds back what it
// answers the one org until the test lets it.

const PLAN = { perOrg: 4, total: 16, queued: 6, lingering: 5 };
const clock = { nowMs: () => START_MS };

let fleet: TestFleet;
let open: OpenFleet;
let server: ListeningServer;
let release = (): void => {};
const tokens = new Map<OrgSlug, string>();
/** Questions for events that the store has been asked, by org. */
const asked = new Map<OrgSlug, number>();

beforeAll(async () => {
  fleet = await createFleet();
  open = await fleet.open(clock);
  for (const org of [ALDER, BIRCH]) {
    const { repository, write } = await wireRepository(fleet.dir);
    const parts = { tree: repository.workTree(), write, hash: nodeHash, random: nodeRandom, clock };
    const issued = await issueToken(parts, org, 'console');
    if (!issued.ok) throw new Error(issued.message);
    tokens.set(org, issued.value.secret);
  }
  await fleet.save('tokens');
  expect(await open.apply()).toMatchObject({ ok: true });
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { runtime } = open.state;
  const plane = planeOf(open, clock, {
    runtime: {
      ...runtime,
      async events(org, page) {
        asked.set(org, (asked.get(org) ?? 0) + 1);
        if (org === ALDER) await held;
        return runtime.events(org, page);
      },
    },
  });
  server = await servePlane(plane, PLAN);
});
afterAll(async () => {
  release();
  await server.close();
  open.close();
  fleet.destroy();
});

const ask = (org: OrgSlug): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}/api/v1/orgs/${org}/events`, {
    headers: { authorization: `Bearer ${tokens.get(org) ?? ''}` },
  });

test('a flood of one org is refused beyond its share, and every call of another is answered meanwhile', async () => {
  const statuses: number[] = [];
  const flood = Array.from({ length: 60 }, async () => {
    const response = await ask(ALDER);
    statuses.push(response.status);
    return response;
  });
  // Nothing of the org gets on: whatever is answered is refused.
  for (let times = 0; times < 200 && statuses.length < 50; times += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(statuses).toEqual(Array.from({ length: 60 - PLAN.perOrg - PLAN.queued }, () => 429));
  expect(asked.get(ALDER)).toBe(PLAN.perOrg);
  for (let times = 0; times < 20; times += 1) expect((await ask(BIRCH)).status).toBe(200);
  release();
  const answers = await Promise.all(flood);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(PLAN.perOrg + PLAN.queued);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(await refused?.json()).toMatchObject({ error: { code: 'ORG_BUSY' } });
});
