import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../model/index.ts';
import { edited, editYaml, type Migrations, migrateInputs, type YamlEdit } from './index.ts';

const migrate = (inputs: JsonObject, step: Omit<Migrations, 'from'>, keep: 'moved' | 'there' | null = null) =>
  migrateInputs(inputs, { from: '1.0.0', ...step }, () => keep);

describe('migrations', () => {
  test('move inputs, and leave alone what is not there', () => {
    const moves = [
      { from: '/zone', to: '/place/zone' },
      { from: '/none', to: '/other' },
    ];
    expect(migrate({ zone: 'UTC', size: 3 }, { moves })).toEqual({
      inputs: { size: 3, place: { zone: 'UTC' } },
      edits: [{ op: 'move', from: '/zone', to: '/place/zone' }],
      taken: [],
    });
  });

  test('move in every item of a list and under every key of a map', () => {
    const moves = [{ from: '/teams/*/leads', to: '/teams/*/owners' }];
    expect(migrate({ teams: [{ leads: ['a'] }, { name: 'x' }, { leads: [] }] }, { moves }).inputs).toEqual({
      teams: [{ owners: ['a'] }, { name: 'x' }, { owners: [] }],
    });
    expect(
      migrate({ roles: { one: { a: 1 }, two: { a: 2 } } }, { moves: [{ from: '/roles/*/a', to: '/roles/*/b' }] })
        .inputs,
    ).toEqual({
      roles: { one: { b: 1 }, two: { b: 2 } },
    });
  });

  test('move along a chain without running over each other', () => {
    const moves = [
      { from: '/a', to: '/b' },
      { from: '/b', to: '/c' },
    ];
    expect(migrate({ a: 1, b: 2 }, { moves })).toMatchObject({ inputs: { b: 1, c: 2 }, taken: [] });
  });

  test('do not write over what the org has: a person says which one stays', () => {
    const moves = [{ from: '/a', to: '/b' }];
    const open = migrate({ a: 1, b: 2 }, { moves });
    expect(open).toEqual({ inputs: { a: 1, b: 2 }, edits: [], taken: [{ from: '/a', to: '/b', moved: 1, there: 2 }] });
    expect(migrate({ a: 1, b: 2 }, { moves }, 'moved').inputs).toEqual({ b: 1 });
    expect(migrate({ a: 1, b: 2 }, { moves }, 'there').inputs).toEqual({ b: 2 });
  });

  test('set defaults only where the org says nothing', () => {
    const defaults = [
      { path: '/teams/*/size', value: 3 },
      { path: '/mode', value: 'safe' },
    ];
    expect(migrate({ teams: [{ size: 9 }, {}], mode: 'fast' }, { moves: [], defaults }).inputs).toEqual({
      teams: [{ size: 9 }, { size: 3 }],
      mode: 'fast',
    });
  });
});

test('the edited text says what the edited value says, for every layout', () => {
  const leaf = fc.oneof(fc.integer(), fc.constantFrom('x', 'a b', 'yes', '09', "it's"), fc.boolean());
  const inner = fc.dictionary(fc.constantFrom('p', 'q', 'r'), leaf, { noNullPrototype: true });
  const place = fc.constantFrom('/a/p', '/a/q', '/b/0/p', '/b/1/q', '/c', '/d/e');
  const entries = fc.array(inner, { minLength: 1, maxLength: 2 });
  const sample = fc.record({
    value: fc.record({ a: inner, b: fc.array(inner, { maxLength: 3 }), c: leaf }),
    flat: fc.constantFrom<readonly string[]>([], ['a'], ['b'], ['a', 'b']),
    edit: fc.oneof<fc.Arbitrary<YamlEdit>[]>(
      fc.record({ op: fc.constant('set'), path: place, value: leaf }),
      fc.record({ op: fc.constant('set'), path: fc.constantFrom('/b/0', '/b/1', '/b/2', '/b/3'), value: inner }),
      fc.record({ op: fc.constant('set'), path: fc.constantFrom('/d', '/a/r'), value: entries }),
      fc.record({ op: fc.constant('remove'), path: place }),
      fc.record({ op: fc.constant('move'), from: place, to: place }),
    ),
  });
  fc.assert(
    fc.property(sample, ({ value, flat, edit }) => {
      fc.pre(applies(value, edit));
      const result = editYaml(laidOut(value, flat), [edit]);
      expect(parse(result ?? 'no place')).toEqual(edited(value, edit));
    }),
  );
});

/** Each field as a block, those of `flat` on one line. */
function laidOut(value: JsonObject, flat: readonly string[]): string {
  const fields = Object.entries(value).map(
    ([key, item]) => `${key}: ${flat.includes(key) ? JSON.stringify(item) : `\n${indent(stringify(item))}`}`,
  );
  return `# Words.\n${fields.join('\n')}\n`;
}

const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

/** Edits as migrations make them: a place that can be, something to move or to remove, and a free place to move to. */
function applies(value: JsonObject, edit: YamlEdit): boolean {
  const has = (pointer: string): boolean =>
    pointer
      .slice(1)
      .split('/')
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value) !== undefined;
  // Behind the last item of a list one can be added.
  const length = Array.isArray(value['b']) ? value['b'].length : 0;
  if (edit.op === 'set' && /^\/b\/\d$/.test(edit.path)) return Number(edit.path.slice(3)) <= length;
  if (edit.op === 'set') return !edit.path.startsWith('/b') || has(edit.path.slice(0, 4));
  return edit.op === 'remove' ? has(edit.path) : has(edit.from) && !has(edit.to) && !/^\/b/.test(edit.to);
}
