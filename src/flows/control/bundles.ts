import type { OrgUid, Sha256Hex } from '../../core/model/index.ts';
import type { OrgHead } from '../../ports/index.ts';
import { renewTimestamp, timestampDue } from '../../trust/index.ts';
import { leasedPublisher } from '../publish/index.ts';
import { publishingTrouble, type Trouble } from '../trouble.ts';
import { NOT_FOUND } from './authenticate.ts';
import { type Answer, type Away, answer, type ControlPlane, type Wakes } from './context.ts';

/** The longest a long poll is held open. */
const MAX_WAIT_MS = 60_000;

export interface TimestampAsk {
  readonly head: OrgHead;
  /** From If-None-Match, without quotes. */
  readonly etag: string | undefined;
  /** From `Prefer: wait=<s>`. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly away: Away;
}

export interface PublishedBytes {
  readonly bytes: Uint8Array;
  readonly etag: Sha256Hex;
}

/**
 * timestamp.json, the only mutable file: renewed when asked for and older than an hour (rulings 1), and held back while
 * it is what the caller already has, until the org's next publication or the end of the wait. null means 304.
 */
export async function timestampFile(plane: ControlPlane, ask: TimestampAsk): Promise<Answer<PublishedBytes | null>> {
  await renewIfDue(plane, ask.head).catch((cause: unknown) => tellOrThrow(plane, ask.head, cause));
  const { uid } = ask.head;
  const enough = new AbortController();
  // Waiting begins before the look, so that a publication between the two is not missed.
  const isPoll = ask.waitMs > 0 && ask.etag !== undefined;
  const signal = AbortSignal.any([ask.signal, enough.signal]);
  const woken = isPoll ? plane.wakes.wait(uid, Math.min(ask.waitMs, MAX_WAIT_MS), signal) : Promise.resolve(false);
  try {
    const first = await read(plane, uid, ask.signal);
    if (first === undefined) return NOT_FOUND;
    if (first.etag !== ask.etag) return answer(first);
    if (!isPoll || !(await ask.away(() => woken))) return answer(null);
    const next = await read(plane, uid, ask.signal);
    return answer(next === undefined || next.etag === ask.etag ? null : next);
  } finally {
    enough.abort();
  }
}

async function read(plane: ControlPlane, org: OrgUid, signal: AbortSignal): Promise<PublishedBytes | undefined> {
  const bytes = await plane.publisher.get(org, 'timestamp.json', signal);
  return bytes === undefined ? undefined : { bytes, etag: plane.hash.sha256(bytes) };
}

/** Renews alone in the org's lane, so that a publish and a renewal never cross. */
async function renewIfDue(plane: ControlPlane, { org, uid }: OrgHead): Promise<void> {
  const known = await plane.orgs.publication(org);
  const nowMs = plane.clock.nowMs();
  if (known === undefined || !timestampDue(known, nowMs)) return;
  await plane.lanes.inLane(uid, async () => {
    const publication = await plane.orgs.publication(org);
    if (publication === undefined || !timestampDue(publication, nowMs)) return;
    const { signer, fleet, orgs, fence } = plane;
    const publisher = leasedPublisher({ publisher: plane.publisher, store: orgs, fence });
    const nextTimestamp = (ms: number): Promise<number> => plane.runtime.nextTimestamp(org, ms);
    const renewed = await renewTimestamp({ fleet, org: uid, signer, publisher, nowMs, publication, nextTimestamp });
    await orgs.transact(org, (tx) => tx.putPublication(renewed.publication), fence);
  });
}

/**
 * What stands in the way of a renewal (another publisher that is ahead, an interrupted rotation, no key) takes nothing from
 * gateways: they get the timestamp that stands, and the platform team is told.
 */
function tellOrThrow(plane: ControlPlane, { org }: OrgHead, cause: unknown): void {
  const known = publishingTrouble(cause) ?? overtaken(cause);
  if (known === undefined) throw cause;
  plane.log.warn(`the timestamp of ${org} is not renewed: ${known.code}: ${known.message}`);
}

/** Another process has the lease by now, and renews in the place of this one. */
function overtaken(cause: unknown): Trouble | undefined {
  const { code, message } = cause as Error & { readonly code?: unknown };
  return code === 'STORE_FENCED' ? { code, message } : undefined;
}

/** In-process wake-ups; waiters of one key are woken in the order they came. */
export function openWakes<Key>(timers: Timers): Wakes<Key> {
  const waiting = new Map<Key, Set<(woken: boolean) => void>>();
  return {
    wait(key, waitMs, signal) {
      const waiters = waiting.get(key) ?? new Set();
      waiting.set(key, waiters);
      return new Promise((resolve) => {
        const end = (woken: boolean): void => {
          waiters.delete(end);
          if (waiters.size === 0) waiting.delete(key);
          cancel();
          signal.removeEventListener('abort', aborted);
          resolve(woken);
        };
        const aborted = (): void => end(false);
        const cancel = timers.after(waitMs, aborted);
        waiters.add(end);
        if (signal.aborted) aborted();
        else signal.addEventListener('abort', aborted, { once: true });
      });
    },
    wake(key) {
      for (const end of [...(waiting.get(key) ?? [])]) end(true);
    },
  };
}

/** Timers come from outside, so that flows own no clock. */
export interface Timers {
  /** Runs `work` after `delayMs`; the answer cancels it. */
  after(delayMs: number, work: () => void): () => void;
}
