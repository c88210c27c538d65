import { rmSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeTestHost } from '../gateway/io/host.testkit.ts';
import { runManaged } from '../gateway/io/index.ts';
import { startPlane, TOKEN } from '../gateway/io/plane.testkit.ts';
import { type ShapesGateway, shapesDocument, startShapesAt } from '../gateway/io/shapes.testkit.ts';
import { until } from '../gateway/io/upstream.testkit.ts';
import { type Simulator, startSimulator } from '../scripts/simulator/index.ts';

// The official SDKs of OpenAI and Anthropic, unmodified, against a gateway whose providers are simulated. Every endpoint is
// asked of a target of its own format and, where there is a translation, of the other one.

let simulator: Simulator;
let gateway: ShapesGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  simulator = await startSimulator();
  gateway = await startShapesAt(simulator.url);
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none' });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'none' });
});
afterAll(async () => {
  await gateway.close();
  await simulator.close();
});
beforeEach(() => simulator.script({}));

const SECRET = 'ACM-20419833';
const REPLY = `The order is ${SECRET}, thank you.`;
const GOOD = 'The order is [REDACTED], thank you.';
const CALL = { name: 'look', arguments: '{"city":"Bonn","order":"ACM-20419833"}' };
const INPUT = { city: 'Bonn', order: '[REDACTED]' };
const SCHEMA = { type: 'object' as const, properties: { city: { type: 'string' } } };
const MODELS = ['gpt', 'claude'];

const user = (content: string) => [{ role: 'user' as const, content }];

/** Requests that arrived at the provider while `work` ran. */
async function arrived(work: () => Promise<unknown>): Promise<number> {
  const before = simulator.requests.total;
  await work();
  return simulator.requests.total - before;
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it was answered');
}

