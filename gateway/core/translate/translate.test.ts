import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/model/index.ts';
import { chatOfMessage } from './chat-answer.ts';
import { messagesOfChat } from './chat-request.ts';
import { carriedOr } from './fields.ts';
import { messageOfChat } from './messages-answer.ts';
import { chatOfMessages } from './messages-request.ts';

const user = (content: Json): JsonObject => ({ role: 'user', content });

const toMessages = (more: JsonObject): JsonObject | string =>
  carriedOr(() => messagesOfChat({ model: 'm', messages: [user('hi')], ...more }, 4096));
const toChat = (more: JsonObject): JsonObject | string =>
  carriedOr(() => chatOfMessages({ model: 'm', max_tokens: 9, messages: [user('hi')], ...more }, 'max_tokens'));

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const data = 'aGVsbG8=';

describe('a chat request for a target of Anthropic', () => {
  it('carries a conversation with instructions, pictures, calls of tools and their results', () => {
    const messages = [
      { role: 'system', content: 'Be short.' },
      { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
      user([
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
        { type: 'image_url', image_url: { url: 'https://x.example/a.png', detail: 'auto' } },
      ]),
      {
        role: 'assistant',
        content: null,
        refusal: null,
        annotations: [],
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"city":"Bonn"}' } },
          { id: 'c2', type: 'function', function: { name: 'stop', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
      { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'stopped' }] },
      user('And now?'),
    ];
    expect(toMessages({ messages })).toEqual({
      max_tokens: 4096,
      system: [
        { type: 'text', text: 'Be short.' },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [
        user([
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
          { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } },
        ]),
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'c1', name: 'look', input: { city: 'Bonn' } },
            { type: 'tool_use', id: 'c2', name: 'stop', input: {} },
          ],
        },
        user([
          { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'sunny' }] },
          { type: 'tool_result', tool_use_id: 'c2', content: [{ type: 'text', text: 'stopped' }] },
          { type: 'text', text: 'And now?' },
        ]),
      ],
    });
  });

  it('has no empty texts, no turn in which nothing is said, and pictures by the types that Anthropic takes', () => {
    const empty = { type: 'text', text: '' };
    const messages = [
      user([empty, { type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }]),
      { role: 'assistant', content: [empty], tool_calls: [{ id: 'c', function: { name: 'n', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: [empty] },
      { role: 'assistant', content: '' },
      user([{ type: 'image_url', image_url: { url: `data:image/jpg;base64,${data}` } }]),
    ];
    expect((toMessages({ messages }) as JsonObject)['messages']).toEqual([
      user([{ type: 'text', text: 'hi' }]),
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'n', input: {} }] },
      user([
        { type: 'tool_result', tool_use_id: 'c', content: [] },
        { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data } },
      ]),
    ]);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['a limit', { max_tokens: 7 }, { max_tokens: 7 }],
    ['the newer name of a limit', { max_completion_tokens: 8 }, { max_tokens: 8 }],
    ['sampling', { temperature: 0.5, top_p: 0.9 }, { temperature: 0.5, top_p: 0.9 }],
    ['one stop', { stop: 'END' }, { stop_sequences: ['END'] }],
    ['several stops', { stop: ['A', 'B'] }, { stop_sequences: ['A', 'B'] }],
    ['a stream', { stream: true, stream_options: { include_usage: true } }, { stream: true }],
    ['a user', { user: 'u1' }, { metadata: { user_id: 'u1' } }],
    [
      'tools',
      {
        tools: [
          { type: 'function', function: { name: 'look', description: 'd', parameters: schema, strict: true } },
          { type: 'function', function: { name: 'stop' } },
        ],
      },
      {
        tools: [
          { name: 'look', description: 'd', input_schema: schema, strict: true },
          { name: 'stop', input_schema: { type: 'object' } },
        ],
      },
    ],
    ['a free choice', { tool_choice: 'auto' }, { tool_choice: { type: 'auto' } }],
    ['no choice', { tool_choice: 'none' }, { tool_choice: { type: 'none' } }],
    ['a forced choice', { tool_choice: 'required' }, { tool_choice: { type: 'any' } }],
    [
      'one tool',
      { tool_choice: { type: 'function', function: { name: 'look' } } },
      { tool_choice: { type: 'tool', name: 'look' } },
    ],
    [
      'one call at a time',
      { tools: [{ type: 'function', function: { name: 'a' } }], parallel_tool_calls: false },
      {
        tools: [{ name: 'a', input_schema: { type: 'object' } }],
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      },
    ],
    [
      'no call, where one at a time is asked for too',
      {
        tools: [{ type: 'function', function: { name: 'a', parameters: {} } }],
        tool_choice: 'none',
        parallel_tool_calls: false,
      },
      { tools: [{ name: 'a', input_schema: { type: 'object' } }], tool_choice: { type: 'none' } },
    ],
    [
      'what an answer is for',
      { response_format: { type: 'json_schema', json_schema: { name: 'n', description: 'A city.', schema } } },
      { output_config: { format: { type: 'json_schema', schema: { description: 'A city.', ...schema } } } },
    ],
    ['the most effort', { reasoning_effort: 'max' }, { output_config: { effort: 'max' } }],
    [
      'a schema and an effort',
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema } }, reasoning_effort: 'low' },
      { output_config: { format: { type: 'json_schema', schema }, effort: 'low' } },
    ],
    [
      'values that mean nothing',
      {
        n: 1,
        logprobs: false,
        presence_penalty: 0,
        store: false,
        service_tier: 'auto',
        logit_bias: null,
        response_format: { type: 'text' },
        seed: null,
        tools: [],
      },
      {},
    ],
  ])('carries %s', (_, more, expected) => {
    expect(toMessages(more)).toEqual({
      max_tokens: 4096,
      messages: [user([{ type: 'text', text: 'hi' }])],
      ...expected,
    });
  });

  it.each<[string, JsonObject]>([
    ['n', { n: 2 }],
    ['seed', { seed: 7 }],
    ['temperature', { temperature: 1.5 }],
    ['logprobs', { logprobs: true }],
    ['presence_penalty', { presence_penalty: 0.1 }],
    ['store', { store: true }],
    ['response_format', { response_format: { type: 'json_object' } }],
    ['reasoning_effort', { reasoning_effort: 'minimal' }],
    ['functions', { functions: [] }],
    ['unheard_of', { unheard_of: true }],
    ['tool_choice', { tool_choice: { type: 'allowed_tools' } }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'a' } }] }],
    ['tools[0].function.examples', { tools: [{ type: 'function', function: { name: 'a', examples: [] } }] }],
    ['tools[0].other', { tools: [{ type: 'function', function: { name: 'a' }, other: 1 }] }],
    ['tool_choice.other', { tool_choice: { type: 'function', function: { name: 'a' }, other: 1 } }],
    [
      'response_format.json_schema.other',
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema, other: 1 } } },
    ],
    ['messages[0].content[0].other', { messages: [user([{ type: 'text', text: 'x', other: 1 }])] }],
    ['stream_options.other', { stream_options: { other: true } }],
    ['messages[0].role', { messages: [{ role: 'function', content: 'x' }] }],
    ['messages[0].name', { messages: [{ role: 'user', content: 'x', name: 'Ann' }] }],
    ['messages[0].audio', { messages: [{ role: 'assistant', content: 'x', audio: { id: 'a' } }] }],
    ['messages[0].content[0].type', { messages: [user([{ type: 'input_audio', input_audio: {} }])] }],
    [
      'messages[0].content[0].image_url.detail',
      { messages: [user([{ type: 'image_url', image_url: { url: 'https://x.example', detail: 'low' } }])] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [user([{ type: 'image_url', image_url: { url: 'http://x.example' } }])] },
    ],
    [
      'messages[0].tool_calls[0].function.arguments',
      {
        messages: [
          { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'n', arguments: '[1]' } }] },
        ],
      },
    ],
    [
      'messages[0].tool_calls[0].type',
      { messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'custom' }] }] },
    ],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
  ])('is refused by the name of %s', (field, more) => {
    expect(toMessages(more)).toMatch(new RegExp(`^"${field.replaceAll(/[[\]]/g, '\\$&')}" `));
  });
});

