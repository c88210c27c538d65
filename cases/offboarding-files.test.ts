import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/list/index.ts';
import { check, issueToken, type Offboarding, type Outcome, offboardOrg, render } from '../src/flows/index.ts';
import { nodeHash, nodeRandom, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, createFleet, START_MS, type TestFleet } from './fleet.testkit.ts';

// What an offboarding writes, and what it leaves alone, in repositories that have more than the usual.

const clock = { nowMs: () => START_MS };
const RETIRED = '2027-01-04T09:00:00Z';
let fleet: TestFleet;

beforeEach(async () => {
  fleet = await createFleet();
});
afterEach(() => fleet.destroy());

async function offboard(): Promise<Outcome<Offboarding>> {
  const { repository, write } = await wireRepository(fleet.dir);
  return offboardOrg({ repository, write, hash: nodeHash, clock, zoneOffset: nodeZoneOffset, applied: null }, ALDER);
}

async function done(): Promise<Offboarding> {
  const made = await offboard();
  if (!made.ok) throw new Error(`${made.code}: ${made.message}`);
  return made.value;
}

async function found(base: string): Promise<readonly string[]> {
  const { repository } = await wireRepository(fleet.dir);
  const commit = await repository.resolve(base);
  if (commit === undefined) throw new Error('expected a commit');
  const parts = { repository, hash: nodeHash, clock, zoneOffset: nodeZoneOffset, cache: null, threads: null };
  const ask = { tree: repository.workTree(), touched: null, orgs: null, base: repository.treeAt(commit) };
  return (await check(parts, ask)).findings.map(({ code, place }) => `${code} ${place.file}`);
}

const manifest = (kind: string, metadata: string, spec: string): string =>
  `apiVersion: tenantry/v1\nkind: ${kind}\nmetadata: { org: alder, ${metadata} }\nspec: ${spec}\n`;
const overlay = (name: string, target: string, patch: string): void =>
  fleet.write(
    `orgs/alder/overlays/${name}.yaml`,
    manifest('Overlay', `name: ${name}`, `{ target: { ${target} }, reason: agreed, patches: [${patch}] }`),
  );
const WAIVER = `{ code: TOKEN_EXPIRES_FAR, object: Token/app, found: ['2027-09-30T00:00:00Z'], owner: '@msp/operators', approvers: ['@msp/platform'], reason: firmware, expires: '2027-03-01T00:00:00Z' }`;
const exists = (path: string): boolean => existsSync(join(fleet.dir, path));

