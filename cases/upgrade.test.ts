import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Finding, fails, type JsonObject } from '../src/core/model/index.ts';
import {
  check,
  judgePull,
  listTemplates,
  type OrgUpgrade,
  type UpgradeReport,
  upgradeTemplate,
} from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, BIRCH, buildCli, CLOVE, createFleet, ORGS, ROOT, START_MS, type TestFleet } from './fleet.testkit.ts';

// Upgrades of templates over a real repository: what a campaign writes, what it leaves, and what it asks a person.

let fleet: TestFleet;

beforeEach(async () => {
  fleet = await createFleet({
    spec: {
      rings: [
        { name: 'canary', soakMinutes: 60 },
        { name: 'general', soakMinutes: 0 },
      ],
    },
  });
  fleet.git('config', 'user.name', 'Ana Author');
  fleet.git('config', 'user.email', 'ana@msp.example');
});
afterEach(() => fleet.destroy());

interface How {
  readonly to?: string;
  readonly orgs?: string;
  readonly ring?: string;
  readonly limit?: number;
  readonly per?: 'org' | 'ring';
  readonly commit?: boolean;
  readonly dryRun?: boolean;
}

async function upgrade(how: How = {}): Promise<UpgradeReport> {
  const { repository, write, commit } = await wireRepository(fleet.dir);
  const dryRun = how.dryRun === true;
  return upgradeTemplate(
    { repository, hash: nodeHash, write: dryRun ? null : write, commit: how.commit === true ? commit : null },
    {
      template: 'msp-standard',
      to: how.to ?? '1.1.0',
      from: null,
      orgs: how.orgs ?? '',
      ring: how.ring ?? null,
      limit: how.limit ?? null,
      per: how.per ?? 'org',
    },
  );
}

async function findings(): Promise<readonly Finding[]> {
  const { repository } = await wireRepository(fleet.dir);
  const parts = {
    repository,
    hash: nodeHash,
    zoneOffset: nodeZoneOffset,
    clock: { nowMs: () => START_MS },
    cache: null,
    threads: null,
  };
  const report = await check(parts, { tree: repository.workTree(), touched: null, orgs: null });
  return report.findings.filter(fails);
}

const codes = async (): Promise<readonly string[]> => [...new Set((await findings()).map(({ code }) => code))];
const of = (report: UpgradeReport, org: string): OrgUpgrade | undefined => report.orgs.find((item) => item.org === org);
const status = (): string => fleet.git('status', '--porcelain', '--untracked-files=all');

/** An overlay of alder, rendered and committed. */
async function overlay(target: string, ...patches: string[]): Promise<void> {
  const head = 'apiVersion: tenantry/v1\nkind: Overlay\nmetadata: { org: alder, name: own }';
  const spec = `spec:\n  target: ${target}\n  reason: what alder asked for\n  patches:`;
  fleet.write('orgs/alder/overlays/own.yaml', `${head}\n${spec}\n${patches.map((item) => `    - ${item}\n`).join('')}`);
  await fleet.save('an overlay');
}

/** A version 2.0.0 on top of 1.1.0, its files edited. */
function nextVersion(
  edits: (edit: (file: string, from: string, to: string) => void) => void,
  migrations: string,
): void {
  const folder = 'templates/msp-standard/2.0.0';
  cpSync(join(fleet.dir, 'templates/msp-standard/1.1.0'), join(fleet.dir, folder), { recursive: true });
  const edit = (file: string, from: string, to: string): void => fleet.edit(`${folder}/${file}`, from, to);
  edit('template.yaml', 'name: msp-standard@1.1.0', 'name: msp-standard@2.0.0');
  edit('template.yaml', 'migrations: { from: 1.0.0, moves: [] }', migrations);
  edits(edit);
  fleet.commit('version 2.0.0');
}

const CONFLICT = 'orgs/alder/conflicts/msp-standard.yaml';

/** Writes a resolution beside the only suggestion of alder's conflict file. */
function resolve(choice: string): void {
  fleet.edit(CONFLICT, '      suggestion:', `      resolution: ${choice}\n      suggestion:`);
}

