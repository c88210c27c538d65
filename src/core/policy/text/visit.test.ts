import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import type { Phase } from '../types.ts';
import { editTexts, readTexts } from './visit.ts';

// Every place where a request or an answer of a family holds text, with the word `secret` in it; `kept` are places that hold none.

/** Bodies of answers are told by their roots here; in the gateway the phase is known. */
const phaseOf = (body: JsonObject): Phase =>
  ['choices', 'output', 'content', 'error'].some((key) => Object.hasOwn(body, key)) ? 'output' : 'input';

/** `role: text`, and `role! text` for a text in whose place no other may stand. */
const seen = (body: JsonObject): readonly string[] => {
  const texts: string[] = [];
  readTexts(body, phaseOf(body), (text, role, { isFixed }) =>
    texts.push(`${role}${isFixed === true ? '!' : ':'} ${text}`),
  );
  return texts;
};

const PLACES: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['embeddings, one text', { input: 'secret' }, ['user: secret']],
  ['embeddings, a list', { input: ['secret', 'other'] }, ['user: secret', 'user: other']],
  ['messages: system, as text and in blocks', { system: 'secret' }, ['system: secret']],
  ['messages: system blocks', { system: [{ type: 'text', text: 'secret' }] }, ['system: secret']],
  [
    'messages: a tool result inside a message of the user',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'secret' }] }],
        },
      ],
    },
    ['tool: secret'],
  ],
  [
    'messages: arguments of a tool, numbers and keys too',
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't', name: 'n', input: { secret: 'x', deep: { count: 7 } } }],
    },
    ['assistant: secret', 'assistant: x', 'assistant: deep', 'assistant: count', 'assistant: 7'],
  ],
  [
    'messages: a document of text with a title',
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              title: 'a',
              context: 'b',
              source: { type: 'text', media_type: 'text/plain', data: 'secret' },
            },
          ],
        },
      ],
    },
    ['user: a', 'user: b', 'user: secret'],
  ],
  [
    'messages: a document of parts, and a search result',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'secret' }] } },
            {
              type: 'search_result',
              title: 't',
              source: 'https://x.example',
              content: [{ type: 'text', text: 'more' }],
            },
          ],
        },
      ],
    },
    ['user: secret', 'user: t', 'user: https://x.example', 'user: more'],
  ],
  [
    'messages: thinking and citations',
    {
      content: [
        { type: 'thinking', thinking: 'secret', signature: 'c2ln' },
        {
          type: 'text',
          text: 'x',
          citations: [{ type: 'char_location', cited_text: 'quoted', document_title: 'd', document_index: 0 }],
        },
      ],
    },
    ['assistant: secret', 'assistant: x', 'assistant: quoted', 'assistant: d'],
  ],
  [
    'messages: a block of a type that is not known',
    {
      content: [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'secret' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: [{ type: 'web_search_result', title: 'found', url: 'https://x.example', encrypted_content: 'ZW5j' }],
        },
      ],
    },
    ['assistant: query', 'assistant: secret', 'tool: found', 'tool: https://x.example'],
  ],
  [
    'responses: input and instructions',
    { input: 'secret', instructions: 'be kind' },
    ['user: secret', 'system: be kind'],
  ],
  [
    'responses: items of the input',
    {
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'secret' }] },
        { type: 'function_call', call_id: 'c', name: 'n', arguments: '{"to":"a"}' },
        { type: 'function_call_output', call_id: 'c', output: 'result' },
        { type: 'custom_tool_call_output', call_id: 'd', output: 'other' },
      ],
    },
    ['user: secret', 'other! n', 'user: to', 'user: a', 'tool: result', 'tool: other'],
  ],
  [
    'responses: items of the output',
    {
      output: [
        { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: 'why' }], encrypted_content: 'ZW5j' },
        {
          type: 'message',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'secret', annotations: [{ type: 'url_citation', title: 'cited', url: 'u' }] },
            { type: 'refusal', refusal: 'no' },
          ],
        },
        { type: 'custom_tool_call', name: 'n', input: 'typed' },
      ],
    },
    ['assistant: why', 'assistant: secret', 'assistant: cited', 'assistant: u', 'assistant: no', 'assistant: typed'],
  ],
  [
    'responses: an item of a type that is not known',
    {
      output: [
        { type: 'code_interpreter_call', id: 'ci', code: 'secret', outputs: [{ type: 'logs', logs: 'printed' }] },
      ],
    },
    ['assistant: secret', 'assistant: printed'],
  ],
  [
    'responses: what a shell printed, and other data without a type',
    {
      input: [
        {
          type: 'shell_call_output',
          call_id: 'c',
          output: [{ stdout: 'secret', stderr: 'x', outcome: { type: 'exit', exit_code: 0 } }],
        },
        { type: 'function_call_output', call_id: 'd', output: [{ id: 'o', status: 'y', result: 'z', role: 'system' }] },
      ],
    },
    ['tool: secret', 'tool: x', 'tool: y', 'tool: z', 'tool: system'],
  ],
  [
    'responses: what is put into a stored prompt',
    {
      prompt: {
        id: 'pmpt',
        version: '2',
        variables: { city: 'secret', told: { type: 'input_text', text: 'more' } },
      },
    },
    ['other: 2', 'other! city', 'user: secret', 'other! told', 'user: more'],
  ],
  [
    'names of speakers, of tools that were called, and of files',
    {
      messages: [
        { role: 'user', name: 'ana', content: [{ type: 'file', file: { filename: 'secret', file_data: 'JVBE' } }] },
        { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      ],
    },
    ['other! ana', 'other: secret', 'other! f'],
  ],
  [
    'fields of a message and of a part that are not known',
    {
      messages: [{ role: 'user', note: 'secret', content: [{ type: 'text', text: 'x', title: 't', role: 'system' }] }],
    },
    ['other: secret', 'user: x', 'other: t', 'other: system'],
  ],
  [
    'definitions of tools: descriptions and examples, and what an edit would break',
    {
      tools: [
        {
          type: 'function',
          function: {
            name: 'f',
            description: 'secret',
            parameters: {
              $schema: 'http://json-schema.org/draft-07/schema#',
              type: 'object',
              properties: { city: { type: 'string', description: 'd', enum: ['Rome'], default: 'Oslo' } },
            },
          },
        },
        { type: 'mcp', server_label: 'l', server_description: 's', server_url: 'https://x', headers: { a: 'b' } },
        { name: 'a', input_schema: {}, input_examples: [{ to: 'ana' }] },
      ],
    },
    [
      'definition! f',
      'definition: secret',
      'definition! city',
      'definition: d',
      'definition! Rome',
      'definition! Oslo',
      'definition! l',
      'definition: s',
      'definition! a',
      'definition! to',
      'definition: ana',
    ],
  ],
  [
    'schemas of answers',
    {
      response_format: { type: 'json_schema', json_schema: { name: 'n', description: 'secret', schema: {} } },
      text: { format: { type: 'json_schema', name: 'm', schema: { title: 't' } } },
    },
    ['definition! n', 'definition: secret', 'definition! m', 'definition: t'],
  ],
  [
    'settings, and fields of the body that are not known',
    {
      model: 'm',
      stop: ['secret'],
      user: 'u',
      metadata: { k: 'v' },
      documents: [{ snippet: 'x' }],
      service_tier: 'auto',
    },
    ['setting: secret', 'setting: u', 'setting! k', 'setting: v', 'other: x'],
  ],
  [
    'answers: fields that are not known',
    {
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'x', reasoning_details: [{ type: 'reasoning.text', text: 'secret' }] },
          finish_reason: 'stop',
        },
      ],
      citations: ['c'],
      error: { type: 't', message: 'e' },
    },
    ['assistant: x', 'assistant: secret', 'assistant: c', 'assistant: e'],
  ],
  [
    'chat: a custom tool call',
    { choices: [{ message: { tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'n', input: 'secret' } }] } }] },
    ['assistant: secret'],
  ],
];

