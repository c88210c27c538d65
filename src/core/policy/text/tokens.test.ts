import { describe, expect, it } from 'vitest';
import { costIsBounded, estimateTokens, requestedOutputTokens } from './tokens.ts';

describe('tokens', () => {
  it.each(['', 'plain', 'zwölf Boxkämpfer', '日本語のテキスト', '😀😀', '\ud800'])(
    'of %j are at least its bytes in UTF-8',
    (content) => {
      const body = { messages: [{ role: 'user', content }] };
      const sent = new TextEncoder().encode(JSON.stringify(body)).length;
      expect(estimateTokens(body, sent)).toBe(sent + 64);
      expect(sent).toBeGreaterThan(new TextEncoder().encode(content).length);
    },
  );

  it('counts a picture by the most it can cost', () => {
    const body = {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }] }],
    };
    expect(estimateTokens(body, 90)).toBeGreaterThan(48_169);
  });

  it("counts what Anthropic adds for a picture and for tools beyond the request's own bytes", () => {
    const picture = { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } };
    expect(estimateTokens({ messages: [{ role: 'user', content: [picture] }] }, 90)).toBeGreaterThan(48_169);
    expect(estimateTokens({ tools: [{ name: 'a', input_schema: {} }] }, 90)).toBe(90 + 64 + 700);
  });

  it('counts a number by its longest form, however short it was written', () => {
    const sent = '{"tools":[{"function":{"parameters":{"enum":[1e20,-1e-7]}}}]}';
    const body = JSON.parse(sent);
    const longest = JSON.stringify(body).length;
    expect(longest).toBeGreaterThan(sent.length);
    expect(estimateTokens(body, sent.length)).toBeGreaterThanOrEqual(longest);
    expect(String(-Number.MIN_VALUE).length).toBeLessThanOrEqual(25);
    expect(String(-1.2345678901234e-300).length).toBeLessThanOrEqual(25);
  });

  it.each([
    [{ messages: [] }, true],
    [{ previous_response_id: null }, true],
    [{ previous_response_id: 'r' }, false],
    [{ prompt: { id: 'p' } }, false],
    [{ input: [{ content: [{ type: 'input_file', file_id: 'f' }] }] }, false],
    [{ messages: [{ content: [{ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE' } }] }] }, false],
    [{ messages: [{ content: [{ type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } }] }] }, true],
    [{ messages: [{ content: [{ type: 'document', source: { type: 'url', url: 'https://x.example/a' } }] }] }, false],
    [{ messages: [{ content: [{ type: 'document', source: { type: 'base64', data: 'JVBE' } }] }] }, false],
    [{ messages: [{ content: [{ type: 'document', source: { type: 'text', data: 'plain' } }] }] }, true],
    [{ tools: [{ type: 'function' }, { name: 'a', input_schema: {} }, { type: 'custom' }] }, true],
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, false],
    [{ web_search_options: {} }, false],
    [{ container: 'c' }, false],
    [{ mcp_servers: [{ type: 'url', url: 'https://tools.example', name: 't' }] }, false],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, false],
    [{ input: [{ id: 'msg_1' }] }, false],
    [
      {
        input: [
          { role: 'user', content: 'hi' },
          { type: 'function_call_output', call_id: 'c', output: 'x' },
        ],
      },
      true,
    ],
    [{ messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }, false],
    [{ messages: [{ content: [{ type: 'video_url', video_url: { url: 'https://x.example/v' } }] }] }, false],
    [{ messages: [{ content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }] }, true],
    [{ tools: [{ type: 'function', function: { name: 'a', parameters: { properties: { file_id: {} } } } }] }, true],
    [{ messages: [{ content: [{ type: 'tool_use', id: 't', name: 'a', input: { file_id: 'f' } }] }] }, true],
    [{ service_tier: 'auto', modalities: ['text'], enable_search: false }, true],
    [{ service_tier: 'priority' }, false],
    [{ modalities: ['text', 'audio'] }, false],
    [{ speed: 'fast' }, false],
    [{ inference_geo: 'us' }, false],
    [{ plugins: [{ id: 'web' }] }, false],
    [{ search_parameters: { mode: 'on' } }, false],
    [{ enable_search: true }, false],
  ])('of %j have a bound: %s', (body, expected) => {
    expect(costIsBounded(body)).toBe(expected);
  });

  it.each([
    [{}, null],
    [{ max_tokens: 10 }, 10],
    [{ max_completion_tokens: 20, n: 3 }, 60],
    [{ max_output_tokens: 8 }, 8],
    [{ max_tokens: 'many' }, null],
    [{ max_tokens: 5, max_completion_tokens: 9 }, 9],
  ])('that %j allows: %s', (body, expected) => {
    expect(requestedOutputTokens(body)).toBe(expected);
  });
});
