import { expect, test } from 'vitest';
import { compiled, leafTemplate } from './render.testkit.ts';

const body = (item: string): { readonly bodies: { readonly [file: string]: string } } => ({
  bodies: { 'teams.yaml': `manifests:\n${item}` },
});
const codes = (files: Parameters<typeof compiled>[0]): readonly string[] =>
  compiled(files).findings.map((finding) => finding.code);

test.each([
  'plain text',
  '{{inputs.title}}',
  'a {{inputs.size}} b {{org.slug}}',
  '{{join inputs.names ", "}}',
  '{{default inputs.note "none"}}',
  '{{default inputs.note inputs.title}}',
  '{{#if inputs.note}}with {{inputs.note}}{{else}}without{{/if}}',
  '{{#unless inputs.note}}without{{else}}with {{inputs.note}}{{/unless}}',
  '{{#if inputs.open}}open{{/if}}',
  '{{#if inputs.nested.deep}}{{inputs.nested.deep}}{{/if}}',
  '\\{{inputs.title}}',
])('the leaf %s compiles', (leaf) => {
  expect(codes(leafTemplate(leaf))).toEqual([]);
});

test.each([
  ['{{inputs.titel}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{org.constructor}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{inputs.__proto__}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{inputs.title.length}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{inputs.names.length}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{title}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{#if inputs.nope}}x{{/if}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{join inputs.nope ", "}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{upper inputs.title}}', 'TEMPLATE_UNKNOWN_PATH'],
  ['{{inputs.note}}', 'TEMPLATE_OPTIONAL_UNGUARDED'],
  ['a {{inputs.nested.deep}}', 'TEMPLATE_OPTIONAL_UNGUARDED'],
  ['{{inputs.labels.any}}', 'TEMPLATE_OPTIONAL_UNGUARDED'],
  ['{{#if inputs.note}}x{{else}}{{inputs.note}}{{/if}}', 'TEMPLATE_OPTIONAL_UNGUARDED'],
  ['a {{inputs.names}}', 'TEMPLATE_TYPE'],
  ['a {{inputs.labels}}', 'TEMPLATE_TYPE'],
  ['{{#if inputs.title}}always{{/if}}', 'TEMPLATE_TYPE'],
  ['{{default inputs.title "x"}}', 'TEMPLATE_TYPE'],
  ['{{default inputs.share "x"}}', 'TEMPLATE_TYPE'],
  ['{{join inputs.people ", "}}', 'TEMPLATE_TYPE'],
  ['{{join inputs.names}}', 'TEMPLATE_TYPE'],
  ['{{{inputs.title}}}', 'TEMPLATE_SYNTAX'],
  ['{{&inputs.title}}', 'TEMPLATE_SYNTAX'],
  ['{{~inputs.title}}', 'TEMPLATE_SYNTAX'],
  ['{{> partial}}', 'TEMPLATE_SYNTAX'],
  ['{{! comment}}', 'TEMPLATE_SYNTAX'],
  ['{{@root.inputs.title}}', 'TEMPLATE_SYNTAX'],
  ['{{../inputs.title}}', 'TEMPLATE_SYNTAX'],
  ['{{./inputs.title}}', 'TEMPLATE_SYNTAX'],
  ['{{this.inputs.title}}', 'TEMPLATE_SYNTAX'],
  ['{{inputs/title}}', 'TEMPLATE_SYNTAX'],
  ['{{inputs.[a.b]}}', 'TEMPLATE_SYNTAX'],
  ['{{#each inputs.names}}x{{/each}}', 'TEMPLATE_SYNTAX'],
  ['{{#with inputs}}x{{/with}}', 'TEMPLATE_SYNTAX'],
  ['{{join (join inputs.names ",") ","}}', 'TEMPLATE_SYNTAX'],
  ['{{join inputs.names sep=","}}', 'TEMPLATE_SYNTAX'],
  ['{{#*inline "x"}}{{/inline}}', 'TEMPLATE_SYNTAX'],
  ['{{{{raw}}}}x{{{{/raw}}}}', 'TEMPLATE_SYNTAX'],
  ['{{#if inputs.open as |x|}}x{{/if}}', 'TEMPLATE_SYNTAX'],
  ['{{"literal"}}', 'TEMPLATE_SYNTAX'],
  ['{{inputs.title', 'TEMPLATE_SYNTAX'],
  [`${'{{#if inputs.open}}'.repeat(30)}${'{{/if}}'.repeat(30)}`, 'TEMPLATE_SYNTAX'],
  [`{{inputs.title}}${'x'.repeat(10_001)}`, 'TEMPLATE_SYNTAX'],
])('the leaf %s is refused with %s', (leaf, code) => {
  expect(codes(leafTemplate(leaf))).toEqual([code]);
});

