import { expect, test } from 'vitest';
import { type Json, type JsonObject, type Manifest, type RepoPath, startOf } from '../model/index.ts';
import { type Migrations, migrationFindings } from './index.ts';
import type { Shape } from './shape.ts';

const text: Shape = { type: 'scalar', scalar: 'string', values: null };
const map = (fields: Readonly<Record<string, Shape>>): Shape => ({
  type: 'map',
  fields: new Map(
    Object.entries(fields).map(([name, shape]) => [
      name,
      { shape, always: true, fallback: undefined, fallbackPointer: '' },
    ]),
  ),
});
const inputs = map({
  zone: text,
  teams: { type: 'list', items: map({ owners: text }) },
  roles: { type: 'dict', values: map({ size: text }) },
});

const strings = { type: 'string' };
const closed = (properties: JsonObject): JsonObject => ({ type: 'object', additionalProperties: false, properties });
const older = closed({
  timeZone: strings,
  teams: { type: 'array', items: closed({ leads: strings }) },
  roles: { type: 'object', additionalProperties: closed({ weight: strings }) },
});

function manifest(spec: Json): Manifest {
  const file = 'templates/t/2.0.0/template.yaml' as RepoPath;
  const placeOf = (pointer: string) => ({ ...startOf(file), object: pointer });
  return { spec, placeOf } as unknown as Manifest;
}

function found(step: Omit<Migrations, 'from'>, before: JsonObject | null = older): readonly string[] {
  const findings = migrationFindings({
    template: { name: 't', version: '2.0.0', inputs },
    manifest: manifest({ migrations: { from: '1.0.0', ...step } as unknown as JsonObject }),
    before: before === null ? null : manifest({ inputs: before }),
  });
  return findings.map(({ place, message }) => `${(place as unknown as { object: string }).object}: ${message}`);
}

const move = (from: string, to: string) => ({ moves: [{ from, to }] });

test('what both schemas know is fine, through lists and free keys', () => {
  const moves = [
    { from: '/timeZone', to: '/zone' },
    { from: '/teams/*/leads', to: '/teams/*/owners' },
    { from: '/teams/0/leads', to: '/teams/0/owners' },
    { from: '/roles/*/weight', to: '/roles/*/size' },
    { from: '/roles/admin/weight', to: '/roles/admin/size' },
  ];
  expect(found({ moves, defaults: [{ path: '/teams/*/owners', value: 'x' }] })).toEqual([]);
});

test.each([
  ['a source that the version before has not', move('/zone', '/zone'), 'moves/0/from: t@1.0.0 has no input /zone'],
  ['a target that this version has not', move('/timeZone', '/timeZone'), 'moves/0/to: t@2.0.0 has no input /timeZone'],
  [
    'a name inside a list',
    move('/teams/first/leads', '/zone'),
    'moves/0/from: t@1.0.0 has no input /teams/first/leads',
  ],
  ['something below a text', move('/timeZone/name', '/zone'), 'moves/0/from: t@1.0.0 has no input /timeZone/name'],
  ['fewer stars', move('/teams/*/leads', '/zone'), 'moves/0/to: both sides of a move stand for the same children'],
  [
    'a default of nothing',
    { moves: [], defaults: [{ path: '/cost', value: 'x' }] },
    'defaults/0/path: t@2.0.0 has no input /cost',
  ],
])('%s is a finding at the pointer', (_what, step, expected) => {
  expect(found(step)).toEqual([`/spec/migrations/${expected}`]);
});

test('a version before that is gone, or that has findings of its own, says nothing of sources', () => {
  expect(found(move('/nowhere', '/zone'), null)).toEqual([]);
  expect(found(move('/nowhere', '/zone'), { type: 'object' })).toEqual([]);
  expect(found(move('/nowhere', '/gone'), null)).toHaveLength(1);
});