describe('an org without overlays', () => {
  it('moves its pin and its generated files, and nothing else', async () => {
    const before = fleet.read('orgs/alder/org.yaml');
    const report = await upgrade({ orgs: 'alder' });
    expect(of(report, ALDER)?.result).toBe('clean');
    expect(fleet.read('orgs/alder/org.yaml')).toBe(before.replace('@1.0.0', '@1.1.0'));
    expect(await codes()).toEqual([]);
    const touched = fleet.git('diff', '--name-only').split('\n');
    expect(touched.every((path) => path.startsWith('orgs/alder/'))).toBe(true);
  });

  it('says what would happen, and writes nothing, in a dry run', async () => {
    const report = await upgrade({ dryRun: true });
    expect(report.orgs.map(({ result }) => result)).toEqual(['clean', 'clean', 'clean']);
    expect(status()).toBe('');
  });
});

describe('overlays', () => {
  it('stay as they are where the template says the same, and keep their value under a new guard where it does not', async () => {
    await overlay(
      '{ kind: Wallet, name: desk }',
      "{ op: replace, path: /spec/limit, was: '100.00', value: '60.00' } # until spring",
      '{ op: replace, path: /spec/thresholds, was: [80, 100], value: [40, 80, 100] }',
    );
    const before = fleet.read('orgs/alder/overlays/own.yaml');
    const report = await upgrade({ orgs: 'alder' });
    expect(of(report, ALDER)).toMatchObject({
      result: 'overlays kept',
      overlays: [
        { path: '/spec/limit', verdict: 'unchanged', hides: false },
        { path: '/spec/thresholds', verdict: 'refreshed', hides: true },
      ],
    });
    expect(fleet.read('orgs/alder/overlays/own.yaml')).toBe(before.replace('was: [80, 100]', 'was: [50, 80, 90, 100]'));
    expect(fleet.read('orgs/alder/wallets/desk.yaml')).toContain('limit: "60.00"');
    expect(await codes()).toEqual([]);
  });

  it('go where the new template says it already', async () => {
    await overlay(
      '{ kind: Wallet, name: desk }',
      '{ op: replace, path: /spec/thresholds, was: [80, 100], value: [100, 90, 80, 50] }',
    );
    const report = await upgrade({ orgs: 'alder' });
    expect(of(report, ALDER)?.overlays).toMatchObject([{ verdict: 'unnecessary' }]);
    expect(report.groups[0]?.message).toContain('overlays/own.yaml /spec/thresholds is said by the template now');
    expect(readdirSync(join(fleet.dir, 'orgs/alder'))).not.toContain('overlays');
    expect(await codes()).toEqual([]);
  });

  it('become a conflict with all sides where both changed one field; check refuses; the org stays as it was', async () => {
    await overlay(
      '{ kind: Gateway, environment: production, name: desk-production }',
      '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 500 }',
    );
    const report = await upgrade({ orgs: 'alder' });
    expect(of(report, ALDER)?.result).toBe('conflict');
    expect(status()).toBe(`?? ${CONFLICT}`);
    const text = fleet.read(CONFLICT);
    for (const line of ['cause: both-changed', 'base: 600', 'ours: 500', 'theirs: 300']) expect(text).toContain(line);
    // At most 300 requests a minute is a floor of the new version.
    expect(text).toContain('take: theirs');
    expect(text).not.toContain('take: ours');
    expect(text).not.toMatch(/<<<<|>>>>/);
    expect(await findings()).toMatchObject([
      { code: 'UPGRADE_CONFLICT', severity: 'critical', org: ALDER, place: { file: CONFLICT } },
    ]);
    await upgrade({ orgs: 'alder' });
    expect(fleet.read(CONFLICT)).toBe(text);
  });

  it('follow the resolution of a person, and a floor of the new template asks again', async () => {
    await overlay(
      '{ kind: Gateway, environment: production, name: desk-production }',
      '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 500 }',
    );
    await upgrade({ orgs: 'alder' });
    resolve('{ take: ours }');
    const floored = await upgrade({ orgs: 'alder' });
    expect(of(floored, ALDER)).toMatchObject({ result: 'conflict', conflicts: [{ cause: 'floor' }] });
    resolve('{ take: value, value: 250 }');
    const done = await upgrade({ orgs: 'alder' });
    expect(of(done, ALDER)?.result).toBe('overlays kept');
    expect(fleet.read('orgs/alder/overlays/own.yaml')).toContain('was: 300, value: 250 }');
    expect(readdirSync(join(fleet.dir, 'orgs/alder'))).not.toContain('conflicts');
    expect(await codes()).toEqual([]);
  });

  it('have a suggestion of their own where a floor lets it be, and only there', async () => {
    await overlay(
      '{ kind: Gateway, environment: production, name: desk-production }',
      '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 500 }',
    );
    const second = fleet.read('orgs/alder/overlays/own.yaml').replace('name: own', 'name: more');
    fleet.edit('orgs/alder/overlays/own.yaml', 'value: 500', 'value: 200');
    fleet.edit(
      'orgs/alder/org.yaml',
      'workload: desk, host',
      'workload: aside, host: alder-edge, listen: 127.0.0.1:41099, teams: [desk], wallet: desk }\n          - { workload: desk, host',
    );
    fleet.write('orgs/alder/overlays/more.yaml', second.replace('name: desk-production', 'name: aside-production'));
    await fleet.save('one within the floor, one not');
    await upgrade({ orgs: 'alder' });
    const takes = fleet.read(CONFLICT).match(/(?<=file: ).*|(?<=take: ).*/g);
    expect(takes).toEqual(['overlays/more.yaml', 'theirs', 'overlays/own.yaml', 'ours']);
  });

  it('take what the template says when that is the resolution', async () => {
    await overlay(
      '{ kind: Gateway, environment: production, name: desk-production }',
      '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 500 }',
      '{ op: replace, path: /spec/limits/concurrentRequests, was: 32, value: 16 }',
    );
    await upgrade({ orgs: 'alder' });
    resolve('{ take: theirs }');
    expect(of(await upgrade({ orgs: 'alder' }), ALDER)?.result).toBe('overlays kept');
    expect(fleet.read('orgs/alder/overlays/own.yaml')).not.toContain('requestsPerMinute');
    expect(fleet.read('orgs/alder/overlays/own.yaml')).toContain('concurrentRequests, was: 32, value: 16 }');
    expect(await codes()).toEqual([]);
  });

  it('hold no resolution of another question: a side that moved is asked anew', async () => {
    const target = '{ kind: Gateway, environment: production, name: desk-production }';
    await overlay(target, '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 500 }');
    await upgrade({ orgs: 'alder' });
    resolve('{ take: theirs }');
    await overlay(target, '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 550 }');
    expect(of(await upgrade({ orgs: 'alder' }), ALDER)?.result).toBe('conflict');
    expect(fleet.read(CONFLICT)).not.toContain('resolution');
  });

  it('of an object that the new template does not generate are a conflict', async () => {
    nextVersion(
      (edit) => edit('wallets.yaml', "name: '{{wallet.name}}'", "name: 'of-{{wallet.name}}'"),
      'migrations: { from: 1.1.0, moves: [] }',
    );
    await overlay('{ kind: Wallet, name: desk }', "{ op: replace, path: /spec/limit, was: '100.00', value: '60.00' }");
    const report = await upgrade({ orgs: 'alder', to: '2.0.0' });
    expect(of(report, ALDER)).toMatchObject({ result: 'conflict', conflicts: [{ cause: 'target-gone' }] });
    expect(fleet.read(CONFLICT)).toContain('take: theirs');
  });
});

