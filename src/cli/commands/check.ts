import type { RepoPath } from '../../core/model/index.ts';
import { reportFindings } from '../../core/report/index.ts';
import { check, touchedFiles } from '../../flows/index.ts';
import { wireCheckCache } from '../../wire.ts';
import { commitOf, openFleet, orgsOf } from '../fleet.ts';
import type { CommandSpec } from '../run.ts';
import { EXIT } from '../terminal.ts';

type Format = Parameters<typeof reportFindings>[1];

const LOOKED_AT = [
  'fleet.yaml',
  'orgs',
  'templates',
  'prices',
  'approvals',
] as readonly string[] as readonly RepoPath[];

/** `tenantry check`: the work tree, with dirty files as they are. */
export const checkCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const fleet = await openFleet(context);
  const startedMs = fleet.clock.nowMs();
  const cache = flags['cache'] === false ? null : await wireCheckCache(fleet.dir);
  const tree = fleet.repository.workTree();
  const base = typeof flags['base'] === 'string' ? await commitOf(fleet, flags['base']) : null;
  const touched = base === null ? null : await touchedFiles(fleet.repository.treeAt(base), tree, LOOKED_AT);
  const report = await check({ ...fleet, cache }, { tree, touched, orgs: orgsOf(flags) });
  cache?.save();
  const { findings, counters } = report;
  const durationMs = fleet.clock.nowMs() - startedMs;
  context.terminal.out(
    reportFindings(
      { findings, counters: { ...counters }, durationMs },
      context.format as Format,
      context.terminal.paint,
    ),
  );
  return report.ok ? EXIT.ok : EXIT.refused;
};
