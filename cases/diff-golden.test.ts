import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CommitId } from '../src/core/model/index.ts';
import { ALDER, CLOVE, createFleet, orgYaml, ROOT, type TestFleet } from './fleet.testkit.ts';
import { commentOf, editYaml, generatedFleet, slugOf } from './worlds.testkit.ts';

// What a reviewer reads of a pull request, stored as it is: `npm run bless` rewrites it.

let fleet: TestFleet | undefined;
afterEach(() => fleet?.destroy());

async function expectComment(name: string, world: TestFleet, base: CommitId): Promise<string> {
  const text = await commentOf(world, base);
  const file = join(ROOT, 'cases/golden', name, 'comment.md');
  if (process.env['UPDATE_DOCS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
  return text.split('\n').slice(0, 10).join('\n');
}

const alder = `orgs/${ALDER}/org.yaml`;

test('one line of a wallet', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.edit(alder, "limit: '100.00'", "limit: '150.00'");
  await fleet.save('raise');
  const top = await expectComment('wallet-limit', fleet, base);
  expect(top).toContain('monthly limit 100.00 -> 150.00 USD (+50 %)');
  expect(top).toContain('compared 2 orgs: 2 by input digest, 0 by render');
});

test('a new org', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.write('orgs/dill/org.yaml', orgYaml('dill', '2027-09-30T00:00:00Z', 41_010));
  await fleet.save('onboard');
  const top = await expectComment('new-org', fleet, base);
  expect(top).toContain('1 of 4 (25 %): dill');
  expect(top).toContain('+600.01 USD');
});

test('an offboarding', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.remove(`orgs/${CLOVE}`);
  await fleet.save('offboard');
  const top = await expectComment('offboarding', fleet, base);
  expect(top).toContain('token app of team desk deleted');
  expect(top).toContain('`ORG_OFFBOARDED:clove`');
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
  const top = await expectComment('template-upgrade', fleet, base);
  expect(top).toContain('300 of 303 (99 %)');
  expect(top).toContain('3 differ: org-00010, org-00020, org-00030');
  expect(top).toContain('(org-00010)');
  expect(top).toContain('token helpdesk-test of team support deleted');
  expect(top).toContain('compared 3 orgs: 3 by input digest');
});

test('a reference into another org', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  fleet.edit(alder, 'team: desk, wallet: desk, gateways', 'team: desk, wallet: birch-desk, gateways');
  await fleet.save('a wallet of another org');
  const top = await expectComment('cross-org-reference', fleet, base);
  expect(top).toContain('ISO_I03_TOKEN_CROSSES_ORG');
});

test('a loosened floor', async () => {
  fleet = await createFleet();
  fleet.edit(alder, 'msp-standard@1.0.0', 'msp-standard@1.1.0');
  const base = await fleet.save('upgraded');
  fleet.edit(alder, 'msp-standard@1.1.0', 'msp-standard@1.0.0');
  await fleet.save('back');
  const top = await expectComment('loosened-floor', fleet, base);
  expect(top).toContain('FLOOR_LOOSENED');
});

test('a leaked secret', async () => {
  fleet = await createFleet();
  const base = fleet.head();
  const secret = `sk-${'a1'.repeat(12)}`;
  fleet.edit(alder, 'review: {', `confidential: { terms: ['${secret}', Larkspur] }\n    review: {`);
  await fleet.save('a key among the terms');
  const top = await expectComment('leaked-secret', fleet, base);
  expect(top).toContain('POLICY_LITERAL_SECRET');
  expect(await commentOf(fleet, base)).not.toContain('a1a1');
});
