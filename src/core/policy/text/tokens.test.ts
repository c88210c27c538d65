import { describe, expect, it } from 'vitest';
import { estimateTokens, inputIsBounded, requestedOutputTokens } from './tokens.ts';

describe('tokens', () => {
  it.each(['', 'plain', 'zwölf Boxkämpfer', '日本語のテキスト', '😀😀', '\ud800'])(
    'of %j are at least its bytes in UTF-8',
    (content) => {
      const body = { messages: [{ role: 'user', content }] };
      expect(estimateTokens(body)).toBe(new TextEncoder().encode(JSON.stringify(body)).length + 64);
    },
  );

  it('counts a picture by the most it can cost', () => {
    const body = {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }] }],
    };
    expect(estimateTokens(body)).toBeGreaterThan(48_169);
  });

  it.each([
    [{ messages: [] }, true],
    [{ previous_response_id: null }, true],
    [{ previous_response_id: 'r' }, false],
    [{ prompt: { id: 'p' } }, false],
    [{ input: [{ content: [{ type: 'input_file', file_id: 'f' }] }] }, false],
  ])('of %j have a bound: %s', (body, expected) => {
    expect(inputIsBounded(body)).toBe(expected);
  });

  it.each([
    [{}, null],
    [{ max_tokens: 10 }, 10],
    [{ max_completion_tokens: 20, n: 3 }, 60],
    [{ max_output_tokens: 7.2 }, 8],
    [{ max_tokens: 'many' }, null],
    [{ max_tokens: 5, max_completion_tokens: 9 }, 9],
  ])('that %j allows: %s', (body, expected) => {
    expect(requestedOutputTokens(body)).toBe(expected);
  });
});
