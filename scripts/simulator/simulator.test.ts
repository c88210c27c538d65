import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countTokens, type Script, type Simulator, startSimulator } from './index.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.close());

interface Asked {
  readonly prompt?: string;
  readonly script?: Script | string;
  readonly stream?: boolean;
  readonly includeUsage?: boolean;
}

/** A header takes ASCII; JSON can say everything in it. */
const ascii = (json: string): string =>
  json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const ask = (asked: Asked = {}, signal?: AbortSignal): Promise<Response> => {
  const { script } = asked;
  const header = typeof script === 'object' ? ascii(JSON.stringify(script)) : script;
  return fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(header === undefined ? {} : { 'x-simulate': header }) },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: asked.prompt ?? 'What is a ring rollout?' },
      ],
      stream: asked.stream ?? false,
      ...(asked.includeUsage ? { stream_options: { include_usage: true } } : {}),
    }),
    ...(signal === undefined ? {} : { signal }),
  });
};

const textOf = async (response: Response): Promise<string> => {
  const body = JSON.parse(await response.text());
  return body.choices[0].message.content;
};

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
  readonly usage?: Record<string, number>;
}

const eventsOf = (text: string): string[] =>
  text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice('data: '.length)] : []));

const chunksOf = (text: string): Chunk[] =>
  eventsOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data));

const contentOf = (text: string): string =>
  chunksOf(text)
    .map((chunk) => chunk.choices[0]?.delta.content ?? '')
    .join('');

/** What arrived before the connection broke, and whether it broke. */
const drain = async (response: Response): Promise<{ text: string; broken: boolean }> => {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const part of response.body ?? []) text += decoder.decode(part, { stream: true });
    return { text, broken: false };
  } catch {
    return { text, broken: true };
  }
};

describe('plain answers', () => {
  it('says that it is simulated, in a header and in the text, and shows what it received', async () => {
    const response = await ask({ prompt: 'my card is [REDACTED]' });
    expect(response.headers.get('x-simulated')).toBe('true');
    expect(await textOf(response)).toBe(
      'This is a simulated answer; no model was asked. The upstream received: my card is [REDACTED]',
    );
  });

  it('shows only the beginning of a long prompt', async () => {
    const text = await textOf(await ask({ prompt: 'x'.repeat(5_000) }));
    expect(text.match(/x+$/)?.[0]).toHaveLength(120);
  });

  it('gives the same bytes for the same request', async () => {
    const first = await (await ask()).text();
    await (await ask({ prompt: 'something else' })).text();
    expect(await (await ask()).text()).toBe(first);
  });

  it('counts tokens of all messages and of the answer', async () => {
    const response = await ask({ prompt: 'four' });
    const body = JSON.parse(await response.text());
    const completion = countTokens(body.choices[0].message.content);
    expect(body.usage).toEqual({
      prompt_tokens: countTokens('Be short.\nfour'),
      completion_tokens: completion,
      total_tokens: countTokens('Be short.\nfour') + completion,
    });
  });

  it('streams the same text as it answers whole', async () => {
    const whole = await textOf(await ask());
    const response = await ask({ stream: true });
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(contentOf(text)).toBe(whole);
    expect(eventsOf(text).at(-1)).toBe('[DONE]');
    expect(chunksOf(text).at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(simulator.requests).toMatchObject({ total: 2, streamed: 1 });
  });

  it('states the usage of a stream only when asked to', async () => {
    const without = chunksOf(await (await ask({ stream: true })).text());
    expect(without.every((chunk) => chunk.usage === undefined)).toBe(true);
    const chunks = chunksOf(await (await ask({ stream: true, includeUsage: true })).text());
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 9 } });
  });

  it('lists models and embeds', async () => {
    const models = JSON.parse(await (await fetch(`${simulator.url}/v1/models`)).text());
    expect(models.data.map((model: { id: string }) => model.id)).toContain('gpt-4o-mini');
    const response = await fetch(`${simulator.url}/v1/embeddings`, {
      method: 'POST',
      body: JSON.stringify({ model: 'e', input: ['a', 'b'] }),
    });
    expect(response.headers.get('x-simulated')).toBe('true');
    const { data } = JSON.parse(await response.text());
    expect(data).toHaveLength(2);
    expect(data[0].embedding).not.toEqual(data[1].embedding);
  });

  it('refuses other paths, other bodies and other addresses', async () => {
    expect((await fetch(`${simulator.url}/v1/other`)).status).toBe(404);
    expect((await fetch(`${simulator.url}/v1/chat/completions`, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await fetch(`${simulator.url}/v1/chat/completions`, { method: 'POST', body: '{}' })).status).toBe(400);
    await expect(startSimulator({ listen: '0.0.0.0' })).rejects.toThrow(/loopback/);
  });
});