describe('texts of a body', () => {
  it.each(PLACES)('%s', (_, body, texts) => {
    expect(seen(body)).toEqual(texts);
  });

  it.each([
    [
      'a picture in base64',
      {
        messages: [{ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aWZ0' } }] }],
      },
    ],
    [
      'a document in base64',
      {
        messages: [
          { content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } }] },
        ],
      },
    ],
    [
      'a file of the input',
      {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_file', file_data: 'JVBE' },
              { type: 'input_image', image_url: 'data:x' },
            ],
          },
        ],
      },
    ],
    [
      'a picture that was made',
      { output: [{ type: 'image_generation_call', id: 'ig', status: 'completed', result: 'aWZ0' }] },
    ],
    ['thinking that is encrypted', { content: [{ type: 'redacted_thinking', data: 'ZW5j' }] }],
  ])('holds none in %s, which passes through as it is', (_, body) => {
    expect(seen(body)).toEqual([]);
    expect(editTexts(body, phaseOf(body), () => 'changed')).toBe(body);
  });

  it('are those of who speaks, which a part or a result of a tool cannot say of itself', () => {
    const text = { type: 'text', text: 'x', role: 'system' };
    const rolesOf = (body: JsonObject): readonly string[] =>
      seen(body).flatMap((one) => (one.endsWith(' x') ? one.slice(0, one.indexOf(':')) : []));
    expect(
      rolesOf({
        messages: [
          { role: 'system', content: [text] },
          { role: 'user', content: [text] },
          { role: 'tool', content: [text] },
          { role: 'system', content: [{ type: 'tool_result', role: 'system', content: [text] }] },
        ],
        input: [
          { type: 'message', role: 'developer', content: 'x' },
          { type: 'message', role: 'Developer', content: 'x' },
          { type: 'function_call_output', role: 'system', output: [text] },
          { type: 'function_call', role: 'system', arguments: 'x' },
        ],
      }),
    ).toEqual(['system', 'user', 'tool', 'tool', 'developer', 'user', 'tool', 'user']);
  });

  it('lose the logprobs of a part that changed, and of no other', () => {
    const part = (text: string): JsonObject => ({ type: 'output_text', text, logprobs: [{ token: text }] });
    const answer = (...content: JsonObject[]): JsonObject => ({ output: [{ type: 'message', content }] });
    expect(editTexts(answer(part('a'), part('b')), 'output', (text) => text.replace('a', 'c'))).toEqual(
      answer({ ...part('c'), logprobs: [] }, part('b')),
    );
  });

  it('keeps every argument of a tool when edits make keys alike', () => {
    const called = (input: Json): Json => ({ content: [{ type: 'tool_use', id: 't', name: 'n', input }] });
    const given = called({ 'ana@a.example': 1, '[MAIL] 2': 2, 'bo@b.example': 3, '[MAIL]': 4, __proto__x: 5 });
    const edited = editTexts(given, 'output', (text) => text.replace(/\S+@\S+/, '[MAIL]'));
    expect(edited).toEqual(called({ '[MAIL]': 1, '[MAIL] 2': 2, '[MAIL] 3': 3, '[MAIL] 4': 4, __proto__x: 5 }));
  });
});
