import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { chat, codesOf, compiled, documentOf, request } from '../policy.testkit.ts';
import { answerWith, historyWith, streamedCall } from './tools.testkit.ts';

const KIND = 'tool-security';
const policyOf = (settings: JsonObject = {}) => compiled(documentOf(KIND, settings));
const policy = policyOf();

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig';
const args = (value: unknown): string => JSON.stringify(value);

/** The reasons on a request, on a whole answer and on a stream, which must be one; and nothing of a refused call goes out. */
function reasonOf(one: typeof policy, name: string, given: string): string | null {
  const whole = one.output(request(chat('hi')), answerWith([name, given])).reasonCode;
  const streamed = streamedCall(one, name, given);
  const told = one.input(request(historyWith([[name, given]]))).reasonCode;
  expect([streamed.outcome.reasonCode, told]).toEqual([whole, whole]);
  expect(streamed.sent).toBe(whole === null ? given : '');
  return whole;
}

const secrets: readonly (readonly [string, string, unknown])[] = [
  ['pan', 'text', { note: 'card 4111 1111 1111 1111 please' }],
  ['pan', 'a number', { card: 4111111111111111 }],
  ['ssn', 'deep down', { a: [{ b: ['536-22-1234'] }] }],
  ['ssn', 'a key', { '536-22-1234': true }],
  ['mrn', 'its keyword in the key', { mrn: '00123456' }],
  ['jwt', 'text', { header: `Bearer ${JWT}` }],
  ['aws_access_key', 'text', { id: 'AKIAIOSFODNN7EXAMPLE' }],
  ['private_key', 'text', { pem: '-----BEGIN RSA PRIVATE KEY-----\nMII' }],
];

describe('tool-security', () => {
  it.each(secrets)('finds %s in %s, and only where it looks for it', (type, _, value) => {
    expect(reasonOf(policy, 'send', args(value))).toBe('tool_security.sensitive_data');
    expect(reasonOf(policyOf({ blocked_entity_types: [type] }), 'send', args(value))).toBe(
      'tool_security.sensitive_data',
    );
    const others = ['pan', 'ssn', 'jwt', 'aws_access_key', 'mrn', 'private_key'].filter((other) => other !== type);
    expect(reasonOf(policyOf({ blocked_entity_types: others }), 'send', args(value))).toBeNull();
  });

  it.each<[string, string, unknown]>([
    ['path_traversal', 'read', { path: '../../etc/passwd' }],
    ['ssrf', 'fetch', { url: 'http://169.254.169.254/latest' }],
    ['command_injection', 'convert', { file: 'a.png; rm -rf /' }],
    ['injection', 'find', { name: "' OR '1'='1" }],
  ])('finds %s', (reason, name, value) => {
    expect(reasonOf(policy, name, args(value))).toBe(`tool_security.${reason}`);
    expect(reasonOf(policy, name, args({ deep: [{ [String(Object.values(value as object)[0])]: 1 }] }))).toBe(
      `tool_security.${reason}`,
    );
  });

  it.each(['4.111111111111111e15', '41111111111111110E-1', '0.4111111111111111E+16', '4111111111111111.0'])(
    'reads the number %s as tools do',
    (number) => {
      expect(reasonOf(policyOf({ blocked_entity_types: ['pan'] }), 'send', `{"c":${number},"d":1.5e3}`)).toBe(
        'tool_security.sensitive_data',
      );
    },
  );

  it('is not misled by escapes, nor by arguments that are no JSON', () => {
    expect(reasonOf(policy, 'read', '{"path":"\\u002e\\u002e\\u002fetc"}')).toBe('tool_security.path_traversal');
    expect(reasonOf(policy, 'read', '{"path":"..\\/..\\/etc"}')).toBe('tool_security.path_traversal');
    expect(reasonOf(policy, 'send', '{"card":"4111\\u0020111111111111"}')).toBe('tool_security.sensitive_data');
    expect(reasonOf(policy, 'send', 'card 4111111111111111')).toBe('tool_security.sensitive_data');
    expect(reasonOf(policy, 'read', '{"path": "../../etc')).toBe('tool_security.path_traversal');
    expect(reasonOf(policy, '../etc', '{}')).toBe('tool_security.path_traversal');
  });

  it('lets ordinary calls pass', () => {
    const ordinary = {
      to: 'ana@acme.example',
      subject: 'Your order o-1234',
      body: 'Hello Ana,\nwe refund 19.99 & ship again; sorry!',
      url: 'https://acme.example/o?id=1',
    };
    expect(reasonOf(policy, 'send_email', args(ordinary))).toBeNull();
    expect(reasonOf(policy, 'ping', '')).toBeNull();
    expect(policy.input(request(chat('rm -rf / and 4111 1111 1111 1111'))).verdict).toBe('allow');
  });

  it('finds blocked patterns in any case, in a text or over the arguments as they were sent', () => {
    const one = policyOf({ blocked_patterns: ['Project Larkspur', '"force":true'] });
    expect(reasonOf(one, 'search', args({ q: 'about PROJECT larkspur' }))).toBe('tool_security.blocked_pattern');
    expect(reasonOf(one, 'search', '{"q":"Project\\u0020Larkspur"}')).toBe('tool_security.blocked_pattern');
    expect(reasonOf(one, 'push', args({ force: true }))).toBe('tool_security.blocked_pattern');
    expect(reasonOf(one, 'project larkspur', '{}')).toBe('tool_security.blocked_pattern');
    expect(reasonOf(one, 'search', args({ q: 'Larkspur' }))).toBeNull();
  });

  it('never repeats what it found', () => {
    const { blockedBy } = policy.output(request(chat('hi')), answerWith(['send', args({ card: '4111111111111111' })]));
    expect(blockedBy?.message).toBe('A tool call holds what this gateway does not let through.');
  });

  it('sends no byte of a call, wherever a secret stands in its arguments', () => {
    for (let at = 0; at <= 40; at++) {
      const given = args({ note: `${'x '.repeat(at).slice(0, at)} 4111 1111 1111 1111 ${'y'.repeat(40 - at)}` });
      expect(streamedCall(policy, 'send', given).sent).toBe('');
    }
  });

  it.each<[JsonObject, string]>([
    [{ analysis_mode: 'external' }, 'POLICY_UNSUPPORTED_VALUE'],
    [{ fail_closed: false }, 'POLICY_UNSUPPORTED_VALUE'],
    [{ firewall_endpoint: 'https://x.example' }, 'POLICY_UNSUPPORTED_KEY'],
    [{ secret_key_ref: { env: 'X' } }, 'POLICY_UNSUPPORTED_KEY'],
    [{ blocked_entity_types: ['email'] }, 'POLICY_SHAPE'],
  ])('refuses %j', (settings, code) => {
    expect(codesOf(documentOf(KIND, settings))).toEqual([code]);
    expect(codesOf(documentOf(KIND, { analysis_mode: 'local', fail_closed: true, blocked_entity_types: [] }))).toEqual(
      [],
    );
  });
});