test('an unknown path has its place and the name that was meant, before any org exists', () => {
  const [finding] = compiled(leafTemplate('Hello {{inputs.titel}}')).findings;
  expect(finding).toMatchObject({
    place: { file: 'templates/t/1.0.0/teams.yaml', line: 5, column: 20 },
    found: 'titel',
    fix: 'Write title instead of titel.',
  });
});

test.each([
  ['  - { kind: Team, metadata: { name: a }, spec: { $iff: inputs.open } }', 'TEMPLATE_DIRECTIVE'],
  ['  - { kind: Team, metadata: { name: a }, spec: { "{{inputs.title}}": 1 } }', 'TEMPLATE_DIRECTIVE'],
  ['  - { kind: Team, metadata: { name: a }, spec: { $each: inputs.names, $as: n } }', 'TEMPLATE_DIRECTIVE'],
  ['  - { $each: inputs.people, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_DIRECTIVE'],
  ['  - { $each: inputs.people, $as: inputs, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_DIRECTIVE'],
  ['  - { $as: x, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_DIRECTIVE'],
  ['  - { kind: Team, metadata: { name: a }, spec: { x: { $value: 1, y: 2 } } }', 'TEMPLATE_DIRECTIVE'],
  ['  - { kind: Team, metadata: { name: a }, spec: { x: [{ $items: 5 }] } }', 'TEMPLATE_DIRECTIVE'],
  [
    '  - { kind: Team, metadata: { name: a }, spec: { x: [{ $each: inputs.names, $as: n, $distinct: true, a: 1 }] } }',
    'TEMPLATE_DIRECTIVE',
  ],
  ['  - { $if: { path: inputs.mode }, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_DIRECTIVE'],
  ['  - { $if: { path: inputs.mode, equals: slow }, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_TYPE'],
  ['  - { $if: inputs.mode, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_TYPE'],
  ['  - { $if: inputs.nope, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_UNKNOWN_PATH'],
  ['  - { $if: { not: inputs.nope }, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_UNKNOWN_PATH'],
  ['  - { $each: inputs.title, $as: x, kind: Team, metadata: { name: a }, spec: {} }', 'TEMPLATE_TYPE'],
  [
    '  - { $each: inputs.people, $as: p, kind: Team, metadata: { name: "{{p.lead}}" }, spec: {} }',
    'TEMPLATE_OPTIONAL_UNGUARDED',
  ],
  ['  - { kind: Team, metadata: { name: a }, spec: { $merge: inputs.names } }', 'TEMPLATE_TYPE'],
  ['  - { kind: Team, metadata: { name: a }, spec: { $merge: inputs.nested } }', 'TEMPLATE_OPTIONAL_UNGUARDED'],
  [
    '  - { kind: Team, metadata: { name: a }, spec: { x: { $if: inputs.nested, deep: 1, $merge: inputs.nested } } }',
    'MERGE_COLLISION',
  ],
  ['  - { kind: Wallet, metadata: { name: a }, spec: {} }', 'TEMPLATE_BODY'],
  ['  - { metadata: { name: a }, spec: {} }', 'TEMPLATE_BODY'],
  ['  - { kind: Team, metadata: { name: a }, specs: {} }', 'TEMPLATE_BODY'],
  ['  - text', 'TEMPLATE_BODY'],
])('the item %s is refused with %s', (item, code) => {
  expect(codes(body(item))).toContain(code);
});

test('an $as name is in scope inside its item only', () => {
  const item = `  - { $each: inputs.people, $as: p, kind: Team, metadata: { name: '{{p.name}}' }, spec: {} }
  - { kind: Team, metadata: { name: '{{p.name}}' }, spec: {} }`;
  expect(codes(body(item))).toEqual(['TEMPLATE_UNKNOWN_PATH']);
});

test('an inner $as may not take the name of an outer one', () => {
  const item = `  - $each: inputs.people
    $as: p
    $items:
      - { $each: p.members, $as: p, kind: Team, metadata: { name: x }, spec: {} }`;
  expect(codes(body(item))).toEqual(['TEMPLATE_DIRECTIVE']);
});

test.each([
  ['users.yaml', 'manifests: []'],
  ['teams.yaml', 'items: []'],
  ['teams.yaml', 'manifests: {}'],
  ['teams.yaml', 'manifests: []\nmore: 1'],
])('a body %s of %j is refused', (file, text) => {
  expect(codes({ bodies: { [file]: text } })).toEqual(['TEMPLATE_BODY']);
});

test('every fault of a template is reported at once', () => {
  const item = `  - { kind: Team, metadata: { name: '{{a.b}}' }, spec: { x: '{{inputs.note}}', y: '{{{z}}}' } }`;
  expect(codes(body(item))).toEqual(['TEMPLATE_UNKNOWN_PATH', 'TEMPLATE_OPTIONAL_UNGUARDED', 'TEMPLATE_SYNTAX']);
});
