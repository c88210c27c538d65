import { describe, expect, it } from 'vitest';
import { shareConstant } from '../../kinds/index.ts';
import { dataRoutingPolicy } from './data-routing-policy.ts';
import { dlpFilter } from './dlp-filter.ts';
import type { CompileContext } from './kind.ts';

const contextOf = (told: string[]): CompileContext => ({
  pointer: '/policy/dlp-filter',
  report: (code) => told.push(code),
  targets: () => [],
  inChain: true,
});
const quiet = () => ({ blocked_terms: ['one', 'two'], action: 'redact' });

describe('settings that many documents share', () => {
  it('are compiled once for the chain and once outside it', () => {
    const settings = shareConstant(quiet());
    const context = contextOf([]);
    const first = dlpFilter.build(settings, context);
    expect(dlpFilter.build(settings, context)).toBe(first);
    expect(dlpFilter.build(settings, { ...context, inChain: false })).not.toBe(first);
  });

  it('are compiled for each document when they could change', () => {
    const settings = quiet();
    expect(dlpFilter.build(settings, contextOf([]))).not.toBe(dlpFilter.build(settings, contextOf([])));
  });

  it('are told of in each document that has them', () => {
    const settings = shareConstant({ detect_patterns: ['a('] });
    const [first, second]: [string[], string[]] = [[], []];
    dlpFilter.build(settings, contextOf(first));
    dlpFilter.build(settings, contextOf(second));
    expect(first).toEqual(['POLICY_PATTERN_INVALID']);
    expect(second).toEqual(first);
  });

  it('are looked at again where they ask for the targets of the document', () => {
    const settings = shareConstant({ require_no_training: true, on_no_compliant_provider: 'block' });
    const [first, second]: [string[], string[]] = [[], []];
    dataRoutingPolicy.build(settings, contextOf(first));
    dataRoutingPolicy.build(settings, contextOf(second));
    expect(first).not.toEqual([]);
    expect(second).toEqual(first);
  });
});
