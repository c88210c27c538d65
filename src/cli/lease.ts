import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Fence, LeaseGrant } from '../ports/index.ts';
import type { OpenedStore } from './state.ts';
import { CommandError, EXIT } from './terminal.ts';

const LEASE = 'controller';
/** A holder that died is overtaken after this long. */
export const LEASE_TTL_MS = 30_000;

/** Runs `work` as the only writer of this store; refuses while another holds the lease. */
export async function withLease<T>(
  opened: OpenedStore,
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
  /** Aborted with a CommandError once another process took the lease: this one writes nothing any more and has to end. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Takes the lease and keeps it until it is released, or lost. */
export async function takeLease(opened: OpenedStore, purpose: string): Promise<HeldLease> {
  const { store } = opened.state;
  const holder = `${purpose} on ${hostname()}, process ${process.pid}, run ${PID_NAMESPACE}-${RUN}`;
  const acquire = () => store.acquireLease(LEASE, holder, opened.clock.nowMs(), LEASE_TTL_MS);
  let grant = await acquire();
  if (!grant.granted && isDeadNeighbour(grant.holder)) {
    await store.releaseLease({ name: LEASE, fence: grant.fence });
    grant = await acquire();
  }
  if (!grant.granted) {
    throw new CommandError(
      EXIT.unavailable,
      'CONTROLLER_RUNNING',
      `expected to be the only writer, found ${shownHolder(grant.holder)}; ${adviceTo(purpose, grant.holder)}`,
    );
  }
  const fence: Fence = { name: LEASE, fence: grant.fence };
  const lost = new AbortController();
  const timer = setInterval(() => void renew(), LEASE_TTL_MS / 3);
  const renew = async (): Promise<void> => {
    // A store that cannot be asked now is asked again in a while; nothing can be written to it meanwhile.
    const renewed = await store.renewLease(fence, opened.clock.nowMs(), LEASE_TTL_MS).catch(() => null);
    if (renewed === null || renewed.granted) return;
    clearInterval(timer);
    lost.abort(overtaken(renewed));
  };
  return {
    fence,
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await store.releaseLease(fence);
    },
  };
}

/** What holds the lease for as long as nobody ends it. */
const LASTING = ['up', 'controller', 'serve'];

const isLasting = (purpose: string): boolean => LASTING.includes(purpose.replace(/ on .*$/s, ''));

/** Without what tells runs of one number apart, which says nothing to people. */
function shownHolder(holder: string): string {
  return holder.replace(/, run [0-9]+-[0-9a-f]+$/, '');
}

function adviceTo(purpose: string, holder: string): string {
  if (!isLasting(holder)) return 'wait for it to end, then run this again';
  if (isLasting(purpose))
    return 'it runs or still starts, and this one is not needed beside it; to have this one instead, stop it first';
  return 'where it still starts, run this again in a moment; else it writes by itself, so stop it first';
}

function overtaken({ holder }: LeaseGrant & { readonly granted: false }): CommandError {
  return new CommandError(
    EXIT.unavailable,
    'STORE_FENCED',
    `expected to stay the only writer, found that ${shownHolder(holder)} took over while this process stood still or its clock was wrong; it ends here`,
  );
}

/** Tells this process from every other one: in containers many have the same host name and the same number. */
const RUN = randomBytes(6).toString('hex');
/** What process numbers count within; 0 where the system does not say. */
const PID_NAMESPACE = pidNamespace();

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/**
 * True when the holder ran where this process can see it and is gone: what a kill -9 leaves needs no waiting. Of a number of
 * another container nothing can be told; there its lease has to run out.
 */
function isDeadNeighbour(holder: string): boolean {
  const [, host, pid, namespace, run] = / on (.+), process (\d+), run (\d+)-([0-9a-f]+)$/.exec(holder) ?? [];
  if (host !== hostname() || namespace !== PID_NAMESPACE) return false;
  return Number(pid) === process.pid ? run !== RUN : !isAlive(Number(pid));
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
