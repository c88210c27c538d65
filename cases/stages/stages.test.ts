import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/model/index.ts';
import { kindOf } from '../../src/core/policy/kinds/index.ts';
import { POLICY_KINDS } from '../../src/core/policy/kinds/table.ts';
import { NEVER_ALLOWS, ONE_VERDICT, STAGE_CASES, type StageCase } from './cases.testkit.ts';
import { type Played, playStage } from './gateway.testkit.ts';

// Every kind that is marked as supported, in every part that it has: what passes, and what is blocked, redacted or escalated of
// requests, of whole answers and of streams, as a caller, a provider and the evidence see it.

const STAGES = { input: 'request', output: 'response' } as const;
const rows = POLICY_KINDS.filter(({ supported }) => supported).flatMap(({ kind, phases }) =>
  phases.map((phase) => [kind, STAGES[phase]] as const),
);
const casesOf = (kind: string, stage: string): readonly StageCase[] =>
  STAGE_CASES.filter((one) => one.kind === kind && one.stage === stage);

/** The values of the key that says what a kind does. */
function actionsOf(kind: string): readonly (readonly [key: string, value: string])[] {
  const { properties = {} } = (kindOf(kind)?.schema ?? {}) as { readonly properties?: JsonObject };
  // The modes of safety-filter are lists of words.
  const keys = kind === 'flagged-review' ? ['mode'] : ['action'];
  return keys.flatMap((key) =>
    ((properties[key] as { readonly enum?: string[] } | undefined)?.enum ?? []).map((value) => [key, value] as const),
  );
}

it('every kind has a part in requests or answers', () => {
  expect(new Set(rows.map(([kind]) => kind)).size).toBe(POLICY_KINDS.filter(({ supported }) => supported).length);
});

it.each(rows)('%s has a case that passes, one that does not and one of each action, in the %s', (kind, stage) => {
  const cases = casesOf(kind, stage);
  const verdicts = new Set(cases.map(({ verdict }) => verdict));
  const only = ONE_VERDICT.get(kind);
  if (only !== undefined) return expect([...verdicts]).toEqual([only]);
  expect(verdicts.has('allow')).toBe(!NEVER_ALLOWS.includes(kind));
  expect([...verdicts].filter((verdict) => verdict !== 'allow')).not.toEqual([]);
  const missing = actionsOf(kind).filter(([key, value]) => !cases.some(({ settings }) => settings[key] === value));
  expect(missing).toEqual([]);
});

const title = (one: StageCase): string => `${one.kind} ${JSON.stringify(one.settings).slice(0, 60)}: ${one.verdict}`;
const of = (stage: StageCase['stage']) =>
  STAGE_CASES.filter((one) => one.stage === stage).map((one) => [title(one), one] as const);
const REFUSED = { block: /./, escalate: /^escalation_required$/ };

function expectRefusal(played: Played, verdict: 'block' | 'escalate'): void {
  expect(played).toMatchObject({ text: null, code: expect.stringMatching(REFUSED[verdict]) });
  expect(played.status).toBeGreaterThanOrEqual(400);
}

describe('requests', () => {
  it.each(of('request'))('%s', async (_, one) => {
    const played = await playStage(one, false);
    expect(played.verdict).toBe(one.verdict);
    if (one.verdict === 'block' || one.verdict === 'escalate') {
      expectRefusal(played, one.verdict);
      expect(played.sent).toBeNull();
      return;
    }
    expect(played).toMatchObject({ status: 200, text: one.reply.text });
    const asked = (one.ask as JsonObject)['messages'];
    if (one.verdict === 'allow') expect(played.sent?.['messages']).toEqual(asked);
    else expect(played.sent?.['messages']).not.toEqual(asked);
  });
});

describe('answers, whole and streamed', () => {
  it.each(of('response'))('%s', async (_, one) => {
    const [whole, stream] = [await playStage(one, false), await playStage(one, true)];
    expect([whole.verdict, stream.verdict]).toEqual([one.verdict, one.verdict]);
    if (one.verdict === 'block' || one.verdict === 'escalate') {
      expectRefusal(whole, one.verdict);
      expect([stream.isEnded, stream.code !== null]).toEqual([false, true]);
      expect(stream.text ?? '').not.toContain(one.reply.text);
      return;
    }
    expect([whole.status, stream.status, stream.isEnded]).toEqual([200, 200, true]);
    expect(stream.text).toBe(whole.text);
    if (one.verdict === 'allow') expect(whole.text).toBe(one.reply.text);
    else expect(whole.text).not.toBe(one.reply.text);
  });
});
