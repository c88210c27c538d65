import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { editYaml, type YamlEdit } from './migrate-text.ts';

const FILE = `# The customer's own words.
spec:
  template: desk@1.0.0 # pinned
  inputs:
    contact: { address: it@acme.example, team: desk }
    # Agreed with Ana in March.
    budget: '900.00' # per month
    teams:
      - name: desk
        # Leads answer the phone.
        leads: [ana@acme.example,  otto@acme.example]
      - name: shop
        leads: []
    limits:
      # Slow on purpose.
      perMinute:   60

      burst: 5
`;

const edited = (...edits: YamlEdit[]): string => editYaml(FILE, edits) ?? 'no place';

describe('editing YAML in place', () => {
  const tables: readonly (readonly [string, readonly YamlEdit[], (text: string) => string])[] = [
    [
      'a scalar is replaced where it stands, its comment stays',
      [{ op: 'set', path: '/spec/template', value: 'desk@1.1.0' }],
      (text) => text.replace('desk@1.0.0', 'desk@1.1.0'),
    ],
    [
      'an item behind the last one of a block list gets a line of its own',
      [{ op: 'set', path: '/spec/inputs/teams/2', value: { name: 'lab', leads: [] } }],
      (text) => text.replace('        leads: []\n', '        leads: []\n      - { name: lab, leads: [] }\n'),
    ],
    [
      'an item behind the last one of a list on one line stands behind it',
      [{ op: 'set', path: '/spec/inputs/teams/0/leads/2', value: 'eve@acme.example' }],
      (text) => text.replace('otto@acme.example]', 'otto@acme.example, eve@acme.example]'),
    ],
    [
      'a new list of objects has a line for each, in a map on one line none',
      [
        { op: 'set', path: '/spec/inputs/limits/each', value: [{ a: 1 }, { a: 2 }] },
        { op: 'set', path: '/spec/inputs/contact/each', value: [{ a: 1 }] },
      ],
      (text) =>
        text
          .replace('      burst: 5\n', '      burst: 5\n      each:\n        - { a: 1 }\n        - { a: 2 }\n')
          .replace('team: desk }', 'team: desk, each: [{ a: 1 }] }'),
    ],
    [
      'a field of a block map is renamed in place',
      [{ op: 'move', from: '/spec/inputs/budget', to: '/spec/inputs/orgLimit' }],
      (text) => text.replace('budget:', 'orgLimit:'),
    ],
    [
      'a field of a list item is renamed in place',
      [{ op: 'move', from: '/spec/inputs/teams/0/leads', to: '/spec/inputs/teams/0/owners' }],
      (text) => text.replace('leads: [ana', 'owners: [ana'),
    ],
    [
      'a moved field takes its comments along into a block map',
      [{ op: 'move', from: '/spec/inputs/budget', to: '/spec/inputs/limits/month' }],
      (text) =>
        `${text.replace("    # Agreed with Ana in March.\n    budget: '900.00' # per month\n", '')}      # Agreed with Ana in March.\n      month: '900.00' # per month\n`,
    ],
    [
      'a block with comments moves as it is, indented anew',
      [{ op: 'move', from: '/spec/inputs/limits', to: '/spec/rate' }],
      (text) =>
        `${text.slice(0, text.indexOf('    limits:'))}  rate:\n    # Slow on purpose.\n    perMinute:   60\n\n    burst: 5\n`,
    ],
    [
      'a field is added to a flow map',
      [{ op: 'set', path: '/spec/inputs/contact/phone', value: '110' }],
      (text) => text.replace('team: desk }', "team: desk, phone: '110' }"),
    ],
    [
      'missing maps are made',
      [{ op: 'set', path: '/spec/inputs/review/hours', value: 4 }],
      (text) => `${text}    review: { hours: 4 }\n`,
    ],
    [
      'a field is removed, its neighbours stay',
      [{ op: 'remove', path: '/spec/inputs/limits/perMinute' }],
      (text) => text.replace('      perMinute:   60\n', ''),
    ],
    [
      'an item of a list is removed',
      [{ op: 'remove', path: '/spec/inputs/teams/1' }],
      (text) => text.replace('      - name: shop\n        leads: []\n', ''),
    ],
    [
      'the first field of an item is removed, the dash stays',
      [{ op: 'remove', path: '/spec/inputs/teams/1/name' }],
      (text) => text.replace('- name: shop\n        leads: []', '- leads: []'),
    ],
    [
      'a field of a flow map is removed',
      [{ op: 'remove', path: '/spec/inputs/contact/team' }],
      (text) => text.replace(', team: desk }', ' }'),
    ],
    [
      'the last field of a map leaves an empty map',
      [
        { op: 'remove', path: '/spec/inputs/limits/perMinute' },
        { op: 'remove', path: '/spec/inputs/limits/burst' },
      ],
      (text) => `${text.slice(0, text.indexOf('    limits:'))}    limits: {}\n`,
    ],
  ];
  test.each(tables)('%s', (_, edits, wanted) => expect(edited(...edits)).toBe(wanted(FILE)));

  test('a key in quotes is renamed to a plain one with a blank before a value that had none', () => {
    const text = '{"a": {"p":false,"r": 1}}\n';
    expect(editYaml(text, [{ op: 'move', from: '/a/p', to: '/a/q' }])).toBe('{"a": {q: false,"r": 1}}\n');
    expect(editYaml(text, [{ op: 'move', from: '/a/r', to: '/a/q' }])).toBe('{"a": {"p":false,q: 1}}\n');
  });

  test('what is not there has no place', () => {
    expect(editYaml(FILE, [{ op: 'remove', path: '/spec/none' }])).toBeUndefined();
    expect(editYaml(FILE, [{ op: 'set', path: '/spec/template/x', value: 1 }])).toBeUndefined();
  });

  test('any value set is read back as itself, and nothing else moves', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
    const paths = fc.constantFrom('/spec/template', '/spec/inputs/teams', '/spec/inputs/contact/team', '/spec/new');
    fc.assert(
      fc.property(paths, json, (path, value) => {
        const given = JSON.parse(JSON.stringify(value));
        const text = editYaml(FILE, [{ op: 'set', path, value: given }]) ?? '';
        const expected = parse(FILE);
        const [last = '', ...above] = path.slice(1).split('/').reverse();
        above.reverse().reduce((at, step) => at[step], expected)[last] = given;
        expect(parse(text)).toEqual(expected);
      }),
    );
  });
});
