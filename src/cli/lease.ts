import { hostname } from 'node:os';
import type { Fence } from '../ports/index.ts';
import type { OpenedState } from './state.ts';
import { CommandError, EXIT } from './terminal.ts';

const LEASE = 'controller';
/** A holder that died is overtaken after this long. */
export const LEASE_TTL_MS = 30_000;

/** Runs `work` as the only writer of this store; refuses while another holds the lease. */
export async function withLease<T>(
  opened: OpenedState,
  purpose: string,
  work: (fence: Fence) => Promise<T>,
): Promise<T> {
  const lease = await takeLease(opened, purpose);
  try {
    return await work(lease.fence);
  } finally {
    await lease.release();
  }
}

export interface HeldLease {
  readonly fence: Fence;
  release(): Promise<void>;
}

/** Takes the lease and keeps it until released. */
export async function takeLease(opened: OpenedState, purpose: string): Promise<HeldLease> {
  const holder = `${purpose} on ${hostname()}, process ${process.pid}`;
  const acquire = () => opened.state.store.acquireLease(LEASE, holder, opened.clock.nowMs(), LEASE_TTL_MS);
  let grant = await acquire();
  if (!grant.granted && isDeadNeighbour(grant.holder)) {
    await opened.state.store.releaseLease(LEASE, grant.holder);
    grant = await acquire();
  }
  if (!grant.granted) {
    throw new CommandError(
      EXIT.unavailable,
      'CONTROLLER_RUNNING',
      `expected to be the only writer, found ${grant.holder}; wait for it or stop it`,
    );
  }
  const timer = setInterval(() => void acquire().catch(() => undefined), LEASE_TTL_MS / 3);
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await opened.state.store.releaseLease(LEASE, holder);
  };
  return { fence: { name: LEASE, fence: grant.fence }, release };
}

/** True when the holder ran on this machine and its process is gone: what a kill -9 leaves needs no waiting. */
function isDeadNeighbour(holder: string): boolean {
  const match = /^\S+ on (.+), process (\d+)$/.exec(holder);
  return match?.[1] === hostname() && !isAlive(Number(match[2]));
}

/** True while a process of this id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
