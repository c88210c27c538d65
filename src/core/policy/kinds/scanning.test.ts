import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, valueAt } from '../../model/index.ts';
import { channelOf } from '../index.ts';
import { chat, codesOf, compiled, documentOf, request } from '../policy.testkit.ts';

const input = (kind: string, settings: JsonObject, body: Json) =>
  compiled(documentOf(kind, settings)).input(request(body));
const redacted = (settings: JsonObject, text: string): Json | undefined =>
  valueAt(input('pii-detector', settings, chat(text)).body, '/messages/0/content');

describe('pii-detector', () => {
  it('redacts by default and reports how many', () => {
    const outcome = input('pii-detector', {}, chat('mail ana@acme.example or 212-555-0147'));
    expect(outcome).toMatchObject({ verdict: 'redact', reasonCode: 'pii.detected', blockedBy: null });
    expect(outcome.steps).toMatchObject([{ policy: 'pii-detector', phase: 'input', verdict: 'redact', redactions: 2 }]);
    expect(valueAt(outcome.body, '/messages/0/content')).toBe('mail [EMAIL] or [PHONE]');
  });

  it('keeps the identity of a body without matches', () => {
    const body = chat('nothing to see');
    const outcome = input('pii-detector', {}, body);
    expect(outcome.body).toBe(body);
    expect(outcome.verdict).toBe('allow');
  });

  it('blocks on demand, without repeating anything', () => {
    const outcome = input('pii-detector', { action: 'block' }, chat('mail ana@acme.example'));
    expect(outcome).toMatchObject({ verdict: 'block', reasonCode: 'pii.detected' });
    expect(outcome.blockedBy?.message).not.toContain('ana');
  });

  it.each([
    [{}, 'x [CREDIT_CARD] y'],
    [{ redaction: { marker_format: 'asterisk' } }, 'x *** y'],
    [{ redaction: { marker_format: 'asterisk', preserve_length: true } }, 'x **************** y'],
    [{ redaction: { marker_format: 'partial' } }, 'x 4***11 y'],
    [{ redaction: { marker_format: 'partial', preserve_length: true } }, 'x 4*************11 y'],
    [{ redaction: { preserve_length: true } }, 'x [CREDIT_CARD]*** y'],
    [{ redaction: { custom_markers: { credit_card: '(card)' } } }, 'x (card) y'],
    [{ pci_mode: false }, 'x 4111111111111111 y'],
  ])('with %j writes %j', (settings, expected) => {
    expect(redacted(settings as JsonObject, 'x 4111111111111111 y')).toBe(expected);
  });

  it('looks for account numbers in pci_mode only, and for numbers of persons always', () => {
    const text = 'DE89370400440532013000 of 12345678Z';
    expect(redacted({}, text)).toBe('[IBAN] of [NATIONAL_ID]');
    expect(redacted({ pci_mode: false }, text)).toBe('DE89370400440532013000 of [NATIONAL_ID]');
  });

  it('looks for medical numbers in healthcare mode only', () => {
    expect(redacted({ healthcare_mode: true }, 'MRN: 00123456')).toBe('MRN: [MRN]');
    expect(redacted({}, 'MRN: 00123456')).toBe('MRN: 00123456');
  });

  it('looks for the patterns of the document', () => {
    expect(redacted({ detect_patterns: ['EMP-[0-9]{4}'] }, 'badge EMP-0042')).toBe('badge [CUSTOM]');
  });

  describe('in arguments of tools', () => {
    const called = (given: Json): JsonObject => ({
      messages: [
        {
          role: 'assistant',
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify(given) } }],
        },
      ],
    });
    const part = (given: Json): JsonObject => ({
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: given }] }],
    });
    const secret = 'Z63fFKcZjR4I0b3jRtaW';

    it.each<readonly [string, JsonObject, Json, Json]>([
      ['pii-detector', {}, { cvv: '123' }, { cvv: '[CVV]' }],
      ['pii-detector', {}, { card: { cvv: 123 } }, { card: { cvv: '[CVV]' } }],
      ['pii-detector', {}, { ssn: ['536221234'] }, { ssn: ['[SSN]'] }],
      ['pii-detector', {}, { cardholder_name: 'Ana Long' }, { cardholder_name: '[CARDHOLDER_NAME]' }],
      ['pii-detector', { healthcare_mode: true }, { mrn: '00123456' }, { mrn: '[MRN]' }],
      ['hipaa-phi-detector', {}, { patientName: 'Ana Long' }, { patientName: '[PATIENT_NAME]' }],
      ['dlp-filter', { sensitivity_level: 'restricted' }, { db_password: secret }, { db_password: '[REDACTED]' }],
      ['pii-detector', {}, { card: 4111111111111111, small: 1e-7 }, { card: '[CREDIT_CARD]', small: 1e-7 }],
      ['pii-detector', {}, { 'ana@acme.example': '1', count: 123 }, { '[EMAIL]': '1', count: 123 }],
    ])('%s with %j takes the key of a value for the word before it: %j', (kind, settings, given, expected) => {
      expect(input(kind, settings, part(given)).body).toEqual(part(expected));
      const text = valueAt(input(kind, settings, called(given)).body, '/messages/0/tool_calls/0/function/arguments');
      expect(JSON.parse(String(text))).toEqual(expected);
      const scanner = compiled(documentOf(kind, settings)).stream(request(chat('hi')));
      scanner?.push(channelOf(0, 'arguments', 0), JSON.stringify(given));
      expect(JSON.parse(scanner?.end(channelOf(0, 'arguments', 0)).emit ?? '')).toEqual(expected);
    });
  });

  it('blocks what nothing can be put in the place of, and redacts what is only told', () => {
    const tool = (more: JsonObject): JsonObject => ({
      ...chat('hi'),
      tools: [{ type: 'function', function: { name: 'f', description: 'Asks ana@acme.example', ...more } }],
    });
    const told = input('pii-detector', {}, tool({}));
    expect(told).toMatchObject({ verdict: 'redact' });
    expect(valueAt(told.body, '/tools/0/function/description')).toBe('Asks [EMAIL]');
    const to = { type: 'string', enum: ['ana@acme.example'] };
    expect(input('pii-detector', {}, tool({ parameters: { properties: { to } } }))).toMatchObject({
      verdict: 'block',
      reasonCode: 'pii.detected',
    });
  });

  it('redacts responses by its mere presence, with every text of an answer', () => {
    const policy = compiled(documentOf('pii-detector'));
    const response = {
      id: 'x',
      choices: [
        {
          index: 0,
          logprobs: { content: [{ token: 'ana@acme.example' }] },
          message: {
            role: 'assistant',
            content: 'Write to ana@acme.example',
            tool_calls: [
              {
                id: 't',
                function: { name: 'mail', arguments: '{"to":"ana\\u0040acme.example","n": 4111111111111111}' },
              },
            ],
          },
        },
      ],
    };
    const outcome = policy.output(request(chat('hello')), response);
    expect(outcome).toMatchObject({ verdict: 'redact', reasonCode: 'pii.detected' });
    expect(outcome.body).toEqual({
      id: 'x',
      choices: [
        {
          index: 0,
          logprobs: null,
          message: {
            role: 'assistant',
            content: 'Write to [EMAIL]',
            tool_calls: [{ id: 't', function: { name: 'mail', arguments: '{"to":"[EMAIL]","n": "[CREDIT_CARD]"}' } }],
          },
        },
      ],
    });
    const clean = { choices: [{ logprobs: {}, message: { content: 'Hello' } }] };
    expect(policy.output(request(chat('hello')), clean).body).toBe(clean);
  });

  it('refuses a marker for a type that does not exist', () => {
    expect(codesOf(documentOf('pii-detector', { redaction: { custom_markers: { EMALE: 'x' } } }))).toEqual([
      'POLICY_MARKER_UNKNOWN',
    ]);
  });
});