describe('decisions', () => {
  it('are kept while others are missing, and followed together', async () => {
    await overlay(
      '{ kind: Policy, environment: production, name: standard }',
      '{ op: replace, path: /spec/document/global_rate_limit/max_requests, was: 600, value: 500 }',
    );
    fleet.write(
      'orgs/alder/overlays/policy.yaml',
      fleet.read('orgs/alder/overlays/own.yaml').replace('name: own', 'name: policy'),
    );
    await overlay(
      '{ kind: Gateway, environment: production, name: desk-production }',
      '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 200 }',
    );
    expect(of(await upgrade({ orgs: 'alder' }), ALDER)?.conflicts).toHaveLength(2);
    resolve('{ take: ours }');
    expect(of(await upgrade({ orgs: 'alder' }), ALDER)?.conflicts).toMatchObject([{ file: 'overlays/policy.yaml' }]);
    expect(fleet.read(CONFLICT)).toContain('resolution:\n        take: ours');
    fleet.edit(CONFLICT, 'overlays/policy.yaml', 'overlays/policy.yaml\n      resolution: { take: theirs }');
    const done = await upgrade({ orgs: 'alder' });
    expect(of(done, ALDER)?.result).toBe('overlays kept');
    expect(fleet.read('orgs/alder/overlays/own.yaml')).toContain('was: 300, value: 200 }');
    expect([...(of(done, ALDER)?.files ?? [])]).toContainEqual(['orgs/alder/overlays/policy.yaml', null]);
    expect(await codes()).toEqual([]);
  });

  it('that are missing hold the org at apply too, when a conflict file is merged after all', async () => {
    const open = await fleet.open();
    try {
      await open.apply();
      await overlay(
        '{ kind: Gateway, environment: production, name: desk-production }',
        '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 500 }',
      );
      await upgrade({ orgs: 'alder' });
      fleet.commit('a conflict');
      const report = await open.apply();
      expect(report.ok).toBe(false);
      expect(JSON.stringify(report.orgs.find(({ org }) => org === ALDER))).toContain('UPGRADE_CONFLICT');
    } finally {
      open.close();
    }
  });
});

