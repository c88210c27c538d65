import { type FindingFormat, reportFindings } from '../../core/report/index.ts';
import { type CheckMemory, isOkCheck, recallCheck } from '../../flows/index.ts';
import type { OpenedFleet } from '../fleet.ts';
import type { CommandContext } from '../run.ts';
import { EXIT, type ExitCode } from '../terminal.ts';

/** One run of `check`. */
export interface Checking {
  readonly context: CommandContext;
  readonly fleet: OpenedFleet;
  /** Where the answer is kept when the whole work tree was clean; null: nowhere. */
  readonly memory: CheckMemory | null;
  readonly startedMs: number;
}

/** Reports the remembered answer where it still holds; undefined: look. */
export async function recalled({ context, fleet, memory, startedMs }: Checking): Promise<ExitCode | undefined> {
  const known = memory === null ? undefined : await recallCheck({ ...fleet, memory });
  if (known === undefined) return undefined;
  const nothingRead = { manifests: 0, blobsRead: 0, documentsParsed: 0, orgsRendered: 0 };
  const counters = { orgs: known.orgs, ...nothingRead, orgsFromCache: known.orgs };
  const report = { findings: known.findings, counters, durationMs: fleet.clock.nowMs() - startedMs };
  context.terminal.out(reportFindings(report, context.format as FindingFormat, context.terminal.paint));
  return isOkCheck(known) ? EXIT.ok : EXIT.refused;
}