describe('dlp-filter', () => {
  const settings = { blocked_terms: ['Project Larkspur', 'Straße'], detect_patterns: ['NWO-[0-9]{7}'] };
  it.each([
    ['about PROJECT larkspur.', 'about [REDACTED].'],
    ['order NWO-1234567!', 'order [REDACTED]!'],
    ['nwo-1234567', 'nwo-1234567'],
    ['STRAßE é project Larkspurs', '[REDACTED] é [REDACTED]s'],
    ['mail ana@acme.example', 'mail ana@acme.example'],
  ])('of %j leaves %j', (text, expected) => {
    expect(valueAt(input('dlp-filter', settings, chat(text)).body, '/messages/0/content')).toBe(expected);
  });

  it.each([
    ['standard', 'CONFIDENTIAL: password=Z63fFKcZjR4I0b3jRtaW'],
    ['high', '[REDACTED]: password=Z63fFKcZjR4I0b3jRtaW'],
    ['restricted', '[REDACTED]: password=[REDACTED]'],
  ])('with sensitivity_level: %s leaves %j', (level, expected) => {
    const text = 'CONFIDENTIAL: password=Z63fFKcZjR4I0b3jRtaW';
    const outcome = input('dlp-filter', { sensitivity_level: level }, chat(text));
    expect(valueAt(outcome.body, '/messages/0/content')).toBe(expected);
  });

  it('blocks answers on demand', () => {
    const policy = compiled(documentOf('dlp-filter', { ...settings, action: 'block' }));
    const outcome = policy.output(request(chat('hi')), { choices: [{ message: { content: 'Project Larkspur' } }] });
    expect(outcome.blockedBy).toMatchObject({ policy: 'dlp-filter', phase: 'output', reasonCode: 'dlp.detected' });
  });
});

