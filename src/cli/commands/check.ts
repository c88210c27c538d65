import { wireCheckMemory, wireClock, wireHost, wireRepository } from '../../wire.ts';
import type { CommandSpec } from '../spec.ts';

/**
 * `tenantry check`: the work tree, with dirty files as they are. What nothing moved since is answered from memory; git
 * looks at the work tree while the rest of the program is still being loaded.
 */
export const checkCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const wired = await wireRepository(context.dir);
  wired.repository.head().catch(() => undefined);
  const startedMs = wireClock.nowMs();
  const isWhole = flags['base'] === undefined && flags['org'] === undefined;
  const memory = flags['cache'] === false || !isWhole ? null : await wireCheckMemory(wired.dir);
  const looking = { context, startedMs, repository: wired.repository, clock: wireClock };
  const known =
    memory === null ? undefined : await (await import('./check-recalled.ts')).recalled({ ...looking, memory });
  if (known !== undefined) return known;
  const fleet = { ...(await wireHost()), ...wired };
  return (await import('./check-all.ts')).checkAll({ context, startedMs, fleet, memory }, flags);
};
