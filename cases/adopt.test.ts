import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../src/core/model/index.ts';
import { type AdoptReport, adopt, drift } from '../src/flows/index.ts';
import { wireRepository } from '../src/wire.ts';
import {
  ALDER,
  buildCli,
  createAppliedFleet,
  forgetAppliedFleet,
  type OpenFleet,
  type TestFleet,
} from './fleet.testkit.ts';

// What was changed behind the repository's back, written to where the repository says it.

let fleet: TestFleet;
let open: OpenFleet;

beforeAll(() => void buildCli());
beforeEach(async () => {
  fleet = await createAppliedFleet();
  open = await fleet.open();
});
afterEach(() => {
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

const ORG_YAML = 'orgs/alder/org.yaml';
const PRODUCTION = 'production';

/** The object of the work tree as it would stand in the store. */
async function documentOf(kind: string, name: string, environment = ''): Promise<JsonObject> {
  const stored = await open.state.store.observe(ALDER);
  const found = stored?.objects.find(
    ({ id }) => id.kind === kind && id.name === name && (id.environment ?? '') === environment,
  );
  return structuredClone(found?.document ?? {}) as JsonObject;
}

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly environment?: string;
}

/** Edits a row as somebody with the file would. */
async function tamper({ kind, name, environment = '' }: Row, edit: (spec: never) => void): Promise<JsonObject> {
  const document = await documentOf(kind, name, environment);
  edit(document['spec'] as never);
  const where = 'WHERE org = ? AND kind = ? AND environment = ? AND name = ?';
  open.sql(`UPDATE objects SET document = ? ${where}`, JSON.stringify(document), ALDER, kind, environment, name);
  return document;
}

type Spec = Record<string, Json>;
const WALLET: Row = { kind: 'Wallet', name: 'desk' };
const TEAM: Row = { kind: 'Team', name: 'desk' };
const POLICY: Row = { kind: 'Policy', name: 'standard', environment: PRODUCTION };

async function adopted(reason: string | null = null): Promise<AdoptReport> {
  const parts = await open.parts();
  const { drifts } = await drift(parts, { orgs: null, heal: null });
  const { write } = await wireRepository(fleet.dir);
  return adopt(parts, { drifts, reason, write });
}

/** An overlay of the desk's wallet, up to its patches. */
const walletOverlay = (name: string): string => `apiVersion: tenantry/v1
kind: Overlay
metadata: { org: alder, name: ${name} }
spec:
  target: { kind: Wallet, name: desk }
  reason: The desk is capped until spring.
  patches:`;

const lines = ({ adopted: all }: AdoptReport): readonly string[] =>
  all.map(({ object, path, file }) => `${object} ${path} -> ${file}`);
const words = ({ notAdopted }: AdoptReport): readonly string[] =>
  notAdopted.map((item) => `${item.object} ${item.path}: ${item.words}`);
const changed = (): readonly string[] =>
  fleet
    .git('status', '--porcelain', '-uall')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^\s*\S+\s+/, ''));

