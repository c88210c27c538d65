// A check that knows answers of former checks finds what a check that knows nothing finds, whatever changed in between.

import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import {
  type Fault,
  faults,
  fleetMaker,
  fleetOrgs,
  type MemoryFleet,
  memoryTree,
  type OrgDraft,
} from '../scripts/fleet/index.ts';
import { instantText } from '../src/core/model/index.ts';
import { type CheckCache, type CheckReport, check, type KeptOrg, type PackedFacts } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import type { Repository } from '../src/ports/index.ts';

const NOW = Date.parse('2026-12-01T00:00:00Z');
const ORGS = 6;
const TEMPLATE = 'templates/msp-standard/1.0.0/teams.yaml';

const orgs = fleetOrgs({ orgs: ORGS, seed: 5 });
const maker = fleetMaker(orgs, '2027-06-30T00:00:00Z');

type Answer = readonly [KeptOrg, PackedFacts];
let known = new Map<string, Answer>();
const cache: CheckCache = {
  get: (key) => known.get(key)?.[0],
  facts: (key) => known.get(key)?.[1],
  put: (key, ...answer) => known.set(key, answer),
};
beforeEach(() => {
  known = new Map();
});

const NOTHING: ReadonlySet<string> = new Set();

const checkWith = (
  former: CheckCache | null,
  fleet: MemoryFleet,
  touched: ReadonlySet<string> | null = NOTHING,
  nowMs = NOW,
): Promise<CheckReport> =>
  check(
    // The check of a tree asks its repository for nothing.
    {
      repository: {} as Repository,
      hash: nodeHash,
      zoneOffset: nodeZoneOffset,
      clock: { nowMs: () => nowMs },
      cache: former,
      threads: null,
    },
    { tree: memoryTree(fleet), touched, orgs: null },
  );

/** Both checks of a fleet; they must say the same. */
const bothWays = async (
  fleet: MemoryFleet,
  touched?: ReadonlySet<string> | null,
  nowMs?: number,
): Promise<CheckReport> => {
  const remembered = await checkWith(cache, fleet, touched, nowMs);
  const cold = await checkWith(null, fleet, touched, nowMs);
  expect(remembered.findings).toEqual(cold.findings);
  return remembered;
};

/** A fault of one org that another org has part in. */
interface Planted {
  readonly fault: Fault;
  readonly own: number;
  readonly other: number;
  readonly draw: number;
}

/** How the fleet differs from the clean one. */
interface State {
  readonly planted: readonly Planted[];
  readonly gone: ReadonlySet<number>;
  /** Shared files with a value of an org in them. */
  readonly told: ReadonlyMap<string, number>;
  /** How the price book differs. */
  readonly priced: Edit | null;
}

type Edit = (text: string) => string;

type Step = (state: State) => State;

const orgNumber = fc.nat({ max: ORGS - 1 });
const plant: fc.Arbitrary<Step> = fc
  .record({ fault: fc.constantFrom(...faults), own: orgNumber, other: orgNumber, draw: fc.nat() })
  .filter(({ fault, own, other }) => fault.shared === undefined && own !== other)
  .map((one) => (state) => ({ ...state, planted: [...state.planted, one].slice(-3) }));
const heal: fc.Arbitrary<Step> = fc.constant((state) => ({ ...state, planted: state.planted.slice(1) }));
const come: fc.Arbitrary<Step> = orgNumber.map((org) => (state) => {
  const gone = new Set(state.gone);
  if (!gone.delete(org)) gone.add(org);
  return { ...state, gone };
});
const tell: fc.Arbitrary<Step> = fc
  .record({ path: fc.constantFrom('fleet.yaml', 'prices/list.yaml', TEMPLATE), org: orgNumber })
  .map(({ path, org }) => (state) => {
    const told = new Map(state.told);
    if (!told.delete(path)) told.set(path, org);
    return { ...state, told };
  });

const PRICES = 'prices/list.yaml';
const FROM = '2026-01-01T00:00:00Z';
/** Ways to edit the price book, each of which takes some or all orgs a price that holds. */
const PRICINGS = {
  'another currency': (text) => text.replace('USD', 'EUR'),
  'another model': (text) => text.replace('model: gpt-4o-mini', 'model: none-such'),
  'a later date': (text) => text.replaceAll(FROM, '2027-01-01T00:00:00Z'),
} satisfies Record<string, Edit>;
const MISNAMED: Edit = (text) => text.replace('name: list', 'name: lists');
const price: fc.Arbitrary<Step> = fc
  .constantFrom<Edit | null>(null, MISNAMED, ...Object.values(PRICINGS))
  .map((priced) => (state) => ({ ...state, priced }));

