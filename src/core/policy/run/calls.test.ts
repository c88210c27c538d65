import { describe, expect, it } from 'vitest';
import type { Json } from '../../model/index.ts';
import { termDetector } from '../detect/terms.ts';
import { ALLOW, type CompiledStep, type StepResult } from '../kinds/kind.ts';
import { scanningStep } from '../kinds/scanning.ts';
import { request } from '../policy.testkit.ts';
import { ARGUMENTS_HOLD_LIMIT } from '../text/calls.ts';
import { type Chain, type ChainEntry, runOutput } from './evaluate.ts';
import { createMemory } from './memory.ts';
import { channelOf, createScanner } from './scanner.ts';

// The engine with policies of two lines each, so that what it does to calls is seen alone.

const block: StepResult = { verdict: 'block', reasonCode: 'demo.refused', redactions: 0, message: 'No.' };
const warn: StepResult = { verdict: 'warn', reasonCode: 'demo.noted', redactions: 0, message: 'Hm.' };

/** Refuses calls of `refund`, or with `evil` in their arguments; warns of `odd`; throws at `crash`. */
const judging: CompiledStep = {
  call: ({ name, arguments: given }) => {
    if (name === 'crash') throw new Error('with content');
    if (name === 'refund' || given.includes('evil')) return block;
    return name === 'odd' ? warn : ALLOW;
  },
};
const redacting = scanningStep({
  filter: { detectors: [termDetector('evil', 'TERM')], action: 'redact', render: () => '[TERM]' },
  reasonCode: 'dlp.detected',
  message: 'A term.',
});
const entry = (kind: string, step: CompiledStep): ChainEntry => ({
  kind,
  namespace: kind,
  phases: ['output'],
  conditional: false,
  step,
  applies: () => true,
});
const chainOf = (...steps: readonly CompiledStep[]): Chain => ({
  enabled: true,
  entries: steps.map((step, index) => entry(`demo${index === 0 ? '' : index}`, step)),
  targets: [],
  nowMicros: () => 0,
  memory: createMemory(() => 0),
});
const asked = { facts: request({}), target: null };

const answer = (...calls: readonly (readonly [name: string, given: string])[]): Json => ({
  choices: [
    {
      message: {
        tool_calls: calls.map(([name, given], index) => ({ id: `c${index}`, function: { name, arguments: given } })),
      },
    },
  ],
});
const whole = (chain: Chain, ...calls: readonly (readonly [string, string])[]) =>
  runOutput(chain, asked, answer(...calls));

function streamed(chain: Chain, ...calls: readonly (readonly [string, string])[]) {
  const scanner = createScanner(chain, chain.entries, asked);
  const emitted: string[] = [];
  for (const [index, [name, given]] of calls.entries()) {
    const channel = channelOf(0, 'arguments', index);
    for (const letter of given) emitted.push(scanner?.push(channel, letter).emit ?? '');
    emitted.push(scanner?.end(channel, { id: null, name }).emit ?? '');
  }
  return { emitted: emitted.join(''), outcome: scanner?.outcome(), judges: scanner?.judgesCalls };
}

