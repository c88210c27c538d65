import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommitId, OrgSlug } from '../src/core/model/index.ts';
import { render } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import type { TestFleet } from './fleet.testkit.ts';
import { diffOf, editYaml, generatedFleet, slugOf } from './worlds.testkit.ts';

// What a diff proves of the orgs that a change leaves alone, and the work that it takes.

const ORGS = 8;
let fleet: TestFleet;
let base: CommitId;

beforeAll(async () => {
  fleet = await generatedFleet(ORGS);
  base = fleet.head();
});
beforeEach(() => {
  fleet.git('reset', '-q', '--hard', base);
  fleet.git('clean', '-qfd');
});
afterAll(() => fleet.destroy());

const orgFile = (index: number): string => `orgs/${slugOf(index)}/org.yaml`;
const named = (orgs: readonly { readonly org: OrgSlug }[]): readonly string[] => orgs.map(({ org }) => org);
const proved = (compared: number, more: object = {}): object => ({
  compared,
  byInputs: compared,
  byRender: 0,
  affected: [],
  unproved: [],
  carried: [],
  sameSettings: true,
  ...more,
});

describe('a change of one org', () => {
  it('leaves every other org as it is, by equal inputs, and reads no file of theirs', async () => {
    editYaml(fleet, orgFile(2), ({ spec }) => {
      spec.inputs.wallets.orgLimit = '12500.50';
    });
    const told = await diffOf(fleet, base, await fleet.save('raise'));
    expect(named(told.orgs)).toEqual([slugOf(2)]);
    expect(told.untouched).toEqual(proved(ORGS - 1));
    // The wallet of the org is above those of its three gateways.
    expect(told.reach).toMatchObject({ orgs: 1, orgsInFleet: ORGS, gateways: 3, tokens: 0, wallets: 1 });
    expect(told.reach.money).toEqual([{ currency: 'USD', upMicros: 500_500_000n, downMicros: 0n }]);

    const filesOf = (folder: string): number => fleet.git('ls-files', folder).split('\n').length;
    expect(told.counters).toMatchObject({ orgs: 1, orgsRendered: 2 });
    expect(told.counters.blobsRead).toBeLessThanOrEqual(
      filesOf(`orgs/${slugOf(2)}`) + filesOf('templates/msp-standard/1.0.0'),
    );
  });

  it('reaches gateways through the policies, wallets, teams and tokens that they use', async () => {
    editYaml(fleet, orgFile(2), ({ spec }) => {
      spec.inputs.teams[1].members = [`new@${spec.domains[0]}`];
    });
    const told = await diffOf(fleet, base, await fleet.save('a member'));
    // Team support: the gateways of support in production and staging.
    expect(told.reach).toMatchObject({ orgs: 1, gateways: 2, tokens: 0, wallets: 0, money: [] });
  });
});