describe("OpenAI's SDK", () => {
  test.each(MODELS)('chats with %s, whole and streamed', async (model) => {
    simulator.script({ reply: REPLY, chunks: 9 });
    const whole = await openai.chat.completions.create({ model, messages: user('where?') });
    expect(whole.choices[0]?.message.content).toBe(GOOD);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    const stream = openai.chat.completions.stream({
      model,
      messages: user('where?'),
      stream_options: { include_usage: true },
    });
    const last = await stream.finalChatCompletion();
    expect([last.choices[0]?.message.content, last.choices[0]?.finish_reason]).toEqual([GOOD, 'stop']);
    expect(last.usage).toEqual(whole.usage);
  });

  test.each(MODELS)('has tools called by %s, and tells their results', async (model) => {
    simulator.script({ toolCall: CALL });
    const tools = [{ type: 'function' as const, function: { name: 'look', parameters: SCHEMA } }];
    const messages = user('weather?');
    const whole = await openai.chat.completions.create({ model, messages, tools, tool_choice: 'required' });
    const [choice] = whole.choices;
    const [call] = choice?.message.tool_calls ?? [];
    expect(choice?.finish_reason).toBe('tool_calls');
    const arguments_ = call?.type === 'function' ? call.function.arguments : '';
    expect(JSON.parse(arguments_)).toEqual(INPUT);
    const streamed = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const [again] = streamed.choices[0]?.message.tool_calls ?? [];
    expect(JSON.parse(again?.type === 'function' ? again.function.arguments : '')).toEqual(INPUT);
    simulator.script({ reply: 'Sunny.' });
    const result = { role: 'tool' as const, tool_call_id: call?.id ?? '', content: 'sunny' };
    const next = [...messages, choice?.message, result].filter((message) => message !== undefined);
    const answer = await openai.chat.completions.create({ model, messages: next, tools });
    expect(answer.choices[0]?.message.content).toBe('Sunny.');
  });

  test('asks for responses, whole and streamed, with texts and tools', async () => {
    simulator.script({ reply: REPLY, chunks: 9 });
    const whole = await openai.responses.create({ model: 'gpt', input: 'where?' });
    expect(whole.output_text).toBe(GOOD);
    const streamed = await openai.responses.stream({ model: 'gpt', input: 'where?' }).finalResponse();
    expect([streamed.output_text, streamed.usage]).toEqual([GOOD, whole.usage]);
    simulator.script({ toolCall: CALL });
    const tools = [{ type: 'function' as const, name: 'look', parameters: SCHEMA, strict: null }];
    const called = await openai.responses.stream({ model: 'gpt', input: 'weather?', tools }).finalResponse();
    const [item] = called.output;
    expect(item?.type === 'function_call' && JSON.parse(item.arguments)).toEqual(INPUT);
  });

  test('embeds, and lists models', async () => {
    const { data, usage } = await openai.embeddings.create({ model: 'gpt', input: ['a', SECRET] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    expect(usage.total_tokens).toBeGreaterThan(0);
    expect(simulator.received().at(-1)?.body).not.toContain('20419833');
    const ids: string[] = [];
    for await (const model of openai.models.list()) ids.push((await openai.models.retrieve(model.id)).id);
    expect(ids).toEqual(MODELS);
  });

  test('hears a block once, in words of its own', async () => {
    const asked = await arrived(async () => {
      const error = await errorOf(openai.chat.completions.create({ model: 'gpt', messages: user('Larkspur') }));
      expect(error).toBeInstanceOf(OpenAI.ConflictError);
      expect(error).toMatchObject({ status: 409, code: 'input_blocked', requestID: expect.stringMatching(/^req_/) });
    });
    expect(asked).toBe(0);
    simulator.script({ reply: 'This is Larkspur.', chunks: 6 });
    const events = openai.responses.stream({ model: 'gpt', input: 'hi' });
    expect(await errorOf(events.finalResponse())).toMatchObject({ code: 'output_blocked' });
    const chunks = openai.chat.completions.stream({ model: 'gpt', messages: user('hi') });
    expect(await errorOf(chunks.finalChatCompletion())).toMatchObject({ code: 'output_blocked' });
  });

  test('asks again when the provider limits requests, and not when the request is wrong', async () => {
    simulator.script({ status: 429, retryAfter: 1 }, 1);
    const create = () => openai.chat.completions.create({ model: 'gpt', messages: user('hi') });
    expect(await arrived(create)).toBe(2);
    simulator.script({ status: 400 });
    expect(await arrived(async () => expect(await errorOf(create())).toBeInstanceOf(OpenAI.BadRequestError))).toBe(1);
    const odd = openai.chat.completions.create({ model: 'claude', messages: user('hi'), seed: 7 });
    expect(await errorOf(odd)).toBeInstanceOf(OpenAI.UnprocessableEntityError);
  });
});

describe("Anthropic's SDK", () => {
  test.each(MODELS)('sends messages to %s, whole and streamed', async (model) => {
    simulator.script({ reply: REPLY, chunks: 9 });
    const whole = await anthropic.messages.create({ model, max_tokens: 90, messages: user('where?') });
    expect(whole.content).toMatchObject([{ type: 'text', text: GOOD }]);
    const streamed = await anthropic.messages
      .stream({ model, max_tokens: 90, messages: user('where?') })
      .finalMessage();
    expect(streamed.content).toMatchObject([{ type: 'text', text: GOOD }]);
    expect(streamed.stop_reason).toBe('end_turn');
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(streamed.usage.input_tokens).toBe(whole.usage.input_tokens);
  });

  test.each(MODELS)('has tools called by %s, and tells their results', async (model) => {
    simulator.script({ toolCall: CALL });
    const ask = { model, max_tokens: 90, tools: [{ name: 'look', input_schema: SCHEMA }] };
    const messages = user('weather?');
    const whole = await anthropic.messages.create({ ...ask, messages, tool_choice: { type: 'any' } });
    expect([whole.stop_reason, whole.content]).toMatchObject([
      'tool_use',
      [{ type: 'tool_use', name: 'look', input: INPUT }],
    ]);
    const streamed = await anthropic.messages.stream({ ...ask, messages }).finalMessage();
    expect(streamed.content).toMatchObject([{ type: 'tool_use', name: 'look', input: INPUT }]);
    simulator.script({ reply: 'Sunny.' });
    const [use] = whole.content;
    const id = use?.type === 'tool_use' ? use.id : '';
    const result = { type: 'tool_result' as const, tool_use_id: id, content: 'sunny' };
    const next = [
      ...messages,
      { role: 'assistant' as const, content: whole.content },
      { role: 'user' as const, content: [result] },
    ];
    const answer = await anthropic.messages.create({ ...ask, messages: next });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'Sunny.' }]);
  });

  test('lists models', async () => {
    const ids: string[] = [];
    for await (const model of anthropic.models.list()) ids.push((await anthropic.models.retrieve(model.id)).id);
    expect(ids).toEqual(MODELS);
  });

  test('hears a block once, in words of its own', async () => {
    const asked = await arrived(async () => {
      const error = await errorOf(
        anthropic.messages.create({ model: 'claude', max_tokens: 9, messages: user('Larkspur') }),
      );
      expect(error).toBeInstanceOf(Anthropic.ConflictError);
      expect(error).toMatchObject({ type: 'invalid_request_error', requestID: expect.stringMatching(/^req_/) });
    });
    expect(asked).toBe(0);
    simulator.script({ reply: 'This is Larkspur.', chunks: 6 });
    const events = anthropic.messages.stream({ model: 'claude', max_tokens: 9, messages: user('hi') });
    expect(await errorOf(events.finalMessage())).toMatchObject({ error: { error: { code: 'output_blocked' } } });
  });

  test('asks again when the provider limits requests, and not when the request is wrong', async () => {
    simulator.script({ status: 429, retryAfter: 1 }, 1);
    const create = () => anthropic.messages.create({ model: 'claude', max_tokens: 9, messages: user('hi') });
    expect(await arrived(create)).toBe(2);
    simulator.script({ status: 400 });
    expect(await arrived(async () => expect(await errorOf(create())).toBeInstanceOf(Anthropic.BadRequestError))).toBe(
      1,
    );
    const odd = anthropic.messages.create({
      model: 'gpt',
      max_tokens: 9,
      messages: user('hi'),
      thinking: { type: 'enabled', budget_tokens: 1024 },
    });
    expect(await errorOf(odd)).toBeInstanceOf(Anthropic.UnprocessableEntityError);
  });
});

