import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { costIsBounded } from './cost.ts';

const URL = 'https://x.example/a';
/** A body with this part in a message, deeper in it, in the result of a tool, and in an item of a response. */
const saying = (part: JsonObject): readonly JsonObject[] => [
  { messages: [{ role: 'user', content: [part] }] },
  { messages: [{ role: 'user', content: part }] },
  { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [part] }] }] },
  { input: [{ role: 'user', content: [part] }] },
  { input: [{ type: 'function_call_output', call_id: 'c', output: [part] }] },
];

describe('what a request costs has a bound', () => {
  it.each<JsonObject>([
    { messages: [] },
    { input: 'hi', instructions: 'be kind' },
    { input: ['one', 'two'] },
    { prompt: 'a text' },
    { previous_response_id: null, web_search_options: null, modalities: null },
    { tools: [{ type: 'function' }, { name: 'a', input_schema: {} }, { type: 'custom' }, { type: null, name: 'b' }] },
    { tools: [{ type: 'function', function: { name: 'a', parameters: { properties: { file_id: {} } } } }] },
    {
      input: [
        { role: 'user', content: 'hi' },
        { type: 'function_call_output', call_id: 'c', output: 'x' },
      ],
    },
    {
      input: [{ type: 'tool_search_output', tools: [{ type: 'function', parameters: { properties: { video: {} } } }] }],
    },
    { input: [{ type: 'mcp_list_tools', server_label: 's', tools: [{ name: 'a', input_schema: { file_id: {} } }] }] },
    { service_tier: 'auto', modalities: ['text'], enable_search: false, web_search: false, speed: 'standard' },
    { inference_geo: 'global', anthropic_beta: ['interleaved-thinking-2025-05-14'] },
    { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } },
    { context_management: {} },
    { context_management: [] },
  ])('for %j', (body) => {
    expect(costIsBounded(body, 'interleaved-thinking-2025-05-14')).toBe(true);
  });

  it.each<JsonObject>([
    { type: 'text', text: 'https://x.example/file_id' },
    { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    { type: 'input_image', image_url: URL },
    { type: 'image', source: { type: 'url', url: URL } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'plain' } },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'a' }] } },
    { type: 'search_result', source: URL, title: 'a', content: [] },
    { type: 'output_text', text: 'a', annotations: [{ type: 'url_citation', url: URL }] },
    { type: 'input_audio', input_audio: { data: 'AA+/AA==', format: 'wav' } },
    { type: 'input_audio', input_audio: { data: 'data:audio/mpeg;base64,AAAA' } },
    { type: 'input_audio', input_audio: { data: 'data:;base64,AAAA' } },
    { type: 'tool_use', id: 't', name: 'a', input: { file_id: 'f', video_url: URL } },
    { type: 'tool_addition', tool: { type: 'tool_definition', definition: { name: 'a', input_schema: {} } } },
    { type: 'text', text: 'a', definition: 'of a word' },
    { type: 'input_audio', input_audio: null },
    { type: 'input_file', file_id: null },
  ])('with %j in what is said', (part) => {
    for (const body of saying(part)) expect(costIsBounded(body, null), JSON.stringify(body)).toBe(true);
  });
});

