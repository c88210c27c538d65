import { wireCheckMemory } from '../../wire.ts';
import { openFleet } from '../fleet.ts';
import type { CommandSpec } from '../run.ts';

/**
 * `tenantry check`: the work tree, with dirty files as they are. What nothing moved since is answered from memory; git
 * looks at the work tree while the rest of the program is still being loaded.
 */
export const checkCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const fleet = await openFleet(context);
  const looking = fleet.repository.head();
  looking.catch(() => undefined);
  const startedMs = fleet.clock.nowMs();
  const isWhole = flags['base'] === undefined && flags['org'] === undefined;
  const memory = flags['cache'] === false || !isWhole ? null : await wireCheckMemory(fleet.dir);
  const checking = { context, fleet, memory, startedMs };
  const known = memory === null ? undefined : await (await import('./check-recalled.ts')).recalled(checking);
  return known ?? (await import('./check-all.ts')).checkAll(checking, flags);
};
