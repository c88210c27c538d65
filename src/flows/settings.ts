import { type Finding, type Fleet, fails } from '../core/model/index.ts';
import type { ReadTree } from '../ports/index.ts';
import { openFrame, zeroCounters } from './frame.ts';

/** fleet.yaml of a tree, or why there is none to work with. */
export async function readSettings(
  tree: ReadTree,
): Promise<{ readonly fleet: Fleet | null; readonly findings: readonly Finding[] }> {
  const frame = await openFrame({ tree, isStrict: () => true, counters: zeroCounters() });
  return { fleet: frame.fleet?.document ?? null, findings: frame.findings.filter(fails) };
}
