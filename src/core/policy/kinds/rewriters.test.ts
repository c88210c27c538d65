import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, valueAt } from '../../model/index.ts';
import { GROWTH_LIMIT, REPLACEMENTS_LIMIT } from '../detect/replace.ts';
import { channelOf } from '../index.ts';
import {
  chat,
  codesOf,
  compiled,
  completionOf,
  documentOf,
  findingsOf,
  request,
  streamThrough,
} from '../policy.testkit.ts';

const rule = (pattern: string, replacement: string, more: JsonObject = {}): JsonObject => ({
  name: 'rule',
  pattern,
  replacement,
  ...more,
});
const rewriterOf = (...rules: readonly JsonObject[]) =>
  compiled(documentOf('response-rewriter', { rules: [...rules] }));
const rewritten = (rules: readonly JsonObject[], text: Json): Json | undefined =>
  valueAt(rewriterOf(...rules).output(request(chat('hi')), completionOf(text)).body, '/choices/0/message/content');
const asked = (settings: JsonObject, body: Json, path = '/v1/chat/completions') =>
  compiled(documentOf('request-rewriter', settings)).input(request(body, { path }));

describe('a rule', () => {
  it.each<[string, readonly JsonObject[], string, string]>([
    ['replaces every match', [rule('cat', 'dog')], 'cat, cats', 'dog, dogs'],
    ['names groups', [rule('(\\w{1,9})@(\\w{1,9})', '$2 at $1: $0')], 'to ana@acme', 'to acme at ana: ana@acme'],
    ['writes a dollar sign', [rule('price', '$$5 and $$')], 'price', '$5 and $'],
    ['leaves out a group that took no part', [rule('(a)|(b)', '<$1>')], 'ab', '<a><>'],
    ['reads a group of one digit and a digit', [rule('(x)', '$10')], 'x', 'x0'],
    ['tells groups by what stands beside the match', [rule('\\b(a|ab)\\b', '[$1]')], 'x ab a abc', 'x [ab] [a] abc'],
    ['runs after the one before', [rule('a', 'b'), rule('b', 'c')], 'ab', 'cc'],
    ['adds at the end', [rule('$', ' (made by a model)', { position: 'append' })], 'Hello', 'Hello (made by a model)'],
    ['adds at the end where it matches', [rule('advice', '!', { position: 'append' })], 'no match', 'no match'],
    ['adds once', [rule('a', '!', { position: 'append' })], 'a a a', 'a a a!'],
    ['adds before', [rule('^', 'Note: ', { position: 'prepend' })], 'Hello', 'Note: Hello'],
    ['adds before what begins so', [rule('^Hel{1,3}o', 'Note: ', { position: 'prepend' })], 'Hello', 'Note: Hello'],
    ['adds nothing before the rest', [rule('^lo', 'Note: ', { position: 'prepend' })], 'Hello', 'Hello'],
    [
      'asks for a condition',
      [
        rule('$', '!', { position: 'append', condition: 'Risk' }),
        rule('$', '?', { position: 'append', condition: 'risk' }),
      ],
      'the risk',
      'the risk?',
    ],
    ['adds nothing to nothing', [rule('$', '!', { position: 'append' })], '', ''],
  ])('%s, whole and character by character', (_, rules, text, expected) => {
    expect(rewritten(rules, text)).toBe(expected);
    const policy = rewriterOf(...rules);
    const changed = text !== expected;
    const streamed = streamThrough(policy, [...text]);
    expect(streamed.sent).toBe(expected);
    expect(streamed.outcome?.verdict).toBe(changed ? 'redact' : 'allow');
    expect(streamed.outcome?.reasonCode).toBe(changed ? 'response_rewriter.rewritten' : null);
  });

  it('does the same to a stream as to the whole answer, however it is cut', () => {
    const rules = [
      rule('\\b(\\w{2,4})-(\\d{1,3})\\b', '$2/$1'),
      rule('^(?:Dear|Hi) \\w{1,8}', 'AI: ', { position: 'prepend' }),
      rule('(?m)a$', 'A'),
      rule('secret', ' [s]', { position: 'append' }),
      rule('$', ' [end]', { position: 'append', condition: 'AI' }),
    ];
    const policy = rewriterOf(...rules);
    const word = fc.constantFrom(
      'Dear ',
      'Ana',
      'Hi ',
      'ab-12',
      '-',
      'a',
      '\n',
      'sec',
      'ret',
      'secret',
      ' ',
      '1',
      '😀',
      'AI',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(40), { maxLength: 6 }), (words, edges) => {
        const text = words.join('');
        const cuts = [...new Set([0, ...edges.filter((edge) => edge < text.length), text.length])].sort(
          (a, b) => a - b,
        );
        const pieces = cuts.slice(1).map((edge, index) => text.slice(cuts[index], edge));
        expect(streamThrough(policy, pieces).sent).toBe(rewritten(rules, text));
      }),
      { numRuns: 300 },
    );
  });

  it('holds the first words until they decide what stands before them, and no longer', () => {
    const policy = rewriterOf(rule('^(?:Dear|Hi) \\w{1,8}!', 'AI: ', { position: 'prepend' }));
    const sent = (...pieces: readonly string[]): readonly (string | undefined)[] => {
      const scanner = policy.stream(request(chat('hi')));
      return pieces.map((piece) => scanner?.push(channelOf(0, 'content'), piece).emit);
    };
    expect(sent('H', 'e', 'llo')).toEqual(['', 'He', 'llo']);
    expect(sent('Dear ', 'Ana', ', you')).toEqual(['', '', 'Dear Ana, you']);
    expect(sent('Dear ', 'Ana', '!', ' You')).toEqual(['', '', 'AI: Dear Ana!', ' You']);
    const wide = rewriterOf(rule('^(?:[a-z]{1,20}){1,20}x', 'AI: ', { position: 'prepend' }));
    const scanner = wide.stream(request(chat('hi')));
    const words = [...'a'.repeat(600)];
    const late = words.findIndex((letter) => scanner?.push(channelOf(0, 'content'), letter).emit !== '');
    expect(late).toBe(wide.holdBack);
    expect(sent('\ud83d', '\ude00 Hi')).toEqual(['', '😀 Hi']);
  });

  it('holds nothing back for text at the end, and little for a match', () => {
    const appends = rewriterOf(rule('$', '!', { position: 'append' }));
    const scanner = appends.stream(request(chat('hi')));
    expect(appends.holdBack).toBe(0);
    expect(scanner?.push(channelOf(0, 'content'), 'Hello').emit).toBe('Hello');
    expect(scanner?.channels()).toEqual(['0/content']);
    expect(scanner?.end('0/content').emit).toBe('!');
    expect(scanner?.channels()).toEqual([]);
    expect(scanner?.end('0/content').emit).toBe('');
    expect(rewriterOf(rule('[0-9]{4}', '#')).holdBack).toBe(5);
    expect(rewriterOf(rule('^[0-9]{4}', '#', { position: 'prepend' })).holdBack).toBe(5);
  });
});

