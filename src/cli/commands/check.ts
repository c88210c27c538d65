import { isPlainFormat } from '../../core/report/index.ts';
import { recallCheck } from '../../flows/index.ts';
import { wireCheckMemory, wireClock, wireHost, wireRepository } from '../../wire.ts';
import type { CommandSpec } from '../spec.ts';
import { reportRecalled } from './check-recalled.ts';

/**
 * `tenantry check`: the work tree, with dirty files as they are. What nothing moved since is answered from memory; git
 * looks at the work tree while the rest of the program is still being loaded.
 */
export const checkCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const startedMs = wireClock.nowMs();
  const wired = await wireRepository(context.dir);
  const isWhole = flags['base'] === undefined && flags['org'] === undefined;
  const memory = flags['cache'] === false || !isWhole ? null : await wireCheckMemory(wired.dir);
  const { format } = context;
  if (memory !== null && isPlainFormat(format)) {
    const known = await recallCheck({ repository: wired.repository, clock: wireClock, memory });
    if (known !== undefined)
      return reportRecalled(context, format, { known, durationMs: wireClock.nowMs() - startedMs });
  } else wired.repository.head().catch(() => undefined);
  const fleet = { ...(await wireHost()), ...wired };
  return (await import('./check-all.ts')).checkAll({ context, startedMs, fleet, memory }, flags);
};
