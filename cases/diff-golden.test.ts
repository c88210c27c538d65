import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CommitId } from '../src/core/model/index.ts';
import { approveChange, offboardOrg } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, CLOVE, createFleet, HOUR_MS, OTTO, orgYaml, ROOT, START_MS, type TestFleet } from './fleet.testkit.ts';
import { commentOf, diffOf, editYaml, generatedFleet, slugOf } from './worlds.testkit.ts';

// What a reviewer reads of a pull request, stored as it is: `npm run bless` rewrites it.

/** What a reviewer wants to know of each of these changes: it must stand in the first ten lines. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'wallet-limit': [
    'wallet desk: monthly limit 100.00 -> 150.00 USD (+50 %) (alder)',
    'compared 2 orgs: 2 by input digest',
  ],
  'new-org': ['1 of 4 (25 %): dill', 'limits +600.01 USD', 'new gateway desk-production (production)', 'none open'],
  offboarding: [
    'ORG_OFFBOARDED:clove',
    'limits -600.01 USD',
    'token app of team desk deleted',
    'high `ISO_I55_ORG_WITHOUT_TOMBSTONE`: org clove is gone and its uid is not kept from use',
  ],
  retirement: [
    'the org is retired, 2027-01-04T09:00:00Z: 1 gateway and 3 tokens end (clove)',
    '`GATEWAY_REMOVED:Gateway/production/desk-production`',
  ],
  'retired-offboarding': ['**Hazards**: ', 'ORG_OFFBOARDED:clove', 'limits -600.01 USD'],
  'approved-hazard': [
    'none open; 6 approved by `@msp/otto` (`approvals/',
    'limits -600.01 USD',
    'ISO_I55_ORG_WITHOUT_TOMBSTONE',
  ],
  'template-upgrade': [
    '300 of 303 (99 %); 3 differ: org-00010, org-00020, org-00030',
    'wallet org: monthly limit 12000.00 -> 15000.00 USD (+25 %) (org-00010)',
    'token helpdesk-test of team support deleted',
    'member new@',
    'global_rate_limit.max_requests 600 -> 300 (-50 %) (300 orgs)',
    '`CAMPAIGN:_fleet`',
    'compared 3 orgs: 3 by input digest',
  ],
  'cross-org-reference': [
    'critical `ISO_I03_TOKEN_CROSSES_ORG`: wallet "birch-desk" reaches into org birch (`orgs/alder/org.yaml:41:42`)',
    'compared 2 orgs',
  ],
  'loosened-floor': [
    '`TEMPLATE_LOOSENS:Gateway/production/desk-production`',
    'requests per minute 300 -> 600 (+100 %) (alder)',
  ],
  'leaked-secret': [
    'critical `POLICY_LITERAL_SECRET`: The document holds a secret. (`orgs/alder/org.yaml:42:29`)',
    'blocked_terms: (not shown), Larkspur added (alder)',
  ],
};
/** So much of a comment is seen without scrolling, where lines wrap. */
const MOST_HEAD_CHARS = 2500;

let fleet: TestFleet | undefined;
afterEach(() => {
  fleet?.destroy();
  fleet = undefined;
}, 120_000);

async function expectComment(name: string, world: TestFleet, base: CommitId): Promise<void> {
  const text = await commentOf(world, base);
  const file = join(ROOT, 'cases/golden', name, 'comment.md');
  if (process.env['UPDATE_DOCS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
}

const alder = `orgs/${ALDER}/org.yaml`;

test('one line of a wallet', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.edit(alder, "limit: '100.00'", "limit: '150.00'");
  await fleet.save('raise');
  await expectComment('wallet-limit', fleet, base);
});

test('a new org', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.write('orgs/dill/org.yaml', orgYaml('dill', '2027-09-30T00:00:00Z', 41_010));
  await fleet.save('onboard');
  await expectComment('new-org', fleet, base);
});

test('an offboarding', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.remove(`orgs/${CLOVE}`);
  await fleet.save('offboard');
  await expectComment('offboarding', fleet, base);
});

