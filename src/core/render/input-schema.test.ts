import { expect, test } from 'vitest';
import { renderOrg } from './index.ts';
import { compiled, INPUT_SCHEMA, mustBe, organization, renderInput } from './render.testkit.ts';

const schemaCodes = (inputs: string): readonly string[] =>
  compiled({ inputs: `\n${inputs}`, bodies: {} }).findings.map((finding) => finding.code);
const property = (schema: string): string =>
  `    type: object\n    additionalProperties: false\n    properties:\n      a: ${schema}\n`;

test.each([
  '{ type: string, pattern: "^[a-z]+$", minLength: 1, maxLength: 5, default: ok }',
  '{ type: integer, minimum: 1, maximum: 5, multipleOf: 2, default: 4 }',
  '{ type: array, items: { type: string }, minItems: 0, maxItems: 3, uniqueItems: true, default: [] }',
  '{ type: object, additionalProperties: { type: string }, propertyNames: { pattern: "^[a-z]+$" } }',
  '{ type: boolean, title: t, description: d, examples: [true] }',
])('the schema %s is taken', (schema) => {
  expect(schemaCodes(property(schema))).toEqual([]);
});

test.each([
  '{ type: string, format: email }',
  '{ type: string, minimum: 1 }',
  '{ type: string, pattern: "(?<=a)b" }',
  '{ type: string, pattern: "(a)\\\\1" }',
  '{ type: string, pattern: 5 }',
  '{ type: [string, "null"] }',
  '{ type: "null" }',
  '{ anyOf: [{ type: string }] }',
  '{ type: object, properties: {} }',
  '{ type: object, additionalProperties: true }',
  '{ type: object, additionalProperties: false, properties: { constructor: { type: string } } }',
  '{ type: object, additionalProperties: false, properties: {}, required: [x] }',
  '{ type: object, additionalProperties: { type: string }, propertyNames: { pattern: 5 } }',
  '{ type: array }',
  '{ type: string, enum: [[1]] }',
  '{ $ref: "https://example.com/x" }',
  '{ $ref: "#/properties/a" }',
  '{ $ref: "#/$defs/none" }',
  '{ type: string, default: 5 }',
  '{ type: string, $data: x }',
])('the schema %s is refused', (schema) => {
  expect(schemaCodes(property(schema))).toContain('TEMPLATE_SCHEMA');
});

test('a definition that contains itself is refused', () => {
  const loop = `${property('{ $ref: "#/$defs/a" }')}    $defs:\n      a: { type: array, items: { $ref: "#/$defs/a" } }\n`;
  expect(schemaCodes(loop)).toEqual(['TEMPLATE_SCHEMA']);
});

test('an input schema is a closed object', () => {
  expect(schemaCodes('    type: string\n')).toEqual(['TEMPLATE_SCHEMA']);
});

const template = mustBe(compiled({ inputs: INPUT_SCHEMA, bodies: {} }));
const inputFinding = (inputs: Parameters<typeof organization>[0]) => {
  const result = renderOrg(renderInput(template, { organization: organization(inputs) }));
  return result.findings.map(({ code, place, expected, found, fix }) => ({
    code,
    line: place.line,
    expected,
    found,
    fix,
  }));
};

test.each([
  [{}, { expected: 'a string', found: 'nothing', fix: 'Add title.' }],
  [{ title: 5 }, { expected: 'a string', found: 'a number' }],
  [
    { title: 'x', titel: 'y' },
    { found: 'titel', fix: 'Write title, or delete it.' },
  ],
  [
    { title: 'x', mode: 'slow' },
    { expected: 'one of fast, safe', found: 'a text of 4 characters' },
  ],
  [
    { title: 'x', size: 1.5 },
    { expected: 'an integer', found: 'a number' },
  ],
  [{ title: 'x', people: [{ name: 'No' }] }, { expected: 'a text that matches ^[a-z0-9-]+$' }],
])('the inputs %j are refused at their line', (inputs, expected) => {
  expect(inputFinding(inputs)).toEqual([expect.objectContaining({ code: 'INPUT_INVALID', ...expected })]);
});

test('the place is the line of the value in org.yaml', () => {
  const org = organization({ title: 'x', people: [{ name: 'ok' }, { name: 'Not ok' }] });
  const [finding] = renderOrg(renderInput(template, { organization: org })).findings;
  expect(finding?.place).toEqual(org.placeOf('/spec/inputs/people/1/name'));
  expect(finding?.org).toBe('acme');
});

test('two patterns of one schema stay two', () => {
  const inputs = `
    type: object
    additionalProperties: false
    required: [letters, digits]
    properties:
      letters: { type: string, pattern: '^[a-z]+$' }
      digits: { type: string, pattern: '^[0-9]+$' }
`;
  const both = mustBe(compiled({ inputs, bodies: {} }));
  const codes = (values: Parameters<typeof organization>[0]): number =>
    renderOrg(renderInput(both, { organization: organization(values) })).findings.length;
  expect(codes({ letters: 'abc', digits: '123' })).toBe(0);
  expect(codes({ letters: 'abc', digits: 'abc' })).toBe(1);
  expect(codes({ letters: '123', digits: '123' })).toBe(1);
});

test('a pattern runs in linear time', () => {
  const inputs = `
    type: object
    additionalProperties: false
    required: [a]
    properties:
      a: { type: string, pattern: '^(a+)+$' }
`;
  const slow = mustBe(compiled({ inputs, bodies: {} }));
  const org = organization({ a: `${'a'.repeat(5000)}b` });
  expect(renderOrg(renderInput(slow, { organization: org })).findings).toHaveLength(1);
});

test('a finding never quotes the value, which may be a secret', () => {
  const org = organization({ title: 'x', mode: 'sk-live-secret', people: [{ name: 'SK LIVE SECRET' }] });
  const { findings } = renderOrg(renderInput(template, { organization: org }));
  expect(findings).toHaveLength(2);
  expect(JSON.stringify(findings).toLowerCase()).not.toMatch(/sk.live.secret/);
});
