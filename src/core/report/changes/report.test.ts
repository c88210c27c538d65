import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../../host/index.ts';
import {
  type DesiredObject,
  FLEET_ORG,
  type Hazard,
  type JsonObject,
  type OrgDiff,
  type OrgSlug,
  type Sha256Hex,
} from '../../model/index.ts';
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
      changes.map(({ example, key }) => `${example.kind} ${key}`),
    ]);
    expect(groups).toEqual([
      ['acme bravo', ['update Wallet/main']],
      ['bravo', ['delete Token/ci-deploy']],
      ['cedar', ['update Wallet/main']],
    ]);
  });

  const policyDiff = (org: string, version: string, pack = `${org}-production`): OrgDiff => {
    const make = orgObjects(org);
    const document = (name: string, to: string) => ({ pack: { name, version: to, enabled: true } });
    const [base, head] = [make.policy('p', document('old', '1.0.0')), make.policy('p', document(pack, version))];
    return diffOrg({ org: org as OrgSlug, base: [base], head: [head], limits: null }, nodeHash);
  };
  const wordsOf = (diffs: readonly OrgDiff[]) =>
    groupsOf(diffs).map(({ orgs, changes }) => [
      orgs.join(' '),
      changes.flatMap(({ fields }) => fields.map(({ words }) => words)),
    ]);

  test('values that hold the org’s own name are one group, and a name of another org is not', () => {
    const diffs = ['acme', 'bravo', 'cedar'].map((org) => policyDiff(org, '1.1.0'));
    const foreign = policyDiff('delta', '1.1.0', 'acme-production');
    expect(wordsOf([...diffs, foreign])).toEqual([
      ['acme bravo cedar', ['pack.name old -> <org>-production', 'pack.version 1.0.0 -> 1.1.0']],
      ['delta', ['pack.name old -> acme-production', 'pack.version 1.0.0 -> 1.1.0']],
    ]);
  });

  test('an org whose name is a word in all of them stays in the group', () => {
    const diffs = ['acme', 'production'].map((org) => policyDiff(org, '1.1.0', 'x-production'));
    expect(wordsOf(diffs)).toEqual([
      ['acme production', ['pack.name old -> x-production', 'pack.version 1.0.0 -> 1.1.0']],
    ]);
  });

  test('many variants of one shape are one group whose values vary; the majority stands by itself', () => {
    const orgs = (from: number, count: number, limit: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => raisedLimit(`org-${from + index}`, [], limit(index)));
    const all = [...orgs(100, 20, () => '800'), ...orgs(200, 6, (index) => String(900 + index))];
    const groups = groupsOf(all);
    expect(groups.map((group) => group.orgs.length)).toEqual([20, 6]);
    expect(groups[1]?.changes[0]?.fields[0]).toMatchObject({
      words: 'monthly limit 500 -> varies (6 different)',
      values: 6,
      samples: [{ org: 'org-200', words: '900 EUR (+80 %)' }, { org: 'org-205' }, { org: 'org-201' }],
    });
    const few = groupsOf([...orgs(100, 20, () => '800'), ...orgs(200, 3, (index) => String(900 + index))]);
    expect(few.map((group) => group.orgs.join(' ')).slice(1)).toEqual(['org-200', 'org-201', 'org-202']);
  });

  const varied = (limits: readonly (readonly [before: string, after: string])[]): readonly string[] => {
    const diffs = limits.map(([before, after], index) => {
      const make = orgObjects(`org-${index}`);
      const [base, head] = [[make.wallet('main', { limit: before })], [make.wallet('main', { limit: after })]];
      return diffOrg({ org: `org-${index}` as OrgSlug, base, head, limits: null }, nodeHash);
    });
    const samples = groupsOf(diffs)[0]?.changes[0]?.fields[0]?.samples ?? [];
    return samples.map(({ org, words }) => `${org} ${words}`);
  };

  test('of amounts that vary the lowest and the highest are named first, and each that stands out', () => {
    const few = ['201', '202', '490', '203', '204', '205'].map((after) => ['200', after] as const);
    expect(varied(few)).toEqual(['org-0 201 EUR (+0.5 %)', 'org-2 490 EUR (+145 %)', 'org-1 202 EUR (+1 %)']);
    const many = ['201', '1000', '202', '203', '204', '205', '206', '207', '208', '90', '3000'];
    expect(varied(many.map((after) => ['200', after] as const))).toEqual([
      'org-9 90 EUR (-55 %)',
      'org-10 3000 EUR (+1400 %)',
      'org-1 1000 EUR (+400 %)',
    ]);
  });

  test('what stands out is what rises most, not what is most', () => {
    const all = [
      ['90000', '90001'],
      ['100', '900'],
      ['5000', '5001'],
      ['6000', '6001'],
      ['7000', '7001'],
      ['8000', '8001'],
    ] as const;
    expect(varied(all)[1]).toBe('org-1 100 -> 900 EUR (+800 %)');
  });

  test('words that are cut alike but stand for other values are not the same', () => {
    const long = (org: string, end: string) => {
      const make = orgObjects(org);
      const head = make.team('t', { displayName: `${'x'.repeat(100)}${end}` });
      return diffOrg({ org: org as OrgSlug, base: [make.team('t')], head: [head], limits: null }, nodeHash);
    };
    const groups = groupsOf(Array.from({ length: 6 }, (_, index) => long(`org-${index}`, String(index))));
    expect(groups).toHaveLength(1);
    expect(groups[0]?.changes[0]?.fields[0]?.values).toBe(6);
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
      reportChanges(
        {
          ...report,
          accepted: [{ org: FLEET_ORG, id: campaign.id, approval: 'f'.repeat(64) as Sha256Hex, approver: '@ops' }],
        },
        'json',
      ),
    );
    expect(parsed).toMatchObject({
      schema: 'tenantry/diff/v1',
      changeDigest: report.changeDigest,
      base: 'main',
      head: 'topic',
    });
    expect(parsed.hazards).toEqual([{ ...campaign, acceptedBy: 'f'.repeat(64), approver: '@ops' }]);
    expect(parsed.orgs[0].changes[0].fields[0]).toEqual({
      path: '/spec/limit',
      before: '500',
      after: '800',
      words: 'monthly limit 500 -> 800 EUR (+60 %)',
      source: { file: 'orgs/acme/org.yaml', line: 14, column: 3 },
    });
    expect(parsed.orgs[1].hazards[0]).toMatchObject({
      id: 'LAST_TOKEN_REMOVED:bravo',
      acceptedBy: null,
      approver: null,
    });
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
        '      monthly limit 500 -> 800 EUR (+60 %)  e.g. orgs/acme/org.yaml:14',
        '',
        'bravo',
        '  - Token/ci-deploy',
        ...fieldLines(),
        '',
        'cedar',
        '  ~ Wallet/main',
        '      monthly limit 500 -> 650 EUR (+30 %)  orgs/cedar/org.yaml:14',
        '',
        `change  ${report.changeDigest}`,
        '',
        `2 hazards must be accepted: \`tenantry approve ${report.changeDigest} --base main --head topic --as @you --reason "…"\``,
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
  test('answers in the first ten lines: hazards, money, access', () => {
    const top = reportChanges(report, 'markdown').split('\n').slice(0, 10);
    expect(top[0]).toBe('### Tenantry: 3 orgs change: 3 updated, 1 deleted');
    expect(top[1]).toBe('**Hazards**: 2 open: `CAMPAIGN:_fleet`, `LAST_TOKEN_REMOVED:bravo`  ');
    expect(top[2]).toBe(
      '**Money**: `wallet main: monthly limit 500 -> 800 EUR (+60 %) (2 orgs)`, `wallet main: monthly limit 500 -> 650 EUR (+30 %) (cedar)`  ',
    );
    expect(top[3]).toMatch(
      /^\*\*Access\*\*: `token ci-deploy of team support deleted: .*gateways support-production.* \(bravo\)` {2}$/,
    );
    expect(top.slice(4, 6)).toEqual(['**Policy**: no change', '']);
  });

  test('access is called out', () => {
    const make = orgObjects('acme');
    const diff = diffOrg(
      { org: 'acme' as OrgSlug, base: [make.token('ci', { gateways: [] })], head: [make.token('ci')], limits: null },
      nodeHash,
    );
    expect(reportChanges(reportOf([diff]), 'markdown')).toContain(
      '**Access**: `token ci of team support: may now call gateway support-production (acme)`',
    );
  });

  const make = orgObjects('acme');
  const headOf = (base: readonly DesiredObject[], head: readonly DesiredObject[]): readonly string[] => {
    const diff = diffOrg({ org: 'acme' as OrgSlug, base, head, limits: null }, nodeHash);
    const text = reportChanges(reportOf([diff]), 'markdown');
    return (text.split('\n\n')[0]?.split('\n') ?? [])
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.trim());
  };
  const wallet = (spec: JsonObject = {}) => make.wallet('main', { parent: 'top', ...spec });
  const credential = { token: 'ci', id: 'k3v9', digest: 'a'.repeat(64) };
  const secret = { ...credential, notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' };

  test.each<[string, readonly DesiredObject[], readonly DesiredObject[], readonly string[]]>([
    [
      'all that bounds a wallet',
      [wallet()],
      [make.wallet('main', { whenExhausted: 'allow', period: { kind: 'day', timeZone: 'UTC', anchorDay: 1 } })],
      [
        '**Hazards**: 1 open: `CAP_LOOSENED:Wallet/main`',
        '**Money**: `wallet main: parent wallet top removed (acme)`, `wallet main: period month -> day (acme)`, `wallet main: time zone Europe/Berlin -> UTC (acme)`, `wallet main: behaviour when exhausted block -> allow (acme)`',
        '**Access, Policy**: no change',
      ],
    ],
    [
      'a new secret of a token',
      [make.credentials([])],
      [make.credentials([secret])],
      [
        '**Hazards**: none open',
        expect.stringMatching(/^\*\*Access\*\*: `.*credential ci\/k3v9 added/),
        '**Money, Policy**: no change',
      ],
    ],
    [
      'what happens when nobody decides',
      [make.review('default')],
      [make.review('default', { onTimeout: 'approve' })],
      [
        '**Hazards**: 1 open: `FAIL_OPEN:Review/default`',
        '**Policy**: `review default: decision on timeout deny -> approve (acme)`',
        '**Money, Access**: no change',
      ],
    ],
    [
      'where data may be, and what happens when it is old',
      [make.organization({ regions: ['eu'] })],
      [make.organization({ regions: ['eu', 'us'], onExpired: 'keep-serving' })],
      [
        '**Hazards**: 1 open: `FAIL_OPEN:Organization/acme`',
        '**Access**: `organization acme: region us added (acme)`',
        '**Policy**: `organization acme: behaviour when expired set to keep-serving (acme)`',
        '**Money**: no change',
      ],
    ],
    [
      'what is about nothing that people look for first, by name',
      [make.team('t')],
      [make.team('t', { displayName: 'Support' })],
      [
        '**Hazards**: none open',
        '**Other changes**: `team t: display name t -> Support (acme)`',
        '**Money, Access, Policy**: no change',
      ],
    ],
    [
      'another name',
      [make.policy('a')],
      [make.policy('b')],
      [
        '**Hazards**: none open',
        '**Policy**: `policy b (production): renamed from a (acme)`',
        '**Money, Access**: no change',
      ],
    ],
    [
      'what a new gateway pays with, opens and enforces, each under its own',
      [],
      [make.gateway('desk', { egress: ['api.example'], sinks: [{ name: 'log', url: 'https://evil.example/x' }] })],
      [
        '**Hazards**: none open',
        '**Money**: `new gateway desk (production): wallet main (acme)`',
        '**Access**: `new gateway desk (production): egress api.example, sinks log (url https://evil.example/x), teams support, upstreams nothing, region eu-central (acme)`',
        '**Policy**: `new gateway desk (production): policy support (acme)`',
      ],
    ],
  ])('the head names %s', (_, base, head, lines) => {
    expect(headOf(base, head)).toEqual(lines);
  });

  test('orgs whose bundles change by what all share are told, and nothing is ok then', () => {
    const untouched = { compared: 2, byInputs: 2, byRender: 0, affected: [], unproved: [], sameSettings: false };
    const reach = { orgs: 2, orgsInFleet: 3, gateways: 4, tokens: 0, wallets: 1, money: [] };
    const told = (carried: readonly OrgSlug[]) =>
      reportChanges(
        reportOf([raisedLimit('acme')], {
          untouched: { ...untouched, carried },
          reach: { ...reach, orgs: carried.length + 1 },
        }),
        'markdown',
      );
    expect(told(['bravo' as OrgSlug])).toContain(
      '**Other orgs**: **not ok: 1 get new bundles by settings or prices that all share: bravo (compared 2 orgs',
    );
    expect(told(['bravo' as OrgSlug])).toContain('**Reach**: orgs 2 of 3 (67 %), 4 gateways');
    expect(told([])).toContain('**Reach**: orgs 1 of 3 (33 %): acme, 4 gateways');
    expect(told([])).toContain(
      '**Other orgs**: ok: rendered state byte-identical (compared 2 orgs: 2 by input digest, 0 by render); settings or prices change that no bundle of theirs carries',
    );
  });

  test('amounts come before what else money is about', () => {
    const raised = raisedLimit('acme');
    const other = Array.from({ length: 5 }, (_, index) => wallet({ parent: `p${index}` }));
    const diffs = other.map((head, index) =>
      diffOrg({ org: `a${index}` as OrgSlug, base: [wallet()], head: [head], limits: null }, nodeHash),
    );
    expect(reportChanges(reportOf([...diffs, raised]), 'markdown')).toMatch(
      /\*\*Money\*\*: `wallet main: monthly limit 500/,
    );
  });

  test('of what cannot be rendered nothing is said to stay', () => {
    const told = (held: readonly OrgSlug[], orgs: readonly OrgDiff[] = []) =>
      reportChanges(reportOf(orgs, { held }), 'markdown');
    expect(told(['acme' as OrgSlug])).toContain('### Tenantry: what changes is not known: 1 org cannot be rendered');
    expect(told(['acme' as OrgSlug])).toContain('**Money, Access, Policy**: **not known**: 1 org cannot be rendered');
    expect(told(['acme' as OrgSlug], [raisedLimit('bravo')])).toContain('**Access, Policy**: **not known**: 1 org');
    expect(told([FLEET_ORG])).toContain('**not known**: settings or prices of the fleet cannot be read or are refused');
    expect(told([])).toContain('**Money, Access, Policy**: no change');
  });

  test('many hazards and deletions are counted by code and object, with every org that there is room for', () => {
    const orgs = Array.from({ length: 700 }, (_, index) =>
      raisedLimit(`org-${index}`, index % 2 === 0 ? ['Token/ci-deploy'] : [], String(1000 + index)),
    );
    const text = reportChanges(reportOf(orgs), 'markdown');
    expect(text).toContain('- **open** `LAST_TOKEN_REMOVED` × 350: org-0, org-2,');
    const deleted = text.slice(text.indexOf('#### Deleted'));
    expect(deleted).toContain('- `Token/ci-deploy` in 350 orgs: org-0, ');
    for (let index = 0; index < 700; index += 2) expect(deleted).toMatch(new RegExp(`org-${index}\\b`));
    expect(text).toContain('monthly limit 500 -> varies (700 different): 1000 EUR (+100 %) in org-0;');
    expect(text.length).toBeLessThan(30_000);
  });

  test.each(['human', 'markdown'] as const)(
    '%s: what is too long is counted, with the command that prints it',
    (format) => {
      const whole = 'tenantry diff --base main --head topic --all';
      const orgs = Array.from({ length: 700 }, (_, index) => {
        const make = orgObjects(`org-${index}`);
        const [base, head] = [[make.team(`a${index}`), make.team('gone')], [make.team(`a${index}`, { members: [] })]];
        return diffOrg({ org: `org-${index}` as OrgSlug, base, head, limits: null }, nodeHash);
      });
      const text = reportChanges(reportOf(orgs, { whole }), format);
      const left = Number(/…and (\d+) more changes: /.exec(text)?.[1]);
      const shown = text.match(/a\d+`?$/gm)?.length ?? 0;
      expect(left + shown).toBe(700);
      expect(text).toContain(whole);
      expect(text).toContain('Team/gone');
      expect(text.length).toBeLessThan(60_100);
      const all = reportChanges(reportOf(orgs), 'human');
      expect(all.match(/Team\/a\d+$/gm)).toHaveLength(700);
    },
  );

  test('json: past the bound orgs keep their deletions and digests, with an honest count; groups keep everything', () => {
    const orgs = Array.from({ length: 15_001 }, (_, index) => ({ ...three[1], org: `org-${index}` }) as OrgDiff);
    const command = 'tenantry diff --base main --head topic --all';
    const parsed = JSON.parse(reportChanges(reportOf(orgs, { whole: command }), 'json'));
    expect(parsed.omitted).toEqual({ changes: 5_001, command });
    expect(parsed.orgs.at(-1)).toMatchObject({ omitted: 1, changes: [{ kind: 'delete', object: 'Token/ci-deploy' }] });
    expect(parsed.groups[0].orgs).toHaveLength(15_001);
    expect(JSON.parse(reportChanges(reportOf(orgs), 'json')).omitted).toBeUndefined();
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