describe('response-rewriter', () => {
  const rules = [rule('cat', 'dog'), rule('$', '!', { position: 'append' })];

  it('leaves no logprobs beside a part that it changed', () => {
    const part = (text: string) => ({ type: 'output_text', text, logprobs: [{ token: text, logprob: -0.1 }] });
    const response = { output: [{ type: 'message', content: [part('cat'), part('fox')] }] };
    const outcome = rewriterOf(rule('cat', 'dog')).output(request(chat('hi')), response);
    expect(outcome.body).toEqual({
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'dog', logprobs: [] }, part('fox')] }],
    });
  });

  it('changes the words of each choice and nothing else', () => {
    const call = { id: 't', function: { name: 'cat', arguments: '{"cat":1}' } };
    const response = {
      choices: [
        { index: 0, logprobs: {}, message: { content: 'cat', refusal: 'cat', reasoning_content: 'cat' } },
        { index: 1, message: { content: null, tool_calls: [call] } },
        { index: 2, text: 'cat' },
        {
          index: 3,
          message: {
            content: [
              { type: 'text', text: 'a cat' },
              { type: 'image', text: 'cat' },
              { type: 'text', text: 'x' },
            ],
          },
        },
      ],
    };
    const outcome = rewriterOf(...rules).output(request(chat('hi')), response);
    expect(outcome).toMatchObject({ verdict: 'redact', reasonCode: 'response_rewriter.rewritten' });
    expect(outcome.steps).toMatchObject([{ policy: 'response-rewriter', redactions: 6 }]);
    expect(outcome.body).toEqual({
      choices: [
        { index: 0, logprobs: null, message: { content: 'dog!', refusal: 'cat', reasoning_content: 'cat' } },
        { index: 1, message: { content: null, tool_calls: [call] } },
        { index: 2, text: 'dog!' },
        {
          index: 3,
          message: {
            content: [
              { type: 'text', text: 'a dog' },
              { type: 'image', text: 'cat' },
              { type: 'text', text: 'x!' },
            ],
          },
        },
      ],
    });
  });

  it.each<[Json, Json]>([
    [
      {
        output: [
          { type: 'reasoning', content: [{ type: 'text', text: 'cat' }] },
          { type: 'message', content: [{ type: 'output_text', text: 'cat' }] },
        ],
      },
      {
        output: [
          { type: 'reasoning', content: [{ type: 'text', text: 'cat' }] },
          { type: 'message', content: [{ type: 'output_text', text: 'dog!' }] },
        ],
      },
    ],
    [
      {
        content: [
          { type: 'text', text: 'cat' },
          { type: 'tool_use', name: 'cat', input: { cat: 'cat' } },
        ],
      },
      {
        content: [
          { type: 'text', text: 'dog!' },
          { type: 'tool_use', name: 'cat', input: { cat: 'cat' } },
        ],
      },
    ],
    [
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        content: [
          { type: 'text', text: 'a!' },
          { type: 'text', text: 'b!' },
        ],
      },
    ],
    [
      {
        output_text: 'catfox',
        output: [{ type: 'message', content: ['cat', 'fox'].map((text) => ({ type: 'output_text', text })) }],
      },
      {
        output_text: 'dog!fox!',
        output: [{ type: 'message', content: ['dog!', 'fox!'].map((text) => ({ type: 'output_text', text })) }],
      },
    ],
    [
      { output_text: 'another cat', output: [] },
      { output_text: 'another dog!', output: [] },
    ],
    [{ output_text: 'cat' }, { output_text: 'dog!' }],
    [{ output_text: '' }, { output_text: '' }],
    ['cat', 'cat'],
    [
      { object: 'list', data: ['cat'] },
      { object: 'list', data: ['cat'] },
    ],
  ])('of %j makes %j', (response, expected) => {
    expect(rewriterOf(...rules).output(request(chat('hi')), response).body).toEqual(expected);
  });

  it('keeps the identity of what it does not change, and says nothing', () => {
    const policy = rewriterOf(rule('cat', 'dog'));
    const response = completionOf('a bird');
    expect(policy.output(request(chat('hi')), response)).toMatchObject({
      verdict: 'allow',
      steps: [{ verdict: 'allow' }],
    });
    expect(policy.output(request(chat('hi')), response).body).toBe(response);
    expect(compiled(documentOf('response-rewriter', {})).output(request(chat('hi')), response).body).toBe(response);
    expect(
      compiled(documentOf('response-rewriter', { preserve_structure: true })).stream(request(chat('hi'))),
    ).toBeNull();
  });

  it('leaves refusals, reasoning and arguments of a stream alone, at once', () => {
    const policy = rewriterOf(...rules);
    for (const channel of ['0/refusal', '0/reasoning', channelOf(0, 'arguments', 0)]) {
      const scanner = policy.stream(request(chat('hi')));
      expect(scanner?.push(channel, '{"cat":1}').emit).toBe('{"cat":1}');
      expect(scanner?.channels()).toEqual([]);
    }
  });

  it('ends an answer that a rule makes too long', () => {
    const policy = rewriterOf(rule('a', 'b'.repeat(2000)));
    const text = 'a'.repeat(Math.ceil(GROWTH_LIMIT / 1999) + 1);
    const outcome = policy.output(request(chat('hi')), completionOf(text));
    expect(outcome).toMatchObject({ verdict: 'block', reasonCode: 'response_rewriter.evaluation_failed' });
    expect(streamThrough(policy, [text]).blocked).toBe(true);
    expect(policy.output(request(chat('hi')), completionOf(text.slice(2))).verdict).toBe('redact');
  });

  it('ends an answer with more matches than a rule may have', () => {
    const policy = rewriterOf(rule('a', 'b'));
    expect(policy.output(request(chat('hi')), completionOf('a'.repeat(REPLACEMENTS_LIMIT))).verdict).toBe('redact');
    expect(policy.output(request(chat('hi')), completionOf('a'.repeat(REPLACEMENTS_LIMIT + 1))).verdict).toBe('block');
  });

  it('passes what it made to the policies after it', () => {
    const policy = compiled({
      ...documentOf('response-rewriter'),
      policies: { chain: ['response-rewriter', 'dlp-filter'] },
      policy: { 'response-rewriter': { rules: [rule('cat', 'dog')] }, 'dlp-filter': { blocked_terms: ['dog'] } },
    });
    expect(streamThrough(policy, ['my c', 'at']).sent).toBe('my [REDACTED]');
  });
});

