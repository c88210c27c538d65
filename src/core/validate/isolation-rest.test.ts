import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FindingCode, Fleet, JsonObject, OrgSlug, OrgUid, RepoPath } from '../model/index.ts';
import { fleetObject } from '../plan/objects.testkit.ts';
import { type ChangedOrg, type ChangeFacts, rules, validateChange, validateShared, validateText } from './index.ts';

const path = (text: string): RepoPath => text as RepoPath;

describe('literal secrets', () => {
  const judge = (text: string, at = 'orgs/acme/org.yaml') => validateText({ path: path(at), text });
  // Joined here, so that no scanner takes this file for one that holds keys.
  const fake = (...parts: readonly string[]): string => parts.join('');
  const random = 'q7Zp2LxV9mKt4Rw8Bn3Yc6Hd';

  test.each([
    ['a key of a model provider', fake('sk-', 'proj-', random)],
    ['a key of another', fake('AIza', 'Sy', 'D3k9_Lw2-Qm8Zt5Vb1Nc7Xr4Jh6Gf0PsY')],
    ['a key of a cloud', fake('AKIA', 'Q7ZP2LXV9MKT4RW8')],
    ['a token of a code forge', fake('ghp_', 'q7Zp2LxV9mKt4Rw8Bn3Yc6HdA1s5Df7Gj9Lk')],
    ['a signed token', fake('eyJhbGciOiJIUzI1NiJ9', '.', 'eyJzdWIiOiIxMjMifQ', '.', 'c2lnbmF0dXJlLW9mLXRoaXM')],
    ['a private key', fake('-----BEGIN OPENSSH ', 'PRIVATE KEY-----')],
    ['a connection string', fake('postgres://', 'app:', 'q7Zp2LxV9m', '@db.acme.example/app')],
    ['a token of ours', fake('tnt_', 'k3v9x2m7_', random, random)],
    ['random characters under a name', fake('api_key: ', random)],
    ['random characters in JSON', fake('"clientSecret": "', random, '"')],
  ])('%s, also in a comment', (_, secret) => {
    const [found, ...rest] = judge(`spec:\n  a: b\n  # was ${secret}\n`);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ code: 'ISO_I12_LITERAL_SECRET', severity: 'critical', org: 'acme' });
    expect(found?.place).toMatchObject({ file: 'orgs/acme/org.yaml', line: 3 });
    expect(JSON.stringify(found)).not.toContain(secret.slice(-8));
  });

  test.each([
    ['a reference', 'secret: { env: ACME_PRODUCTION_OPENAI_KEY }'],
    ['a digest', `digest: ${'0123456789abcdef'.repeat(4)}`],
    ['a uid', 'uid: 9evph3ysp2p1bf21cugn'],
    [
      'a pattern of keys',
      '- "AKIA[0-9A-Z]{16}"\n- "gh[pousr]_[A-Za-z0-9]{36}"\n- "-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"',
    ],
    ['a pattern of connection strings', "- '[a-z]{3,12}://[A-Za-z0-9_]{1,40}:[^@/ ]{1,80}@[A-Za-z0-9.-]{3,120}'"],
    ['a published example', `key: AKIA${'IOSFODNN7'}EXAMPLE`],
    ['a placeholder', 'api_key: placeholder-placeholder-42'],
    ['a public key', `key: ssh-ed25519 ${'AAAAC3NzaC1lZDI1NTE5AAAAI'}${'Qm8Zt5Vb1Nc7Xr4Jh6Gf0PsY'}`],
    ['a URL with a port', 'url: https://hooks.example:8443/a@b'],
    ['words under a name', 'password: see-the-other-document-please'],
    ['a name in a longer one', 'task-sk-abcdefghijklmnopqrstuvwxyz: yes'],
  ])('not %s', (_, text) => expect(judge(`spec:\n  ${text}\n`)).toEqual([]));

  test('a file of nobody is nobody’s', () => {
    expect(judge(fake('x: AKIA', 'Q7ZP2LXV9MKT4RW8'), 'templates/t/1.0.0/teams.yaml')[0]?.org).toBeNull();
  });
});

