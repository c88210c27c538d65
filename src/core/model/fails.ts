import type { Finding } from './finding.ts';

/** True when the finding makes `check` fail: not waived and above info (architecture section 8). */
export function fails(item: Pick<Finding, 'severity' | 'waived'>): boolean {
  return item.severity !== 'info' && item.waived === undefined;
}
