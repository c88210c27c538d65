import { writeFileSync } from 'node:fs';

/** Linux: which parts of memory a core dump of this process and its children gets (core(5)). */
const FILTER = '/proc/self/coredump_filter';

/**
 * Keeps memory out of core dumps and the environment out of diagnostic reports: called by a process before it holds seeds or
 * keys. False where the system has no such switch; there, only the operator can turn core dumps off.
 */
export function keepOutOfDumps(): boolean {
  if (process.report !== undefined) process.report.excludeEnv = true;
  try {
    writeFileSync(FILTER, '0');
    return true;
  } catch {
    return false;
  }
}
