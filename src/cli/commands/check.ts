import { type CheckMemory, type RememberedCheck, recallCheck } from '../../flows/index.ts';
import type { Repository } from '../../ports/index.ts';
import { wireCheckMemory, wireClock, wireHost, wireRepository } from '../../wire.ts';
import type { CommandSpec } from '../spec.ts';

/**
 * `tenantry check`: the work tree, with dirty files as they are. What nothing moved since is answered from memory; git
 * looks at the work tree while the rest of the program is still being loaded.
 */
export const checkCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const startedMs = wireClock.nowMs();
  const wired = await wireRepository(context.dir);
  const isWhole = flags['base'] === undefined && flags['org'] === undefined;
  const memory = flags['cache'] === false || !isWhole ? null : await wireCheckMemory(wired.dir);
  const recalling = recall(wired.repository, memory);
  const { reportRecalled } = await import('./check-recalled.ts');
  const known = await recalling;
  if (known !== undefined) return reportRecalled(context, known, wireClock.nowMs() - startedMs);
  const fleet = { ...(await wireHost()), ...wired };
  return (await import('./check-all.ts')).checkAll({ context, startedMs, fleet, memory }, flags);
};

async function recall(repository: Repository, memory: CheckMemory | null): Promise<RememberedCheck | undefined> {
  if (memory !== null) return recallCheck({ repository, clock: wireClock, memory });
  repository.head().catch(() => undefined);
  return undefined;
}