describe("this repository's own fleet", () => {
  it("keeps cedar's overlay on the way to 1.1.0", async () => {
    for (const name of ['orgs', 'templates', 'prices', 'fleet.yaml']) {
      fleet.remove(name);
      cpSync(join(ROOT, name), join(fleet.dir, name), { recursive: true });
    }
    fleet.commit('our own fleet');
    const before = fleet.read('orgs/cedar/overlays/dispatch-budget.yaml');
    const report = await upgrade({ commit: true });
    expect(report).toMatchObject({ orgs: [{ org: 'cedar', result: 'overlays kept' }], there: ['acme'] });
    const after = fleet.read('orgs/cedar/overlays/dispatch-budget.yaml');
    expect(after).toBe(before.replace('was: [80, 100]', 'was: [50, 80, 90, 100]'));
    expect(await codes()).toEqual([]);
    const touched = fleet.git('show', '--format=', '--name-only').split('\n');
    expect(touched.every((path) => path.startsWith('orgs/cedar/'))).toBe(true);
  });
});

describe('inputs', () => {
  const moved = (): void =>
    nextVersion((edit) => {
      edit('template.yaml', 'required: [contact, timeZone,', 'required: [contact, zone, costCenter,');
      edit(
        'template.yaml',
        '      timeZone:\n',
        '      costCenter: { type: string, description: Who pays }\n      zone:\n',
      );
      edit('template.yaml', '    timeZone: UTC', '    zone: UTC');
      for (let left = 0; left < 3; left += 1) edit('wallets.yaml', 'inputs.timeZone', 'inputs.zone');
    }, 'migrations: { from: 1.1.0, moves: [{ from: /timeZone, to: /zone }] }');

  it('move through all versions between, in the text that a person wrote', async () => {
    moved();
    fleet.edit(
      'templates/msp-standard/2.0.0/template.yaml',
      '/zone }] }',
      '/zone }], defaults: [{ path: /costCenter, value: none }] }',
    );
    fleet.edit('orgs/alder/org.yaml', 'timeZone: Europe/Berlin', 'timeZone: Europe/Berlin # where the lead sits');
    fleet.commit('default');
    const before = fleet.read('orgs/alder/org.yaml');
    const report = await upgrade({ orgs: 'alder', to: '2.0.0' });
    expect(of(report, ALDER)?.result).toBe('clean');
    const expected = before.replace('@1.0.0', '@2.0.0').replace('timeZone: Europe', 'zone: Europe');
    expect(fleet.read('orgs/alder/org.yaml')).toBe(`${expected}    costCenter: none\n`);
    expect(await codes()).toEqual([]);
  });

  it('that are missing are a conflict with a suggestion, and the value of a person is written', async () => {
    moved();
    const report = await upgrade({ orgs: 'alder', to: '2.0.0' });
    expect(of(report, ALDER)).toMatchObject({ result: 'conflict', conflicts: [{ cause: 'input-missing' }] });
    expect(fleet.read(CONFLICT)).toContain('path: /spec/inputs/costCenter');
    expect(fleet.read(CONFLICT)).toContain('Who pays');
    resolve("{ take: value, value: 'K-7' }");
    expect(of(await upgrade({ orgs: 'alder', to: '2.0.0' }), ALDER)?.result).toBe('clean');
    expect(fleet.read('orgs/alder/org.yaml')).toContain('costCenter: K-7');
    expect(await codes()).toEqual([]);
  });

  it('are found at their pointer where a migration names none, in a check of the change and before an upgrade', async () => {
    const base = fleet.head();
    nextVersion(
      (edit) => edit('wallets.yaml', 'inputs.wallets.orgLimit', 'inputs.wallets.orgLimits'),
      'migrations:\n    from: 1.1.0\n    moves: [{ from: /timeZones, to: /timeZone }]',
    );
    const file = 'templates/msp-standard/2.0.0/template.yaml';
    const inChange = async () => {
      const { repository } = await wireRepository(fleet.dir);
      const parts = {
        repository,
        hash: nodeHash,
        zoneOffset: nodeZoneOffset,
        clock: { nowMs: () => START_MS },
        threads: null,
      };
      return (await judgePull(parts, { base, head: fleet.head() }))?.check.findings.filter(fails) ?? [];
    };
    // Nobody runs it yet: only the change itself can tell.
    expect((await inChange()).map(({ code }) => code)).toEqual(['TEMPLATE_UNKNOWN_PATH']);
    fleet.edit('templates/msp-standard/2.0.0/wallets.yaml', 'inputs.wallets.orgLimits', 'inputs.wallets.orgLimit');
    fleet.commit('a typo less');
    const line =
      fleet
        .read(file)
        .split('\n')
        .findIndex((text) => text.includes('/timeZones')) + 1;
    const found = [
      { code: 'TEMPLATE_MIGRATION', place: { file, line }, message: 'msp-standard@1.1.0 has no input /timeZones' },
    ];
    expect(await inChange()).toMatchObject(found);
    expect(await upgrade({ to: '2.0.0' })).toMatchObject({ orgs: [], findings: found });
    expect(status()).toBe('');
  });

  it('go nowhere where no migrations lead, and never back', async () => {
    nextVersion(() => undefined, 'migrations: { from: 1.5.0, moves: [] }');
    const forward = await upgrade({ orgs: 'alder', to: '2.0.0' });
    expect(of(forward, ALDER)).toMatchObject({ result: 'refused', findings: [{ code: 'UPGRADE_PATH' }] });
    await upgrade({ orgs: 'alder', commit: true });
    const back = await upgrade({ orgs: 'alder', to: '1.0.0' });
    expect(of(back, ALDER)).toMatchObject({ result: 'refused', findings: [{ code: 'UPGRADE_PATH' }] });
    expect(status()).toBe('');
  });
});