describe('a policy that judges tool calls', () => {
  it.each<[string, string, string, string | null]>([
    ['search', '{}', 'allow', null],
    ['refund', '{}', 'block', 'demo.refused'],
    ['search', '{"q":"evil"}', 'block', 'demo.refused'],
    ['crash', '{}', 'block', 'demo.evaluation_failed'],
    ['', '{}', 'block', 'demo.call_unreadable'],
    ['odd', '{}', 'allow', null],
  ])('says of %s(%s) on whole answers and on streams: %s', (name, given, verdict, reason) => {
    const one = whole(chainOf(judging), ['search', '{}'], [name, given]);
    const { outcome, emitted } = streamed(chainOf(judging), ['search', '{}'], [name, given]);
    for (const found of [one, outcome]) {
      expect([found?.verdict, found?.reasonCode]).toEqual([verdict, reason]);
      expect(found?.warnings).toEqual(name === 'odd' ? ['Hm.'] : []);
      expect(found?.steps).toMatchObject([
        { policy: 'demo', phase: 'output', verdict: name === 'odd' ? 'warn' : verdict },
      ]);
    }
    expect(emitted).toBe(verdict === 'block' ? '{}' : `{}${given}`);
  });

  it('refuses an answer whose first call is only noted', () => {
    const calls = [
      ['odd', '{}'],
      ['refund', '{}'],
    ] as const;
    expect(whole(chainOf(judging), ...calls)).toMatchObject({ verdict: 'block', reasonCode: 'demo.refused' });
    expect(streamed(chainOf(judging), ...calls)).toMatchObject({ emitted: '{}', outcome: { verdict: 'block' } });
    expect(whole(chainOf(judging), ['odd', '{}'], ['search', '{}']).warnings).toEqual(['Hm.']);
  });

  it('reads arguments as the policies before it left them', () => {
    const call = ['search', '{"q":"evil"}'] as const;
    expect(whole(chainOf(redacting, judging), call)).toMatchObject({ verdict: 'redact' });
    expect(whole(chainOf(judging, redacting), call)).toMatchObject({ verdict: 'block', reasonCode: 'demo.refused' });
    expect(streamed(chainOf(redacting, judging), call)).toMatchObject({
      emitted: '{"q":"[TERM]"}',
      outcome: { verdict: 'redact', reasonCode: 'dlp.detected' },
    });
    expect(streamed(chainOf(judging, redacting), call)).toMatchObject({ emitted: '', outcome: { verdict: 'block' } });
  });

  it('judges a streamed call without arguments, and refuses one that ends without a name', () => {
    expect(streamed(chainOf(judging), ['refund', '']).outcome?.verdict).toBe('block');
    const scanner = createScanner(chainOf(judging), chainOf(judging).entries, asked);
    scanner?.push('0/arguments/0', '{}');
    expect(scanner?.end('0/arguments/0')).toMatchObject({ emit: '', blocked: { reasonCode: 'demo.call_unreadable' } });
    expect(scanner?.push('0/content', 'later')).toMatchObject({ emit: '', blocked: { policy: 'demo' } });
  });

  it('lets texts pass at once, and says that it wants whole calls', () => {
    const scanner = createScanner(chainOf(judging), chainOf(judging).entries, asked);
    expect(scanner?.push('0/content', 'evil refund')).toEqual({ emit: 'evil refund', blocked: null });
    expect([scanner?.judgesCalls, streamed(chainOf(redacting)).judges]).toEqual([true, false]);
  });

  it('holds no more of a stream than it says', () => {
    const one = createScanner(chainOf(judging), chainOf(judging).entries, asked);
    expect(one?.push('0/arguments/0', 'x'.repeat(ARGUMENTS_HOLD_LIMIT)).blocked).toBeNull();
    expect(one?.push('0/arguments/0', 'x').blocked?.reasonCode).toBe('demo.arguments_too_long');
    const long = ['search', 'x'.repeat(ARGUMENTS_HOLD_LIMIT + 1)] as const;
    expect(whole(chainOf(judging), long).reasonCode).toBe('demo.arguments_too_long');
    const many = createScanner(chainOf(judging), chainOf(judging).entries, asked);
    const pieces = Array.from({ length: 129 }, (_, index) => many?.push(channelOf(0, 'arguments', index), ''));
    expect(pieces.findIndex((piece) => piece?.blocked !== null)).toBe(128);
    expect(pieces[128]?.blocked).toMatchObject({ policy: 'demo', reasonCode: 'demo.too_many_calls' });
  });

  it('counts in a memory that outlives the answer', () => {
    const counting: CompiledStep = {
      call: ({ name }, { memory, facts: { token } }) => (memory.add(`${token} ${name}`, 1, null) > 2 ? block : ALLOW),
    };
    const chain = chainOf(counting);
    const verdicts = ['search', 'search', 'other', 'search'].map((name) => whole(chain, [name, '']).verdict);
    expect(verdicts).toEqual(['allow', 'allow', 'allow', 'block']);
    expect(streamed(chain, ['search', '']).outcome?.verdict).toBe('block');
  });
});
