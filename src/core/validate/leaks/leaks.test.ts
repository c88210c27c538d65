import { describe, expect, test } from 'vitest';
import type { DesiredObject, Json, OrgSlug, RepoPath } from '../../model/index.ts';
import { orgObjects } from '../../plan/objects.testkit.ts';
import {
  fleetFactsOf,
  indexOfValues,
  leakValues,
  leakWords,
  readingsOf,
  suspectsOf,
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
  const words = contexts.map((context) => ({ org: context.org, words: leakWords(context.objects, common), common }));
  const suspects = suspectsOf(indexOfValues(values), words);
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
    const words = leakWords([orgObjects('acme').team('notes')], common).split(' ');
    expect(words).toContain('lead');
    expect(words.some((word) => common.has(word))).toBe(false);
  });
});

describe('values of an org in a file that all share', () => {
  const values = leakValues(fleetFactsOf(contextOf('bravo', BRAVO)));
  const index = indexOfValues(values);
  const judge = (text: string, path = 'templates/t/1.0.0/teams.yaml') =>
    validateSharedText({ files: [{ path: path as RepoPath, text }], index, placeOf: () => null });

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

test('work grows with words, not with values: a text is compared with the few values that it could hold', () => {
  const orgs = Array.from({ length: 300 }, (_, number) => `org-${String(number).padStart(4, '0')}`);
  const contexts = orgs.map((org) =>
    contextOf(org, [
      orgObjects(org).organization({ displayName: `Customer ${org}` }),
      orgObjects(org).team('support', { leads: [`support-lead@${org}.example`] }),
    ]),
  );
  const values = leakValues(contexts.flatMap((context) => fleetFactsOf(context)));
  const index = indexOfValues(values);
  const words = (org: OrgSlug, objects: readonly { readonly document: Json }[]) =>
    new Set(leakWords(objects as never, new Set()).split(' ')).add(org);
  for (const { org, objects } of contexts) {
    const candidates = index.candidates(words(org, objects), { has: () => false });
    expect(candidates.every((value) => value.org === org)).toBe(true);
    expect(candidates.length).toBeLessThan(8);
  }
});