describe('a campaign', () => {
  const subjects = (count: number): readonly string[] =>
    fleet.git('log', `-${count}`, '--format=%s').split('\n').reverse();

  it('commits org by org, in the order of rings, and does nothing the second time', async () => {
    fleet.edit(
      'orgs/clove/org.yaml',
      'region: eu-central\n        upstreams',
      'region: eu-central\n        ring: canary\n        upstreams',
    );
    await fleet.save('clove goes first');
    const report = await upgrade({ commit: true });
    expect(report.groups.map(({ name }) => name)).toEqual([CLOVE, ALDER, BIRCH]);
    expect(subjects(3)).toEqual([CLOVE, ALDER, BIRCH].map((org) => `Upgrade ${org} to msp-standard@1.1.0`));
    expect(status()).toBe('');
    const head = fleet.head();
    const again = await upgrade({ commit: true });
    expect(again).toMatchObject({ orgs: [], groups: [], there: [CLOVE, ALDER, BIRCH] });
    expect(fleet.head()).toBe(head);
  });

  it('takes one ring, and one commit for all of it', async () => {
    fleet.edit(
      'orgs/clove/org.yaml',
      'region: eu-central\n        upstreams',
      'region: eu-central\n        ring: canary\n        upstreams',
    );
    await fleet.save('clove goes first');
    const report = await upgrade({ commit: true, per: 'ring', ring: 'general' });
    expect(report.groups).toMatchObject([{ name: 'general', orgs: [ALDER, BIRCH] }]);
    expect(subjects(1)).toEqual(['Upgrade 2 orgs of ring general to msp-standard@1.1.0']);
    expect(fleet.read('orgs/clove/org.yaml')).toContain('@1.0.0');
  });

  it('stops at its limit and goes on from there', async () => {
    const first = await upgrade({ commit: true, limit: 1 });
    expect(first).toMatchObject({ orgs: [{ org: ALDER }], waiting: [BIRCH, CLOVE] });
    const second = await upgrade({ commit: true, limit: 1 });
    expect(second).toMatchObject({ orgs: [{ org: BIRCH }], waiting: [CLOVE], there: [ALDER] });
  });

  it('commits what an earlier run wrote and did not commit, and never what a person edits', async () => {
    await upgrade({ orgs: 'alder' });
    fleet.edit('orgs/birch/org.yaml', 'birch Trading', 'Birch Trading');
    const report = await upgrade({ commit: true });
    expect(report.groups.map(({ orgs }) => orgs)).toEqual([[ALDER], [CLOVE]]);
    expect(of(report, BIRCH)).toMatchObject({ result: 'refused', findings: [{ code: 'UPGRADE_DIRTY' }] });
    expect(status()).toBe('M orgs/birch/org.yaml');
  });

  it('never commits an org whose writing was cut short', async () => {
    await upgrade({ orgs: 'alder' });
    fleet.git('checkout', '-q', '--', 'orgs/alder/wallets');
    const head = fleet.head();
    const report = await upgrade({ orgs: 'alder', commit: true });
    expect(of(report, ALDER)).toMatchObject({ result: 'refused', findings: [{ code: 'UPGRADE_DIRTY' }] });
    expect(fleet.head()).toBe(head);
  });

  it('refuses an org with a generated file that was edited by hand and committed: the edit would go unseen', async () => {
    fleet.edit('orgs/birch/wallets/desk.yaml', '"100.00"', '"70.00"');
    fleet.commit('by hand');
    const report = await upgrade({ commit: true });
    expect(report.groups.map(({ orgs }) => orgs)).toEqual([[ALDER], [CLOVE]]);
    expect(of(report, BIRCH)).toMatchObject({
      result: 'refused',
      findings: [{ code: 'GENERATED_STALE', place: { file: 'orgs/birch/wallets/desk.yaml' } }],
    });
    expect([fleet.read('orgs/birch/wallets/desk.yaml'), status()]).toEqual([expect.stringContaining('"70.00"'), '']);
  });

  it('says who runs which version, and what nobody runs', async () => {
    await upgrade({ orgs: 'al*,clove' });
    const { repository } = await wireRepository(fleet.dir);
    const uses = await listTemplates({ repository });
    expect(uses.refused).toEqual([]);
    expect(uses.templates.map(({ template, orgs }) => [template, orgs])).toEqual([
      ['msp-regulated@1.0.0', []],
      ['msp-standard@1.0.0', [BIRCH]],
      ['msp-standard@1.1.0', [ALDER, CLOVE]],
    ]);
    expect(ORGS).toHaveLength(3);
  });

  it('refuses a version that is not there', async () => {
    expect((await upgrade({ to: '9.9.9' })).findings).toMatchObject([{ code: 'TEMPLATE_UNKNOWN' }] as JsonObject[]);
  });
});

