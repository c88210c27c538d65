import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../../host/index.ts';
import { FLEET_ORG, type Hazard, type OrgSlug, type Sha256Hex } from '../../model/index.ts';
import { diffOrg } from '../../plan/index.ts';
import { orgObjects, wholeOrg } from '../../plan/objects.testkit.ts';
import { CHANGE_FORMATS, groupsOf, reportChanges } from '../index.ts';
import { HOSTILE, raisedLimit, reportOf } from '../report.testkit.ts';

const campaign: Hazard = { id: 'CAMPAIGN:_fleet', code: 'CAMPAIGN', message: 'moves 2 orgs', object: null };
const three = [raisedLimit('acme'), raisedLimit('bravo', ['Token/ci-deploy']), raisedLimit('cedar', [], '650')];
const report = reportOf(three, { hazards: [campaign] });
const plan = { ...report, planDigest: 'e'.repeat(64) as Sha256Hex };

describe('groups', () => {
  test('every change once, with the orgs that it is the same for', () => {
    const groups = groupsOf(three).map(({ orgs, changes }) => [
      orgs.join(' '),
      changes.map(({ kind, key }) => `${kind} ${key}`),
    ]);
    expect(groups).toEqual([
      ['acme bravo', ['update Wallet/main']],
      ['bravo', ['delete Token/ci-deploy']],
      ['cedar', ['update Wallet/main']],
    ]);
  });
});

describe('json', () => {
  const schemaOf = (name: string) =>
    JSON.parse(readFileSync(new URL(`../schemas/${name}.schema.json`, import.meta.url), 'utf8'));
  const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
  const [diffSchema, planSchema] = [ajv.compile(schemaOf('diff')), ajv.compile(schemaOf('plan'))];
  const renamed = diffOrg(
    {
      org: 'acme' as OrgSlug,
      base: [orgObjects('acme').wallet('a')],
      head: [orgObjects('acme').wallet('b')],
      limits: null,
    },
    nodeHash,
  );

  test('fits its published schema', () => {
    for (const one of [
      report,
      reportOf([]),
      reportOf([renamed]),
      reportOf([diffOrg({ org: 'acme' as OrgSlug, base: null, head: wholeOrg('acme'), limits: null }, nodeHash)]),
    ]) {
      diffSchema(JSON.parse(reportChanges(one, 'json')));
      expect(diffSchema.errors).toBeNull();
    }
    planSchema(JSON.parse(reportChanges(plan, 'json')));
    expect(planSchema.errors).toBeNull();
    expect(diffSchema(JSON.parse(reportChanges(plan, 'json')))).toBe(false);
  });

  test('says what the contract names', () => {
    const parsed = JSON.parse(
      reportChanges({ ...report, accepted: [{ org: FLEET_ORG, id: campaign.id, approval: 'f'.repeat(64) }] }, 'json'),
    );
    expect(parsed).toMatchObject({
      schema: 'tenantry/diff/v1',
      changeDigest: report.changeDigest,
      base: 'main',
      head: 'topic',
    });
    expect(parsed.hazards).toEqual([{ ...campaign, acceptedBy: 'f'.repeat(64) }]);
    expect(parsed.orgs[0].changes[0].fields[0]).toEqual({
      path: '/spec/limit',
      before: '500',
      after: '800',
      words: 'limit 500 -> 800 EUR (+60 %)',
      source: { file: 'orgs/acme/org.yaml', line: 14, column: 3 },
    });
    expect(parsed.orgs[1].hazards[0]).toMatchObject({ id: 'LAST_TOKEN_REMOVED:bravo', acceptedBy: null });
    expect(parsed.groups[0].orgs).toEqual(['acme', 'bravo']);
  });
});

