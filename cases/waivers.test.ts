import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, type TestFleet } from './fleet.testkit.ts';

// `tenantry waiver add|list` as whole processes, and what `check` makes of what they wrote.

/** Far enough that every token's expiry is a finding. */
const FAR_DATE = instantText(Date.now() + 500 * 86_400_000);

let fleet: TestFleet;
beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: FAR_DATE });
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
  '--approver',
  '@msp/platform',
];
const add = (target: string, ...flags: readonly string[]) => fleet.run(['waiver', 'add', target, ...flags]);
const open = (): readonly string[] =>
  JSON.parse(fleet.run(['check', '--org', 'alder', '--format', 'json']).stdout)
    .findings.filter(({ waived }: { waived?: object }) => waived === undefined)
    .map(({ code, object }: { code: string; object: string }) => `${code} ${object}`);

describe('waiver', () => {
  it('add writes a manifest that accepts the finding, and list shows it with what is left', () => {
    expect(open()).toContain('TOKEN_EXPIRES_FAR Token/app');
    const added = add('alder/app-key', ...FAR, '--days', '30');
    expect([added.status, added.stderr]).toEqual([0, '']);
    expect(added.stdout).toContain('orgs/alder/waivers/app-key.yaml');
    expect(open()).not.toContain('TOKEN_EXPIRES_FAR Token/app');
    const other = add('birch/app-key', ...FAR, '--format', 'json');
    expect(JSON.parse(other.stdout)).toEqual({
      schema: 'tenantry/waiver/v1',
      org: 'birch',
      name: 'app-key',
      file: 'orgs/birch/waivers/app-key.yaml',
    });
    fleet.remove('orgs/birch/waivers');
    const listed = JSON.parse(fleet.run(['waiver', 'list', '--format', 'json']).stdout).waivers;
    expect(listed).toMatchObject([
      { org: 'alder', name: 'app-key', code: 'TOKEN_EXPIRES_FAR', severity: 'medium', object: 'Token/app' },
    ]);
    expect(listed[0].file).toBe('orgs/alder/waivers/app-key.yaml');
    expect(listed[0].found).toEqual([FAR_DATE]);
    const table = fleet.run(['waiver', 'list']).stdout;
    expect(table).toMatch(/ORG +CODE +OBJECT +OWNER +UNTIL +LEFT +REASON\n/);
    expect(table).toMatch(/alder +TOKEN_EXPIRES_FAR +Token\/app +@msp\/ana +\S+ +(29|30) days +fixed firmware/);
    expect(fleet.run(['waiver', 'list', '--org', 'birch']).stdout).toMatch(/No waivers/);
  });

  it('accepts what the finding said, and no other', () => {
    add('alder/app-key', ...FAR, '--days', '30');
    fleet.edit('orgs/alder/org.yaml', '{ name: app,', "{ name: app, expires: '9998-12-31T00:00:00Z',");
    fleet.run(['render', '--write']);
    expect(open()).toEqual(expect.arrayContaining(['TOKEN_EXPIRES_FAR Token/app', 'WAIVER_UNUSED Waiver/app-key']));
  });

  it('add takes what is to be found where it is not there yet', () => {
    const none = [...FAR.slice(0, 2), '--object', 'Wallet/desk', ...FAR.slice(4)];
    expect(add('alder/x', ...none).stderr).toMatch(
      /^ISO_I60_WAIVER_TOO_WIDE: expected a finding TOKEN_EXPIRES_FAR of Wallet\/desk in the work tree, found none; .*--found/,
    );
    expect(add('alder/x', ...none, '--found', 'one', '--found', 'two')).toMatchObject({ status: 0 });
    expect(fleet.read('orgs/alder/waivers/x.yaml')).toMatch(/found:\n +- one\n +- two\n/);
  });

  it.each([
    ['an org that is not there', 'nobody/x', FAR, 'ORG_UNKNOWN'],
    ['a code that no finding has', 'alder/x', ['--code', 'TOKEN_FAR', ...FAR.slice(2)], 'WAIVER_UNKNOWN_CODE'],
    [
      'an object that is not there',
      'alder/x',
      [...FAR.slice(0, 2), '--object', 'Token/none', ...FAR.slice(4)],
      'OBJECT_UNKNOWN: expected one of .*Token/app, .*, found Token/none\nUse one of the names that the message lists',
    ],
    ['no approver where one is needed', 'alder/x', FAR.slice(0, 8), 'ISO_I60_WAIVER_TOO_WIDE'],
    ['more days than an exception may last', 'alder/x', [...FAR, '--days', '1000'], 'ISO_I60_WAIVER_TOO_WIDE'],
    [
      'a code that is never waived',
      'alder/x',
      ['--code', 'ISO_I12_LITERAL_SECRET', ...FAR.slice(2)],
      'ISO_I60_WAIVER_TOO_WIDE',
    ],
    ['an approver who is nobody', 'alder/x', [...FAR.slice(0, 9), '@nobody/atall'], 'ISO_I60_WAIVER_'],
    [
      'an approver who owns it',
      'alder/x',
      [...FAR.slice(0, 4), '--owner', '@msp/platform', ...FAR.slice(6)],
      'ISO_I60_WAIVER_SELF_APPROVED',
    ],
    ['an owner that is none', 'alder/x', [...FAR.slice(0, 4), '--owner', 'ana smith', ...FAR.slice(6)], 'FIELD_'],
  ])('add refuses %s, and writes nothing', (_, target, flags, code) => {
    const ran = add(target, ...flags);
    expect([ran.status, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(new RegExp(`^${code}`));
    expect(fleet.git('status', '--porcelain')).toBe('');
  });

  it('add as its help shows it writes what check accepts', () => {
    const [, example = ''] = /Example:\s+tenantry (.*)/.exec(fleet.run(['waiver', 'add', '--help']).stdout) ?? [];
    const words = [
      ...example
        .replaceAll('acme/', 'alder/')
        .replaceAll('Token/scanner', 'Token/app')
        .replaceAll('@msp/otto', '@msp/platform')
        .matchAll(/"([^"]*)"|\S+/g),
    ];
    expect(fleet.run(words.map(([word, quoted]) => quoted ?? word))).toMatchObject({ status: 0 });
    expect(open()).toEqual(['TOKEN_EXPIRES_FAR Token/console', 'TOKEN_EXPIRES_FAR Token/probe']);
  });

  it('add wants a plain name', () => {
    expect(add('alder/X_1', ...FAR)).toMatchObject({ status: 64, stdout: '', stderr: expect.stringMatching(/^USAGE/) });
  });

  it('add does not write over another waiver', () => {
    add('alder/app-key', ...FAR);
    const before = fleet.read('orgs/alder/waivers/app-key.yaml');
    const again = add('alder/app-key', ...FAR, '--days', '200').stderr;
    expect(again).toMatch(/^WAIVER_EXISTS.*name another: alder\/<name>/);
    expect(again).not.toContain('--name');
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
