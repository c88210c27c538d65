import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/model/index.ts';
import type { CompiledPolicy, Target } from '../../src/core/policy/index.ts';
import { compiled, documentOf, target } from '../../src/core/policy/policy.testkit.ts';
import { orderTargets } from '../core/index.ts';
import { createMeasures, type Measures } from './measures.ts';
import { renderFamilies } from './metrics.ts';
import { createTargetCounters } from './target-counters.ts';

const breaker = { consecutive_failure_threshold: 1, cooldown_seconds: 10 };
const policyOf = (more: JsonObject = {}, url = 'https://one.example'): CompiledPolicy =>
  compiled(
    documentOf(
      'audit-logger',
      {},
      {
        providers: { targets: [target({ base_url: url }), target({ id: 'spare' })], circuit_breaker: breaker, ...more },
      },
    ),
  );
const mainOf = (policy: CompiledPolicy): Target => {
  const [first] = policy.targets;
  if (first === undefined) throw new Error('no target');
  return first;
};

let nowMs = 0;
const measuresAt = (ms = 0): Measures => {
  nowMs = ms;
  return createMeasures({ nowMs: () => nowMs, random: () => 0 });
};
const stateOf = (measures: Measures, policy: CompiledPolicy): unknown => measures.describe(policy)[0]?.breaker;

describe('what was measured of a target', () => {
  test('stays through a swap of the configuration, as long as the target is what it was', () => {
    const measures = measuresAt();
    const policy = policyOf();
    measures.begin(policy, mainOf(policy), 10).failed({ kind: 'not-sent' });
    expect(stateOf(measures, policyOf({ fallback: { enabled: true } }))).toBe('open');
    expect(stateOf(measures, policyOf({}, 'https://two.example'))).toBe('closed');
    expect(stateOf(measures, policyOf({ circuit_breaker: { enabled: false } }))).toBeNull();
  });

  test('counts an attempt as under way from its beginning, and once less at its end', () => {
    const measures = measuresAt();
    const policy = policyOf();
    const view = () => measures.choice(policy).view(mainOf(policy));
    const note = measures.begin(policy, mainOf(policy), 70);
    expect(view()).toMatchObject({ inFlight: 1, tokensInFlight: 70 });
    expect(measures.describe(policy)[0]?.attempts).toBe(0);
    note.sent();
    note.ended('left');
    note.ended('end');
    expect(view()).toMatchObject({ inFlight: 0, tokensInFlight: 0 });
    expect(measures.describe(policy)[0]?.attempts).toBe(1);
  });

  test('lets one probe pass after the cooldown, and another when that one came to nothing', () => {
    const measures = measuresAt();
    const policy = policyOf();
    const main = mainOf(policy);
    measures.begin(policy, main, 1).failed({ kind: 'timeout' });
    expect(measures.waitMs(policy, main)).toBe(10_000);
    nowMs = 10_000;
    expect(measures.waitMs(policy, main)).toBe(0);
    const probe = measures.begin(policy, main, 1);
    expect(measures.waitMs(policy, main)).toBe(1000);
    probe.ended('left');
    expect(measures.waitMs(policy, main)).toBe(0);
    measures.begin(policy, main, 1).answered();
    expect(stateOf(measures, policy)).toBe('closed');
  });

  test('is judged when somebody looks at it, also where the answer has ended before', () => {
    const measures = measuresAt();
    const policy = policyOf();
    const bad = measures.begin(policy, mainOf(policy), 1);
    bad.ended('end');
    bad.failed({ kind: 'status', status: 500, retryAfterSeconds: null, reason: null });
    expect(stateOf(measures, policy)).toBe('open');
    nowMs = 10_000;
    const good = measures.begin(policy, mainOf(policy), 1);
    good.ended('end');
    good.answered();
    expect(stateOf(measures, policy)).toBe('closed');
  });

  test('is judged by who reads an answer, and not by the end of its connection', () => {
    const measures = measuresAt();
    const policy = policyOf();
    const begun = () => {
      const note = measures.begin(policy, mainOf(policy), 1);
      note.sent();
      note.heard();
      note.answered();
      return note;
    };
    const whole = begun();
    whole.completed();
    whole.ended({ kind: 'broken' });
    expect(stateOf(measures, policy)).toBe('closed');
    const left = begun();
    left.ended('left');
    left.ended('end');
    expect(stateOf(measures, policy)).toBe('closed');
    const cut = begun();
    cut.ended('end');
    expect(stateOf(measures, policy)).toBe('closed');
    cut.spoiled();
    cut.spoiled();
    expect(stateOf(measures, policy)).toBe('open');
    expect(measures.describe(policy)[0]?.failures).toEqual({ 'failed-midway': 1 });
  });

  test('is how long the headers of an answer took, and nothing of a refusal', () => {
    const measures = measuresAt();
    const policy = policyOf();
    const latency = () => measures.describe(policy)[0]?.latencyMs;
    const refused = measures.begin(policy, mainOf(policy), 1);
    refused.sent();
    refused.heard();
    refused.failed({ kind: 'status', status: 409, retryAfterSeconds: null, reason: null });
    expect(latency()).toBeNull();
    const answered = measures.begin(policy, mainOf(policy), 1);
    answered.sent();
    nowMs += 20;
    answered.heard();
    nowMs += 500;
    answered.answered();
    expect(latency()).toBe(20);
  });

  test('is speed and use, of answers that ended', () => {
    const measures = measuresAt();
    const policy = policyOf({ routing: { strategy: 'highest_throughput', min_sample_count: 1, exploration_ratio: 0 } });
    for (const [index, outputTokens] of [10, 20].entries()) {
      const note = measures.begin(policy, policy.targets[index] ?? mainOf(policy), 1);
      note.sent();
      note.answered();
      nowMs += 1000;
      note.ended('end');
      note.used({ inputTokens: 1, outputTokens });
    }
    expect(orderTargets(policy.targets, measures.choice(policy)).map(({ id }) => id)).toEqual(['spare', 'main']);
  });

  test('is bounded, whatever configurations come', () => {
    const measures = measuresAt();
    const policy = policyOf();
    const held = measures.begin(policy, mainOf(policy), 1);
    for (let turn = 0; turn < 1200; turn += 1) {
      const other = { ...mainOf(policy), id: `t${turn}` };
      measures.begin(policy, other, 1).failed({ kind: 'broken' });
    }
    // Who has a request under way is not forgotten.
    expect(measures.choice(policy).view(mainOf(policy)).inFlight).toBe(1);
    held.ended('left');
    expect(
      renderFamilies(measures.families(policy), 'text')
        .split('\n')
        .filter((line) => line.includes('kind="broken"')).length,
    ).toBeLessThanOrEqual(201);
  });
});

test('counters have labels for so many targets, and one for the rest', () => {
  const counters = createTargetCounters();
  for (let index = 0; index < 300; index += 1) counters.attempted(`t${index}`);
  const lines = renderFamilies(counters.families([]), 'text')
    .split('\n')
    .filter((line) => line.includes('attempts_total{'));
  expect(lines).toHaveLength(201);
  expect(lines.at(-1)).toContain('target="other"} 100');
});
