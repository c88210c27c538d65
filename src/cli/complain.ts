import type { Finding } from '../core/model/index.ts';
import { reportFindings } from '../core/report/index.ts';
import type { CommandContext } from './spec.ts';

/** Shows findings that stand in the way of what was asked, on stderr; nothing where there are none. */
export function complain({ terminal }: CommandContext, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  terminal.complain(reportFindings({ findings, counters: {}, durationMs: 0 }, 'human', terminal.paint));
}