describe('templates and pins', () => {
  it('a new template version affects nobody', async () => {
    fleet.git('mv', 'templates/msp-standard/1.1.0', 'templates/msp-standard/1.2.0');
    const without = fleet.commit('1.2.0 before it was added', 'Ana <ana@msp.example>');
    fleet.git('rm', '-rq', 'templates/msp-standard/1.2.0');
    const start = fleet.commit('no newer version', 'Ana <ana@msp.example>');
    const told = await diffOf(fleet, start, without);
    expect(told.orgs).toEqual([]);
    expect(told.untouched).toEqual(proved(ORGS));
    expect(told.counters).toMatchObject({ orgs: 0, orgsRendered: 0 });
  });

  it('moved pins affect exactly those orgs', async () => {
    for (const index of [3, 5, 7]) fleet.edit(orgFile(index), 'msp-standard@1.0.0', 'msp-standard@1.1.0');
    const told = await diffOf(fleet, base, await fleet.save('campaign'));
    expect(named(told.orgs)).toEqual([3, 5, 7].map(slugOf));
    expect(told.untouched).toEqual(proved(ORGS - 3));
  });

  it('a version edited in place is compared by render: whoever changes is named', async () => {
    const body = 'templates/msp-standard/1.0.0/gateways.yaml';
    fleet.write(body, `${fleet.read(body)}# only a comment\n`);
    const same = fleet.commit('a comment');
    expect((await diffOf(fleet, base, same)).untouched).toEqual(proved(ORGS, { byInputs: 0, byRender: ORGS }));

    fleet.edit(body, 'requestsPerMinute: 600', 'requestsPerMinute: 500');
    editYaml(fleet, orgFile(1), ({ spec }) => {
      spec.inputs.wallets.orgLimit = '12500.00';
    });
    const told = await diffOf(fleet, same, await fleet.save('in place'));
    const others = Array.from({ length: ORGS - 1 }, (_, index) => slugOf(index + 2));
    expect(told.untouched).toEqual(proved(ORGS - 1, { byInputs: 0, affected: others }));
    expect(named(told.orgs)).toEqual([slugOf(1), ...others]);
  });

  it('an org that does not render is held, not told as deleted; where nothing is proved, that is said', async () => {
    editYaml(fleet, orgFile(4), ({ spec }) => {
      spec.inputs.unknown = true;
    });
    const told = await diffOf(fleet, base, fleet.commit('wrong input'));
    expect([told.orgs, told.held]).toEqual([[], [slugOf(4)]]);
    expect(told.findings.length).toBeGreaterThan(0);
    expect(told.untouched).toEqual(proved(ORGS - 1));

    fleet.git('rm', '-rq', 'templates/msp-standard/1.0.0');
    const gone = await diffOf(fleet, base, fleet.commit('the pinned version is gone'));
    expect(gone.untouched.unproved).toHaveLength(ORGS - 1);
    expect(gone.orgs).toEqual([]);
  });
});