test('neither SDK asks again when nobody pays: each request arrives once', async () => {
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  const plane = await startPlane(host.nowMs);
  // Without prices nothing can be held, which is the shortest way to a 402.
  await plane.publish(JSON.stringify(shapesDocument(simulator.url)), { prices: [] });
  const stateDir = plane.enrolledState();
  const running = await runManaged({ stateDir, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 }, host);
  try {
    await until(() => running.service.snapshot !== null, 'a snapshot');
    const paid = {
      openai: new OpenAI({ baseURL: `${running.url}/v1`, apiKey: TOKEN }),
      anthropic: new Anthropic({ baseURL: running.url, apiKey: TOKEN }),
    };
    const asked = await arrived(async () => {
      expect(await errorOf(paid.openai.chat.completions.create({ model: 'gpt', messages: user('hi') }))).toMatchObject({
        status: 402,
        code: 'price_missing',
      });
      expect(await errorOf(paid.openai.responses.create({ model: 'gpt', input: 'hi' }))).toMatchObject({ status: 402 });
      expect(
        await errorOf(paid.anthropic.messages.create({ model: 'claude', max_tokens: 9, messages: user('hi') })),
      ).toMatchObject({ status: 402, type: 'billing_error' });
    });
    expect(asked).toBe(0);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    const counts = ['chat/completions', 'responses', 'messages'].map(
      (route) => `requests_total{route="/v1/${route}",status="402"} 1\n`,
    );
    for (const count of counts) expect(metrics).toContain(count);
  } finally {
    await running.stop(500);
    await plane.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
});
