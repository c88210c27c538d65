import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { chat, codesOf, compiled, documentOf, findingsOf, request } from '../policy.testkit.ts';
import { answerWith, offer, streamedCall } from './tools.testkit.ts';

const KIND = 'tool-validation';
const policyOf = (settings: JsonObject) => compiled(documentOf(KIND, settings));

const refund = {
  type: 'object',
  required: ['order_id', 'amount'],
  properties: { order_id: { type: 'string' }, amount: { type: 'number', maximum: 200 } },
};

describe('tool-validation', () => {
  const policy = policyOf({ declared_tools: ['search', 'refund'], schemas: { refund } });

  it.each<[string, readonly string[], string | null]>([
    ['declared tools', ['search', 'refund'], null],
    ['no tools', [], null],
    ['a tool that is not declared', ['search', 'drop_table'], 'tool_validation.undeclared'],
    ['a name in another case', ['Search'], 'tool_validation.undeclared'],
  ])('judges a request that offers %s', (_, names, reason) => {
    expect(policy.input(request(offer(...names))).reasonCode).toBe(reason);
  });

  it.each<[string, string, string, string | null]>([
    ['a declared tool', 'search', '{"q":"tea"}', null],
    ['valid arguments', 'refund', '{"order_id":"o1","amount":199.99}', null],
    ['a tool that is not declared', 'drop_table', '{}', 'tool_validation.undeclared'],
    ['a value out of range', 'refund', '{"order_id":"o1","amount":201}', 'tool_validation.arguments_invalid'],
    ['a missing argument', 'refund', '{"amount":1}', 'tool_validation.arguments_invalid'],
    ['no arguments', 'refund', '', 'tool_validation.arguments_invalid'],
    ['arguments that are cut off', 'refund', '{"order_id":"o1","amount":1', 'tool_validation.arguments_invalid'],
    ['a key twice', 'refund', '{"order_id":"o1","amount":999,"amount":1}', 'tool_validation.arguments_invalid'],
    ['arguments that are no object', 'refund', '"text"', 'tool_validation.arguments_invalid'],
    ['arguments of a tool without a schema', 'search', 'not JSON', null],
  ])('judges an answer with %s, whole and streamed alike', (_, name, given, reason) => {
    const whole = policy.output(request(chat('hi')), answerWith([name, given]));
    const { sent, outcome } = streamedCall(policy, name, given);
    expect([whole.reasonCode, outcome.reasonCode]).toEqual([reason, reason]);
    expect(sent).toBe(reason === null ? given : '');
  });

  it('says where arguments fail, by the place in the schema and without a word of them', () => {
    const given = '{"order_id":"very secret","amount":999}';
    const { blockedBy } = policy.output(request(chat('hi')), answerWith(['refund', given]));
    expect(blockedBy?.message).toBe(
      'The arguments of a tool call do not satisfy the schema of the tool at /properties/amount/maximum.',
    );
    const cut = policy.output(request(chat('hi')), answerWith(['refund', '{"order_id":"very sec']));
    expect(cut.blockedBy?.message).toBe('The arguments of a tool call are not JSON, or have a key twice.');
  });

  it.each<[string, JsonObject, string]>([
    [
      'take too long',
      { items: { type: 'number', minimum: 0 } },
      JSON.stringify(Array.from({ length: 130_000 }, () => 1)),
    ],
    ['are nested too deep', { enum: [1] }, `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
  ])('refuses arguments whose checks %s', (_, schema, given) => {
    const { blockedBy } = policyOf({ schemas: { sum: schema } }).output(
      request(chat('hi')),
      answerWith(['sum', given]),
    );
    expect(blockedBy?.reasonCode).toBe('tool_validation.arguments_invalid');
    expect(blockedBy?.message).toBe('The arguments of a tool call do not satisfy the schema of the tool.');
  });

  it('treats missing arguments as none', () => {
    const lenient = policyOf({ schemas: { ping: { type: 'object', maxProperties: 0 } } });
    expect(lenient.output(request(chat('hi')), answerWith(['ping', ''])).verdict).toBe('allow');
  });

  it('lets every tool pass where none is declared', () => {
    for (const settings of [{}, { declared_tools: [] }]) {
      expect(policyOf(settings).input(request(offer('anything'))).verdict).toBe('allow');
      expect(policyOf(settings).output(request(chat('hi')), answerWith(['anything', ''])).verdict).toBe('allow');
    }
  });

  it('notes tools that are not declared where they are allowed, and checks their arguments still', () => {
    const noting = policyOf({ declared_tools: ['search'], allow_undeclared: true, schemas: { refund } });
    const warning = ['A tool is not declared in the policy of this gateway.'];
    expect(noting.input(request(offer('refund')))).toMatchObject({ verdict: 'allow', warnings: warning });
    const fine = '{"order_id":"o1","amount":1}';
    expect(noting.output(request(chat('hi')), answerWith(['refund', fine]))).toMatchObject({
      verdict: 'allow',
      warnings: warning,
      steps: [{ verdict: 'warn', reasonCode: 'tool_validation.undeclared' }],
    });
    expect(streamedCall(noting, 'refund', fine)).toMatchObject({ sent: fine, outcome: { warnings: warning } });
    expect(noting.output(request(chat('hi')), answerWith(['refund', '{}'])).verdict).toBe('block');
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ['semantic validation', { semantic_validation: { enabled: true } }, ['POLICY_UNSUPPORTED_KEY']],
    [
      'patterns of names',
      { declared_tools: ['search', 'code_*', '*'] },
      ['POLICY_TOOL_PATTERN', 'POLICY_TOOL_PATTERN'],
    ],
    ['a schema that is none', { schemas: { a: 7 } }, ['POLICY_SCHEMA_INVALID']],
    ['a keyword that is not supported', { schemas: { 'a/b': { format: 'date' } } }, ['POLICY_SCHEMA_UNSUPPORTED']],
  ])('refuses %s', (_, settings, codes) => {
    expect(codesOf(documentOf(KIND, settings))).toEqual(codes);
  });

  it('points at the keyword of a schema', () => {
    const schemas: Json = { 'a/b': { properties: { c: { format: 'date' } } } };
    const [finding] = findingsOf(documentOf(KIND, { schemas }));
    expect(finding?.place.file).toBe('/policy/tool-validation/schemas/a~1b/properties/c/format');
    expect(finding?.found).toBe('format');
    expect(finding?.message).toBe('The schema of a/b uses what is not supported here.');
    const [malformed] = findingsOf(documentOf(KIND, { schemas: { a: { type: 'text' } } }));
    expect(malformed?.message).toBe('The schema of a is not a JSON Schema.');
  });
});