test('the two steps of an offboarding', async () => {
  const at = await createFleet();
  fleet = at;
  const step = async (): Promise<CommitId> => {
    const { repository, write } = await wireRepository(at.dir);
    const host = { hash: nodeHash, clock: { nowMs: () => START_MS }, zoneOffset: nodeZoneOffset };
    const parts = { repository, write, ...host, applied: null };
    expect(await offboardOrg(parts, CLOVE)).toMatchObject({ ok: true });
    return at.commit('step');
  };
  const base = at.head();
  const retired = await step();
  await expectComment('retirement', at, base);
  await step();
  await expectComment('retired-offboarding', at, retired);
});

test('an offboarding that a platform owner approved', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.remove(`orgs/${CLOVE}`);
  const head = await fleet.save('offboard');
  const { repository, write } = await wireRepository(fleet.dir);
  const { changeDigest: digest } = await diffOf(fleet, base, head);
  const who = { approver: '@msp/otto', reason: 'the contract ended', expiresMs: START_MS + HOUR_MS };
  await approveChange(
    { repository, hash: nodeHash, clock: { nowMs: () => START_MS }, write },
    { digest, base, head, ...who },
  );
  fleet.commit('approve', OTTO);
  await expectComment('approved-hazard', fleet, base);
});

test('a template upgrade over 300 orgs with three that differ', { timeout: 120_000 }, async () => {
  fleet = await generatedFleet(303);
  const base = fleet.head();
  for (let index = 1; index <= 300; index += 1) {
    fleet.edit(`orgs/${slugOf(index)}/org.yaml`, 'msp-standard@1.0.0', 'msp-standard@1.1.0');
  }
  editYaml(fleet, `orgs/${slugOf(10)}/org.yaml`, ({ spec }) => {
    spec.inputs.wallets.orgLimit = '15000.00';
  });
  editYaml(fleet, `orgs/${slugOf(20)}/org.yaml`, ({ spec }) => {
    spec.inputs.tokens = spec.inputs.tokens.filter(({ name }: { name: string }) => name !== 'helpdesk-test');
  });
  editYaml(fleet, `orgs/${slugOf(20)}/credentials.yaml`, ({ spec }) => {
    spec.tokens = spec.tokens.filter(({ token }: { token: string }) => token !== 'helpdesk-test');
  });
  editYaml(fleet, `orgs/${slugOf(30)}/org.yaml`, ({ spec }) => {
    spec.inputs.teams[1].members.push(`new@${spec.domains[0]}`);
  });
  await fleet.save('upgrade');
  await expectComment('template-upgrade', fleet, base);
});

test('a reference into another org', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.edit(alder, 'team: desk, wallet: desk, gateways', 'team: desk, wallet: birch-desk, gateways');
  await fleet.save('a wallet of another org');
  await expectComment('cross-org-reference', fleet, base);
});

test('a loosened floor', async () => {
  fleet = await createFleet();
  fleet.edit(alder, 'msp-standard@1.0.0', 'msp-standard@1.1.0');
  const base = await fleet.save('upgraded');
  fleet.edit(alder, 'msp-standard@1.1.0', 'msp-standard@1.0.0');
  await fleet.save('back');
  await expectComment('loosened-floor', fleet, base);
});

test('a leaked secret', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  const secret = `sk-${'a1'.repeat(12)}`;
  fleet.edit(alder, 'review: {', `confidential: { terms: ['${secret}', Larkspur] }\n    review: {`);
  await fleet.save('a key among the terms');
  await expectComment('leaked-secret', fleet, base);
  expect(await commentOf(fleet, base)).not.toContain('a1a1');
});

test.each(Object.entries(ANSWERS))('the comment of %s answers in its first ten lines', (name, answers) => {
  const top = readFileSync(join(ROOT, 'cases/golden', name, 'comment.md'), 'utf8')
    .split('\n')
    .slice(0, 10)
    .join('\n');
  for (const answer of answers) expect(top).toContain(answer);
  expect(top.length).toBeLessThan(MOST_HEAD_CHARS);
});

test('every comment has an answer', () => {
  expect(readdirSync(join(ROOT, 'cases/golden')).sort()).toEqual(Object.keys(ANSWERS).sort());
});