describe('a workflow of the forge', () => {
  const judge = (text: string, at = '.github/workflows/x.yml') =>
    validateText({ path: path(at), text }).map(({ code, place }) => `${code} ${place.line}:${place.column}`);
  const CODE = 'ISO_I54_UNSAFE_WORKFLOW';
  const job = (...lines: readonly string[]) => `jobs:\n  a:\n${lines.map((line) => `    ${line}\n`).join('')}`;
  const secret = job('env:', '  KEY: ${{ secrets.KEY }}');
  const head = job(
    'steps:',
    '  - uses: actions/checkout@v5',
    '    with:',
    '      ref: ${{ github.event.pull_request.head.sha }}',
  );

  test.each<[string, string, readonly string[]]>([
    ['a secret where strangers start it', `on: pull_request_target\n${secret}`, [`${CODE} 5:7`]],
    ['a secret beside code of a change', `on:\n  pull_request:\n    branches: [main]\n${secret}`, [`${CODE} 7:7`]],
    ['all secrets, handed on', `on: [push, issue_comment]\n${job('secrets: inherit')}`, [`${CODE} 4:5`]],
    [
      'a secret by a computed name',
      `on: { workflow_run: {} }\n${job("run: ${{ secrets[format('A')] }}")}`,
      [`${CODE} 4:5`],
    ],
    ['the change checked out with rights', `on:\n  pull_request_target:\n${head}`, [`${CODE} 8:11`]],
    ['the change checked out by a command', `on: issue_comment\n${job('run: gh pr checkout 7')}`, [`${CODE} 4:5`]],
    ['both', `'on': ["workflow_run"]\n${secret}${job('ref: refs/pull/1/merge')}`, [`${CODE} 5:7`, `${CODE} 8:5`]],
    ['a secret after the merge', `on:\n  push:\n    branches: [main]\n${secret}`, []],
    ['the change checked out without rights', `on: pull_request\n${head}`, []],
    ['the token of the run', `on: pull_request_target\n${job('T: ${{ secrets.GITHUB_TOKEN }}')}`, []],
    [
      'a name of an event in a condition',
      `on: push\n${job("if: ${{ github.event_name == 'pull_request_target' }}")}${secret}`,
      [],
    ],
    [
      'a permission that is called as an event',
      `on:\n  schedule:\n    - cron: '0 4 * * *'\npermissions:\n  issues: write\n${secret}`,
      [],
    ],
    ['a comment', `on: pull_request_target\n# secrets.KEY\n${job('run: true # gh pr checkout 7')}`, []],
  ])('%s', (_, text, expected) => expect(judge(text)).toEqual(expected));

  test('elsewhere it is a text like any other', () => {
    expect(judge(`on: pull_request_target\n${secret}`, 'templates/t/1.0.0/teams.yaml')).toEqual([]);
  });
});

