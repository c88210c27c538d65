import { type PlainFormat, plainFindings } from '../../core/report/index.ts';
import type { RememberedCheck } from '../../flows/index.ts';
import type { CommandContext } from '../spec.ts';
import { EXIT, type ExitCode } from '../terminal.ts';

/** Reports a remembered answer that still holds. */
export function reportRecalled(
  { terminal }: CommandContext,
  format: PlainFormat,
  { known, durationMs }: { readonly known: RememberedCheck; readonly durationMs: number },
): ExitCode {
  const nothingRead = { manifests: 0, blobsRead: 0, documentsParsed: 0, orgsRendered: 0 };
  const counters = { orgs: known.orgs, ...nothingRead, orgsFromCache: known.orgs };
  const report = { findings: known.findings, counters, durationMs };
  terminal.out(plainFindings(report, format, terminal.paint));
  return known.ok ? EXIT.ok : EXIT.refused;
}
