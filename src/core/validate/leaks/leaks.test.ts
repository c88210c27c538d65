import { describe, expect, test } from 'vitest';
import type { DesiredObject, OrgSlug, RepoPath } from '../../model/index.ts';
import { orgObjects } from '../../plan/objects.testkit.ts';
import {
  fleetFactsOf,
  leakValues,
  leakWords,
  marksOf,
  meetingsOf,
  readingsOf,
  validateLeaks,
  validateSharedText,
  wordsOf,
} from '../index.ts';
import { contextOf, withObjects } from '../isolation.testkit.ts';

const other = orgObjects('bravo');
const gateway = other.gateway('support-production', {
  hostname: 'ai.bravo-cloud.example',
  upstreams: [{ id: 'openai', account: 'proj-Kestrel-7', region: 'eu', secret: { store: 'bravo/kestrel/openai' } }],
});
const BRAVO = withObjects(
  'bravo',
  other.organization({ displayName: 'Bravo Nordwind', domains: ['bravo.example'] }),
  gateway,
);

/** What is found in org `org` when one of its texts is `text`. */
function search(text: string, org = 'acme', more: readonly DesiredObject[] = []) {
  const make = orgObjects(org);
  const team = make.team('notes', { displayName: text });
  const contexts = [contextOf(org, withObjects(org, team, ...more)), contextOf('bravo', BRAVO)];
  const values = leakValues(contexts.flatMap((context) => fleetFactsOf(context)));
  const common = new Set<string>();
  const marked = contexts.map((context) => ({
    ...{ org: context.org, common },
    marks: marksOf(fleetFactsOf(context), leakWords(context.objects, common)),
  }));
  const suspects = meetingsOf(marked, [])?.suspects(values).inOrgs ?? new Map();
  return contexts.flatMap((context) =>
    validateLeaks(context, {
      suspects: suspects.get(context.org) ?? [],
      own: values.filter((value) => value.org === context.org),
      placeOf: ({ org: owner, object, pointer }) => contextOf(owner, []).sourceOf?.(object, pointer) ?? null,
    }),
  );
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const encoded = (text: string): string => [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');

describe('values of another org in a rendered object', () => {
  test.each([
    ['uid', 'see bravo000000000000000.'],
    ['uid in capitals', 'BRAVO000000000000000'],
    ['domain', 'https://www.bravo.example/x'],
    ['domain in a mail address', 'someone@bravo.example'],
    ['host name', 'ai.bravo-cloud.example'],
    ['account', 'billed to proj-kestrel-7, monthly'],
    ['address', 'ask lead@bravo.example'],
    ['secret path', 'store:bravo/kestrel/openai'],
    ['base64', base64('owner=lead@bravo.example')],
    ['base64 for URLs, without padding', `x/${Buffer.from('>>>proj-kestrel-7???').toString('base64url')}`],
    ['base64 beside a slash', `${base64('abc')}/${base64('bravo000000000000000')}`],
    ['percent signs', encoded('bravo.example')],
    ['percent signs in base64', base64(encoded('bravo.example'))],
    ['full-width letters', 'ｂｒａｖｏ．example'],
  ])('%s', (_, text) => {
    const found = search(text);
    expect(found.map(({ code }) => code)).toContain('ISO_I43_IDENTITY_OF_ANOTHER_ORG');
    const [first] = found.filter(({ code }) => code === 'ISO_I43_IDENTITY_OF_ANOTHER_ORG');
    expect(first).toMatchObject({ severity: 'critical', org: 'acme', object: 'Team/notes' });
    expect(first?.place.file).toBe('acme Team/notes/spec/displayName');
    expect(first?.related?.[0]?.file).toMatch(/^bravo /);
    // What was found is not repeated.
    expect(JSON.stringify(found)).not.toContain('kestrel');
  });

  test.each([
    ['part of a longer word', 'xbravo000000000000000x'],
    ['another domain that ends alike', 'notbravo.example my-bravo.example'],
    ['another domain that begins alike', 'bravo.example.org'],
    ['another account', 'proj-kestrel-71 proj-kestrel-7-b'],
    ['words far apart', 'proj kestrel and 7'],
    ['a digest', 'f'.repeat(64)],
  ])('not %s', (_, text) => {
    const codes = search(text).map(({ code }) => code);
    expect(codes).not.toContain('ISO_I43_IDENTITY_OF_ANOTHER_ORG');
  });

  test('a name is medium', () => {
    const found = search('as at Bravo Nordwind');
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ['ISO_I43_NAME_OF_ANOTHER_ORG', 'medium'],
      ['ISO_I43_NAME_OF_ANOTHER_ORG', 'medium'],
    ]);
  });

  test("what is part of an own value is no other org's: the slug of bravo in bravo-eu", () => {
    expect(search('the desk of bravo-eu', 'bravo-eu').map(({ object }) => object)).toEqual([]);
    expect(search('BRAVO_EU_OPENAI_KEY', 'bravo-eu')).toEqual([]);
    expect(search('the desk of bravo', 'bravo-eu').map(({ code }) => code)).toEqual(['ISO_I43_NAME_OF_ANOTHER_ORG']);
  });

  test('what two orgs have is not searched: it is the finding of another rule', () => {
    const shared = orgObjects('acme').organization({ domains: ['bravo.example'] });
    const codes = search('www.bravo.example', 'acme', [shared]).map(({ code }) => code);
    expect(codes).not.toContain('ISO_I43_IDENTITY_OF_ANOTHER_ORG');
  });

  test('the words of a template are not taken down, and a value made of them alone is not suspected', () => {
    const common = new Set(['notes', 'acme', 'team']);
    const words = [...leakWords([orgObjects('acme').team('notes')], common)];
    expect(words).toContain('lead');
    expect(words.some((word) => common.has(word))).toBe(false);
  });
});