describe('a stream through the whole chain', () => {
  const chain = (action: string) =>
    compiled({
      ...documentOf('dlp-filter'),
      policies: { chain: ['dlp-filter', { 'pii-detector': { when: { model: ['gpt-4o-mini'] } } }] },
      policy: { 'dlp-filter': { blocked_terms: ['Larkspur'], action }, 'pii-detector': {} },
    });

  it('scans each channel for itself, policy after policy', () => {
    const scanner = chain('redact').stream(request(chat('hi')));
    if (scanner === null) throw new Error('expected a scanner');
    const content = channelOf(0, 'content');
    const argument = channelOf(0, 'arguments', 1);
    let out = '';
    for (const piece of ['Lark', 'spur: ana@', 'acme.ex', 'ample']) out += scanner.push(content, piece).emit;
    expect(scanner.push(argument, '{"to":"ana\\u00').emit).toBe('');
    expect(scanner.push(argument, '40acme.example"}').emit).toBe('');
    expect([...scanner.channels()].sort()).toEqual([argument, content]);
    out += scanner.end(content).emit;
    expect(out).toBe('[REDACTED]: [EMAIL]');
    expect(scanner.end(argument).emit).toBe('{"to":"[EMAIL]"}');
    expect(scanner.channels()).toEqual([]);
    expect(scanner.outcome()).toMatchObject({
      verdict: 'redact',
      reasonCode: 'dlp.detected',
      steps: [
        { policy: 'dlp-filter', verdict: 'redact', redactions: 1 },
        { policy: 'pii-detector', verdict: 'redact', redactions: 2 },
      ],
    });
  });

  it('ends for good where a policy blocks', () => {
    const scanner = chain('block').stream(request(chat('hi')));
    if (scanner === null) throw new Error('expected a scanner');
    let sent = '';
    for (const piece of ['The plan is Lark', 'spur', ', for short and then some more'])
      sent += scanner.push('0/content', piece).emit;
    expect('The plan is '.startsWith(sent)).toBe(true);
    expect(scanner.push('1/content', 'anything else').emit).toBe('');
    expect(scanner.end('0/content')).toEqual({ emit: '', blocked: scanner.outcome().blockedBy });
    expect(scanner.outcome()).toMatchObject({
      verdict: 'block',
      blockedBy: { policy: 'dlp-filter', reasonCode: 'dlp.detected' },
    });
  });

  it('ends with a block as soon as a match is whole', () => {
    const scanner = chain('block').stream(request(chat('hi')));
    const content = channelOf(0, 'content');
    expect(scanner?.push(content, 'Larkspu')).toEqual({ emit: '', blocked: null });
    expect(scanner?.push(content, 'r')).toMatchObject({ emit: '', blocked: { policy: 'dlp-filter' } });
  });

  it('ends with a block where only the end tells that a match is whole', () => {
    const numbered = compiled(documentOf('dlp-filter', { detect_patterns: ['L-[0-9]{2,5}'], action: 'block' }));
    const scanner = numbered.stream(request(chat('hi')));
    const content = channelOf(0, 'content');
    expect(scanner?.end('0/refusal')).toEqual({ emit: '', blocked: null });
    expect(scanner?.push(content, 'L-204')).toEqual({ emit: '', blocked: null });
    expect(scanner?.end(content)).toMatchObject({ emit: '', blocked: { policy: 'dlp-filter' } });
    expect(scanner?.outcome()).toMatchObject({ verdict: 'block', reasonCode: 'dlp.detected' });
  });

  it('blocks arguments that are too long to be held', () => {
    const scanner = chain('redact').stream(request(chat('hi')));
    expect(scanner?.push('0/arguments/0', 'x'.repeat(262_145)).blocked).not.toBeNull();
  });

  it('is not there where no policy applies', () => {
    const policy = compiled(
      documentOf('pii-detector', {}, { policies: { chain: [{ 'pii-detector': { when: { model: ['other'] } } }] } }),
    );
    expect(policy.stream(request(chat('hi')))).toBeNull();
    expect(policy.scansOutput).toBe(true);
    expect(compiled(documentOf('prompt-injection')).stream(request(chat('hi')))).toBeNull();
  });
});