describe('what a stream cannot do', () => {
  it.each<[JsonObject, string, string]>([
    [rule('a+', 'b'), 'POLICY_PATTERN_UNBOUNDED', '/pattern'],
    [rule('a+b', 'c', { position: 'append' }), 'POLICY_PATTERN_UNBOUNDED', '/pattern'],
    [rule('a', 'b', { condition: 'c' }), 'POLICY_RULE_UNDECIDED', '/condition'],
    [rule('^a', 'b', { position: 'prepend', condition: 'c' }), 'POLICY_RULE_UNDECIDED', '/condition'],
    [rule('a', 'b', { position: 'prepend' }), 'POLICY_RULE_UNDECIDED', '/pattern'],
    [rule('^a|b', 'b', { position: 'prepend' }), 'POLICY_RULE_UNDECIDED', '/pattern'],
    [rule('(?m)^a', 'b', { position: 'prepend' }), 'POLICY_RULE_UNDECIDED', '/pattern'],
    [rule('x*', 'b'), 'POLICY_PATTERN_TOO_WIDE', '/pattern'],
    [rule('\\b', 'b', { position: 'append' }), 'POLICY_PATTERN_TOO_WIDE', '/pattern'],
    [rule('^$', 'b', { position: 'append' }), 'POLICY_PATTERN_TOO_WIDE', '/pattern'],
    [rule('(', 'b'), 'POLICY_PATTERN_INVALID', '/pattern'],
    [rule('(a)', '$2'), 'POLICY_REPLACEMENT_GROUP', '/replacement'],
    [rule('(a)', '${1}'), 'POLICY_REPLACEMENT_GROUP', '/replacement'],
    [rule('a', '$&'), 'POLICY_REPLACEMENT_GROUP', '/replacement'],
    [rule('(a)', '$1', { position: 'append' }), 'POLICY_REPLACEMENT_GROUP', '/replacement'],
    [rule('(a)', '$0', { position: 'append' }), 'POLICY_REPLACEMENT_GROUP', '/replacement'],
  ])('%j is refused as %s', (item, code, at) => {
    const findings = findingsOf(documentOf('response-rewriter', { rules: [item] }));
    expect(findings.map((finding) => [finding.code, finding.place.file])).toEqual([
      [code, `/policy/response-rewriter/rules/0${at}`],
    ]);
  });

  it('is done to a request, which is whole', () => {
    const settings = {
      rules: [
        rule('a+', 'b', { condition: 'go' }),
        rule('o', '> ', { position: 'prepend', condition: 'go' }),
        rule('x*', '.', { position: 'append' }),
      ],
    };
    expect(valueAt(asked(settings, chat('aa go')).body, '/messages/0/content')).toBe('> b go.');
    expect(valueAt(asked(settings, chat('aa no')).body, '/messages/0/content')).toBe('aa no.');
  });

  it('refuses preserve_structure: false by name', () => {
    expect(codesOf(documentOf('response-rewriter', { preserve_structure: false }))).toEqual([
      'POLICY_UNSUPPORTED_VALUE',
    ]);
  });
});

