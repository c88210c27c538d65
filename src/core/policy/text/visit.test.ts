import { describe, expect, it } from 'vitest';
import type { Json } from '../../model/index.ts';
import { editTexts, readTexts } from './visit.ts';

// Every place where a request or an answer of a family holds text, with the word `secret` in it; `kept` are places that hold none.

const seen = (body: Json): readonly string[] => {
  const texts: string[] = [];
  readTexts(body, (text, role) => texts.push(`${role}: ${text}`));
  return texts;
};

const PLACES: readonly (readonly [string, Json, readonly string[]])[] = [
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
    ['user: secret', 'user: t', 'user: more'],
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
    ['assistant: query', 'assistant: secret', 'assistant: found', 'assistant: https://x.example'],
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
    ['user: secret', 'user: to', 'user: a', 'tool: result', 'tool: other'],
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
    expect(editTexts(body, () => 'changed')).toBe(body);
  });

  it('keeps every argument of a tool when edits make keys alike', () => {
    const called = (input: Json): Json => ({ content: [{ type: 'tool_use', id: 't', name: 'n', input }] });
    const given = called({ 'ana@a.example': 1, '[MAIL] 2': 2, 'bo@b.example': 3, '[MAIL]': 4, __proto__x: 5 });
    const edited = editTexts(given, (text) => text.replace(/\S+@\S+/, '[MAIL]'));
    expect(edited).toEqual(called({ '[MAIL]': 1, '[MAIL] 2': 2, '[MAIL] 3': 3, '[MAIL] 4': 4, __proto__x: 5 }));
  });
});