const draftsOf = (state: State, drafts: ReadonlyMap<number, OrgDraft>): void => {
  for (const { fault, own, other, draw } of state.planted) {
    const [ours, theirs] = [drafts.get(own), drafts.get(other)];
    if (ours === undefined || theirs === undefined) continue;
    const pick = <Item>(items: readonly Item[]): Item => items[draw % items.length] as Item;
    fault.plant({ own: ours, other: theirs, pick });
  }
};

const without = (fleet: MemoryFleet, gone: Iterable<number>): MemoryFleet => {
  const staying = new Map(fleet.orgs);
  for (const org of gone) staying.delete(orgs[org]?.slug ?? '');
  return { ...fleet, orgs: staying };
};

const CLEAN: State = { planted: [], gone: new Set(), told: new Map(), priced: null };

/** undefined where the faults do not go together: one takes away what another edits. */
const fleetOf = (state: State): MemoryFleet | undefined => {
  const drafted = [...new Set(state.planted.flatMap(({ own, other }) => [own, other]))];
  const identities = drafted.flatMap((org) => orgs[org] ?? []);
  try {
    let fleet = maker.withDrafts(identities, (...drafts) =>
      draftsOf(state, new Map(drafts.map((draft, index) => [drafted[index] ?? -1, draft]))),
    );
    for (const [path, org] of state.told) {
      const { domain, displayName } = orgs[org] ?? { domain: '', displayName: '' };
      fleet = maker.withShared(fleet, path, (text) => `${text}# as at ${domain}, ${displayName}\n`);
    }
    if (state.priced !== null) fleet = maker.withShared(fleet, PRICES, state.priced);
    return without(fleet, state.gone);
  } catch {
    return undefined;
  }
};

test('a remembering check finds what a cold one finds, through any changes', { timeout: 240_000 }, async () => {
  const codes = new Set<string>();
  let [checks, answered] = [0, 0];
  const steps = fc.array(fc.oneof({ weight: 4, arbitrary: plant }, heal, come, tell, price), {
    minLength: 3,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      known = new Map();
      let state = CLEAN;
      for (const step of all) {
        const next = step(state);
        const fleet = fleetOf(next);
        if (fleet === undefined) continue;
        state = next;
        const { findings, counters } = await bothWays(fleet);
        for (const { code } of findings) codes.add(code);
        checks += 1;
        answered += counters.orgsFromCache;
      }
    }),
    { numRuns: 20 },
  );
  // It is about something: answers were used, and the walls between orgs were broken.
  expect(answered).toBeGreaterThan(2 * checks);
  expect([...codes].filter((code) => /^ISO_I(?:0[3-8]|1[1-9]|2|3|4)/.test(code)).length).toBeGreaterThan(10);
});

test('an answer is not kept that depends on which other orgs there are', async () => {
  const [own, other] = [0, 1].map((index) => orgs[index]);
  if (own === undefined || other === undefined) throw new Error('Expected two orgs.');
  // A wallet of its own, called like the uid of an org that comes later.
  const fleet = maker.withDrafts([own], (draft) => {
    draft?.edit('org.yaml', ({ spec }) => {
      spec.inputs.wallets.teams[0].name = other.uid;
      for (const team of spec.inputs.teams) if (team.wallet !== undefined) team.wallet = other.uid;
    });
  });
  const before = await bothWays(without(fleet, [1]));
  const after = await bothWays(fleet);
  const crossing = (report: CheckReport) => report.findings.filter(({ code }) => code.includes('CROSSES_ORG')).length;
  expect([crossing(before), crossing(after) > 0]).toEqual([0, true]);
});

test('what was accepted before is read by both YAML readers where a check asks for that', async () => {
  const [slug, path] = [orgs[3]?.slug ?? '', `orgs/${orgs[3]?.slug}/org.yaml`];
  const files = maker.clean.orgs.get(slug) ?? new Map();
  const text = files.get(path)?.text.replace('displayName: ', 'displayName: &name ');
  const fleet = { ...maker.clean, orgs: new Map(maker.clean.orgs).set(slug, new Map(files).set(path, { text })) };
  expect((await bothWays(fleet)).findings).toEqual([]);
  expect((await bothWays(fleet)).counters.orgsFromCache).toBe(ORGS);
  expect((await bothWays(fleet, new Set([path]))).findings.map(({ place }) => place.file)).toEqual([path]);
  expect((await bothWays(maker.clean, new Set([TEMPLATE]))).counters.orgsFromCache).toBe(0);
  expect((await bothWays(fleet, null)).findings.map(({ place }) => place.file)).toEqual([path]);
  // What was read strictly holds for every check.
  expect((await bothWays(fleet, new Set([path]))).counters.orgsFromCache).toBe(ORGS);
});