it('visits only texts: names, ids and unknown fields pass through', () => {
  const body = {
    model: 'ana@acme.example',
    user: 'ana@acme.example',
    metadata: { mail: 'ana@acme.example' },
    messages: [
      {
        role: 'user',
        name: 'ana@acme.example',
        content: [{ type: 'image_url', image_url: { url: 'ana@acme.example' } }],
      },
    ],
  };
  expect(input('pii-detector', {}, body).body).toBe(body);
});

it.each(['{"to":"ana@acme.example', 'to ana@acme.example', '{to: ana@acme.example}', '{"a":1} ana@acme.example'])(
  'hides nothing in arguments that are no JSON: %j',
  (text) => {
    const body = { messages: [{ role: 'assistant', tool_calls: [{ function: { arguments: text } }] }] };
    expect(JSON.stringify(input('pii-detector', {}, body).body)).not.toContain('ana@');
  },
);

describe('what a tool is given that is no JSON', () => {
  it.each<[string, string]>([
    ['x = 536-22-8712', 'x = [SSN]'],
    ['x = 536-22-8712\ny = "ana@acme.example" # "', 'x = [SSN]\ny = "[EMAIL]" # "'],
    ['say("call 212-555-0143\n now")', 'say("call [PHONE]\n now")'],
    ['pay(4.111111111111111e15, 1e3)', 'pay([CREDIT_CARD], 1e3)'],
    ['{"ssn":536228712', '{"ssn":[SSN]'],
    ['{"to":"ana\\u0040acme.example', '{"to":"[EMAIL]'],
    ['"line\n ana\\u0040acme.example"', '"line\n [EMAIL]"'],
  ])('is edited as it stands, whole and streamed: %j', (text, expected) => {
    const policy = compiled(documentOf('pii-detector'));
    const output = [{ type: 'custom_tool_call', call_id: 'c', name: 'run', input: text }];
    const outcome = policy.output(request(chat('hi')), { output });
    expect(valueAt(outcome.body, '/output/0/input')).toBe(expected);
    const scanner = policy.stream(request(chat('hi')));
    for (const letter of text) scanner?.push('0/arguments', letter);
    expect(scanner?.end('0/arguments', { id: 'c', name: 'run' }).emit).toBe(expected);
  });
});
