import { type FindingFormat, reportFindings } from '../../core/report/index.ts';
import type { RememberedCheck } from '../../flows/index.ts';
import type { CommandContext } from '../spec.ts';
import { EXIT, type ExitCode } from '../terminal.ts';

/** Reports a remembered answer that still holds. */
export function reportRecalled(context: CommandContext, known: RememberedCheck, durationMs: number): ExitCode {
  const nothingRead = { manifests: 0, blobsRead: 0, documentsParsed: 0, orgsRendered: 0 };
  const counters = { orgs: known.orgs, ...nothingRead, orgsFromCache: known.orgs };
  const report = { findings: known.findings, counters, durationMs };
  context.terminal.out(reportFindings(report, context.format as FindingFormat, context.terminal.paint));
  return known.ok ? EXIT.ok : EXIT.refused;
}
