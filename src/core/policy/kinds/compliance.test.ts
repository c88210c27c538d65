import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, valueAt } from '../../model/index.ts';
import { FINANCIAL_DISCLAIMER, HEALTH_DISCLAIMERS } from '../detect/compliance.ts';
import { channelOf } from '../index.ts';
import { chat, codesOf, compiled, completionOf, documentOf, request, streamThrough } from '../policy.testkit.ts';

const hello = request(chat('hi'));
const answered = (kind: string, settings: JsonObject, content: Json) =>
  compiled(documentOf(kind, settings)).output(hello, completionOf(content));
const words = (kind: string, settings: JsonObject, content: Json): Json | undefined =>
  valueAt(answered(kind, settings, content).body, '/choices/0/message/content');

describe.each([
  ['financial-compliance', 'financial', FINANCIAL_DISCLAIMER],
  ['healthcare-compliance', 'healthcare', HEALTH_DISCLAIMERS.II],
])('%s', (kind, namespace, builtIn) => {
  const settings = {
    blocked_patterns: ['cannot lose', 'sure (?:thing|bet)'],
    required_disclaimers: ['No advice.', 'Ask first.'],
  };

  it.each([
    ['Buy.', 'Buy.\n\nNo advice.\n\nAsk first.'],
    ['Buy. NO ADVICE. Really.', 'Buy. NO ADVICE. Really.\n\nAsk first.'],
    ['No advice. Ask first.', 'No advice. Ask first.'],
    ['', ''],
  ])('below %j writes what is missing, whole and streamed', (text, expected) => {
    const changed = text !== expected;
    const whole = answered(kind, settings, text);
    expect(valueAt(whole.body, '/choices/0/message/content')).toBe(expected);
    expect(whole).toMatchObject({
      verdict: changed ? 'redact' : 'allow',
      reasonCode: changed ? `${namespace}.disclaimer_added` : null,
    });
    const streamed = streamThrough(compiled(documentOf(kind, settings)), [...text]);
    expect(streamed.sent).toBe(expected);
    expect(streamed.outcome?.reasonCode).toBe(changed ? `${namespace}.disclaimer_added` : null);
  });

  it('has one of its own when none is required', () => {
    for (const none of [{}, { required_disclaimers: [] }]) expect(words(kind, none, 'Buy.')).toBe(`Buy.\n\n${builtIn}`);
  });

  it('writes nothing below calls of tools', () => {
    expect(answered(kind, {}, null)).toMatchObject({ verdict: 'allow' });
    const scanner = compiled(documentOf(kind, {})).stream(hello);
    expect(scanner?.push(channelOf(0, 'arguments', 0), '{}').emit).toBe('');
    expect(scanner?.end(channelOf(0, 'arguments', 0)).emit).toBe('{}');
  });

  it.each(['You Cannot Lose here.', 'a SURE BET'])('blocks %j, whole and cut at every offset', (text) => {
    expect(answered(kind, settings, text)).toMatchObject({
      verdict: 'block',
      reasonCode: `${namespace}.blocked`,
      blockedBy: { policy: kind, phase: 'output' },
    });
    const start = text.toLowerCase().search(/cannot|sure/);
    for (let at = 0; at <= text.length; at++) {
      const { sent, blocked, outcome } = streamThrough(compiled(documentOf(kind, settings)), [
        text.slice(0, at),
        text.slice(at),
      ]);
      expect(blocked).toBe(true);
      expect(text.slice(0, start).startsWith(sent)).toBe(true);
      expect(outcome?.reasonCode).toBe(`${namespace}.blocked`);
    }
  });

  it('blocks it in every other text of an answer', () => {
    const policy = compiled(documentOf(kind, settings));
    const inCall = {
      choices: [{ message: { tool_calls: [{ function: { arguments: '{"a":"cannot\\u0020lose"}' } }] } }],
    };
    expect(policy.output(hello, inCall).verdict).toBe('block');
    for (const channel of [channelOf(0, 'refusal'), channelOf(0, 'arguments', 0)]) {
      expect(streamThrough(policy, ['"you can', 'not lose"'], channel)).toMatchObject({ blocked: true });
    }
  });

  it('refuses patterns that a stream cannot hold back for', () => {
    expect(codesOf(documentOf(kind, { blocked_patterns: ['buy .* now'] }))).toEqual(['POLICY_PATTERN_UNBOUNDED']);
  });
});

describe('fda_class', () => {
  it.each(['I', 'II', 'III'] as const)('%s chooses the built-in disclaimer', (name) => {
    expect(words('healthcare-compliance', { fda_class: name }, 'Rest.')).toBe(`Rest.\n\n${HEALTH_DISCLAIMERS[name]}`);
    expect(new Set(Object.values(HEALTH_DISCLAIMERS)).size).toBe(3);
  });

  it('is told to do nothing beside disclaimers of the document', () => {
    const both = { fda_class: 'II', required_disclaimers: ['Ask first.'] };
    expect(codesOf(documentOf('healthcare-compliance', both))).toEqual(['POLICY_FIELD_WITHOUT_EFFECT']);
    expect(words('healthcare-compliance', both, 'Rest.')).toBe('Rest.\n\nAsk first.');
  });
});