describe('an edited row', () => {
  it('of a value that is an input is said by the input, and by nothing else', async () => {
    await tamper(WALLET, (spec: Spec) => Object.assign(spec, { limit: '120.00' }));
    const report = await adopted();
    expect(lines(report)).toEqual([`Wallet/desk /spec/limit -> ${ORG_YAML}`]);
    expect([report.notAdopted, report.left]).toEqual([[], []]);
    expect(changed()).toEqual([ORG_YAML, 'orgs/alder/wallets/desk.yaml']);
    expect(fleet.git('diff', '-U0', ORG_YAML)).toContain("+        - { name: desk, team: desk, limit: '120.00' }");
  });

  it('of a value that is the default of an input has the input said', async () => {
    await tamper({ kind: 'Wallet', name: 'org' }, (spec: Spec) =>
      Object.assign(spec, { period: { ...(spec['period'] as JsonObject), anchorDay: 9 } }),
    );
    await tamper(WALLET, (spec: Spec) =>
      Object.assign(spec, { period: { ...(spec['period'] as JsonObject), anchorDay: 9 } }),
    );
    // One input makes the period of every wallet: of two of three it is not that.
    expect(lines(await adopted())).toEqual([
      'Wallet/desk /spec/period/anchorDay -> orgs/alder/overlays/adopted-wallet-desk.yaml',
      'Wallet/org /spec/period/anchorDay -> orgs/alder/overlays/adopted-wallet-org.yaml',
    ]);
  });

  it('of a list that is an input is said by the list, also one that is said nowhere yet', async () => {
    await tamper(TEAM, (spec: Spec) => Object.assign(spec, { members: ['second@alder.example'] }));
    const report = await adopted();
    expect(new Set(report.adopted.map(({ file }) => file))).toEqual(new Set([ORG_YAML]));
    expect(fleet.read(ORG_YAML)).toContain('members: [second@alder.example]');
    expect(changed()).toEqual([ORG_YAML, 'orgs/alder/teams/desk.yaml']);
  });

  it('of what the template says alone becomes a patch of one overlay for the object, with its reason', async () => {
    await tamper(POLICY, (spec: Spec) =>
      Object.assign(spec['document'] as Spec, { global_rate_limit: { max_requests: 7, window_seconds: 30 } }),
    );
    const report = await adopted('Raised at night, INC-7.');
    const file = 'orgs/alder/overlays/adopted-policy-production-standard.yaml';
    expect([report.notAdopted, report.left]).toEqual([[], []]);
    expect(lines(report)).toEqual([
      `Policy/production/standard /spec/document/global_rate_limit/max_requests -> ${file}`,
      `Policy/production/standard /spec/document/global_rate_limit/window_seconds -> ${file}`,
    ]);
    expect(fleet.read(file)).toMatch(/reason: Raised at night, INC-7\./);
    expect(changed()).toEqual(['orgs/alder/policies/production/standard.yaml', file]);
    expect(fleet.run(['check', '--quiet']).status).toBe(0);
  });

  it('of what an overlay says is said by that overlay; what one had added goes with it', async () => {
    const overlay = 'orgs/alder/overlays/desk.yaml';
    fleet.write(
      overlay,
      `${walletOverlay('desk')}
    # Kept by hand.
    - { op: replace, path: /spec/limit, was: '100.00', value: '60.00' }
    - { op: add, path: /metadata/labels/tier, value: gold }
`,
    );
    await fleet.save('overlay');
    await open.apply();
    const document = await documentOf('Wallet', 'desk');
    (document['spec'] as Spec)['limit'] = '65.00';
    delete (document['metadata'] as Spec)['labels'];
    open.sql(
      'UPDATE objects SET document = ? WHERE org = ? AND kind = ? AND name = ?',
      JSON.stringify(document),
      ALDER,
      'Wallet',
      'desk',
    );
    const report = await adopted();
    expect(report.notAdopted).toEqual([]);
    expect(fleet.git('diff', '-U0', overlay).split('\n').slice(5)).toEqual([
      "-    - { op: replace, path: /spec/limit, was: '100.00', value: '60.00' }",
      '-    - { op: add, path: /metadata/labels/tier, value: gold }',
      "+    - { op: replace, path: /spec/limit, was: '100.00', value: '65.00' }",
    ]);
  });

  it('of the only thing that an overlay adds takes the overlay away', async () => {
    const overlay = 'orgs/alder/overlays/tier.yaml';
    fleet.write(
      overlay,
      `${walletOverlay('tier')}
    - { op: add, path: /metadata/labels/tier, value: gold }
`,
    );
    await fleet.save('overlay');
    await open.apply();
    open.sql(`UPDATE objects SET document = json_remove(document, '$.metadata.labels') WHERE org = ?`, ALDER);
    const report = await adopted();
    expect(lines(report)).toEqual([`Wallet/desk /metadata/labels/tier -> ${overlay}`]);
    expect(changed()).toEqual([overlay, 'orgs/alder/wallets/desk.yaml']);
    expect(fleet.git('status', '--porcelain', overlay)).toMatch(/^D /);
  });

  it('of a value in a list of a hand-written manifest is edited where it stands', async () => {
    const custom = 'orgs/alder/custom/night.yaml';
    const text = fleet.read('orgs/alder/policies/production/standard.yaml');
    const written = text.replace('name: standard', 'name: night').replace('targets:', 'targets: # by hand');
    fleet.write(custom, written);
    await fleet.save('custom');
    expect((await open.apply()).ok).toBe(true);
    await tamper({ ...POLICY, name: 'night' }, (spec: Spec) => {
      const { providers } = spec['document'] as { providers: { targets: { data_policy: Spec }[] } };
      for (const { data_policy: policy } of providers.targets) policy['retention_days'] = 7;
    });
    const report = await adopted();
    expect(report.notAdopted).toEqual([]);
    expect(fleet.git('diff', '-U0', custom).split('\n').slice(5)).toEqual([
      '-            retention_days: 30',
      '+            retention_days: 7',
    ]);
  });

  it('of a manifest under custom/ is edited there; one that nothing renders gets a manifest there', async () => {
    const custom = 'orgs/alder/custom/night.yaml';
    fleet.write(
      custom,
      `apiVersion: tenantry/v1
kind: Team
metadata: { org: alder, name: night }
spec: # by hand
  displayName: Night
  leads: [lead@alder.example]
  delegation: { mayAdjustWallets: false, mayManageTokens: false }
  members: [b@alder.example, a@alder.example]
`,
    );
    await fleet.save('custom');
    await open.apply();
    await tamper({ kind: 'Team', name: 'night' }, (spec: Spec) =>
      Object.assign(spec, { displayName: 'Late', members: ['c@alder.example'] }),
    );
    const day = await documentOf('Team', 'night');
    Object.assign(day['metadata'] as Spec, { name: 'day' });
    open.sql(
      `INSERT INTO objects SELECT org, kind, environment, 'day', 'orgs/alder/teams/day.yaml', ?, digest, generation
       FROM objects WHERE org = ? AND kind = 'Team' AND name = 'night'`,
      JSON.stringify(day),
      ALDER,
    );
    const report = await adopted();
    expect(report.notAdopted).toEqual([]);
    expect(fleet.read(custom)).toContain('spec: # by hand\n  displayName: Late\n');
    expect(fleet.read(custom)).toContain('members: [c@alder.example]');
    expect(fleet.read('orgs/alder/custom/day.yaml')).toContain('name: day');
    expect(fleet.run(['check', '--quiet']).status).toBe(0);
  });

  it('comes to exactly the store that it was, once it is committed, healed and applied', async () => {
    const wallet = await tamper(WALLET, (spec: Spec) =>
      Object.assign(spec, { limit: '120.00', thresholds: [50, 100], whenExhausted: 'hold' }),
    );
    const team = await tamper(TEAM, (spec: Spec) => Object.assign(spec, { displayName: 'Desk of all' }));
    expect((await adopted()).left).toEqual([]);
    // What the work tree says by now is adopted.
    const again = await adopted();
    expect([again.adopted, again.notAdopted, again.written, again.left]).toEqual([[], [], [], []]);
    fleet.commit('adopt');
    expect((await open.apply()).orgs).toMatchObject([{ outcome: 'held', code: 'DRIFT_FIRST' }]);
    const head = await open.headOf(ALDER);
    await open.apply({ commit: head.commit, orgs: [ALDER], heal: true });
    expect((await open.apply()).ok).toBe(true);
    expect([await documentOf('Wallet', 'desk'), await documentOf('Team', 'desk')]).toEqual([wallet, team]);
  });
});

