import { type FindingFormat, reportFindings } from '../../core/report/index.ts';
import { isOkCheck, recallCheck } from '../../flows/index.ts';
import { wireCheckMemory } from '../../wire.ts';
import { openFleet } from '../fleet.ts';
import type { CommandSpec } from '../run.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry check`: the work tree, with dirty files as they are. What nothing moved since is answered from memory. */
export const checkCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const fleet = await openFleet(context);
  const startedMs = fleet.clock.nowMs();
  const isWhole = flags['base'] === undefined && flags['org'] === undefined;
  const memory = flags['cache'] === false || !isWhole ? null : await wireCheckMemory(fleet.dir);
  const known = memory === null ? undefined : await recallCheck({ ...fleet, memory });
  if (known === undefined)
    return (await import('./check-all.ts')).checkAll({ context, fleet, memory, startedMs }, flags);
  const counters = {
    orgs: known.orgs,
    manifests: 0,
    blobsRead: 0,
    documentsParsed: 0,
    orgsRendered: 0,
    orgsFromCache: known.orgs,
  };
  const report = { findings: known.findings, counters, durationMs: fleet.clock.nowMs() - startedMs };
  context.terminal.out(reportFindings(report, context.format as FindingFormat, context.terminal.paint));
  return isOkCheck(known) ? EXIT.ok : EXIT.refused;
};
