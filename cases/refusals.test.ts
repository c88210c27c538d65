import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emit } from '../src/core/kinds/index.ts';
import { type CommitId, FLEET_ORG, instantText, type OrgSlug, type Sha256Hex } from '../src/core/model/index.ts';
import {
  type ApplyReport,
  acceptedInPlan,
  approvableFrom,
  approveChange,
  type DiffReport,
  drift,
  issueToken,
  type PlanReport,
  type Prepared,
  prepare,
  revocationReceipt,
} from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { type ApprovalFile, writeApproval as approvalIn } from './approvals.testkit.ts';
import {
  ALDER,
  ANA,
  BIRCH,
  CLOVE,
  createAppliedFleet,
  createFleet,
  fingerprint,
  forgetAppliedFleet,
  type OpenFleet,
  OTTO,
  orgYaml,
  publishedFiles,
  START_MS,
  type TestFleet,
} from './fleet.testkit.ts';

let fleet: TestFleet;
let open: OpenFleet;
let nowMs = START_MS;

beforeEach(async () => {
  nowMs = START_MS;
  fleet = await createAppliedFleet();
  open = await fleet.open({ nowMs: () => nowMs });
});
afterEach(() => {
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

const yaml = (org: OrgSlug): string => `orgs/${org}/org.yaml`;

async function limit(org: OrgSlug, from: string, to: string, author = ANA): Promise<CommitId> {
  fleet.edit(yaml(org), `team: desk, limit: '${from}'`, `team: desk, limit: '${to}'`);
  return fleet.save(`${org}: ${from} to ${to}`, author);
}

/** The gateway goes, and what names it: a protected change (GATEWAY_REMOVED). */
function dropGateway(org: OrgSlug): void {
  const text = fleet.read(yaml(org));
  const second = text.match(/ {10}- \{ workload: desk.*\n/)?.[0] ?? '';
  fleet.write(
    yaml(org),
    text.replace(second, second.replaceAll('desk,', 'front,').replace('teams: [desk]', 'teams: [desk]')),
  );
  fleet.edit(yaml(org), 'gateways: [desk-production]', 'gateways: [front-production]');
}

const writeApproval = (file: ApprovalFile): string => approvalIn(fleet, file);

function outcomeOf(report: ApplyReport, org: OrgSlug): ApplyReport['orgs'][number] | undefined {
  return report.orgs.find((item) => item.org === org);
}

describe('a plan that is no longer true', () => {
  it('refuses PLAN_STALE for the digest of an older plan, and changes nothing', async () => {
    await limit(ALDER, '100.00', '110.00');
    const seen = (await open.plan()).fleet.planDigest;
    await limit(ALDER, '110.00', '900.00');
    const before = await fingerprint(open, ALDER);
    const files = publishedFiles(fleet);
    const report = await open.apply({ expect: seen });
    expect(report).toMatchObject({
      ok: false,
      orgs: [{ org: ALDER, outcome: 'held', code: 'PLAN_STALE' }],
      published: [],
    });
    expect(await fingerprint(open, ALDER)).toEqual(before);
    expect(publishedFiles(fleet)).toEqual(files);
  });

  it('is not what is left of one that was cut short between two orgs, nor one that is applied already', async () => {
    await limit(ALDER, '100.00', '110.00');
    await limit(BIRCH, '100.00', '110.00');
    const seen = (await open.plan()).fleet.planDigest;
    await open.apply({ orgs: [ALDER] });
    expect(await open.apply({ expect: seen })).toMatchObject({ ok: true, orgs: [{ org: BIRCH, outcome: 'applied' }] });
    const before = [await fingerprint(open, ALDER), await fingerprint(open, BIRCH)];
    expect(await open.apply({ expect: seen })).toMatchObject({ ok: true, orgs: [], published: [] });
    expect([await fingerprint(open, ALDER), await fingerprint(open, BIRCH)]).toEqual(before);
  });

  it('refuses PLAN_STALE for a plan that was applied and taken back since, and for what is left of it and more', async () => {
    await limit(ALDER, '100.00', '110.00');
    const seen = (await open.plan()).fleet.planDigest;
    await open.apply();
    await limit(BIRCH, '100.00', '110.00');
    const stale = { ok: false, orgs: [{ code: 'PLAN_STALE' }] };
    expect(await open.apply({ expect: seen })).toMatchObject(stale);
    fleet.git('revert', '--no-edit', 'HEAD');
    await limit(ALDER, '110.00', '100.00');
    await open.apply();
    expect(await open.apply({ expect: seen })).toMatchObject({ ok: false, orgs: [{ code: 'PLAN_STALE' }] });
  });

  it('refuses DRIFT_FIRST for the org whose rows were edited, and applies the others', async () => {
    open.sql(
      `UPDATE objects SET document = replace(document, '"100.00"', '"100000.00"') WHERE org = ? AND kind = 'Wallet' AND name = 'desk'`,
      ALDER,
    );
    await limit(ALDER, '100.00', '110.00');
    await limit(BIRCH, '100.00', '110.00');
    const told = (await open.plan()).fleet.plans.flatMap(({ org, changes }) =>
      changes.flatMap(({ key, fields }) => (key === 'Wallet/desk' ? fields.map(({ origin }) => [org, origin]) : [])),
    );
    expect(told).toEqual([
      [ALDER, 'conflict'],
      [BIRCH, undefined],
    ]);
    const report = await open.apply();
    expect(report.ok).toBe(false);
    expect(outcomeOf(report, ALDER)).toMatchObject({ outcome: 'held', code: 'DRIFT_FIRST' });
    expect(outcomeOf(report, BIRCH)).toMatchObject({ outcome: 'applied', generation: 2 });
    expect(report.published.map((item) => item.org)).toEqual([BIRCH]);
  });

  /** What `apply` shows before it asks. */
  async function shown(keep?: number): Promise<Prepared> {
    const ask = { commit: fleet.head(), orgs: null, withPlaces: true };
    return prepare(await open.parts(), keep === undefined ? ask : { ...ask, keep });
  }

  /** A repository that counts the commits that are read. */
  async function counting() {
    const { repository } = await open.parts();
    const count = { trees: 0 };
    const treeAt: typeof repository.treeAt = (commit) => {
      count.trees += 1;
      return repository.treeAt(commit);
    };
    return { count, parts: { repository: { ...repository, treeAt } } };
  }

  it('is not made again for the apply of what was shown', async () => {
    await limit(ALDER, '100.00', '110.00');
    const prepared = await shown();
    const { count, parts } = await counting();
    expect(await open.apply({ prepared, parts })).toMatchObject({
      ok: true,
      orgs: [{ org: ALDER, outcome: 'applied', planDigest: prepared.report.fleet.plans[0]?.planDigest }],
      published: [{ org: ALDER, signatures: 3 }],
    });
    expect(count.trees).toBe(0);
  });

  it('refuses PLAN_STALE when the store moved after it was shown, though nobody named a digest', async () => {
    await limit(ALDER, '100.00', '110.00');
    const prepared = await shown();
    await limit(ALDER, '110.00', '120.00');
    await open.apply();
    fleet.git('reset', '-q', '--hard', 'HEAD~1');
    const before = await fingerprint(open, ALDER);
    expect((await open.apply({ prepared })).orgs).toMatchObject([{ org: ALDER, outcome: 'held', code: 'PLAN_STALE' }]);
    expect(await fingerprint(open, ALDER)).toEqual(before);
  });

  it('refuses DRIFT_FIRST for rows that were edited between the plan and its apply', async () => {
    await limit(ALDER, '100.00', '110.00');
    const prepared = await shown();
    open.sql(
      `UPDATE objects SET document = replace(document, '"desk"', '"disk"') WHERE org = ? AND kind = 'Team'`,
      ALDER,
    );
    const report = await open.apply({ prepared });
    expect(outcomeOf(report, ALDER)).toMatchObject({ outcome: 'held', code: 'DRIFT_FIRST' });
    expect((await open.headOf(ALDER)).generation).toBe(1);
  });

  it.each([
    ['is the same plan', async () => undefined],
    [
      'is another one',
      async () =>
        open.sql(
          `UPDATE objects SET document = replace(document, '"desk"', '"disk"') WHERE org = ? AND kind = 'Team'`,
          ALDER,
        ),
    ],
  ])(
    'of an org whose documents were not kept is made again, and applied only where it %s',
    async (_title, meanwhile) => {
      await limit(ALDER, '100.00', '110.00');
      await limit(BIRCH, '100.00', '110.00');
      const prepared = await shown(0);
      expect(prepared.kept.size).toBe(0);
      await meanwhile();
      const report = await open.apply({ prepared });
      const isMoved = outcomeOf(report, ALDER)?.outcome === 'held';
      expect(isMoved).toBe(_title === 'is another one');
      if (isMoved) expect(outcomeOf(report, ALDER)).toMatchObject({ code: 'PLAN_STALE' });
      expect(outcomeOf(report, BIRCH)).toMatchObject({ outcome: 'applied', generation: 2 });
    },
  );

  it('keeps the outcome of an apply that another controller overtook out of the store', async () => {
    const lease = await open.state.store.acquireLease('controller', 'one', nowMs, 1000);
    nowMs += 5000;
    const taken = await open.state.store.acquireLease('controller', 'two', nowMs, 60_000);
    if (!lease.granted || !taken.granted) throw new Error('expected both leases in turn');
    await limit(ALDER, '100.00', '110.00');
    const before = await fingerprint(open, ALDER);
    const slept = { fence: { name: 'controller', fence: lease.fence } };
    await expect(open.apply({ parts: slept })).rejects.toMatchObject({ code: 'STORE_FENCED' });
    expect(await fingerprint(open, ALDER)).toEqual(before);
    expect(await open.state.store.acquireLease('controller', 'three', nowMs, 1000)).toMatchObject({
      granted: false,
      holder: 'two',
    });
    const holder = { fence: { name: 'controller', fence: taken.fence } };
    expect(await open.apply({ parts: holder })).toMatchObject({ ok: true });
  });
});

describe('a hazard', () => {
  let base: CommitId;
  let changed: DiffReport;

  beforeEach(async () => {
    base = fleet.head();
    dropGateway(ALDER);
    const head = await fleet.save('one gateway for another');
    changed = await open.diff(base, head);
    expect(changed.orgs[0]?.hazards.map((hazard) => hazard.code)).toContain('GATEWAY_REMOVED');
  });

  async function outcome(): Promise<ApplyReport['orgs'][number] | undefined> {
    return outcomeOf(await open.apply(), ALDER);
  }

  it('is held, and released by an Approval that somebody else committed; history names it', async () => {
    expect(await outcome()).toMatchObject({ outcome: 'held', code: 'HAZARD_OPEN' });
    const path = writeApproval({ diff: changed });
    fleet.commit('approve', OTTO);
    expect(await outcome()).toMatchObject({ outcome: 'applied', generation: 2 });
    const [entry] = await open.state.store.history(ALDER, { limit: 1 });
    expect(path).toBe(`approvals/${entry?.approval}.yaml`);
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [] });
  });

  const REFUSED: readonly { readonly why: string; readonly words: RegExp; readonly make: () => void }[] = [
    {
      why: 'the author of the change committed it',
      words: /is an author of the change/,
      make: () => {
        writeApproval({ diff: changed });
        fleet.commit('approve my own', ANA);
      },
    },
    {
      why: 'the author of the change edited it afterwards',
      words: /is an author of the change/,
      make: () => {
        const path = writeApproval({ diff: changed });
        fleet.commit('approve', OTTO);
        fleet.edit(path, 'agreed with the customer', 'agreed with everybody');
        fleet.commit('one word', 'Somebody Else <ANA@msp.example>');
      },
    },
    {
      why: 'it has expired',
      words: /; approvals\/[0-9a-f]{64}\.yaml has expired \(2027-01-04T08:59:59Z\)$/,
      make: () => {
        writeApproval({ diff: changed, expiresMs: START_MS - 1000 });
        fleet.commit('approve', OTTO);
      },
    },
    {
      why: 'it is of another digest',
      words: /; approvals\/[0-9a-f]{64}\.yaml accepts that in another change, and not in what this one is by now$/,
      make: () => {
        writeApproval({ diff: changed, changes: { alder: 'a'.repeat(64) } });
        fleet.commit('approve', OTTO);
      },
    },
    {
      why: 'its name is not the digest of what it lists',
      words: /its name is not the digest/,
      make: () => {
        writeApproval({ diff: changed, name: 'b'.repeat(64) });
        fleet.commit('approve', OTTO);
      },
    },
    {
      why: 'it is of the same change before the reconciler saw another one',
      words: /gateway desk-production/,
      make: () => {
        writeApproval({ diff: changed });
        fleet.commit('approve', OTTO);
        fleet.edit(yaml(ALDER), "limit: '100.00'", "limit: '200.00'");
        execFileSync('git', ['-C', fleet.dir, 'reset', '-q', '--soft', base]);
      },
    },
  ];

  it.each(REFUSED)('stays held when $why', async ({ make, words }) => {
    make();
    await fleet.save('beside it', ANA);
    const found = await outcome();
    expect(found).toMatchObject({ outcome: 'held', code: 'HAZARD_OPEN' });
    expect(found?.outcome === 'held' ? found.message : '').toMatch(words);
    expect((await open.headOf(ALDER)).generation).toBe(1);
  });

  it('is told without approvals of other orgs, whoever wrote them', async () => {
    writeApproval({ diff: changed, changes: { birch: 'a'.repeat(64) } });
    fleet.commit('approve something of birch', ANA);
    const found = await outcome();
    expect(found?.outcome === 'held' ? found.message : '').toMatch(/^gateway desk-production .* has expires$/);
  });

  it('is walked commit by commit: an approved change stands, the next one is held alone', async () => {
    const first = fleet.head();
    fleet.edit(
      yaml(ALDER),
      '    tokens:\n      - { name: app, team: desk, wallet: desk, gateways: [front-production] }',
      '    tokens:\n      - { name: app, team: desk, gateways: [back-production] }',
    );
    fleet.edit(yaml(ALDER), 'workload: front', 'workload: back');
    const second = await fleet.save('and yet another');
    expect((await open.diff(first, second)).orgs[0]?.hazards).not.toEqual([]);
    writeApproval({ diff: changed });
    fleet.commit('approve the first', OTTO);
    const report = await open.apply();
    expect(outcomeOf(report, ALDER)).toMatchObject({ outcome: 'held', code: 'HAZARD_OPEN' });
    expect(await open.headOf(ALDER)).toMatchObject({ generation: 2, commit: first });
    expect(report.published).toMatchObject([{ org: ALDER, generation: 2 }]);
    writeApproval({ diff: await open.diff(first, second) });
    fleet.commit('approve the second', OTTO);
    expect(await outcome()).toMatchObject({ outcome: 'applied', generation: 3 });
  });
});

const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

describe('where fleet.yaml lists signing keys', () => {
  it.skipIf(!hasSshKeygen)(
    'an Approval needs the signature of its approver by one of them (needs ssh-keygen)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tenantry-keys-'));
      const keyOf = (name: string): string => {
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)]);
        return readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
      };
      const keys = ['otto', 'mia'].map((name) => ({ id: name, key: keyOf(name), owner: `@msp/${name}` }));
      keyOf('eve');
      open.close();
      fleet.destroy();
      fleet = await createFleet({ spec: { signingKeys: keys } });
      open = await fleet.open();
      expect(await open.apply()).toMatchObject({ ok: true });
      const base = fleet.head();
      dropGateway(ALDER);
      const wanted = await open.diff(base, await fleet.save('one gateway for another'));
      const sign = (file: string): void => {
        fleet.git('add', '-A');
        const who = ['-c', 'user.name=Otto', '-c', 'user.email=otto@msp.example'];
        const how = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${join(folder, file)}`];
        fleet.git(...who, ...how, 'commit', '-q', '-S', '-m', `signed by ${file}`);
      };
      const words = async (): Promise<string> => {
        const found = outcomeOf(await open.apply(), ALDER);
        return found?.outcome === 'held' ? `${found.code} ${found.message}` : String(found?.outcome);
      };
      const again = (commit: () => void): void => {
        fleet.git('reset', '-q', '--hard', wanted.head);
        writeApproval({ diff: wanted });
        commit();
      };

      again(() => fleet.commit('unsigned', OTTO));
      expect(await words()).toMatch(/^HAZARD_OPEN .*is not signed by a key of fleet\.yaml/);
      again(() => sign('eve'));
      expect(await words()).toMatch(/^HAZARD_OPEN .*is not signed by a key of fleet\.yaml/);
      again(() => sign('mia'));
      expect(await words()).toMatch(/^HAZARD_OPEN .*@msp\/mia signed it, and it names @msp\/otto/);
      again(() => sign('otto'));
      expect(await words()).toBe('applied');
      rmSync(folder, { recursive: true, force: true });
    },
  );
});

describe('a hazard of the whole', () => {
  it('holds everything until an Approval lists every org, and is walked past what was merged later', async () => {
    const base = fleet.head();
    for (const org of [ALDER, BIRCH]) fleet.edit(yaml(org), 'msp-standard@1.0.0', 'msp-standard@1.1.0');
    const campaign = await fleet.save('campaign');
    const wanted = await open.diff(base, campaign);
    expect(wanted.hazards.map((hazard) => hazard.code)).toEqual(['CAMPAIGN']);
    const report = await open.apply();
    expect(report.orgs.map((item) => [item.org, item.outcome === 'held' && item.code])).toEqual([
      [ALDER, 'HAZARD_OPEN'],
      [BIRCH, 'HAZARD_OPEN'],
    ]);
    await limit(CLOVE, '100.00', '120.00');
    writeApproval({ diff: wanted });
    fleet.commit('approve', OTTO);
    const after = await open.apply();
    expect(after.orgs.map((item) => [item.org, item.outcome]).sort()).toEqual([
      [ALDER, 'applied'],
      [BIRCH, 'applied'],
      [CLOVE, 'applied'],
    ]);
    expect(after.ok).toBe(true);
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
  });
});

describe('a hazard of the whole, while one org is held by a hazard of its own', () => {
  const pins = (...orgs: readonly OrgSlug[]): Promise<CommitId> => {
    for (const org of orgs) fleet.edit(yaml(org), 'msp-standard@1.0.0', 'msp-standard@1.1.0');
    return fleet.save('campaign');
  };
  const codes = (report: ApplyReport) =>
    report.orgs.map((item) => [item.org, item.outcome === 'held' ? item.hazards.map(({ code }) => code) : 'applied']);

  it('is walked past that org, past a commit that cannot be read, and never back behind what was applied', async () => {
    dropGateway(ALDER);
    await fleet.save('a gateway goes, which nobody has accepted yet');
    await open.apply();
    fleet.write('fleet.yaml', `${fleet.read('fleet.yaml')}nonsense: [\n`);
    fleet.commit('settings that cannot be read');
    fleet.git('revert', '--no-edit', 'HEAD');
    await limit(CLOVE, '100.00', '120.00');
    expect(outcomeOf(await open.apply(), CLOVE)).toMatchObject({ outcome: 'applied', generation: 2 });
    const base = fleet.head();
    const wanted = await open.diff(base, await pins(BIRCH, CLOVE));
    writeApproval({ diff: wanted });
    fleet.commit('approve', OTTO);
    const report = await open.apply();
    expect(codes(report)).toEqual([
      [BIRCH, 'applied'],
      [CLOVE, 'applied'],
      [ALDER, ['GATEWAY_REMOVED']],
    ]);
    expect(codes(await open.apply())).toEqual([[ALDER, ['GATEWAY_REMOVED']]]);
  });

  it('counts that org where it is moved too, also when its own hazard is taken back afterwards', async () => {
    dropGateway(ALDER);
    const own = await fleet.save('a gateway goes');
    await pins(ALDER, BIRCH);
    fleet.git('revert', '--no-edit', '--no-commit', own);
    await fleet.save('it stays');
    expect(codes(await open.apply())).toEqual([
      [ALDER, ['GATEWAY_REMOVED']],
      [BIRCH, ['CAMPAIGN']],
    ]);
    for (const org of [ALDER, BIRCH]) expect((await open.headOf(org)).generation).toBe(1);
  });

  it('is judged alone at the end, where its own hazard was taken back', async () => {
    dropGateway(ALDER);
    const own = await fleet.save('a gateway goes');
    await open.apply();
    const base = fleet.head();
    writeApproval({ diff: await open.diff(base, await pins(BIRCH, CLOVE)) });
    fleet.commit('approve', OTTO);
    fleet.git('revert', '--no-edit', '--no-commit', own);
    fleet.edit(yaml(ALDER), "limit: '100.00'", "limit: '110.00'");
    await fleet.save('it stays, with another limit');
    const report = await open.apply();
    expect([report.ok, codes(report).sort()]).toEqual([true, [ALDER, BIRCH, CLOVE].map((org) => [org, 'applied'])]);
  });
});

describe('a hazard of the whole, for who applies some orgs', () => {
  it('counts every org of the commit: its parts do not pass one by one', async () => {
    fleet.edit('fleet.yaml', 'changedOrgsCount: 50', 'changedOrgsCount: 1');
    fleet.edit(
      'fleet.yaml',
      /changedOrgsPercent: \d+/.exec(fleet.read('fleet.yaml'))?.[0] ?? '',
      'changedOrgsPercent: 0',
    );
    await fleet.save('stricter limits');
    expect(await open.apply()).toMatchObject({ ok: true });
    const base = fleet.head();
    for (const org of [ALDER, BIRCH]) fleet.edit(yaml(org), "limit: '100.00'", "limit: '110.00'");
    const head = await fleet.save('both at once');
    for (const org of [ALDER, BIRCH]) {
      const alone = await open.apply({ orgs: [org] });
      expect([alone.ok, alone.orgs.map((item) => [item.org, item.outcome === 'held' && item.code])]).toEqual([
        false,
        [[org, 'HAZARD_OPEN']],
      ]);
    }
    const partly = await prepare(await open.parts(), { commit: head, orgs: [ALDER], withPlaces: false });
    expect([partly.report.fleet.plans.map(({ org }) => org), partly.report.beside.map(({ org }) => org)]).toEqual([
      [ALDER],
      [BIRCH],
    ]);
    // Who accepts it has seen both; then either may go first.
    const wanted = await open.diff(base, head);
    const half = Object.fromEntries(wanted.orgs.slice(0, 1).map((item) => [item.org, item.changeDigest]));
    const path = writeApproval({ diff: wanted, changes: half });
    fleet.commit('approve one of them', OTTO);
    expect(await open.apply({ orgs: [ALDER] })).toMatchObject({ ok: false });
    fleet.remove(path);
    writeApproval({ diff: wanted });
    fleet.commit('approve both', OTTO);
    expect(await open.apply({ orgs: [BIRCH] })).toMatchObject({ ok: true, orgs: [{ org: BIRCH, outcome: 'applied' }] });
    expect(await open.apply({ orgs: [ALDER] })).toMatchObject({ ok: true, orgs: [{ org: ALDER, outcome: 'applied' }] });
  });
});

/** As `tenantry approve` does with what the plan prints. */
async function approve(report: PlanReport): Promise<{ readonly path: string; readonly hazards: number }> {
  const parts = await open.parts();
  const base = await approvableFrom(parts, report);
  if (base === null) throw new Error('expected a commit from which a diff shows the plan, found none');
  const { write } = await wireRepository(fleet.dir);
  const { changeDigest: digest, commit: head } = report.fleet;
  const ask = { digest, base, head, approver: '@msp/otto', reason: 'agreed with the customer' };
  const done = await approveChange({ ...parts, write }, { ...ask, expiresMs: START_MS + 86_400_000 });
  if (!done.ok) throw new Error(done.message);
  return done.value;
}

/** What `tenantry plan` shows as approved. */
async function acceptedNow(): ReturnType<typeof acceptedInPlan> {
  const report = await open.plan();
  const { commit } = report.fleet;
  return acceptedInPlan(await open.parts(), { commit, newest: commit, expect: null, heal: false }, report);
}

describe('a plan of an org that others were applied after', () => {
  it('is shown by a diff from the newest applied commit, and its approved hazards as approved', async () => {
    // More commits than are tried, each the newest of something.
    const later = async (): Promise<void> => {
      nowMs += 1000;
      expect(await open.apply()).toMatchObject({ ok: true });
    };
    await limit(BIRCH, '100.00', '110.00');
    await later();
    await limit(CLOVE, '100.00', '110.00');
    await later();
    fleet.edit('fleet.yaml', 'displayName: Test fleet', 'displayName: Tested fleet');
    await fleet.save('another name');
    await later();
    dropGateway(ALDER);
    await fleet.save('another gateway');
    expect(await acceptedNow()).toEqual([]);
    const { hazards } = await approve(await open.plan());
    fleet.commit('approve', OTTO);
    const accepted = await acceptedNow();
    expect(accepted).toHaveLength(hazards);
    expect(accepted).toContainEqual(expect.objectContaining({ org: ALDER, approver: '@msp/otto' }));
    expect(await open.apply()).toMatchObject({ ok: true });
  });
});

describe('a history that was rewritten', () => {
  /** What was applied is taken out of the branch, and something else comes instead. */
  async function rewrite(): Promise<void> {
    await limit(ALDER, '100.00', '110.00');
    await open.apply();
    fleet.git('reset', '-q', '--hard', 'HEAD~1');
    await limit(ALDER, '100.00', '90.00');
  }
  const heldBy = [
    { org: ALDER, outcome: 'held', code: 'HAZARD_OPEN', message: expect.stringContaining('does not come') },
  ];

  it('holds everything, also when the clone does not hold the applied commit any more', async () => {
    await rewrite();
    const [hazard] = (await open.plan()).fleet.hazards;
    expect(hazard?.code).toBe('HISTORY_REWRITTEN');
    expect(await open.apply()).toMatchObject({ ok: false, orgs: heldBy });
    fleet.git('reflog', 'expire', '--expire=now', '--all');
    fleet.git('gc', '-q', '--prune=now');
    expect(await open.apply()).toMatchObject({ ok: false, orgs: heldBy });
    expect((await open.headOf(ALDER)).generation).toBe(2);
  });

  it('goes on when somebody else approves what it takes back, and the plan shows that it is approved', async () => {
    await rewrite();
    const { path } = await approve(await open.plan());
    expect(fleet.read(path)).toContain('HISTORY_REWRITTEN:_fleet');
    fleet.commit('approve', OTTO);
    const accepted = [{ org: FLEET_ORG, id: 'HISTORY_REWRITTEN:_fleet', approver: '@msp/otto' }];
    expect(await acceptedNow()).toMatchObject(accepted);
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [{ org: ALDER, outcome: 'applied' }] });
  });
});

describe('the branch that is applied', () => {
  it('is the one that the last applied settings pin, as far as it was fetched', async () => {
    const ci = {
      issuer: 'https://ci.example',
      audience: 'tenantry',
      repository: 'msp/fleet',
      ref: 'refs/heads/main',
      workflow: '.github/workflows/reconcile.yml',
    };
    open.close();
    fleet.destroy();
    fleet = await createFleet({ spec: { ci } });
    open = await fleet.open({ nowMs: () => nowMs });
    expect(await open.apply()).toMatchObject({ ok: true });
    fleet.git('checkout', '-q', '-b', 'topic');
    await limit(ALDER, '100.00', '110.00');
    const held = [
      { org: ALDER, outcome: 'held', code: 'COMMIT_OFF_BRANCH', message: expect.stringContaining('refs/heads/main') },
    ];
    expect(await open.apply()).toMatchObject({ ok: false, orgs: held });
    fleet.git('update-ref', 'refs/remotes/origin/main', 'main');
    fleet.git('branch', '-f', 'main', 'topic');
    expect(await open.apply()).toMatchObject({ ok: false, orgs: held });
    fleet.git('update-ref', 'refs/remotes/origin/main', 'topic');
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [{ org: ALDER, outcome: 'applied' }] });
  });
});

describe('one org in trouble', () => {
  it('stops itself alone: a manifest that does not parse, a stale generated file', async () => {
    fleet.edit(yaml(ALDER), 'timeZone: Europe/Berlin', 'timeZone: [Europe/Berlin');
    fleet.commit('broken');
    fleet.edit('orgs/birch/wallets/desk.yaml', '100.00', '9999.00');
    fleet.edit(yaml(BIRCH), 'birch Trading', 'Birch Limited');
    fleet.commit('by hand');
    fleet.edit(yaml(CLOVE), "limit: '100.00'", "limit: '110.00'");
    const { repository, write } = await wireRepository(fleet.dir);
    const { render } = await import('../src/flows/index.ts');
    await render(nodeHash, { tree: repository.workTree(), orgs: [CLOVE], write });
    fleet.commit('good');
    const report = await open.apply();
    expect(report.ok).toBe(false);
    expect(outcomeOf(report, ALDER)).toMatchObject({ outcome: 'held', code: expect.stringMatching(/^YAML_/) });
    expect(outcomeOf(report, BIRCH)).toMatchObject({ outcome: 'held', code: 'GENERATED_STALE' });
    expect(outcomeOf(report, CLOVE)).toMatchObject({ outcome: 'applied', generation: 2 });
    expect(report.published.map((item) => item.org)).toEqual([CLOVE]);
  });

  it('stops itself alone when its uid is not the one it had', async () => {
    fleet.edit(yaml(ALDER), 'uid: alder000000000000001', 'uid: alder000000000000009');
    await fleet.save('another identity');
    await limit(BIRCH, '100.00', '110.00');
    const report = await open.apply();
    expect(outcomeOf(report, ALDER)?.outcome).toBe('held');
    expect(outcomeOf(report, BIRCH)).toMatchObject({ outcome: 'applied' });
  });

  it('stops itself alone when its published files cannot be written', async () => {
    await limit(ALDER, '100.00', '110.00');
    await limit(BIRCH, '100.00', '110.00');
    const { publisher } = await open.parts();
    const uid = await open.uidOf(ALDER);
    const broken: typeof publisher = {
      ...publisher,
      get: publisher.get.bind(publisher),
      putMutable: publisher.putMutable.bind(publisher),
      async putImmutable(org, files) {
        if (org === uid) throw Object.assign(new Error('other bytes stand there'), { code: 'PUBLISH_CONFLICT' });
        await publisher.putImmutable(org, files);
      },
    };
    const report = await open.apply({ parts: { publisher: broken } });
    expect(report.ok).toBe(false);
    expect(
      report.published.map((item) => [item.org, item.changed.length, item.findings.map((one) => one.code)]),
    ).toEqual([
      [ALDER, 0, ['PUBLISH_CONFLICT']],
      [BIRCH, 1, []],
    ]);
    expect(await open.apply()).toMatchObject({
      ok: true,
      orgs: [],
      published: [{ org: ALDER, changed: ['desk-production'] }],
    });
  });
});

describe('an exception', () => {
  const far = (): void => fleet.edit(yaml(ALDER), '{ name: app,', "{ name: app, expires: '2029-01-01T00:00:00Z',");
  const waive = (): void =>
    fleet.write(
      'orgs/alder/waivers/far.yaml',
      emit({
        apiVersion: 'tenantry/v1',
        kind: 'Waiver',
        metadata: { org: 'alder', name: 'far' },
        spec: {
          code: 'TOKEN_EXPIRES_FAR',
          object: 'Token/app',
          found: ['2029-01-01T00:00:00Z'],
          owner: '@msp/operators',
          approvers: ['@msp/platform'],
          reason: 'firmware',
          expires: '2027-03-01T00:00:00Z',
        },
      }),
    );

  it('does not count in the change that brings it', async () => {
    far();
    waive();
    await fleet.save('a token and its own exception');
    const held = outcomeOf(await open.apply(), ALDER);
    expect(held).toMatchObject({ outcome: 'held', code: 'TOKEN_EXPIRES_FAR' });
    expect(held?.outcome === 'held' && held.message).toContain('counts once it is applied');
  });

  it('counts when an earlier change brought it, also when both were merged before the reconciler looked', async () => {
    waive();
    await fleet.save('an exception');
    far();
    const head = await fleet.save('a token that needs it');
    expect(outcomeOf(await open.apply(), ALDER)).toMatchObject({ outcome: 'applied', generation: 3 });
    expect((await open.headOf(ALDER)).commit).toBe(head);
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [] });
  });
});

describe('a wall between orgs', () => {
  const WALLS = [
    {
      code: 'ISO_I15_SHARED_UID',
      edit: (text: string) => text.replace('birch000000000000002', 'alder000000000000001'),
    },
    {
      code: 'ISO_I20_LISTEN_COLLISION',
      edit: (text: string) =>
        text.replace('host: birch-edge, listen: 127.0.0.1:41001', 'host: alder-edge, listen: 127.0.0.1:41000'),
    },
    {
      code: 'ISO_I08_SHARED_SECRET_REF',
      edit: (text: string) => text.replace('host: birch-edge', 'host: alder-edge').replace('BIRCH_KEY', 'ALDER_KEY'),
    },
  ];

  it.each(WALLS)('$code holds the org that reaches over, at the merge too, and no other', async ({ code, edit }) => {
    const before = await fingerprint(open, ALDER);
    fleet.write(yaml(BIRCH), edit(fleet.read(yaml(BIRCH))));
    await fleet.save('reach over');
    await limit(CLOVE, '100.00', '110.00');
    const report = await open.apply();
    expect(outcomeOf(report, BIRCH)).toMatchObject({ outcome: 'held', code });
    expect(outcomeOf(report, CLOVE)).toMatchObject({ outcome: 'applied' });
    expect(await fingerprint(open, ALDER)).toEqual(before);
    expect((await open.headOf(BIRCH)).generation).toBe(1);
  });

  it('stands around what an org gives up until that change is applied, which may be held', async () => {
    dropGateway(ALDER);
    fleet.edit(yaml(ALDER), 'account: acct-alder', 'account: acct-next');
    fleet.edit(yaml(BIRCH), 'account: acct-birch', 'account: acct-alder');
    await fleet.save('from one to the other');
    const report = await open.apply();
    expect(outcomeOf(report, ALDER)).toMatchObject({ outcome: 'held', code: 'HAZARD_OPEN' });
    expect(outcomeOf(report, BIRCH)).toMatchObject({ outcome: 'held', code: 'ISO_I13_UPSTREAM_ACCOUNT_SHARED' });
    expect((await open.headOf(BIRCH)).generation).toBe(1);
  });

  it('opens in one apply for what is given up in it', async () => {
    // The taker comes first in the order of orgs.
    fleet.edit(yaml(ALDER), 'account: acct-alder', 'account: acct-birch');
    fleet.edit(yaml(BIRCH), 'account: acct-birch', 'account: acct-next');
    await fleet.save('from one to the other');
    const report = await open.apply();
    expect(report.orgs.map((item) => [item.org, item.outcome])).toEqual([
      [ALDER, 'applied'],
      [BIRCH, 'applied'],
    ]);
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
  });

  it('stands between an org that is new and one that is gone', async () => {
    const base = fleet.head();
    const former = fleet.read(yaml(ALDER));
    fleet.remove('orgs/alder');
    writeApproval({ diff: await open.diff(base, await fleet.save('gone')) });
    fleet.commit('approve', OTTO);
    expect(await open.apply()).toMatchObject({ ok: true });
    fleet.write(
      'orgs/dogwood/org.yaml',
      former.replaceAll(/\balder\b(?!0)/g, 'dogwood').replaceAll('ALDER', 'DOGWOOD'),
    );
    await fleet.save('another org with the uid of the one that is gone');
    const report = await open.apply();
    expect(report.orgs).toMatchObject([{ org: 'dogwood', outcome: 'held', code: 'ISO_I15_SHARED_UID' }]);
  });
});

describe('an org that was removed and is listed as that', () => {
  const LISTED = "  retiredOrgs: [{ uid: alder000000000000001, org: alder, retired: '2027-01-04T09:00:00Z' }]\n";
  let former: string;
  let without: string;

  beforeEach(async () => {
    former = fleet.read(yaml(ALDER));
    without = fleet.read('fleet.yaml');
    const base = fleet.head();
    fleet.remove('orgs/alder');
    fleet.write('fleet.yaml', `${without.trimEnd()}\n${LISTED}`);
    writeApproval({ diff: await open.diff(base, await fleet.save('gone')) });
    fleet.commit('approve', OTTO);
    expect(await open.apply()).toMatchObject({ ok: true });
  });

  const comesBack = async (): Promise<void> => {
    fleet.write(yaml(ALDER), former);
    await fleet.save('alder again');
  };

  it('does not come back, also where the list is put back in the same change and that is held', async () => {
    await comesBack();
    const held = { outcome: 'held', code: 'ISO_I55_RETIRED_ORG_REUSED' };
    expect(outcomeOf(await open.apply(), ALDER)).toMatchObject(held);
    fleet.write('fleet.yaml', without);
    fleet.commit('and off the list');
    const report = await open.apply();
    expect(outcomeOf(report, FLEET_ORG)).toMatchObject({ outcome: 'held', code: 'HAZARD_OPEN' });
    expect(outcomeOf(report, ALDER)).toMatchObject(held);
    expect((await open.headOf(ALDER)).generation).toBe(2);
  });

  it('does not come back under its name with another uid', async () => {
    former = former.replace('alder000000000000001', 'alder000000000000009');
    await comesBack();
    expect(outcomeOf(await open.apply(), ALDER)).toMatchObject({
      outcome: 'held',
      code: 'ISO_I55_RETIRED_ORG_REUSED',
    });
  });

  it('comes back once a platform owner accepted that the list names it no more', async () => {
    const base = fleet.head();
    fleet.write('fleet.yaml', without);
    writeApproval({ diff: await open.diff(base, fleet.commit('off the list')) });
    fleet.commit('approve', OTTO);
    await comesBack();
    expect(await open.apply()).toMatchObject({ ok: true });
    expect((await open.headOf(ALDER)).generation).toBe(3);
  });
});

describe('an org under a name that was applied with another uid', () => {
  const held = { outcome: 'held', code: 'ORG_UID_CHANGED' };

  it('is held without asking anybody to accept it: nobody can', async () => {
    fleet.edit(yaml(ALDER), 'alder000000000000001', 'alder000000000000009');
    await fleet.save('another uid');
    const outcome = outcomeOf(await open.apply(), ALDER);
    expect(outcome).toMatchObject(held);
    expect(JSON.stringify(outcome)).not.toContain('AUDIENCE_CHANGED');
  });

  it('is held also where the former one is gone and no list says so', async () => {
    const former = fleet.read(yaml(ALDER));
    const base = fleet.head();
    fleet.remove('orgs/alder');
    writeApproval({ diff: await open.diff(base, await fleet.save('gone')) });
    fleet.commit('approve', OTTO);
    expect(await open.apply()).toMatchObject({ ok: true });
    fleet.write(yaml(ALDER), former.replace('alder000000000000001', 'alder000000000000009'));
    await fleet.save('another alder');
    expect(outcomeOf(await open.apply(), ALDER)).toMatchObject(held);
    expect((await open.headOf(ALDER)).generation).toBe(2);
  });
});

describe('orgs that were removed', () => {
  it('count for no share of the fleet any more, at apply as in the pull request', async () => {
    const gone = Array.from({ length: 8 }, (_, index) => `gone${index}` as OrgSlug);
    gone.forEach((org, index) => {
      fleet.write(yaml(org), orgYaml(org, '2027-09-30T00:00:00Z', 42_000 + index));
    });
    fleet.edit('fleet.yaml', 'changedOrgsPercent: 100', 'changedOrgsPercent: 20');
    const base = await fleet.save('eight more');
    expect(await open.apply()).toMatchObject({ ok: true });
    for (const org of gone) fleet.remove(`orgs/${org}`);
    writeApproval({ diff: await open.diff(base, await fleet.save('and gone')) });
    fleet.commit('approve', OTTO);
    expect(await open.apply()).toMatchObject({ ok: true });
    const before = fleet.head();
    for (const org of [ALDER, BIRCH, CLOVE]) await limit(org, '100.00', '110.00');
    const [diff, { fleet: plan, reach }] = [await open.diff(before, fleet.head()), await open.plan()];
    expect([diff.hazards, plan.hazards, reach?.orgsInFleet]).toEqual([[], [], 3]);
  });
});

describe('a fleet that names no price book', () => {
  it('keeps the one that was applied, while orgs go on', async () => {
    fleet.edit('fleet.yaml', 'prices: default', 'prices: defualt');
    await limit(ALDER, '100.00', '110.00');
    expect((await open.apply()).orgs).toMatchObject([
      { org: '_fleet', outcome: 'held', code: 'PRICE_BOOK_UNKNOWN' },
      { org: ALDER, outcome: 'applied' },
    ]);
  });
});

describe('a freeze', () => {
  it('of the last applied settings holds everything, also its own end; and ends by itself', async () => {
    fleet.edit(
      'fleet.yaml',
      '  staff:',
      `  freeze: [{ from: '${instantText(START_MS)}', to: '${instantText(START_MS + 3_600_000)}', reason: holidays }]\n  staff:`,
    );
    fleet.commit('freeze');
    expect(await open.apply()).toMatchObject({ ok: true });
    await limit(ALDER, '100.00', '110.00');
    expect(await open.apply()).toMatchObject({
      ok: false,
      orgs: [{ org: ALDER, outcome: 'held', code: 'APPLY_FROZEN', message: expect.stringContaining('holidays') }],
    });
    const held = fleet.head();
    fleet.write('fleet.yaml', fleet.read('fleet.yaml').replace(/ {2}freeze: .*\n/, ''));
    fleet.commit('no freeze after all');
    const lifted = await open.apply();
    expect(lifted.orgs.map((item) => item.outcome === 'held' && item.code)).toEqual(['APPLY_FROZEN', 'APPLY_FROZEN']);
    fleet.git('reset', '-q', '--hard', held);
    nowMs += 3_600_000;
    expect(await open.apply()).toMatchObject({ ok: true });
  });
});

describe('a freeze whose year is mistyped', () => {
  it('is not taken over, also past the pull request: no change could lift it', async () => {
    const window = `from: '${instantText(START_MS)}', to: '2037-01-05T00:00:00Z', reason: holidays`;
    fleet.edit('fleet.yaml', '  staff:', `  freeze: [{ ${window} }]\n  staff:`);
    fleet.commit('freeze');
    expect((await open.apply()).orgs).toMatchObject([{ org: '_fleet', outcome: 'held', code: 'FREEZE_WINDOW' }]);
    await limit(ALDER, '100.00', '110.00');
    expect(outcomeOf(await open.apply(), ALDER)).toMatchObject({ outcome: 'applied' });
  });
});

describe('a crash between apply and publish', () => {
  it('publishes nothing of rows that somebody edited meanwhile', async () => {
    await limit(ALDER, '100.00', '110.00');
    const dead = () => Promise.reject(new Error('the process is gone'));
    const { publisher } = await open.parts();
    const gone = { ...publisher, putImmutable: dead, putMutable: dead };
    await expect(open.apply({ parts: { publisher: gone } })).rejects.toThrow('gone');
    open.sql(
      `UPDATE objects SET document = replace(document, '"110.00"', '"110000.00"') WHERE org = ? AND kind = 'Wallet'`,
      ALDER,
    );
    const files = publishedFiles(fleet);
    const report = await open.apply();
    expect(report).toMatchObject({ ok: false, published: [{ org: ALDER, findings: [{ code: 'DRIFT_FIRST' }] }] });
    expect(publishedFiles(fleet)).toEqual(files);
    const { write } = await wireRepository(fleet.dir);
    await drift(await open.parts(), { orgs: null, heal: write });
    expect((await open.state.store.publication(ALDER))?.generation).toBe((await open.headOf(ALDER)).generation);
  });

  it('is completed by the next run, without a new generation', async () => {
    await limit(ALDER, '100.00', '110.00');
    const dead = () => Promise.reject(new Error('the process is gone'));
    const { publisher } = await open.parts();
    const gone = { ...publisher, putImmutable: dead, putMutable: dead };
    await expect(open.apply({ parts: { publisher: gone } })).rejects.toThrow('gone');
    expect(await open.headOf(ALDER)).toMatchObject({ generation: 2 });
    expect((await open.state.store.publication(ALDER))?.generation).toBe(1);
    expect((await drift(await open.parts(), { orgs: null, heal: null })).drifts).toMatchObject([
      { where: 'published', org: ALDER },
    ]);
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [{ org: ALDER, generation: 2 }] });
    expect((await open.state.store.publication(ALDER))?.generation).toBe(2);
  });
});

describe('an org that goes', () => {
  it('needs an Approval, leaves an empty head and a publication without gateways, and is not planned again', async () => {
    const { repository, write } = await wireRepository(fleet.dir);
    const tree = repository.workTree();
    const clock = { nowMs: () => nowMs };
    expect(await issueToken({ tree, write, clock, random: nodeRandom }, ALDER, 'app')).toMatchObject({ ok: true });
    const base = await fleet.save('a secret');
    await open.apply();
    fleet.remove('orgs/alder');
    const gone = await fleet.save('offboard alder');
    expect(outcomeOf(await open.apply(), ALDER)).toMatchObject({ outcome: 'held', code: 'HAZARD_OPEN' });
    writeApproval({ diff: await open.diff(base, gone) });
    fleet.commit('approve', OTTO);
    const report = await open.apply();
    expect(outcomeOf(report, ALDER)).toMatchObject({ outcome: 'applied', generation: 3 });
    expect((await open.state.store.history(ALDER, { limit: 1 }))[0]).toMatchObject({ action: 'offboard' });
    // The end of its secrets is found by that entry.
    const receipt = await revocationReceipt({ ...(await open.parts()), clock }, { org: ALDER, token: 'app' });
    expect(receipt).toMatchObject({ ok: true, value: { revoked: { by: 'commit', generation: 3 } } });
    expect(report.published).toMatchObject([{ org: ALDER, removed: ['desk-production'] }]);
    expect((await open.state.store.observe(ALDER))?.objects).toEqual([]);
    expect((await open.state.store.publication(ALDER))?.targets).toEqual({});
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
    expect((await open.plan()).counters.orgsRendered).toBe(0);
    expect(await open.state.store.verifyHistory(ALDER)).toBeNull();
    expect((await drift(await open.parts(), { orgs: null, heal: null })).drifts).toEqual([]);
  });
});

describe('drift', () => {
  const look = async (heal = false) => {
    const { write } = await wireRepository(fleet.dir);
    return drift(await open.parts(), { orgs: null, heal: heal ? write : null });
  };

  it('finds nothing on a fleet that is as applied', async () => {
    expect((await look()).drifts).toEqual([]);
  });

  it('finds a row, a missing row, a hand-edited manifest and an unpublished generation; heals them; and is clean then', async () => {
    open.sql(
      `UPDATE objects SET document = replace(document, '"500.00"', '"7.00"') WHERE org = ? AND kind = 'Wallet' AND name = 'org'`,
      ALDER,
    );
    open.sql(`DELETE FROM objects WHERE org = ? AND kind = 'Review'`, BIRCH);
    fleet.edit('orgs/clove/wallets/desk.yaml', '100.00', '7.00');
    const found = await look();
    expect(found.drifts.map((item) => [item.where, item.org])).toEqual([
      ['store', ALDER],
      ['store', BIRCH],
      ['repository', CLOVE],
    ]);
    expect(found.drifts[0]).toMatchObject({ objects: ['Wallet/org'] });
    expect(found.drifts[1]).toMatchObject({ objects: ['Review/escalations'] });
    expect(found.drifts[2]).toMatchObject({ paths: ['orgs/clove/wallets/desk.yaml'] });

    const healed = await look(true);
    expect(healed.healed.map((item) => [item.org, item.outcome])).toEqual([
      [ALDER, 'applied'],
      [BIRCH, 'applied'],
    ]);
    expect(healed.written).toEqual(['orgs/clove/wallets/desk.yaml']);
    expect((await look()).drifts).toEqual([]);
    expect(fleet.git('status', '--porcelain')).toBe('');
    expect((await open.state.store.history(ALDER, { limit: 1 }))[0]).toMatchObject({ action: 'heal' });
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
  });

  it('finds a row of the fleet settings that was edited', async () => {
    open.sql(`UPDATE objects SET document = replace(document, '"Test fleet"', '"My fleet"') WHERE kind = 'Fleet'`);
    expect((await look()).drifts).toMatchObject([{ where: 'store', org: FLEET_ORG, objects: ['Fleet/fleet'] }]);
    await look(true);
    expect((await look()).drifts).toEqual([]);
  });

  it('finds a gateway that acknowledges another digest than the published one, and not one that acknowledges this one', async () => {
    const published = (await open.state.store.publication(ALDER))?.targets['desk-production']?.contentDigest;
    if (published === undefined) throw new Error('expected a published gateway');
    await enrolled(ALDER);
    await acknowledge(1, published);
    expect((await look()).drifts).toEqual([]);
    await acknowledge(2, 'c'.repeat(64) as Sha256Hex);
    expect((await look()).drifts).toMatchObject([
      { where: 'gateway', org: ALDER, gateway: 'desk-production', published },
    ]);
  });

  async function enrolled(org: OrgSlug): Promise<void> {
    const codeHash = nodeHash.sha256('code');
    const { runtime } = open.state;
    await runtime.putEnrolmentCode(org, { gateway: 'desk-production', codeHash, expiresAt: nowMs + 1000 });
    expect(await runtime.redeemEnrolmentCode(org, { codeHash, publicKey: 'd'.repeat(64), nowMs })).toMatchObject({
      ok: true,
    });
  }

  async function acknowledge(sequence: number, contentDigest: Sha256Hex): Promise<void> {
    const key = { gateway: 'desk-production', sequence, bodyDigest: nodeHash.sha256(`${sequence}`) };
    const ack = {
      gateway: 'desk-production',
      generation: 1,
      contentDigest,
      state: 'active',
      code: null,
      at: nowMs,
    } as const;
    await open.state.runtime.once(ALDER, key, async (tx) => {
      await tx.putAck(ack, sequence, nowMs);
      return {};
    });
  }
});