describe('a messages request for a target of OpenAI', () => {
  it('carries a conversation with instructions, pictures, calls of tools and their results', () => {
    const messages = [
      user([
        { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
        { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } },
      ]),
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: '' },
          { type: 'text', text: 'One moment.' },
          { type: 'tool_use', id: 't1', name: 'look', input: { city: 'Bonn' } },
        ],
      },
      user([
        { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'sunny' }] },
        { type: 'tool_result', tool_use_id: 't2', content: 'broken', is_error: true },
        { type: 'text', text: 'And now?' },
      ]),
    ];
    expect(
      toChat({
        system: [
          { type: 'text', text: 'Be short.' },
          { type: 'text', text: 'Be kind.' },
        ],
        messages,
      }),
    ).toEqual({
      max_tokens: 9,
      messages: [
        { role: 'system', content: 'Be short.\n\nBe kind.' },
        user([
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
          { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
        ]),
        {
          role: 'assistant',
          content: 'One moment.',
          reasoning_content: 'hm',
          tool_calls: [{ id: 't1', type: 'function', function: { name: 'look', arguments: '{"city":"Bonn"}' } }],
        },
        { role: 'tool', tool_call_id: 't1', content: 'sunny' },
        { role: 'tool', tool_call_id: 't2', content: 'Error: broken' },
        user([{ type: 'text', text: 'And now?' }]),
      ],
    });
  });

  it('says what a client of Anthropic says again, and no turn in which nothing is said', () => {
    const messages = [
      user('hi'),
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Hm.', citations: null },
          { type: 'tool_use', id: 't', name: 'n', input: {}, caller: { type: 'direct' }, toolset_name: null },
        ],
      },
      user([{ type: 'tool_result', tool_use_id: 't', content: 'x', cache_control: { type: 'ephemeral' } }]),
      { role: 'assistant', content: [] },
      { role: 'assistant', content: [{ type: 'text', text: '' }] },
      user('go on'),
    ];
    expect((toChat({ messages }) as JsonObject)['messages']).toEqual([
      user([{ type: 'text', text: 'hi' }]),
      {
        role: 'assistant',
        content: 'Hm.',
        tool_calls: [{ id: 't', type: 'function', function: { name: 'n', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 't', content: 'x' },
      user([{ type: 'text', text: 'go on' }]),
    ]);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['sampling', { temperature: 0.5, top_p: 0.9 }, { temperature: 0.5, top_p: 0.9 }],
    ['the most effort', { output_config: { effort: 'max' } }, { reasoning_effort: 'max' }],
    ['stops', { stop_sequences: ['A'] }, { stop: ['A'] }],
    ['a stream', { stream: true }, { stream: true }],
    ['a user', { metadata: { user_id: 'u1' } }, { user: 'u1' }],
    [
      'tools',
      { tools: [{ name: 'look', description: 'd', input_schema: schema, cache_control: { type: 'ephemeral' } }] },
      { tools: [{ type: 'function', function: { name: 'look', description: 'd', parameters: schema } }] },
    ],
    [
      'a free choice, one at a time',
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      { tool_choice: 'auto', parallel_tool_calls: false },
    ],
    ['a forced choice', { tool_choice: { type: 'any' } }, { tool_choice: 'required' }],
    [
      'one tool',
      { tool_choice: { type: 'tool', name: 'look' } },
      { tool_choice: { type: 'function', function: { name: 'look' } } },
    ],
    [
      'what means nothing',
      { thinking: { type: 'disabled' }, service_tier: 'auto', stop_sequences: [], tools: [], container: null },
      {},
    ],
    [
      'a schema and an effort',
      { output_config: { effort: 'high', format: { type: 'json_schema', schema } } },
      {
        reasoning_effort: 'high',
        response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
      },
    ],
  ])('carries %s', (_, more, expected) => {
    expect(toChat(more)).toEqual({ max_tokens: 9, messages: [user([{ type: 'text', text: 'hi' }])], ...expected });
  });

  it.each<[string, JsonObject]>([
    ['top_k', { top_k: 5 }],
    ['max_tokens', { max_tokens: 0 }],
    ['thinking', { thinking: { type: 'enabled', budget_tokens: 2000 } }],
    ['mcp_servers', { mcp_servers: [{}] }],
    ['stop_sequences', { stop_sequences: ['a', 'b', 'c', 'd', 'e'] }],
    ['metadata.other', { metadata: { other: 'x' } }],
    ['output_config.effort', { output_config: { effort: 'utmost' } }],
    ['output_config.format.type', { output_config: { format: { type: 'grammar', schema } } }],
    ['output_config.format.name', { output_config: { format: { type: 'json_schema', schema, name: 'n' } } }],
    ['tool_choice.other', { tool_choice: { type: 'auto', other: 1 } }],
    ['messages[0].name', { messages: [{ role: 'user', content: 'x', name: 'Ann' }] }],
    ['tools[0].type', { tools: [{ type: 'bash_20250124', name: 'bash' }] }],
    ['tools[0].input_examples', { tools: [{ name: 'a', input_examples: [] }] }],
    ['tool_choice.type', { tool_choice: { type: 'other' } }],
    ['system[0].type', { system: [{ type: 'image' }] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content[0].type', { messages: [user([{ type: 'document', source: {} }])] }],
    [
      'messages[0].content[0].source.type',
      { messages: [user([{ type: 'image', source: { type: 'file', file_id: 'f' } }])] },
    ],
    [
      'messages[0].content[0].transformations',
      {
        messages: [
          user([
            { type: 'image', source: { type: 'url', url: 'https://x.example' }, transformations: { crop: 'auto' } },
          ]),
        ],
      },
    ],
    [
      'messages[0].content[0].toolset_name',
      { messages: [user([{ type: 'tool_result', tool_use_id: 't', content: 'x', toolset_name: 'browser' }])] },
    ],
    [
      'messages[0].content[0].caller',
      {
        messages: [
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 't', name: 'n', input: {}, caller: { type: 'code', tool_id: 's' } }],
          },
        ],
      },
    ],
    [
      'messages[0].content[0].citations',
      { messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x', citations: [{}] }] }] },
    ],
    [
      'messages[0].content[0].type',
      { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: 'c2ln' }] }] },
    ],
    [
      'messages[0].content[0].content[0].type',
      { messages: [user([{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image' }] }])] },
    ],
  ])('is refused by the name of %s', (field, more) => {
    expect(toChat(more)).toMatch(new RegExp(`^"${field.replaceAll(/[[\]]/g, '\\$&')}" `));
  });
});

describe('answers', () => {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'text', text: 'It is ' },
      { type: 'text', text: 'sunny.' },
      { type: 'tool_use', id: 't1', name: 'look', input: { city: 'Bonn' } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 3, cache_creation_input_tokens: 4, cache_read_input_tokens: 5, output_tokens: 6 },
  };

  it('of Anthropic become chat completions', () => {
    expect(chatOfMessage(message, 5_999)).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 5,
      model: 'claude',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'It is sunny.',
            refusal: null,
            reasoning_content: 'hm',
            tool_calls: [{ id: 't1', type: 'function', function: { name: 'look', arguments: '{"city":"Bonn"}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: { prompt_tokens: 12, completion_tokens: 6, total_tokens: 18, prompt_tokens_details: { cached_tokens: 5 } },
    });
  });

  it('of OpenAI become messages', () => {
    const chat = {
      id: 'c1',
      model: 'gpt',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Sunny.',
            reasoning_content: 'hm',
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"city":"Bonn"}' } }],
          },
        },
      ],
      usage: { prompt_tokens: 12, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 5 } },
    };
    expect(messageOfChat(chat)).toEqual({
      id: 'c1',
      type: 'message',
      role: 'assistant',
      model: 'gpt',
      content: [
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'text', text: 'Sunny.' },
        { type: 'tool_use', id: 'c1', name: 'look', input: { city: 'Bonn' }, caller: { type: 'direct' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 7, cache_creation_input_tokens: 0, cache_read_input_tokens: 5, output_tokens: 6 },
    });
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['something_new', 'stop'],
  ])('that end by %s end by %s', (stop_reason, finish) => {
    expect(chatOfMessage({ content: [], stop_reason }, 0)).toMatchObject({ choices: [{ finish_reason: finish }] });
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['content_filter', 'refusal'],
    ['something_new', 'end_turn'],
  ])('that finish by %s stop by %s', (finish_reason, stop) => {
    expect(messageOfChat({ choices: [{ message: { content: 'x' }, finish_reason }] })).toMatchObject({
      stop_reason: stop,
    });
  });

  it.each([
    ['stop', 'tool_use'],
    [null, 'tool_use'],
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
  ])('that ask for a tool and finish by %s stop by %s', (finish_reason, stop) => {
    const message = { content: null, tool_calls: [{ id: 'c', function: { name: 'n', arguments: '{}' } }] };
    expect(messageOfChat({ choices: [{ message, finish_reason }] })).toMatchObject({
      content: [{ type: 'tool_use', id: 'c' }],
      stop_reason: stop,
    });
  });

  it('that were cut off in a call are what came before it', () => {
    const call = (id: string, text: string): JsonObject => ({ id, function: { name: 'n', arguments: text } });
    const message = { content: 'One moment.', tool_calls: [call('c1', '{}'), call('c2', '{"city": "Bo')] };
    expect(messageOfChat({ choices: [{ message, finish_reason: 'length' }] })).toMatchObject({
      content: [
        { type: 'text', text: 'One moment.' },
        { type: 'tool_use', id: 'c1' },
      ],
      stop_reason: 'max_tokens',
    });
  });

  it('say that the model refused', () => {
    const message = { content: null, refusal: 'No.' };
    expect(messageOfChat({ choices: [{ message, finish_reason: 'stop' }] })).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
    });
  });

  it('carry a list of parts, and reasoning by its other name', () => {
    const content = [
      { type: 'text', text: 'It is sunny.' },
      { type: 'text', text: '' },
      { type: 'refusal', refusal: 'No more.' },
    ];
    const message = { role: 'assistant', content, reasoning: 'hm' };
    expect(messageOfChat({ choices: [{ message, finish_reason: 'stop' }] })).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'text', text: 'It is sunny.' },
        { type: 'text', text: 'No more.' },
      ],
      stop_reason: 'refusal',
    });
  });

  it.each<[string, JsonObject]>([
    ['a call of the older form', { content: null, function_call: { name: 'n', arguments: '{}' } }],
    ['a part that is no text', { content: [{ type: 'image_url', image_url: { url: 'https://x.example' } }] }],
    ['content that is no text', { content: 7 }],
    ['sound', { content: null, audio: { id: 'audio_1' } }],
    ['calls that are no list', { content: 'x', tool_calls: {} }],
    ['reasoning that is no text', { content: 'x', reasoning: { text: 'hm' } }],
  ])('that hold %s are no messages', (_, message) => {
    expect(messageOfChat({ choices: [{ message, finish_reason: 'stop' }] })).toBeNull();
  });

  it('that hold what cannot be said in the other shape are none', () => {
    expect(chatOfMessage({ content: [{ type: 'server_tool_use' }] }, 0)).toBeNull();
    expect(chatOfMessage({ error: {} }, 0)).toBeNull();
    const call = { id: 'c', function: { name: 'n', arguments: '{"city": "Bo' } };
    expect(messageOfChat({ choices: [{ message: { tool_calls: [call] } }] })).toBeNull();
    expect(messageOfChat({ choices: [] })).toBeNull();
  });
});
