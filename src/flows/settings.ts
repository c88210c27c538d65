import { type Finding, type Fleet, fails, ofKind, type RepoPath } from '../core/model/index.ts';
import type { ReadTree } from '../ports/index.ts';
import { fleetMissing, readManifests, zeroCounters } from './frame.ts';

/** fleet.yaml of a tree, or why there is none to work with. No other file of the tree is looked at, however many there are. */
export async function readSettings(
  tree: ReadTree,
): Promise<{ readonly fleet: Fleet | null; readonly findings: readonly Finding[] }> {
  const { entries } = await tree.list(['fleet.yaml' as RepoPath]);
  const read = await readManifests({ tree, isStrict: () => true, counters: zeroCounters() }, entries);
  const fleet = ofKind(read.manifests, 'Fleet')[0]?.document ?? null;
  return { fleet, findings: fleet === null ? [fleetMissing(read)] : read.findings.filter(fails) };
}
