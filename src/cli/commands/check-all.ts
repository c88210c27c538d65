import { type FindingFormat, reportFindings } from '../../core/report/index.ts';
import { CHANGE_PATHS, type CheckMemory, check, rememberCheck } from '../../flows/index.ts';
import { wireCheckCache, wireThreads } from '../../wire.ts';
import { commitOf, type OpenedFleet, orgsOf } from '../fleet.ts';
import type { CommandContext, Flags } from '../spec.ts';
import { EXIT, type ExitCode } from '../terminal.ts';

/** One run of `check` that looks. */
interface Checking {
  readonly context: CommandContext;
  readonly fleet: OpenedFleet;
  /** Where the answer is kept when the whole work tree was clean; null: nowhere. */
  readonly memory: CheckMemory | null;
  readonly startedMs: number;
}

/** Looks at every org that is not known from a former check of the same bytes. */
export async function checkAll({ context, fleet, memory, startedMs }: Checking, flags: Flags): Promise<ExitCode> {
  const cache = flags['cache'] === false ? null : await wireCheckCache(fleet.dir);
  const orgs = orgsOf(flags);
  const tree = fleet.repository.workTree();
  const base = typeof flags['base'] === 'string' ? await commitOf(fleet, flags['base']) : null;
  const touched = base === null ? null : await fleet.repository.touchedSince(base, CHANGE_PATHS);
  const parts = { ...fleet, cache, threads: await wireThreads() };
  const change = base === null || touched === null ? {} : { base: fleet.repository.treeAt(base), differing: touched };
  const ask = { tree, touched, orgs, ...change };
  const { ok, findings, counters, untilMs } = await check(parts, ask);
  cache?.save({ complete: orgs === null });
  if (memory !== null) await rememberCheck({ ...fleet, memory }, { findings, ok, orgs: counters.orgs, untilMs });
  const report = { findings, counters: { ...counters }, durationMs: fleet.clock.nowMs() - startedMs };
  context.terminal.out(reportFindings(report, context.format as FindingFormat, context.terminal.paint));
  return ok ? EXIT.ok : EXIT.refused;
}