describe('what all orgs share', () => {
  const judge = (spec: JsonObject) =>
    validateShared({
      fleet: fleetObject(spec).document as unknown as Fleet,
      placeOf: (pointer) => ({ file: path(`fleet.yaml${pointer}`), line: 1, column: 1 }),
      orgs: [{ org: 'acme' as OrgSlug, uid: 'acme0000000000000000' as OrgUid }],
      priceBooks: ['default', 'next'],
    }).map(({ code, place }) => `${code} ${place.file}`);
  const freeze = (from: string, to: string) => ({ freeze: [{ from, to, reason: 'holidays' }] });
  const retired = (org: string, uid: string) => ({ retiredOrgs: [{ org, uid, retired: '2026-01-01T00:00:00Z' }] });

  test.each<[string, JsonObject, readonly string[]]>([
    ['a fleet in order', {}, []],
    [
      'the store inside what is published',
      {
        store: { driver: 'sqlite', path: '.t/out/../pub/store.db' },
        publisher: { driver: 'files', path: './.t/pub/' },
      },
      ['ISO_I26_STORE_IS_PUBLISHED fleet.yaml/spec/publisher/path'],
    ],
    [
      'what is published inside the store',
      { store: { driver: 'sqlite', path: '.t' }, publisher: { driver: 'files', path: '.t/pub' } },
      ['ISO_I26_STORE_IS_PUBLISHED fleet.yaml/spec/publisher/path'],
    ],
    [
      'two folders that begin alike',
      { store: { driver: 'sqlite', path: '.t/pub-store' }, publisher: { driver: 'files', path: '.t/pub' } },
      [],
    ],
    ['a price book that stands', { prices: 'next' }, []],
    ['a price book that does not', { prices: 'defualt' }, ['PRICE_BOOK_UNKNOWN fleet.yaml/spec/prices']],
    ['a freeze over the holidays', freeze('2026-12-20T00:00:00Z', '2027-01-05T00:00:00Z'), []],
    ['a freeze of 92 days', freeze('2026-12-01T00:00:00Z', '2027-03-03T00:00:00Z'), []],
    [
      'a freeze whose year is mistyped',
      freeze('2026-12-20T00:00:00Z', '2037-01-05T00:00:00Z'),
      ['FREEZE_WINDOW fleet.yaml/spec/freeze/0/to'],
    ],
    [
      'a freeze of 92 days and a second',
      freeze('2026-12-01T00:00:00Z', '2027-03-03T00:00:01Z'),
      ['FREEZE_WINDOW fleet.yaml/spec/freeze/0/to'],
    ],
    [
      'a freeze that ends as it begins',
      freeze('2026-12-20T00:00:00Z', '2026-12-20T00:00:00Z'),
      ['FREEZE_WINDOW fleet.yaml/spec/freeze/0/to'],
    ],
    [
      'the name of a retired org',
      retired('acme', 'z'.repeat(20)),
      ['ISO_I55_RETIRED_ORG_REUSED fleet.yaml/spec/retiredOrgs/0/org'],
    ],
    [
      'the uid of a retired org',
      retired('gone', 'acme0000000000000000'),
      ['ISO_I55_RETIRED_ORG_REUSED fleet.yaml/spec/retiredOrgs/0/uid'],
    ],
    ['a retired org that stays away', retired('gone', 'z'.repeat(20)), []],
  ])('%s', (_, spec, expected) => expect(judge(spec)).toEqual(expected));
});