describe('retiring', () => {
  test('takes away what was written by hand for tokens and gateways, and nothing else', async () => {
    overlay('cap', 'kind: Wallet, name: desk', "{ op: replace, path: /spec/limit, was: '100.00', value: '60.00' }");
    overlay(
      'rate',
      'kind: Gateway, name: desk-production, environment: production',
      '{ op: replace, path: /spec/limits/concurrentRequests, was: 32, value: 16 }',
    );
    const spec = `{ owner: lead@alder.example, team: desk, wallet: desk, gateways: [desk-production], scopes: [chat], expires: '2027-06-01T00:00:00Z', rotationOverlapHours: 1 }`;
    fleet.write('orgs/alder/custom/extra.yaml', manifest('Token', 'name: extra', spec));
    fleet.write('orgs/alder/waivers/far.yaml', manifest('Waiver', 'name: far', WAIVER));
    const { repository, write } = await wireRepository(fleet.dir);
    const issuing = { tree: repository.workTree(), write, clock, random: nodeRandom };
    expect(await issueToken(issuing, ALDER, 'app')).toMatchObject({ ok: true });
    await fleet.save('more than the usual');
    const base = fleet.head();
    const { written, removed, retired } = await done();
    expect([written, retired]).toEqual([['orgs/alder/org.yaml'], RETIRED]);
    expect(removed.toSorted()).toEqual([
      'orgs/alder/credentials.yaml',
      'orgs/alder/custom/extra.yaml',
      'orgs/alder/gateways/production/desk-production.yaml',
      'orgs/alder/overlays/rate.yaml',
      'orgs/alder/tokens/app.yaml',
      'orgs/alder/tokens/console.yaml',
      'orgs/alder/tokens/probe.yaml',
    ]);
    expect([exists('orgs/alder/overlays/cap.yaml'), exists('orgs/alder/waivers/far.yaml')]).toEqual([true, true]);
    // Nothing is left that the waiver could excuse: that is said, and fails nothing.
    expect(await found(base)).toEqual(['WAIVER_UNUSED orgs/alder/waivers/far.yaml']);
    const head = fleet.commit('retire');
    await done();
    // Waivers of an org that goes go in the same change.
    expect([exists('orgs/alder'), await found(head)]).toEqual([false, []]);
  });

  test('is refused with nothing written while a pin holds a gateway: it is the platform team’s', async () => {
    const pin = `{ gateway: desk-production, generation: 1, reason: incident, expires: '2027-03-01T00:00:00Z' }`;
    fleet.write('orgs/alder/pins/hold.yaml', manifest('Pin', 'name: hold', pin));
    await fleet.save('a pin');
    expect(await offboard()).toMatchObject({
      ok: false,
      code: 'OFFBOARD_PINNED',
      message: expect.stringContaining(
        'found orgs/alder/pins/hold.yaml of desk-production until 2027-03-01T00:00:00Z; have the platform team remove it',
      ),
    });
    expect(fleet.git('status', '--porcelain')).toBe('');
  });

  test.each<readonly [string, () => void, string]>([
    [
      'a generated file is stale',
      () => fleet.edit('orgs/alder/wallets/desk.yaml', '"100.00"', '"7.00"'),
      'GENERATED_STALE',
    ],
    ['the org does not render', () => fleet.edit('orgs/alder/org.yaml', 'timeZone:', 'zone:'), 'INPUT_INVALID'],
    [
      'the blank lines at the end of org.yaml are a part of its last value',
      () => {
        const text = fleet.read('orgs/alder/org.yaml');
        fleet.write(
          'orgs/alder/org.yaml',
          `${text}    confidential:\n      terms:\n        - |+\n          Heron\n\n\n`,
        );
      },
      'OFFBOARD_UNEDITABLE',
    ],
  ])('is refused with nothing written where %s', async (_, edit, code) => {
    edit();
    if (code === 'OFFBOARD_UNEDITABLE') await fleet.render();
    fleet.commit('edit');
    expect(await offboard()).toMatchObject({ ok: false, code });
    expect(fleet.git('status', '--porcelain')).toBe('');
  });

  test('is taken back by taking the line out; secrets have to be issued anew', async () => {
    const before = fleet.git('rev-parse', 'HEAD:orgs/alder');
    await done();
    fleet.commit('retire');
    fleet.edit('orgs/alder/org.yaml', `  retired: '${RETIRED}'\n`, '');
    const { repository, write } = await wireRepository(fleet.dir);
    await render(nodeHash, { tree: repository.workTree(), orgs: null, write });
    fleet.commit('serve again');
    expect(fleet.git('rev-parse', 'HEAD:orgs/alder')).toBe(before);
    expect(await found('HEAD')).toEqual([]);
  });
});

describe('removing', () => {
  test('leaves no ring with the org, and keeps the comments and the others of fleet.yaml', async () => {
    fleet.edit(
      'fleet.yaml',
      '  rings:\n',
      `  retiredOrgs:
    # The first that left.
    - { uid: zzzzz000000000000009, org: zebra, retired: '2026-01-01T00:00:00Z' }
  rings:
    - { name: early, soakMinutes: 0, orgs: [birch, alder] } # friends
    - name: only
      orgs: [alder]
      soakMinutes: 5
`,
    );
    await fleet.save('rings');
    const before = fleet.read('fleet.yaml');
    await done();
    const base = fleet.commit('retire');
    expect((await done()).written).toEqual(['fleet.yaml']);
    expect(fleet.read('fleet.yaml')).toBe(
      before
        .replace(
          "'2026-01-01T00:00:00Z' }\n",
          (line) => `${line}    - { uid: alder000000000000001, org: alder, retired: '${RETIRED}' }\n`,
        )
        .replace('[birch, alder]', '[birch]')
        .replace('      orgs: [alder]\n', ''),
    );
    expect(await found(base)).toEqual([]);
  });

  test('tells of commands that exist', async () => {
    await done();
    fleet.commit('retire');
    const named = (await done()).steps.flatMap(({ commands }) =>
      commands.filter((line) => line.startsWith('tenantry ')),
    );
    const usages = COMMANDS.map(({ usage }) => usage.replace(/ [<[].*/, ''));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((line) => !usages.some((usage) => line.startsWith(`tenantry ${usage}`)))).toEqual([]);
  });

  test('adds no second entry where somebody wrote it by hand', async () => {
    await done();
    fleet.edit(
      'fleet.yaml',
      '  rings:\n',
      `  retiredOrgs: [{ uid: alder000000000000001, org: alder, retired: '${RETIRED}' }]\n  rings:\n`,
    );
    const base = fleet.commit('retire, and keep the name');
    await done();
    expect(fleet.read('fleet.yaml').match(/alder/g)).toHaveLength(2);
    expect(await found(base)).toEqual([]);
  });
});