describe('what no file can say', () => {
  const REFUSED: readonly (readonly [string, Row, (spec: Spec) => void, RegExp])[] = [
    [
      'a floor is broken',
      POLICY,
      (spec) => {
        const { policies } = spec['document'] as { policies: { chain: Json } };
        policies.chain = ['audit-logger'];
      },
      /^Policy\/production\/standard .*: (the org would not check: )?[A-Z_]*FLOOR/,
    ],
    [
      'it names a team that is not there',
      { kind: 'Token', name: 'app' },
      (spec) => Object.assign(spec, { team: 'nobody' }),
      /^Token\/app .*: the org would not check: /,
    ],
    ['it is no such object', WALLET, (spec) => Object.assign(spec, { period: 7 }), /^Wallet\/desk .*RENDERED_INVALID/],
    ['it is no text', WALLET, (spec) => Object.assign(spec, { displayName: 'x\ud800' }), /^Wallet\/desk /],
    [
      'it is the name of all',
      { kind: 'Organization', name: 'alder' },
      (spec) => Object.assign(spec, { displayName: 'Other' }),
      /^Organization\/alder \/spec\/displayName: said in orgs\/alder\/org.yaml, it would change .* otherwise$/,
    ],
  ];
  it.each(REFUSED)('is left as it was where %s', async (_what, row, edit, why) => {
    await tamper(row, edit as never);
    const report = await adopted();
    expect(report.adopted).toEqual([]);
    expect(words(report)).toEqual(expect.arrayContaining([expect.stringMatching(why)]));
    expect(report.left).toMatchObject([{ where: 'store', org: 'alder' }]);
    expect([report.written, changed()]).toEqual([[], []]);
  });

  it('is told by the file that says it, not by the last that was tried', async () => {
    fleet.write(
      'orgs/alder/overlays/desk.yaml',
      `${walletOverlay('desk')} [{ op: replace, path: /spec/limit, was: '100.00', value: '60.00' }]
`,
    );
    await fleet.save('overlay');
    await open.apply();
    await tamper(WALLET, (spec: Spec) => Object.assign(spec, { limit: 'much' }));
    expect(words(await adopted())).toEqual([expect.stringMatching(/^Wallet\/desk \/spec\/limit: FLOOR_LOOSENED/)]);
  });

  it('is told of a row that is gone, while others of the org are adopted', async () => {
    open.sql('DELETE FROM objects WHERE org = ? AND kind = ?', ALDER, 'Review');
    await tamper(WALLET, (spec: Spec) => Object.assign(spec, { limit: '120.00' }));
    const report = await adopted();
    expect(lines(report)).toEqual([`Wallet/desk /spec/limit -> ${ORG_YAML}`]);
    expect(words(report)).toEqual([expect.stringMatching(/^Review\/escalations : its row is gone/)]);
    expect(report.left).toMatchObject([{ where: 'store' }]);
  });

  it('is nothing where the work tree has no such object by now either', async () => {
    open.sql('DELETE FROM objects WHERE org = ? AND kind = ? AND name = ?', ALDER, 'Token', 'app');
    fleet.edit(ORG_YAML, '- { name: app, team', '- { name: other, team');
    await fleet.render();
    const report = await adopted();
    expect([report.adopted, report.notAdopted, report.left]).toEqual([[], [], []]);
  });

  it('is told where the work tree has moved on', async () => {
    await tamper(WALLET, (spec: Spec) => Object.assign(spec, { limit: '120.00' }));
    fleet.edit(ORG_YAML, "limit: '100.00'", "limit: '130.00'");
    await fleet.render();
    const before = fleet.read(ORG_YAML);
    const report = await adopted();
    expect(words(report)).toEqual(['Wallet/desk /spec/limit: the work tree says something else there by now']);
    expect([report.adopted, fleet.read(ORG_YAML)]).toEqual([[], before]);
  });

  it('is secrets: the digest of a token of somebody else never comes into a file', async () => {
    expect(fleet.run(['token', 'issue', 'alder/app', '--quiet']).status).toBe(0);
    const [digest = ''] = /[0-9a-f]{64}/.exec(fleet.read('orgs/alder/credentials.yaml')) ?? [];
    await fleet.save('credentials');
    expect((await open.apply()).ok).toBe(true);
    open.sql(
      `UPDATE objects SET document = replace(document, ?, ?) WHERE kind = 'Credentials'`,
      digest,
      '2'.repeat(64),
    );
    const report = await adopted();
    expect(words(report)).toEqual([expect.stringContaining('only what templates generate, and org.yaml, is adopted')]);
    expect(words(report).join()).not.toContain('2222');
    expect(changed()).toEqual([]);
  });
});