describe('a change', () => {
  const changed = (org: string, more: Partial<ChangedOrg> = {}): ChangedOrg => ({
    org: org as OrgSlug,
    uidBefore: `${org}0` as OrgUid,
    uidAfter: `${org}0` as OrgUid,
    uidPlace: { file: path(`orgs/${org}/org.yaml`), line: 8, column: 8 },
    written: [path(`orgs/${org}/org.yaml`)],
    isOnlyPinned: false,
    isOtherContent: true,
    wasLive: true,
    ...more,
  });
  const judge = (facts: Partial<ChangeFacts>) => {
    const whole = { files: [], orgs: [], templatesBefore: new Set(['t@1.0.0']), retired: new Set<string>(), ...facts };
    return validateChange(whole).map(({ code, place }) => `${code} ${place.file}:${place.line}`);
  };
  const files = (...paths: readonly string[]): Pick<ChangeFacts, 'files'> => ({
    files: paths.map((item) => ({ path: path(item), how: 'changed' as const })),
  });
  const none = { written: [] };

  test.each<[string, Partial<ChangeFacts>, readonly string[]]>([
    ['of one org', { orgs: [changed('acme')], ...files('orgs/acme/org.yaml', 'orgs/acme/wallets/main.yaml') }, []],
    [
      'of two orgs',
      { orgs: [changed('acme'), changed('bravo')] },
      ['ISO_I50_CHANGE_SPANS_ORGS orgs/acme/org.yaml:1', 'ISO_I50_CHANGE_SPANS_ORGS orgs/bravo/org.yaml:1'],
    ],
    [
      'of an org and fleet.yaml',
      { orgs: [changed('acme')], ...files('fleet.yaml') },
      ['ISO_I50_CHANGE_SPANS_ORGS orgs/acme/org.yaml:1'],
    ],
    [
      'of pins alone, with the template',
      {
        orgs: [changed('acme', { isOnlyPinned: true }), changed('bravo', { isOnlyPinned: true })],
        ...files('templates/t/1.1.0/teams.yaml'),
      },
      [],
    ],
    ['of one org beside a campaign', { orgs: [changed('acme'), changed('bravo', { isOnlyPinned: true })] }, []],
    [
      'that moves an org that it does not touch',
      { orgs: [changed('acme', none)] },
      ['ISO_I52_OTHER_ORG_CHANGED orgs/acme/org.yaml:8'],
    ],
    ['that moves nothing', { orgs: [changed('acme', { ...none, isOtherContent: false })] }, []],
    [
      'of an org and its waiver',
      {
        orgs: [changed('acme', { written: [path('orgs/acme/org.yaml'), path('orgs/acme/waivers/w.yaml')] })],
        ...files('orgs/acme/org.yaml', 'orgs/acme/waivers/w.yaml'),
      },
      ['ISO_I53_CHECKS_CHANGED_WITH_ORG orgs/acme/waivers/w.yaml:1'],
    ],
    [
      'of an org and a workflow',
      { orgs: [changed('acme')], ...files('.github/workflows/check.yml') },
      ['ISO_I53_CHECKS_CHANGED_WITH_ORG .github/workflows/check.yml:1'],
    ],
    [
      'of a waiver alone',
      {
        orgs: [changed('acme', { written: [path('orgs/acme/waivers/w.yaml')], isOtherContent: true })],
        ...files('orgs/acme/waivers/w.yaml'),
      },
      [],
    ],
    [
      'that removes an org',
      { orgs: [changed('acme', { uidAfter: null })] },
      ['ISO_I55_ORG_WITHOUT_TOMBSTONE orgs/acme/org.yaml:8'],
    ],
    [
      'that removes an org and lists it',
      { ...files('fleet.yaml'), orgs: [changed('acme', { uidAfter: null })], retired: new Set(['acme0']) },
      [],
    ],
    [
      'that removes an org with its waivers and pins',
      {
        ...files('fleet.yaml', 'orgs/acme/org.yaml', 'orgs/acme/pins/p.yaml', 'orgs/acme/waivers/w.yaml'),
        orgs: [changed('acme', { uidAfter: null })],
        retired: new Set(['acme0']),
      },
      [],
    ],
    [
      'that removes an org and a waiver of another one',
      {
        ...files('fleet.yaml', 'orgs/acme/org.yaml', 'orgs/bravo/waivers/w.yaml'),
        orgs: [changed('acme', { uidAfter: null })],
        retired: new Set(['acme0']),
      },
      ['ISO_I53_CHECKS_CHANGED_WITH_ORG orgs/bravo/waivers/w.yaml:1'],
    ],
    [
      'of a uid',
      { orgs: [changed('acme', { uidAfter: 'other' as OrgUid })] },
      ['ORG_UID_CHANGED orgs/acme/org.yaml:8'],
    ],
    ['that adds an org', { orgs: [changed('acme', { uidBefore: null })] }, []],
    [
      'of a template version',
      { ...files('templates/t/1.0.0/teams.yaml') },
      ['TEMPLATE_VERSION_CHANGED templates/t/1.0.0/teams.yaml:1'],
    ],
    ['that adds a template version', { ...files('templates/t/1.1.0/teams.yaml') }, []],
  ])('%s', (_, facts, expected) => expect(judge(facts)).toEqual(expected));
});

test('every rule has a case that breaks it', () => {
  const texts = [
    'validate',
    'isolation-org',
    'isolation-fleet',
    'isolation-rest',
    'leaks/leaks',
    'rules/model-unpriced',
  ]
    .map((name) => readFileSync(`src/core/validate/${name}.test.ts`, 'utf8'))
    .join('\n');
  const missing = rules.map(({ code }: { readonly code: FindingCode }) => code).filter((code) => !texts.includes(code));
  expect(missing).toEqual([]);
});