describe('scripted answers', () => {
  it('takes a script from the header, from the prompt and from a test', async () => {
    expect(await textOf(await ask({ script: { reply: 'by header' } }))).toBe('by header');
    expect(await textOf(await ask({ prompt: 'simulate: {"echo": true}\nonly this' }))).toBe('only this');
    simulator.script({ reply: 'once' }, 1);
    expect(await textOf(await ask())).toBe('once');
    expect(await textOf(await ask())).toMatch(/^This is a simulated answer/);
    simulator.script({ reply: 'from now on' });
    expect(await textOf(await ask())).toBe('from now on');
    expect(await textOf(await ask({ script: { reply: 'the request wins' } }))).toBe('the request wins');
  });

  it('takes a script from the control endpoint, which also tells what arrived', async () => {
    const set = await fetch(`${simulator.url}/control/script`, {
      method: 'POST',
      body: JSON.stringify({ script: { reply: 'controlled' }, times: 1 }),
    });
    expect(set.status).toBe(200);
    expect(await textOf(await ask({ prompt: 'seen' }))).toBe('controlled');
    const seen = JSON.parse(await (await fetch(`${simulator.url}/control/requests`)).text());
    expect(seen.counters.total).toBe(1);
    expect(seen.received[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(JSON.parse(seen.received[0].body).messages[1].content).toBe('seen');
    expect(simulator.received()).toHaveLength(1);
  });

  it.each([
    '{',
    '[]',
    '{"latncyMs": 1}',
    '{"latencyMs": "1"}',
    '{"status": 99}',
    '{"usage": {}}',
    '{"usage": {"promptTokens": 1, "completionTokens": -1}}',
    '{"echo": 1}',
    '{"reply": 1}',
    '{"toString": 1}',
  ])('refuses the script %s', async (script) => {
    const response = await ask({ script });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-simulated')).toBe('true');
    expect(await response.text()).toContain('Expected');
  });

  it('answers late', async () => {
    const started = performance.now();
    await (await ask({ script: { latencyMs: 60 } })).text();
    await (await ask({ script: { latencyMs: 60 }, stream: true })).text();
    expect(performance.now() - started).toBeGreaterThanOrEqual(110);
  });

  it('answers with a status and a time to retry after', async () => {
    const response = await ask({ script: { status: 429, retryAfter: 7 }, stream: true });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(JSON.parse(await response.text()).error).toMatchObject({ type: 'simulated_error', code: 'status_429' });
  });

  it('states the usage it is told to, or none', async () => {
    const usage = { promptTokens: 1_000, completionTokens: 20 };
    expect(JSON.parse(await (await ask({ script: { usage } })).text()).usage.total_tokens).toBe(1_020);
    const streamed = chunksOf(await (await ask({ script: { usage }, stream: true, includeUsage: true })).text());
    expect(streamed.at(-1)?.usage?.['total_tokens']).toBe(1_020);
    expect(JSON.parse(await (await ask({ script: { usage: null } })).text())).not.toHaveProperty('usage');
  });

  it('cuts a stream into as many pieces as told, with a pause between them', async () => {
    const started = performance.now();
    const text = await (
      await ask({ script: { reply: 'äöü€😀abc', chunks: 4, chunkDelayMs: 20 }, stream: true })
    ).text();
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
    expect(contentOf(text)).toBe('äöü€😀abc');
    expect(chunksOf(text).filter((chunk) => chunk.choices[0]?.finish_reason === null)).toHaveLength(4);
  });

  it('breaks off after some pieces', async () => {
    const response = await ask({ script: { reply: 'abcd', chunks: 4, cutAfterChunks: 2 }, stream: true });
    const { text, broken } = await drain(response);
    expect({ content: contentOf(text), broken }).toEqual({ content: 'ab', broken: true });
    const whole = await drain(await ask({ script: { reply: 'abcd', cutAfterChunks: 0 } }));
    expect(whole.broken).toBe(true);
    expect(whole.text.length).toBeGreaterThan(0);
  });

  it('falls silent after some pieces and leaves the connection open', async () => {
    const leave = new AbortController();
    const response = await ask(
      { script: { reply: 'abcd', chunks: 4, stallAfterChunks: 1 }, stream: true },
      leave.signal,
    );
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(contentOf(new TextDecoder().decode(first?.value))).toBe('a');
    const more = reader?.read().then(
      () => 'more',
      () => 'left',
    );
    const silence = new Promise((resolve) => setTimeout(() => resolve('silent'), 80));
    expect(await Promise.race([more, silence])).toBe('silent');
    leave.abort();
    expect(await more).toBe('left');
    await expect.poll(() => simulator.requests.abandoned).toBe(1);
  });

  it('sends a piece that is no JSON', async () => {
    const text = await (await ask({ script: { reply: 'abc', chunks: 3, malformedChunk: 1 }, stream: true })).text();
    const events = eventsOf(text);
    expect(() => JSON.parse(events[1] ?? '')).toThrow();
    expect(JSON.parse(events[2] ?? '').choices[0].delta.content).toBe('c');
    const whole = await (await ask({ script: { malformedChunk: 0 } })).text();
    expect(() => JSON.parse(whole)).toThrow();
  });

  it('splits characters over writes without changing the text', async () => {
    const script = { reply: `zwölf ${'€'.repeat(20)} 😀`, splitUtf8: true, chunks: 1 };
    const response = await ask({ script, stream: true });
    const parts: Uint8Array[] = [];
    for await (const part of response.body ?? []) parts.push(part);
    const alone = parts.filter((part) => new TextDecoder().decode(part).includes('\uFFFD'));
    expect(alone.length).toBeGreaterThan(0);
    expect(contentOf(Buffer.concat(parts).toString('utf8'))).toBe(script.reply);
    expect(await textOf(await ask({ script }))).toBe(script.reply);
  });
});

it('runs as a process, tells its address and stops when told', async () => {
  const script = join(import.meta.dirname, '../simulator.ts');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const { listening } = JSON.parse(String(line));
  expect((await fetch(`${listening}/v1/models`)).headers.get('x-simulated')).toBe('true');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