describe('an org whose org.yaml cannot be read', () => {
  const broken = async (): Promise<void> => {
    fleet.edit('orgs/birch/org.yaml', 'kind: Organization', 'kind: Organisation');
    fleet.commit('a slip');
  };

  it('is refused by name, in any ring, past any limit, and holds nobody else', async () => {
    await broken();
    for (const how of [{}, { ring: 'canary' }, { limit: 1 }, { orgs: 'bi*' }] as const) {
      const report = await upgrade({ ...how, dryRun: true });
      expect([how, of(report, BIRCH)]).toMatchObject([how, { result: 'refused', ring: null, from: '' }]);
      expect(of(report, BIRCH)?.findings).not.toEqual([]);
    }
    expect(of(await upgrade({ orgs: 'alder', dryRun: true }), BIRCH)).toBeUndefined();
    const report = await upgrade();
    expect(report.orgs.map(({ org, result }) => [org, result])).toEqual([
      [ALDER, 'clean'],
      [CLOVE, 'clean'],
      [BIRCH, 'refused'],
    ]);
  });

  it('is in the list, and both commands exit with 1', async () => {
    buildCli();
    await broken();
    const list = fleet.run(['template', 'list']);
    expect([list.status, list.stdout]).toEqual([1, expect.stringMatching(/refused +1 +birch/)]);
    expect(list.stderr).toContain('orgs/birch/org.yaml');
    expect(JSON.parse(fleet.run(['template', 'list', '--format', 'json']).stdout)).toMatchObject({
      schema: 'tenantry/templates/v1',
      refused: [{ org: BIRCH, findings: [{ org: BIRCH }] }],
    });
    expect(JSON.parse(fleet.run(['org', 'list', '--format', 'json']).stdout).orgs).toMatchObject([
      { org: ALDER, template: 'msp-standard@1.0.0', isolation: 'dedicated' },
      { org: BIRCH, displayName: null, template: null, isolation: null, objects: 0 },
      { org: CLOVE, displayName: 'clove Trading' },
    ]);
    const moved = fleet.run(['template', 'upgrade', 'msp-standard', '--to', '1.1.0', '--dry-run']);
    expect([moved.status, moved.stdout]).toEqual([1, expect.stringMatching(/birch +refused/)]);
  });
});

