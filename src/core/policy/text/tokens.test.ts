import { describe, expect, it } from 'vitest';
import { estimateTokens, requestedOutputTokens } from './tokens.ts';

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
