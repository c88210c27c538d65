import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommitId, FLEET_ORG, type ObjectId, type OrgSlug } from '../src/core/model/index.ts';
import { check, issueToken, plan } from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { openVerifier, readRoot } from '../src/trust/index.ts';
import { wireRepository } from '../src/wire.ts';
import {
  ALDER,
  ANA,
  BIRCH,
  CLOVE,
  createAppliedFleet,
  fingerprint,
  forgetAppliedFleet,
  type OpenFleet,
  ORGS,
  OTTO,
  publishedFiles,
  START_MS,
  type TestFleet,
} from './fleet.testkit.ts';

let fleet: TestFleet;
let open: OpenFleet;

beforeEach(async () => {
  fleet = await createAppliedFleet();
  open = await fleet.open();
});
afterEach(() => {
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

const limitOf = (org: OrgSlug): string => `orgs/${org}/org.yaml`;

/** Raises alder's team limit; one wallet changes, and the gateway's bundle with it. */
async function raiseLimit(to = '150.00', author?: string): Promise<CommitId> {
  fleet.edit(limitOf(ALDER), "limit: '100.00'", `limit: '${to}'`);
  return fleet.save(`desk may spend ${to}`, author);
}

describe('from a pull request to a published bundle', () => {
  it('checks, diffs, plans, applies and publishes one change of one org, and nothing of any other', async () => {
    const base = fleet.head();
    const before = await Promise.all([BIRCH, CLOVE, FLEET_ORG].map((org) => fingerprint(open, org)));
    const filesBefore = publishedFiles(fleet);
    const head = await raiseLimit();

    const parts = await open.parts();
    const checked = await check(
      { ...parts, cache: null, threads: null },
      { tree: parts.repository.treeAt(head), touched: null, orgs: null },
    );
    expect(checked.findings).toEqual([]);

    const changed = await open.diff(base, head);
    expect(changed.orgs.map((item) => [item.org, item.changes.map((change) => change.key)])).toEqual([
      [ALDER, ['Wallet/desk']],
    ]);
    expect(changed.hazards).toEqual([]);

    const planned = await open.plan();
    expect(planned.fleet.changeDigest).toBe(changed.changeDigest);
    expect(planned.fleet.plans.map((item) => item.changeDigest)).toEqual(changed.orgs.map((item) => item.changeDigest));

    expect([planned.reach, planned.untouched]).toEqual([changed.reach, changed.untouched]);

    const report = await open.apply({ expect: planned.fleet.planDigest });
    expect(report).toMatchObject({
      ok: true,
      orgs: [{ org: ALDER, outcome: 'applied', generation: 2, changes: 1 }],
      published: [{ org: ALDER, generation: 2, changed: ['desk-production'], removed: [], signatures: 3 }],
    });
    expect(await Promise.all([BIRCH, CLOVE, FLEET_ORG].map((org) => fingerprint(open, org)))).toEqual(before);
    const uid = await open.uidOf(ALDER);
    const added = publishedFiles(fleet).filter((file) => !filesBefore.includes(file));
    expect(added.length).toBeGreaterThan(0);
    expect(added.filter((file) => !file.startsWith(`./${uid}/`))).toEqual([]);
  });

  it('is told against the store as it is from git, with what is proved of all others', async () => {
    const nothing = {
      compared: 3,
      byInputs: 3,
      byRender: 0,
      affected: [],
      unproved: [],
      carried: [],
      sameSettings: true,
    };
    expect(await open.plan()).toMatchObject({ reach: { orgs: 0, orgsInFleet: 3 }, untouched: nothing });
    fleet.edit('fleet.yaml', 'onExpired: block', 'onExpired: keep-serving');
    fleet.edit('orgs/birch/org.yaml', "limit: '100.00'", "limit: '90.00'");
    await fleet.save('settings, and a limit');
    const planned = await open.plan();
    expect(planned.reach).toMatchObject({ orgs: 3, gateways: 3, wallets: 1 });
    expect(planned.reach?.money).toEqual([{ currency: 'USD', upMicros: 0n, downMicros: 10_000_000n }]);
    const compared = { ...nothing, compared: 2, byInputs: 0, byRender: 2, sameSettings: false };
    expect(planned.untouched).toEqual({ ...compared, carried: [ALDER, CLOVE] });
    const one = await plan(await open.parts(), { commit: fleet.head(), orgs: [BIRCH] });
    expect([one.reach, one.untouched]).toEqual([{ ...planned.reach, orgs: 1, gateways: 1 }, null]);
  });

  it('is held where what all share cannot be read, and takes nothing of it away', async () => {
    const before = await fingerprint(open, FLEET_ORG);
    fleet.write(fleet.git('ls-files', 'prices'), 'spec: [');
    fleet.commit('a price book that does not parse');
    const planned = await open.plan();
    expect([planned.fleet.plans, [...planned.held.keys()]]).toEqual([[], [FLEET_ORG]]);
    expect(planned.untouched).toMatchObject({ compared: 3, byInputs: 0, byRender: 0, carried: [] });
    expect(planned.untouched?.unproved).toHaveLength(3);
    expect(await open.apply()).toMatchObject({ ok: false, published: [] });
    expect(await fingerprint(open, FLEET_ORG)).toEqual(before);
  });

  it('does work in proportion to the change', async () => {
    const unchanged = await open.plan();
    // fleet.yaml and the price book are read; of the orgs, heads alone.
    expect(unchanged.counters).toMatchObject({ orgsRendered: 0, orgs: 0, blobsRead: 2, headsCompared: 4 });
    const base = fleet.head();
    const head = await raiseLimit();
    expect((await open.plan()).counters).toMatchObject({ orgs: 1, orgsRendered: 1 });
    // One org, rendered on both sides.
    expect((await open.diff(base, head)).counters).toMatchObject({ orgs: 1, orgsRendered: 2 });
    expect((await open.diff(head, head)).counters).toMatchObject({ orgs: 0, orgsRendered: 0 });
  });

  it('gives a published tree that a gateway of the org believes, and only that one', async () => {
    await raiseLimit();
    await open.apply();
    const uid = await open.uidOf(ALDER);
    const target = await verified(fleet, open, ALDER);
    expect(target).toMatchObject({
      kind: 'candidate',
      target: { custom: { org: uid, generation: 2, fleet: 'test-fleet' } },
    });
    await expect(verified(fleet, open, ALDER, { as: BIRCH })).rejects.toMatchObject({
      code: expect.stringMatching(/^TRUST_/),
    });
  });
});

/** What a gateway that pinned the org's first root makes of the published files. */
async function verified(on: TestFleet, opened: OpenFleet, org: OrgSlug, how: { readonly as?: OrgSlug } = {}) {
  const uid = await opened.uidOf(org);
  const root = await readRoot(opened.state.publisher, uid, 1);
  if (root === undefined) throw new Error('expected a root');
  const verifier = await openVerifier({
    stateDir: join(on.dir, '.tenantry', `verifier-${org}`),
    identity: { fleet: 'test-fleet', orgUid: await opened.uidOf(how.as ?? org), gateway: 'desk-production' },
    root: root.bytes,
    fetcher: {
      async get(path) {
        const bytes = await opened.state.publisher.get(uid, path);
        return bytes === undefined ? { status: 404 } : { status: 200, bytes, etag: null };
      },
    },
    nowMs: () => START_MS,
    hash: nodeHash,
  });
  return verifier.poll();
}

describe('digests', () => {
  it('survive a squash: other commits of the same content have the same change digest', async () => {
    const base = fleet.head();
    const head = await raiseLimit();
    const reviewed = await open.diff(base, head);
    fleet.git('reset', '-q', '--soft', base);
    const squashed = fleet.commit('squashed', OTTO);
    expect(squashed).not.toBe(head);
    const again = await open.diff(base, squashed);
    expect(again.changeDigest).toBe(reviewed.changeDigest);
    const planned = await open.plan();
    expect(planned.fleet.changeDigest).toBe(reviewed.changeDigest);
  });

  it('tell the same change at another generation of the store apart', async () => {
    await raiseLimit('150.00');
    const first = await open.plan();
    await open.apply();
    await raiseLimit2('150.00', '100.00');
    await open.apply();
    await raiseLimit2('100.00', '150.00');
    const third = await open.plan();
    expect(third.fleet.changeDigest).toBe(first.fleet.changeDigest);
    expect(third.fleet.planDigest).not.toBe(first.fleet.planDigest);
    expect((await open.headOf(ALDER)).generation).toBe(3);
  });

  async function raiseLimit2(from: string, to: string): Promise<void> {
    fleet.edit(limitOf(ALDER), `limit: '${from}'`, `limit: '${to}'`);
    await fleet.save(`${from} to ${to}`);
  }
});

describe('what is kept', () => {
  it('keeps who, which commit and which digests in a chain that verifies', async () => {
    const head = await raiseLimit('120.00', OTTO);
    const planned = await open.plan();
    await open.apply();
    const [newest, first] = await open.state.store.history(ALDER, { limit: 10 });
    expect(newest).toMatchObject({
      actor: OTTO,
      action: 'apply',
      generation: 2,
      commit: head,
      changeDigest: planned.fleet.plans[0]?.changeDigest,
      planDigest: planned.fleet.plans[0]?.planDigest,
      detail: { subject: 'desk may spend 120.00' },
    });
    expect(first).toMatchObject({ actor: ANA, generation: 1 });
    expect(newest?.previous).toBe(first?.hash);
    expect(await open.state.store.verifyHistory(ALDER)).toBeNull();
    expect(() => open.sql("UPDATE history SET actor = 'nobody' WHERE org = ?", ALDER)).toThrow(/append-only/);
  });

  it('adds a policy version only for the policy that changed', async () => {
    await raiseLimit();
    await open.apply();
    expect(await open.state.store.policyVersions(ALDER, { limit: 10 })).toMatchObject([{ version: 1, generation: 1 }]);
    fleet.edit(limitOf(ALDER), '    review:', '    confidential: { terms: [Project Heron] }\n    review:');
    const head = await fleet.save('confidential terms', OTTO);
    await open.apply();
    const [version] = await open.state.store.policyVersions(ALDER, { limit: 10 });
    expect(version).toMatchObject({ version: 2, generation: 3, commit: head, author: OTTO, environment: 'production' });
    expect(version?.changeDetail).toContain('Project Heron');
  });
});

const manifest = (kind: string, org: string, name: string, spec: string): string =>
  `apiVersion: tenantry/v1\nkind: ${kind}\nmetadata: { org: ${org}, name: ${name} }\nspec: ${spec}\n`;

const EXPIRES = "expires: '2027-03-01T00:00:00Z'";

/** One edit per kind of object, as a person or a command makes it. */
const EDITS: readonly {
  readonly kind: ObjectId['kind'];
  readonly org: OrgSlug;
  readonly edit: (on: TestFleet) => unknown;
}[] = [
  {
    kind: 'Fleet',
    org: FLEET_ORG,
    edit: (on) => on.edit('fleet.yaml', 'displayName: Test fleet', 'displayName: Renamed'),
  },
  { kind: 'PriceBook', org: FLEET_ORG, edit: (on) => on.edit('prices/default.yaml', "'0.60'", "'0.70'") },
  { kind: 'Organization', org: ALDER, edit: (on) => on.edit(limitOf(ALDER), 'alder Trading', 'Alder Trading Ltd') },
  { kind: 'Team', org: ALDER, edit: (on) => on.edit(limitOf(ALDER), 'members: [', 'members: [second@alder.example, ') },
  { kind: 'Wallet', org: ALDER, edit: (on) => on.edit(limitOf(ALDER), "'500.00'", "'600.00'") },
  { kind: 'Token', org: ALDER, edit: (on) => on.edit(limitOf(ALDER), '{ name: app,', `{ name: app, ${EXPIRES},`) },
  {
    kind: 'Policy',
    org: ALDER,
    edit: (on) => on.edit(limitOf(ALDER), '    review:', '    confidential: { terms: [Heron] }\n    review:'),
  },
  { kind: 'Gateway', org: ALDER, edit: (on) => on.edit(limitOf(ALDER), '127.0.0.1:41000', '127.0.0.1:41900') },
  { kind: 'Review', org: ALDER, edit: (on) => on.edit(limitOf(ALDER), 'review: { ', 'review: { slaMinutes: 30, ') },
  {
    kind: 'Wallet',
    org: ALDER,
    edit: (on) =>
      on.write(
        'orgs/alder/overlays/cap.yaml',
        manifest(
          'Overlay',
          'alder',
          'cap',
          "{ target: { kind: Wallet, name: desk }, reason: spring cap, patches: [{ op: replace, path: /spec/limit, was: '100.00', value: '60.00' }] }",
        ),
      ),
  },
  {
    kind: 'Waiver',
    org: ALDER,
    edit: (on) =>
      on.write(
        'orgs/alder/waivers/far.yaml',
        manifest(
          'Waiver',
          'alder',
          'far',
          `{ code: TOKEN_EXPIRES_FAR, object: Token/app, found: [x], owner: '@msp/operators', approvers: ['@msp/platform'], reason: firmware, ${EXPIRES} }`,
        ),
      ),
  },
  {
    kind: 'Pin',
    org: ALDER,
    edit: (on) =>
      on.write(
        'orgs/alder/pins/hold.yaml',
        manifest('Pin', 'alder', 'hold', `{ generation: 1, reason: incident, ${EXPIRES} }`),
      ),
  },
  {
    kind: 'Credentials',
    org: ALDER,
    edit: async (on) => {
      const { repository, write } = await wireRepository(on.dir);
      const tree = repository.workTree();
      const issued = await issueToken(
        { tree, write, clock: { nowMs: () => START_MS }, random: nodeRandom },
        ALDER,
        'app',
      );
      expect(issued.ok).toBe(true);
    },
  },
];

describe('apply twice', () => {
  it('is zero operations after one change of each kind of object', async () => {
    const everything = () => Promise.all([...ORGS, FLEET_ORG].map((item) => fingerprint(open, item)));
    for (const { kind, org, edit } of EDITS) {
      await edit(fleet);
      await fleet.save(`one ${kind}`);
      const planned = await open.plan();
      const mine = planned.fleet.plans.filter((item) => item.org === org);
      const kinds = mine.flatMap((item) => item.changes.map((change) => change.key.split('/')[0]));
      expect([kind, kinds.includes(kind)]).toEqual([kind, true]);
      expect([kind, (await open.apply()).ok]).toEqual([kind, true]);

      const rows = await everything();
      const files = publishedFiles(fleet);
      expect([kind, (await open.plan()).fleet.plans]).toEqual([kind, []]);
      expect([kind, await open.apply()]).toMatchObject([kind, { ok: true, orgs: [], published: [] }]);
      expect([kind, await everything()]).toEqual([kind, rows]);
      expect(publishedFiles(fleet)).toEqual(files);
    }
  }, 60_000);

  it('is zero operations after a template is pinned anew', async () => {
    fleet.edit(limitOf(ALDER), 'msp-standard@1.0.0', 'msp-standard@1.1.0');
    await fleet.save('upgrade');
    const first = await open.apply();
    expect(first).toMatchObject({ ok: true, orgs: [{ org: ALDER, outcome: 'applied' }] });
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
  });
});

describe('prices', () => {
  it('reach the bundles of every org whose policy names the model, and of no other', async () => {
    fleet.edit('prices/default.yaml', "inputPerMillion: '0.15'", "inputPerMillion: '0.25'");
    await fleet.save('dearer');
    const report = await open.apply();
    expect(report.ok).toBe(true);
    expect(report.published.map((item) => [item.org, item.changed])).toEqual(
      ORGS.map((org) => [org, ['desk-production']]),
    );
    expect((await open.headOf(BIRCH)).generation).toBe(2);
    fleet.edit('prices/default.yaml', "inputPerMillion: '3.00'", "inputPerMillion: '4.00'");
    await fleet.save('dearer elsewhere');
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [{ org: FLEET_ORG }], published: [] });
    expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
    expect((await open.headOf(BIRCH)).generation).toBe(2);
  });

  it('that no bundle can be made of are said, not remembered as done', async () => {
    fleet.edit(limitOf(BIRCH), 'spec:', '# one word more\nspec:');
    fleet.commit('only words');
    open.sql(
      `UPDATE objects SET document = replace(document, '"from":"2', '"from":"x') WHERE org = ? AND kind = 'PriceBook'`,
      FLEET_ORG,
    );
    for (const _ of ['at once', 'and as long as it is so']) {
      const report = await open.apply({ orgs: [BIRCH] });
      expect(report).toMatchObject({ ok: false, orgs: [] });
      expect(report.published).toMatchObject([{ org: BIRCH, generation: 2, findings: [{ code: 'BUNDLE_VALUE' }] }]);
    }
  });
});