describe('request-rewriter', () => {
  const settings = { rules: [rule('cat', 'dog')] };

  it('changes what callers wrote, part by part, and nothing else', () => {
    const message = (role: string, content: Json): JsonObject => ({ role, content });
    const body = {
      messages: [
        message('system', 'cat'),
        message('user', [
          { type: 'text', text: 'cat' },
          { type: 'image_url', image_url: { url: 'cat' } },
        ]),
        message('assistant', 'cat'),
        message('tool', 'cat'),
        message('user', 'cats'),
      ],
    };
    const outcome = asked(settings, body);
    expect(outcome).toMatchObject({ verdict: 'redact', reasonCode: 'request_rewriter.rewritten' });
    expect(outcome.steps).toMatchObject([{ policy: 'request-rewriter', phase: 'input', redactions: 2 }]);
    expect(outcome.body).toEqual({
      messages: [
        message('system', 'cat'),
        message('user', [
          { type: 'text', text: 'dog' },
          { type: 'image_url', image_url: { url: 'cat' } },
        ]),
        message('assistant', 'cat'),
        message('tool', 'cat'),
        message('user', 'dogs'),
      ],
    });
  });

  it.each<[string, Json, Json]>([
    ['/v1/chat/completions', { messages: [] }, { messages: [{ role: 'system', content: 'Be brief.' }] }],
    ['/v1/messages', { messages: [] }, { messages: [], system: 'Be brief.' }],
    ['/mcp/messages', { messages: [] }, { messages: [{ role: 'system', content: 'Be brief.' }] }],
    ['/mcp/embeddings', { messages: [] }, { messages: [{ role: 'system', content: 'Be brief.' }] }],
    ['/v1/messages', { system: 'S' }, { system: 'Be brief.\n\nS' }],
    [
      '/v1/messages',
      { system: [{ type: 'text', text: 'S' }] },
      {
        system: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'S' },
        ],
      },
    ],
    ['/v1/responses', { input: 'hi' }, { input: 'hi', instructions: 'Be brief.' }],
    ['/v1/responses', { input: 'hi', instructions: 'I' }, { input: 'hi', instructions: 'Be brief.\n\nI' }],
    ['/v1/responses', { input: 'hi', messages: [] }, { input: 'hi', messages: [], instructions: 'Be brief.' }],
    ['/v1/completions', { prompt: 'P' }, { prompt: 'Be brief.\n\nP' }],
    ['/v1/completions', { prompt: 'P', messages: [] }, { prompt: 'Be brief.\n\nP', messages: [] }],
    ['/v1/completions', { prompt: ['P', 'Q'] }, { prompt: ['Be brief.\n\nP', 'Be brief.\n\nQ'] }],
  ])('puts the system message of %s into %j', (path, body, expected) => {
    expect(asked({ system_message: 'Be brief.' }, body, path).body).toEqual(expected);
    expect(asked({ system_message: { content: 'Be brief.' } }, body, path).body).toEqual(expected);
  });

  it.each<[string, Json]>([
    ['/v1/completions', { prompt: [1, 2] }],
    ['/v1/completions', { prompt: [] }],
    ['/v1/messages', { system: 7 }],
    ['/v1/responses', { instructions: 7 }],
    ['/v1/chat/completions', 'text'],
    ['/v1/chat/completions', { prompt: 'P', instructions: 'I' }],
  ])('refuses a request to %s without a place for it: %j', (path, body) => {
    expect(asked({ system_message: 'Be brief.' }, body, path)).toMatchObject({
      verdict: 'block',
      reasonCode: 'request_rewriter.no_place',
    });
  });

  it('changes what callers wrote under any word that is no role of somebody else', () => {
    const body = { messages: ['User', 'USER', 'human', 'System'].map((role) => ({ role, content: 'cat' })) };
    const texts = asked(settings, body).body as { readonly messages: readonly JsonObject[] };
    expect(texts.messages.map(({ content }) => content)).toEqual(['dog', 'dog', 'dog', 'dog']);
  });

  it('leaves embeddings alone', () => {
    const body = { input: 'cat' };
    expect(asked({ ...settings, system_message: 'x' }, body, '/v1/embeddings').body).toBe(body);
  });

  it('says nothing when it changes nothing', () => {
    const body = chat('a bird');
    expect(asked(settings, body)).toMatchObject({ verdict: 'allow', reasonCode: null });
    expect(asked(settings, body).body).toBe(body);
  });

  it('refuses a request that a rule makes too long', () => {
    const text = 'a'.repeat(Math.ceil(GROWTH_LIMIT / 1999) + 1);
    expect(asked({ rules: [rule('a', 'b'.repeat(2000))] }, chat(text))).toMatchObject({
      verdict: 'block',
      reasonCode: 'request_rewriter.evaluation_failed',
    });
  });
});