describe('human', () => {
  test('the answer, the hazards, each change once', () => {
    expect(reportChanges(report, 'human')).toBe(
      [
        '3 orgs change: 3 updated, 1 deleted (main -> topic)',
        '  ! open     CAMPAIGN:_fleet fleet moves 2 orgs',
        '  ! open     LAST_TOKEN_REMOVED:bravo bravo the last token is removed; nothing can call the gateway of bravo',
        '',
        '2 orgs: acme, bravo',
        '  ~ Wallet/main',
        '      limit 500 -> 800 EUR (+60 %)',
        '',
        'bravo',
        '  - Token/ci-deploy',
        ...fieldLines(),
        '',
        'cedar',
        '  ~ Wallet/main',
        '      limit 500 -> 650 EUR (+30 %)  orgs/cedar/org.yaml:14',
        '',
        `change  ${report.changeDigest}`,
        '',
        `2 hazards must be accepted: \`tenantry approve ${report.changeDigest}\``,
        '',
      ].join('\n'),
    );

    function fieldLines(): readonly string[] {
      const deleted = three[1]?.changes.find(({ kind }) => kind === 'delete');
      expect(deleted?.fields.length).toBeGreaterThan(2);
      return (deleted?.fields ?? []).map(({ words }) => `      ${words}`);
    }
  });

  test('nothing to say', () => {
    expect(reportChanges(reportOf([]), 'human')).toContain('nothing changes (main -> topic)');
  });
});

describe('markdown', () => {
  test('answers in the first ten lines: counts, money, access, hazards', () => {
    const top = reportChanges(report, 'markdown').split('\n').slice(0, 10);
    expect(top[0]).toBe('### Tenantry: 3 orgs change: 3 updated, 1 deleted');
    expect(top[4]).toBe('| 0 | 3 | 0 | 1 | 2 |');
    expect(top[6]).toBe(
      '**Money**: `Wallet/main limit 500 -> 800 EUR (+60 %) (2 orgs)`, `Wallet/main limit 500 -> 650 EUR (+30 %)`  ',
    );
    expect(top[7]).toBe('**Access**: no change  ');
    expect(top[8]).toBe('**Hazards**: `CAMPAIGN:_fleet`, `LAST_TOKEN_REMOVED:bravo`');
  });

  test('access is called out', () => {
    const make = orgObjects('acme');
    const diff = diffOrg(
      { org: 'acme' as OrgSlug, base: [make.token('ci', { gateways: [] })], head: [make.token('ci')], limits: null },
      nodeHash,
    );
    expect(reportChanges(reportOf([diff]), 'markdown')).toContain(
      '**Access**: `Token/ci may now call gateway support-production`',
    );
  });

  test('what is too long is left out with a count, but no hazard and no deletion', () => {
    const orgs = Array.from({ length: 700 }, (_, index) =>
      raisedLimit(`org-${index}`, index % 2 === 0 ? ['Token/ci-deploy'] : [], String(1000 + index)),
    );
    const text = reportChanges(reportOf(orgs), 'markdown');
    expect(text).toMatch(/…and \d+ more changes: run `tenantry diff`/);
    const deleted = text.slice(text.indexOf('#### Deleted'));
    for (let index = 0; index < 700; index += 2) {
      expect(text).toContain(`LAST_TOKEN_REMOVED:org-${index}\``);
      expect(deleted).toContain(`org-${index}`);
    }
    expect(text.length).toBeLessThan(90_000);
    const few = reportChanges(reportOf(orgs.filter((_, index) => index % 2 === 1)), 'markdown');
    expect(few.length).toBeLessThan(60_100);
  });
});

describe('text from a repository', () => {
  const make = orgObjects('acme');
  const diff = diffOrg(
    { org: 'acme' as OrgSlug, base: [make.team('t')], head: [make.team('t', { displayName: HOSTILE })], limits: null },
    nodeHash,
  );

  test.each(CHANGE_FORMATS)('%s: no control character, no markup, one line end at the end', (format) => {
    const text = reportChanges(reportOf([diff]), format);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    if (format === 'markdown')
      expect(text.replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '')).not.toMatch(/@everyone|<\/failure>/);
    expect(text).toMatch(/[^\n]\n$/);
  });
});

test.each(CHANGE_FORMATS)('%s: a planted secret path is in no report', (format) => {
  const make = orgObjects('acme');
  const gateway = (store: string) =>
    make.gateway('g', { upstreams: [{ id: 'openai', account: 'a', region: 'eu', secret: { store } }] });
  const sides = [[gateway('planted/one')], [gateway('planted/two')], [], [make.gateway('g')]];
  for (const base of sides) {
    for (const head of sides) {
      const diff = diffOrg({ org: 'acme' as OrgSlug, base, head, limits: null }, nodeHash);
      expect(reportChanges(reportOf([diff]), format)).not.toContain('planted');
    }
  }
});