const unpriced = ({ findings }: CheckReport): readonly string[] =>
  findings.flatMap(({ code, org, found }) => (code === 'MODEL_UNPRICED' ? [`${org}: ${found}`] : []));
const fromCache = ({ counters }: CheckReport): number => counters.orgsFromCache;

test.each(Object.entries(PRICINGS))(
  '%s in the price book alone brings a finding, and takes it away again, where answers are remembered',
  async (_, edit: Edit) => {
    expect(unpriced(await bothWays(maker.clean))).toEqual([]);
    const fleet = maker.withShared(maker.clean, PRICES, edit);
    const first = await bothWays(fleet);
    expect(new Set(unpriced(first).map((text) => text.split(':')[0])).size).toBe(ORGS);
    expect(fromCache(await bothWays(fleet))).toBe(ORGS);
    expect(unpriced(await bothWays(maker.clean))).toEqual([]);
  },
);

test('nothing is said of prices, or kept to be said later, while their book cannot be read', async () => {
  const fleet = maker.withShared(maker.clean, PRICES, PRICINGS['another model']);
  const unread = await bothWays(maker.withShared(fleet, PRICES, MISNAMED));
  expect([unread.ok, unpriced(unread)]).toEqual([false, []]);
  expect(unpriced(await bothWays(fleet)).length).toBeGreaterThan(0);
});

test('a price looks again at the orgs alone that its model concerns, and at none where only the amount is another', async () => {
  const [fault] = faults.filter(({ code }) => code === 'MODEL_UNPRICED');
  if (fault === undefined) throw new Error('Expected a fault of prices.');
  const fleet = fleetOf({ ...CLEAN, planted: [{ fault, own: 2, other: 4, draw: 0 }] }) ?? maker.clean;
  expect(unpriced(await bothWays(fleet))).toEqual([`${orgs[2]?.slug}: no price`]);
  const add = (model: string, from: string) => {
    const entry = `    - { model: ${model}, from: "${from}", inputPerMillion: "1", outputPerMillion: "1" }`;
    return maker.withShared(fleet, PRICES, (text) => text.replace('entries:', `entries:\n${entry}`));
  };
  expect(fromCache(await bothWays(add('new-model', FROM)))).toBe(ORGS);
  expect(fromCache(await bothWays(add('gpt-4o', '2026-06-01T00:00:00Z')))).toBe(ORGS);
  const later = await bothWays(add('none-such', '2026-12-01T00:10:00Z'));
  expect([fromCache(later), ...unpriced(later)]).toEqual([
    ORGS - 1,
    `${orgs[2]?.slug}: a price only from 2026-12-01T00:10:00Z on`,
  ]);
  const priced = await bothWays(add('none-such', FROM));
  expect([fromCache(priced), unpriced(priced)]).toEqual([ORGS - 1, []]);
});

test('an answer ends when a price begins to hold', async () => {
  const begins = NOW + 600_000;
  const fleet = maker.withShared(maker.clean, PRICES, (text) => text.replaceAll(FROM, instantText(begins)));
  const before = await bothWays(fleet);
  expect([before.untilMs, unpriced(before).length > 0]).toEqual([begins, true]);
  expect(fromCache(await bothWays(fleet, NOTHING, begins - 1))).toBe(ORGS);
  const then = await bothWays(fleet, NOTHING, begins);
  expect([fromCache(then), unpriced(then), then.untilMs > begins]).toEqual([0, [], true]);
});

test.each([
  ['facts that are gone', ([checked]: Answer): Answer => [checked, undefined as unknown as PackedFacts]],
  ['marks that are damaged', ([checked, facts]: Answer): Answer => [{ ...checked, marks: `A${checked.marks}` }, facts]],
])('%s are found out: everything is looked at again, and kept anew', async (_, damage) => {
  const [fault] = faults.filter(({ code }) => code === 'ISO_I13_UPSTREAM_ACCOUNT_SHARED');
  if (fault === undefined) throw new Error('Expected a fault of accounts.');
  const planted = [{ fault, own: 2, other: 4, draw: 0 }];
  const fleet = fleetOf({ ...CLEAN, planted }) ?? maker.clean;
  const { findings } = await bothWays(fleet);
  expect(findings.map(({ code }) => code)).toContain('ISO_I13_UPSTREAM_ACCOUNT_SHARED');
  known = new Map([...known].map(([key, answer]) => [key, damage(answer)]));
  expect((await bothWays(fleet)).counters.orgsFromCache).toBe(0);
  expect((await bothWays(fleet)).counters.orgsFromCache).toBe(ORGS);
});