describe('values of an org in a file that all share', () => {
  const facts = fleetFactsOf(contextOf('bravo', BRAVO));
  const marked = [{ org: 'bravo' as OrgSlug, marks: marksOf(facts, []), common: new Set<string>() }];
  const judge = (text: string, path = 'templates/t/1.0.0/teams.yaml') => {
    const files = [{ path: path as RepoPath, text }];
    const suspects = meetingsOf(marked, files)?.suspects(leakValues(facts)).inFiles ?? new Map();
    return validateSharedText({ files, suspects, placeOf: () => null });
  };

  test('stands at its line, also in a comment', () => {
    const [found, ...rest] = judge('manifests:\n  # as for proj-kestrel-7\n  - kind: Team\n');
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      code: 'ISO_I42_SHARED_HOLDS_IDENTITY',
      org: 'bravo',
      object: 'Gateway/production/support-production',
      place: { file: 'templates/t/1.0.0/teams.yaml', line: 2, column: 12 },
    });
  });

  test('names are medium, and fleet.yaml and approvals name orgs on purpose', () => {
    expect(judge('a: bravo\n').map(({ code, object }) => [code, object])).toEqual([
      ['ISO_I42_SHARED_HOLDS_NAME', 'Organization/bravo'],
    ]);
    expect(judge('rings: [{ orgs: [bravo] }]\n', 'fleet.yaml')).toEqual([]);
    expect(judge('domain: bravo.example\n', 'fleet.yaml').map(({ code }) => code)).toEqual([
      'ISO_I42_SHARED_HOLDS_IDENTITY',
    ]);
  });

  test('a clean template is clean', () => {
    expect(judge('manifests:\n  - kind: Team\n    spec: { displayName: "{{org.displayName}}" }\n')).toEqual([]);
  });
});

describe('readings', () => {
  test('plain text has one', () =>
    expect(readingsOf('https://API.openai.com/v1')).toEqual(['https://api.openai.com/v1']));
  test('names of other scripts are read as xn-- too', () => {
    expect(readingsOf('Müller.example')).toEqual(['müller.example', 'xn--mller-kva.example']);
  });
  test('what is no base64 of text is left', () => {
    expect(readingsOf('Q29udGFpbnMgMjU2IGJpdHM/')).toContain('contains 256 bits?');
    expect(readingsOf('AAECAwQFBgc=')).toHaveLength(1);
  });
  test('words are runs of letters and digits', () => expect(wordsOf('a-b_c.42')).toEqual(['a', 'b', 'c', '42']));
});

test('orgs with nothing in common do not meet, however many they are', () => {
  const orgs = Array.from({ length: 300 }, (_, number) => `org-${String(number).padStart(4, '0')}`);
  const marked = orgs.map((org) => {
    const objects = [
      orgObjects(org).organization({ displayName: `Customer ${org}` }),
      orgObjects(org).team('support', { leads: [`support-lead@${org}.example`] }),
    ];
    const [facts, common] = [fleetFactsOf(contextOf(org, objects)), new Set<string>()];
    return { org: org as OrgSlug, marks: marksOf(facts, leakWords(objects, common)), common };
  });
  expect([...(meetingsOf(marked, [])?.orgs ?? ['damaged'])]).toEqual([]);
});
