import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, type TestFleet } from './fleet.testkit.ts';

// `tenantry waiver add|list` as whole processes, and what `check` makes of what they wrote.

let fleet: TestFleet;
beforeAll(async () => {
  buildCli();
  // Far enough that every token's expiry is a finding.
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 500 * 86_400_000) });
});
afterAll(() => fleet.destroy());
afterEach(() => {
  fleet.git('reset', '-q', '--hard');
  fleet.git('clean', '-qfd');
});

const FAR = [
  '--code',
  'TOKEN_EXPIRES_FAR',
  '--object',
  'Token/app',
  '--owner',
  '@msp/ana',
  '--reason',
  'fixed firmware',
];
const add = (target: string, ...flags: readonly string[]) => fleet.run(['waiver', 'add', target, ...flags]);
const open = (): readonly string[] =>
  JSON.parse(fleet.run(['check', '--org', 'alder', '--format', 'json']).stdout)
    .findings.filter(({ waived }: { waived?: object }) => waived === undefined)
    .map(({ code, object }: { code: string; object: string }) => `${code} ${object}`);

describe('waiver', () => {
  it('add writes a manifest that accepts the finding, and list shows it with what is left', () => {
    expect(open()).toContain('TOKEN_EXPIRES_FAR Token/app');
    const added = add('alder/app-key', ...FAR, '--approver', '@msp/platform', '--days', '30');
    expect([added.status, added.stderr]).toEqual([0, '']);
    expect(added.stdout).toContain('orgs/alder/waivers/app-key.yaml');
    expect(open()).not.toContain('TOKEN_EXPIRES_FAR Token/app');
    const listed = JSON.parse(fleet.run(['waiver', 'list', '--format', 'json']).stdout).waivers;
    expect(listed).toMatchObject([
      { org: 'alder', name: 'app-key', code: 'TOKEN_EXPIRES_FAR', severity: 'medium', object: 'Token/app' },
    ]);
    expect(listed[0].file).toBe('orgs/alder/waivers/app-key.yaml');
    const table = fleet.run(['waiver', 'list']).stdout;
    expect(table).toMatch(/ORG +CODE +OBJECT +OWNER +UNTIL +LEFT +REASON\n/);
    expect(table).toMatch(/alder +TOKEN_EXPIRES_FAR +Token\/app +@msp\/ana +\S+ +(29|30) days +fixed firmware/);
    expect(fleet.run(['waiver', 'list', '--org', 'birch']).stdout).toMatch(/No waivers/);
  });

  it.each([
    ['an org that is not there', 'nobody/x', FAR, 'ORG_UNKNOWN'],
    ['a code that no finding has', 'alder/x', ['--code', 'TOKEN_FAR', ...FAR.slice(2)], 'WAIVER_UNKNOWN_CODE'],
    [
      'an object that is not there',
      'alder/x',
      [...FAR.slice(0, 2), '--object', 'Token/none', ...FAR.slice(4)],
      'OBJECT_UNKNOWN',
    ],
    ['an owner that is none', 'alder/x', [...FAR.slice(0, 4), '--owner', 'ana smith', ...FAR.slice(6)], 'FIELD_'],
  ])('add refuses %s, and writes nothing', (_, target, flags, code) => {
    const ran = add(target, ...flags);
    expect([ran.status, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(new RegExp(`^${code}`));
    expect(fleet.git('status', '--porcelain')).toBe('');
  });

  it('add wants a plain name', () => {
    expect(add('alder/X_1', ...FAR)).toMatchObject({ status: 64, stdout: '', stderr: expect.stringMatching(/^USAGE/) });
  });

  it('add does not write over another waiver', () => {
    add('alder/app-key', ...FAR);
    const before = fleet.read('orgs/alder/waivers/app-key.yaml');
    expect(add('alder/app-key', ...FAR, '--days', '200').stderr).toMatch(/^WAIVER_EXISTS/);
    expect(fleet.read('orgs/alder/waivers/app-key.yaml')).toBe(before);
  });

  it('list puts the one that ends first in front, and says which is over', () => {
    add('birch/later', ...FAR, '--days', '60');
    add('alder/sooner', ...FAR, '--days', '20');
    fleet.write(
      'orgs/clove/waivers/gone.yaml',
      fleet
        .read('orgs/alder/waivers/sooner.yaml')
        .replace('org: alder', 'org: clove')
        .replace('name: sooner', 'name: gone')
        .replace(/expires: .*/, "expires: '2026-01-01T00:00:00Z'"),
    );
    const lines = fleet.run(['waiver', 'list']).stdout.trim().split('\n').slice(1);
    expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(['clove', 'alder', 'birch']);
    expect(lines[0]).toContain(' over ');
  });
});