describe('a name that nobody has', () => {
  it.each([
    [{ orgs: 'aldr' }, 'ORG_UNKNOWN'],
    [{ orgs: 'alder,x*' }, 'ORG_UNKNOWN'],
    [{ ring: 'canari' }, 'RING_UNKNOWN'],
  ] as const)('%j is refused, and nothing is upgraded', async (how, code) => {
    expect(await upgrade(how)).toMatchObject({ findings: [{ code }], orgs: [], there: [] });
    expect(status()).toBe('');
  });
});

describe('the command', () => {
  it('answers with a table or with data, without values, and exits 1 on a conflict and 64 on wrong usage', async () => {
    buildCli();
    await overlay(
      '{ kind: Gateway, environment: production, name: desk-production }',
      '{ op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 517 }',
    );
    const line = ['template', 'upgrade', 'msp-standard', '--to', '1.1.0'];
    const dry = fleet.run([...line, '--dry-run', '--format', 'json']);
    expect(dry.status).toBe(1);
    const data = JSON.parse(dry.stdout);
    expect(data).toMatchObject({ schema: 'tenantry/upgrade/v1', dryRun: true, to: 'msp-standard@1.1.0' });
    expect(data.orgs.map(({ result }: { result: string }) => result)).toEqual(['conflict', 'clean', 'clean']);
    expect(dry.stdout).not.toContain('517');
    expect(status()).toBe('');
    expect(fleet.run([...line, '--from', '0.9.0'])).toMatchObject({
      status: 0,
      stdout: 'No org that the options choose runs msp-standard.\n',
    });
    const real = fleet.run([...line, '--orgs', 'b*', '--commit']);
    expect(real).toMatchObject({ status: 0 });
    expect(real.stdout).toContain('Upgrade birch to msp-standard@1.1.0');
    const clove = fleet.run([...line, '--orgs', 'clove', '--commit', '--format', 'json']);
    expect(JSON.parse(clove.stdout)).toMatchObject({ groups: [{ name: 'clove', commit: fleet.head() }] });
    const conflict = fleet.run([...line, '--orgs', 'alder']);
    expect(conflict.status).toBe(1);
    expect(conflict.stdout).toContain('Next: write a resolution into orgs/<org>/conflicts/msp-standard.yaml');
    const nowhere = fleet.run([...line, '--ring', 'nowhere', '--format', 'json']);
    expect(JSON.parse(nowhere.stdout)).toMatchObject({ orgs: [], findings: [{ code: 'RING_UNKNOWN' }] });
    expect(fleet.run([...line, '--ring', 'nowhere'])).toMatchObject({ status: 1, stdout: 'Nothing was upgraded.\n' });
    expect(fleet.run(['template', 'upgrade', 'msp-standard']).status).toBe(64);
    expect(fleet.run([...line, '--per', 'day']).status).toBe(64);
    for (const empty of ['', ' , ', 'birch,']) {
      const words = `USAGE: expected --orgs with names or labels between its commas, found ${JSON.stringify(empty)}; leave it out`;
      const every = fleet.run([...line, '--orgs', empty]);
      expect(every).toMatchObject({ status: 64, stderr: expect.stringContaining(words) });
    }
    const alone = fleet.run([...line, '--max-open', '3', '--as', 'me']);
    expect(alone).toMatchObject({ status: 64, stderr: 'USAGE: expected --open with --max-open, --as\n' });
    expect(fleet.run(['template', 'list']).stdout).toMatch(/msp-standard@1\.1\.0 +2 +birch, clove/);
  });
});
