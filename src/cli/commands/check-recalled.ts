import { type FindingFormat, reportFindings } from '../../core/report/index.ts';
import { isOkCheck, type RememberParts, recallCheck } from '../../flows/index.ts';
import type { CommandContext } from '../spec.ts';
import { EXIT, type ExitCode } from '../terminal.ts';

interface Recalling extends RememberParts {
  readonly context: CommandContext;
  readonly startedMs: number;
}

/** Reports the remembered answer where it still holds; undefined: look. */
export async function recalled({ context, startedMs, ...parts }: Recalling): Promise<ExitCode | undefined> {
  const known = await recallCheck(parts);
  if (known === undefined) return undefined;
  const nothingRead = { manifests: 0, blobsRead: 0, documentsParsed: 0, orgsRendered: 0 };
  const counters = { orgs: known.orgs, ...nothingRead, orgsFromCache: known.orgs };
  const report = { findings: known.findings, counters, durationMs: parts.clock.nowMs() - startedMs };
  context.terminal.out(reportFindings(report, context.format as FindingFormat, context.terminal.paint));
  return isOkCheck(known) ? EXIT.ok : EXIT.refused;
}