describe('settings that all share', () => {
  it('fleet.yaml changes the fleet and no org', async () => {
    editYaml(fleet, 'fleet.yaml', ({ spec }) => {
      spec.displayName = 'Another name';
    });
    const told = await diffOf(fleet, base, fleet.commit('name'));
    expect(named(told.orgs)).toEqual(['_fleet']);
    expect(told.untouched).toEqual(proved(ORGS));
    expect(told.reach).toMatchObject({ orgs: 0, gateways: 0 });
  });

  it('a text of a price book leaves every org and every bundle as it is, and reads none', async () => {
    const file = fleet.git('ls-files', 'prices');
    editYaml(fleet, file, ({ spec }) => {
      spec.source = 'https://prices.example/new';
    });
    const told = await diffOf(fleet, base, fleet.commit('prices'));
    expect(named(told.orgs)).toEqual(['_fleet']);
    expect(told.untouched).toEqual(proved(ORGS, { sameSettings: false }));
    expect(told.reach).toMatchObject({ orgs: 0, gateways: 0 });
    expect(told.counters).toMatchObject({ orgsRendered: 0 });
  });

  it('a price reaches the gateways whose policies name the model, as publishing them does', async () => {
    const file = fleet.git('ls-files', 'prices');
    const gatewaysOf = async (model: string): Promise<ReadonlyMap<string, number>> => {
      const found = new Map<string, number>();
      for (const path of fleet
        .git('ls-files', 'orgs')
        .split('\n')
        .filter((path) => path.includes('/gateways/'))) {
        const [, org = '', , environment = ''] = path.split('/');
        const policy = /policy: (\S+)/.exec(fleet.read(path))?.[1];
        if (!fleet.read(`orgs/${org}/policies/${environment}/${policy}.yaml`).includes(`model: ${model}\n`)) continue;
        found.set(org, (found.get(org) ?? 0) + 1);
      }
      return found;
    };
    const model = /model: (\S+)/.exec(fleet.read(file))?.[1] ?? '';
    const named = await gatewaysOf(model);
    expect(named.size).toBeGreaterThan(0);
    editYaml(fleet, file, ({ spec }) => {
      for (const entry of spec.entries) if (entry.model === model) entry.inputPerMillion = '15.00';
    });
    const told = await diffOf(fleet, base, fleet.commit('dearer'));
    const gateways = [...named.values()].reduce((sum, count) => sum + count, 0);
    expect(told.reach).toMatchObject({ orgs: named.size, gateways });
    expect(told.untouched).toEqual(proved(ORGS, { carried: [...named.keys()].sort(), sameSettings: false }));
    expect(told.counters).toMatchObject({ orgs: ORGS, orgsRendered: ORGS });
  });

  it('what happens to expired configuration reaches all that do not say it themselves', async () => {
    editYaml(fleet, orgFile(1), ({ spec }) => {
      spec.onExpired = 'block';
    });
    const start = await fleet.save('its own');
    editYaml(fleet, 'fleet.yaml', ({ spec }) => {
      spec.onExpired = spec.onExpired === 'block' ? 'keep-serving' : 'block';
    });
    const told = await diffOf(fleet, start, fleet.commit('the others'));
    expect(told.untouched.carried).toEqual(Array.from({ length: ORGS - 1 }, (_, index) => slugOf(index + 2)));
    expect(told.reach.orgs).toBe(ORGS - 1);
  });

  it.each([
    ['a price book that does not parse', (): string => fleet.git('ls-files', 'prices'), 'spec: ['],
    ['an empty fleet.yaml', (): string => 'fleet.yaml', ''],
  ])('%s is held, not told as deleted', async (_, fileOf, text) => {
    fleet.write(fileOf(), text);
    const told = await diffOf(fleet, base, fleet.commit('broken'));
    expect(told.held[0]).toBe('_fleet');
    expect(told.untouched).toMatchObject({ compared: ORGS, byInputs: 0, byRender: 0, sameSettings: false });
    expect(told.untouched.unproved).toHaveLength(ORGS);
    expect([told.orgs, told.hazards]).toEqual([[], []]);
    expect(told.findings.map(({ place }) => place.file)).toContain(fileOf());
  });

  it('a price book that goes is told as deleted', async () => {
    const file = fleet.git('ls-files', 'prices');
    fleet.remove(file);
    const told = await diffOf(fleet, base, fleet.commit('no prices'));
    expect(told.held).toEqual([]);
    expect(told.orgs[0]?.changes).toMatchObject([{ kind: 'delete', key: 'PriceBook/list' }]);
  });
});

describe('I-44: a render depends on nothing but its own inputs', () => {
  afterEach(() => fleet.git('checkout', '-q', 'main'));

  it('twice, in any order and without the other orgs: the same bytes', { timeout: 60_000 }, async () => {
    const slugs = Array.from({ length: ORGS }, (_, index) => slugOf(index + 1) as OrgSlug);
    const generated = fleet
      .git('ls-files', 'orgs')
      .split('\n')
      .filter((path) => !/(org|credentials)\.yaml$|\/overlays\//.test(path));
    for (const path of generated) fleet.remove(path);
    const commit = fleet.commit('inputs alone');
    const { repository } = await wireRepository(fleet.dir);
    const bytes = async (orgs: readonly OrgSlug[]): Promise<ReadonlyMap<string, string | null>> => {
      let written: ReadonlyMap<string, string | null> = new Map();
      const write = {
        write: async (files: ReadonlyMap<string, string | null>) => {
          written = new Map(files);
        },
      };
      await render(nodeHash, { tree: repository.treeAt(commit), orgs, write });
      return written;
    };
    const all = await bytes(slugs);
    expect([...all.keys()].sort()).toEqual(generated.sort());
    for (const [path, text] of all) expect(text).toBe(fleet.git('show', `${base}:${path}`).concat('\n'));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(slugs, { minLength: 1 }), async (some) => {
        for (const [path, text] of await bytes(some)) expect(text).toBe(all.get(path));
      }),
      { numRuns: 12 },
    );
  });
});
