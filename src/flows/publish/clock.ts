import { type Finding, finding, instantText, type RepoPath, startOf } from '../../core/model/index.ts';

/** As far ahead as gateways take a signing time (TRUST_CLOCK). */
const MOST_AHEAD_MS = 24 * 3_600_000;
const MOST_BEHIND_MS = 60_000;

/**
 * That the clock stands far from the newest time that this store knows as signed. Which of the two is wrong nobody can tell
 * from here: a controller may have been away. So it is said, and signing goes on.
 */
export function clockFindings(newestSignedMs: number, nowMs: number): readonly Finding[] {
  const aheadMs = nowMs - newestSignedMs;
  if (newestSignedMs === 0 || (aheadMs <= MOST_AHEAD_MS && aheadMs >= -MOST_BEHIND_MS)) return [];
  return [
    finding('PUBLISH_CLOCK', {
      place: startOf('fleet.yaml' as RepoPath),
      message: `the clock stands ${aheadMs > 0 ? 'far after' : 'before'} the newest time that was signed`,
      expected: `a clock within a day after ${instantText(newestSignedMs)}`,
      found: instantText(nowMs),
    }),
  ];
}
