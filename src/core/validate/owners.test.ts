import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OrgSlug, RepoPath } from '../model/index.ts';
import { ownerFile } from '../render/index.ts';
import { type OwnerFacts, validateOwners } from './index.ts';
import { openOwnerFile, readOwnerFile } from './owner-rules.ts';

const matched = (pattern: string, path: string): boolean =>
  openOwnerFile(readOwnerFile(`${pattern} @a`))(path) !== undefined;

describe('the language of owner files', () => {
  test.each([
    ['*', 'a/b/c.yaml', true],
    ['*.yaml', 'a/b/c.yaml', true],
    ['*.yaml', 'a/b/c.yml', false],
    ['/orgs/acme/', 'orgs/acme/a/b', true],
    ['/orgs/acme/', 'orgs/acme', false],
    ['/orgs/acme', 'orgs/acme/a/b', true],
    ['/orgs/acme', 'orgs/acme-two/a', false],
    ['orgs/acme', 'x/orgs/acme/a', false],
    ['acme/', 'orgs/acme/a', true],
    ['acme/', 'orgs/acme', false],
    ['/orgs/*/waivers/', 'orgs/acme/waivers/a', true],
    ['/orgs/*/waivers/', 'orgs/acme/x/waivers/a', false],
    ['/orgs/*', 'orgs/a.yaml', true],
    ['/orgs/*', 'orgs/acme/a.yaml', false],
    ['/orgs/**', 'orgs/acme/a.yaml', true],
    ['**/waivers', 'orgs/acme/waivers/a', true],
    ['/orgs/**/a.yaml', 'orgs/a.yaml', true],
    ['/orgs/a?me/', 'orgs/acme/x', true],
    ['/Orgs/acme/', 'orgs/acme/x', false],
    ['/orgs/a*m*e/', 'orgs/acme/x', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matched(pattern, path)).toBe(expected);
  });

  test('the last line that matches decides, one without owners too; comments and what cannot be read do not', () => {
    const read = readOwnerFile(
      '# all\n* @a # us\n/orgs/x/ @b\n!/orgs/x/ @c\n/orgs/[x]/ @c\n/orgs/x/y nobody\n/orgs/x/open/\n',
    );
    const decides = openOwnerFile(read);
    expect(['a', 'orgs/x/y', 'orgs/x/open/z'].map((path) => decides(path)?.owners)).toEqual([['@a'], ['@b'], []]);
    expect(read.unreadable).toEqual([4, 5, 6]);
  });

  test('a pattern of many stars costs no more than a plain one', () => {
    const stars = `/${'*a'.repeat(2000)}*b/${'**/'.repeat(300)}x`;
    expect(matched(stars, `${'a'.repeat(4000)}/${'y/'.repeat(300)}z`)).toBe(false);
  });
});

const acme = 'acme' as OrgSlug;
const bravo = 'bravo' as OrgSlug;
const orgs = new Map([
  [acme, ['@msp/west', '@otto']],
  [bravo, ['@msp/north']],
]);
const platform = ['@msp/platform'];
const paths = [
  'orgs/acme/org.yaml',
  'orgs/acme/waivers/w.yaml',
  'orgs/bravo/org.yaml',
  'orgs/bravo/pins/p.yaml',
] as readonly string[] as readonly RepoPath[];
const good = ownerFile('', { platform, orgs });
const facts = (text: string, more: Partial<OwnerFacts> = {}): OwnerFacts => ({
  file: { path: '.github/CODEOWNERS' as RepoPath, text },
  platform,
  orgs,
  paths,
  ...more,
});
const found = (text: string, more: Partial<OwnerFacts> = {}): readonly string[] =>
  validateOwners(facts(text, more)).map(({ code, org, place }) => `${code} ${org ?? '-'} :${place.line}`);

describe('effective owners', () => {
  test('of the generated file are right, with lines of people above it', () => {
    expect(found(good)).toEqual([]);
    expect(found(ownerFile('/src/ @msp/developers\n/orgs/acme/ @mallory\n', { platform, orgs }))).toEqual([]);
  });

  test.each([
    ['a later line for one org', `${good}/orgs/acme/ @mallory\n`, ['OWNERS_WRONG acme :9', 'OWNERS_WRONG acme :9']],
    [
      'a later line for files not there yet',
      `${good}*.yaml @msp/platform @mallory\n`,
      ['OWNERS_WRONG acme :9', 'OWNERS_WRONG acme :9', 'OWNERS_WRONG bravo :9', 'OWNERS_WRONG bravo :9'],
    ],
    ['a later line without owners', `${good}/orgs/bravo/\n`, ['OWNERS_WRONG bravo :9', 'OWNERS_WRONG bravo :9']],
    ['an org that is missing', good.replace(/^\/orgs\/bravo.*$/m, ''), ['OWNERS_WRONG bravo :2']],
    ['an owner that left', good.replace(' @otto', ''), ['OWNERS_WRONG acme :3']],
    ['no catch-all', good.replace(/^\* .*$/m, ''), ['OWNERS_CATCH_ALL - :1']],
    ['an owner file that somebody else owns', `${good}/.github/CODEOWNERS @mallory\n`, ['OWNERS_CATCH_ALL - :9']],
    [
      'waivers that the org owns',
      good.replace('/orgs/*/waivers/', '/orgs/*/never/'),
      ['OWNERS_WRONG acme :3', 'OWNERS_WRONG bravo :4'],
    ],
    ['a line that is skipped', `!x @a\n${good}`, ['OWNERS_SYNTAX - :1']],
  ])('are found wrong with %s', (_what, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test('need a file where there are files for a forge', () => {
    expect(validateOwners(facts('', { file: null })).map(({ code }) => code)).toEqual(['OWNERS_MISSING']);
    expect(found(' '.repeat(4 * 1024 * 1024))).toEqual(['OWNERS_SYNTAX - :1']);
  });

  const name = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
  const handles = fc.uniqueArray(
    name.map((text) => `@msp/${text}`),
    { minLength: 1, maxLength: 4 },
  );
  const folder = fc.constantFrom('teams', 'wallets', 'waivers', 'pins', 'custom/deep', 'policies/production');

  test('of the generated file are right for any orgs, owners and files, whatever stood before', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, handles, { minKeys: 1, maxKeys: 8 }),
        handles,
        fc.array(fc.tuple(folder, name), { maxLength: 6 }),
        fc.array(fc.constantFrom('* @mallory', '/orgs/ @mallory', '# words', '/.github/ @x', '**/waivers/ @x'), {
          maxLength: 4,
        }),
        (owners, team, files, before) => {
          const known = new Map(Object.entries(owners)) as ReadonlyMap<string, string[]> as ReadonlyMap<
            OrgSlug,
            string[]
          >;
          const all = [...known.keys()].flatMap((org) =>
            files.map(([at, file]) => `orgs/${org}/${at}/${file}.yaml` as RepoPath),
          );
          const text = ownerFile(before.join('\n'), { platform: team, orgs: known });
          expect(validateOwners(facts(text, { platform: team, orgs: known, paths: all }))).toEqual([]);
          expect(ownerFile(text, { platform: team, orgs: known })).toBe(text);
        },
      ),
    );
  });
});