describe('what a request costs has no bound', () => {
  it.each<[string, JsonObject]>([
    ['what the provider keeps', { previous_response_id: 'r' }],
    ['what the provider keeps', { conversation: 'c' }],
    ['what the provider keeps', { thread: { id: 't' } }],
    ['what the provider keeps', { container: 'c' }],
    ['what the provider keeps', { prompt: { id: 'p' } }],
    ['what the provider keeps', { data_sources: [{ type: 'azure_search' }] }],
    ['what the provider keeps', { dataSources: [{ type: 'AzureCognitiveSearch' }] }],
    ['an item by its id', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['an item by its id', { input: [{ id: 'msg_1' }] }],
    ['an item by its id', { input: [{ id: 'msg_1', type: null }] }],
    ['an item by its id', { input: [{ type: 'item_reference', id: 'msg_1', role: 'user' }] }],
    ['an item by its id', { input: { type: 'item_reference', id: 'msg_1' } }],
    ['a hosted tool', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['a hosted tool', { tools: { type: 'web_search' } }],
    ['a hosted tool', { tools: ['web_search'] }],
    ['a hosted tool', { web_search_options: {} }],
    ['a hosted tool', { mcp_servers: [{ type: 'url', url: 'https://tools.example', name: 't' }] }],
    ['a hosted tool', { input: [{ type: 'tool_search_output', tools: [{ type: 'web_search' }] }] }],
    ['a hosted tool', { input: [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'mcp' }] }] }],
    ['a search', { plugins: [{ id: 'web' }] }],
    ['a search', { search_parameters: { mode: 'on' } }],
    ['a search', { enable_search: true }],
    ['a search', { web_search: true }],
    ['a summary', { compaction: { type: 'summarize' } }],
    ['a summary', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
    ['a summary', { context_management: { edits: [{ type: 'clear_thinking_20251015' }, { type: 'compact_1' }] } }],
    ['a summary', { context_management: { edits: { type: 'compact_20260112' } } }],
    ['a summary', { context_management: [{ type: 'compaction', compact_threshold: 1000 }] }],
    ['a summary', { input: [{ role: 'user', content: 'x' }, { type: 'compaction_trigger' }] }],
    ['another price', { service_tier: 'priority' }],
    ['another price', { speed: 'fast' }],
    ['another price', { inference_geo: 'us' }],
    ['another price', { modalities: ['text', 'audio'] }],
    ['another price', { modalities: ['image', 'text'] }],
    ['another price', { modalities: 'audio' }],
    ['another price', { anthropic_beta: ['a-1', 'context-1m-2025-08-07'] }],
    ['another price', { anthropic_beta: 'Fast-Mode-2026-02-01' }],
    ['another price', { anthropic_beta: [{ name: 'fast-mode' }] }],
    ['sound by its id', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }],
    ['a file in a call that is none', { messages: [{ role: 'user', type: 'tool_use', content: [{ file_id: 'f' }] }] }],
    ['a file in a call that is none', { input: [{ type: 'tool_use', input: [{ file_id: 'f' }] }] }],
    ['a file in the instructions', { system: [{ type: 'document', source: { type: 'url', url: URL } }] }],
    ['a list in a list', { messages: [[{ role: 'user', content: [{ type: 'file', file_id: 'f' }] }]] }],
  ])('for %s: %j', (_, body) => {
    expect(costIsBounded(body, null)).toBe(false);
  });

  it.each<JsonObject>([
    { type: 'input_file', file_id: 'f' },
    { type: 'input_file', file_url: URL },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE' } },
    { type: 'file', file: URL },
    { type: 'input_file', file_data: 'data:application/pdf;base64,JVBE' },
    { type: 'document', source: URL },
    { type: 'document_url', document_url: URL },
    { type: 'document', source: { type: 'url', url: URL } },
    { type: 'document', source: { type: 'base64', data: 'JVBE' } },
    { type: 'document', source: { type: 'content', content: [{ type: 'image', source: { file_id: 'f' } }] } },
    { type: 'media', file_uri: URL },
    { type: 'video_url', video_url: { url: URL } },
    { type: 'video', video: URL },
    { type: 'input_video', input_video: { data: 'AAAA' } },
    { type: 'audio_url', audio_url: { url: URL } },
    { type: 'audio', audio: URL },
    { type: 'input_audio', input_audio: URL },
    { type: 'input_audio', input_audio: { data: URL, format: 'mp3' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', url: URL } },
    { type: 'input_audio', input_audio: { data: 'AAAA', id: 'audio_1' } },
    { type: 'input_audio', input_audio: { format: 'mp3' } },
    { type: 'image_url', image_url: { url: 'data:application/pdf;base64,JVBE' } },
    { type: 'input_image', image_url: 'Data:video/mp4;base64,AAAA' },
    { type: 'image_url', image_url: { file_id: 'f' } },
    { type: 'tool_use', id: 't', name: 'a', input: {}, source: { type: 'file', file_id: 'f' } },
    { type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'web_search_20250305' } } },
    { type: 'tool_addition', definition: { type: 'web_search_20250305' } },
  ])('with %j in what is said', (part) => {
    for (const body of saying(part)) expect(costIsBounded(body, null), JSON.stringify(body)).toBe(false);
  });

  it.each(['context-1m-2025-08-07', 'a-1,fast-mode-2026-02-01', 'Context-1M-2025-08-07'])(
    'with the beta %s',
    (betas) => {
      expect(costIsBounded({ messages: [] }, betas)).toBe(false);
      expect(costIsBounded('no object' as Json, betas)).toBe(false);
    },
  );
});