describe('an edited manifest', () => {
  it('is said by the input or an overlay, and stays as it was edited', async () => {
    const path = 'orgs/alder/wallets/desk.yaml';
    fleet.edit(path, '100.00', '7.00');
    fleet.edit(path, 'paymentRule: all-must-pass', 'paymentRule: first-that-can-pay');
    const edited = fleet.read(path);
    const report = await adopted();
    expect(lines(report)).toEqual([
      `Wallet/desk /spec/limit -> ${ORG_YAML}`,
      'Wallet/desk /spec/paymentRule -> orgs/alder/overlays/adopted-wallet-desk.yaml',
    ]);
    expect([fleet.read(path), report.left]).toEqual([edited, []]);
    expect(fleet.run(['render', '--exit-code', '--quiet']).status).toBe(0);
  });

  it('that was put among the generated ones becomes a manifest under custom/', async () => {
    fleet.write(
      'orgs/alder/teams/night.yaml',
      fleet.read('orgs/alder/teams/desk.yaml').replace('name: desk', 'name: night'),
    );
    const report = await adopted();
    expect(lines(report)).toEqual(['Team/night  -> orgs/alder/custom/night.yaml']);
    expect(changed()).toEqual(['orgs/alder/custom/night.yaml']);
  });

  it('that was not rendered after org.yaml was edited takes no edit back', async () => {
    fleet.edit(ORG_YAML, "limit: '100.00'", "limit: '130.00'");
    const report = await adopted();
    expect(words(report)).toEqual([
      expect.stringMatching(/^Wallet\/desk : its manifest is what the inputs rendered to before; run/),
    ]);
    expect([report.left.length, changed()]).toEqual([1, [ORG_YAML]]);
  });

  it('that cannot be read, or has a part that nothing can say, is not written over', async () => {
    fleet.edit('orgs/alder/teams/desk.yaml', 'spec:', 'spec: [');
    fleet.edit('orgs/alder/wallets/desk.yaml', '100.00', '7.00');
    fleet.edit('orgs/alder/wallets/desk.yaml', 'team: desk', 'team: nobody');
    const before = [fleet.read('orgs/alder/teams/desk.yaml'), fleet.read('orgs/alder/wallets/desk.yaml')];
    const report = await adopted();
    expect(words(report).some((line) => line.startsWith('Team/desk : YAML_'))).toBe(true);
    expect([fleet.read('orgs/alder/teams/desk.yaml'), fleet.read('orgs/alder/wallets/desk.yaml')]).toEqual(before);
    expect(report.left).toHaveLength(1);
  });

  it('of which a part cannot be said keeps it, and is told of, while the rest is adopted', async () => {
    const path = 'orgs/alder/policies/production/standard.yaml';
    fleet.edit(path, '        - pii-detector\n', '');
    fleet.edit(path, 'window_seconds: 60', 'window_seconds: 30');
    const edited = fleet.read(path);
    const report = await adopted();
    const file = 'orgs/alder/overlays/adopted-policy-production-standard.yaml';
    expect(lines(report)).toEqual([
      `Policy/production/standard /spec/document/global_rate_limit/window_seconds -> ${file}`,
    ]);
    expect(words(report)).toEqual([expect.stringMatching(/^Policy\/production\/standard .*chain: FLOOR_LOOSENED/)]);
    expect([fleet.read(path), report.written, report.left.length]).toEqual([edited, [file], 1]);
  });

  it('and its row that say different things are told of, and neither is taken', async () => {
    await tamper(WALLET, (spec: Spec) => Object.assign(spec, { limit: '120.00' }));
    fleet.edit('orgs/alder/wallets/desk.yaml', '100.00', '7.00');
    const report = await adopted();
    expect(words(report)).toEqual(['Wallet/desk /spec/limit: the store and the manifest say different things']);
    expect([report.adopted, changed()]).toEqual([[], ['orgs/alder/wallets/desk.yaml']]);
  });
});

describe('the command', () => {
  it('prints where each value went, and exits with 2 only for what is left', async () => {
    await tamper(WALLET, (spec: Spec) => Object.assign(spec, { limit: '120.00' }));
    open.close();
    const run = (...args: string[]) => fleet.run(['drift', ...args]);
    expect([
      run('--adopt', '--heal').status,
      run('--reason', 'because').status,
      run('--adopt', '--reason', 'x').status,
    ]).toEqual([64, 64, 64]);
    const done = run('--adopt', '--format', 'json');
    expect([done.status, JSON.parse(done.stdout)]).toMatchObject([
      0,
      { adopted: [{ org: 'alder', object: 'Wallet/desk', path: '/spec/limit', file: ORG_YAML }], left: [], healed: [] },
    ]);
    const again = run('--adopt');
    expect([again.status, again.stdout]).toEqual([
      0,
      expect.stringContaining('Nothing to adopt: the work tree says it already.'),
    ]);
    expect(again.stdout).toContain('run `tenantry drift --heal` before it is applied');
    expect(run().status).toBe(2);
    open = await fleet.open();
  });
});
