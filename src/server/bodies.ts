import type { OrgSlug } from '../core/model/index.ts';

// Who sends a body proves by the whole of it alone who it is. Until then it is in memory, for anybody who names an org: so all
// of an org together, and all together, have only so many bytes here, and who sends slowest gives way to the others.

export interface BodyPlan {
  /** Bytes of bodies that are here: of one org, and of all together. */
  readonly perOrg: number;
  readonly total: number;
}

/** 16 of the largest of an org, and those of four orgs that send as much as they can. */
export const BODY_PLAN: BodyPlan = { perOrg: 64 * 1024 * 1024, total: 256 * 1024 * 1024 };

export type ReadBody =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      /** To be called once when the bytes are done with. */
      readonly release: () => void;
    }
  /** Larger than it may be · it gave way · its sender went away. */
  | { readonly ok: false; readonly reason: 'large' | 'crowded' | 'aborted' };

export interface Bodies {
  /** Reads all of the stream, of at most so many bytes. It never throws. */
  read(org: OrgSlug, stream: ReadableStream<Uint8Array> | null, mostBytes: number): Promise<ReadBody>;
}

/** A body that is here, or on its way. */
interface Held {
  readonly sinceMs: number;
  size: number;
  /** Ends the reading; null once it is whole. */
  giveWay: (() => void) | null;
}

/** All of one org, with the sum of their sizes. */
interface Shelf {
  size: number;
  readonly held: Set<Held>;
}

/** `nowMs` may have any beginning, and never goes back. */
export function openBodies(plan: BodyPlan = BODY_PLAN, nowMs: () => number = () => performance.now()): Bodies {
  const shelves = new Map<OrgSlug, Shelf>();
  let total = 0;
  const begin = (org: OrgSlug): Held => {
    const held: Held = { sinceMs: nowMs(), size: 0, giveWay: null };
    const shelf = shelves.get(org) ?? { size: 0, held: new Set() };
    shelves.set(org, shelf);
    shelf.held.add(held);
    return held;
  };
  const grow = (org: OrgSlug, held: Held, bytes: number): void => {
    const shelf = shelves.get(org);
    if (shelf === undefined || !shelf.held.has(held)) return;
    held.size += bytes;
    shelf.size += bytes;
    total += bytes;
  };
  const drop = (org: OrgSlug, held: Held): void => {
    grow(org, held, -held.size);
    const shelf = shelves.get(org);
    shelf?.held.delete(held);
    if (shelf?.held.size === 0) shelves.delete(org);
  };
  /** The slowest on its way: what stands still is slower with each moment, however fast it began. */
  const slowest = (shelf: Shelf | undefined): Held | undefined => {
    const rate = ({ size, sinceMs }: Held): number => size / Math.max(1, nowMs() - sinceMs);
    const onTheirWay = [...(shelf?.held ?? [])].filter(({ giveWay }) => giveWay !== null);
    return onTheirWay.reduce<Held | undefined>((a, b) => (a === undefined || rate(b) < rate(a) ? b : a), undefined);
  };
  const ofLargest = (): Held | undefined => {
    const bySize = [...shelves.values()].sort((a, b) => b.size - a.size);
    return bySize.map(slowest).find((held) => held !== undefined);
  };
  /** Who gives way is gone from its shelf, so that each turn looks at fewer. */
  const makeRoom = (org: OrgSlug): void => {
    const next = (): Held | undefined => {
      const shelf = shelves.get(org);
      if (shelf !== undefined && shelf.size > plan.perOrg) return slowest(shelf);
      return total > plan.total ? ofLargest() : undefined;
    };
    for (let held = next(); held !== undefined; held = next()) held.giveWay?.();
  };
  return {
    async read(org, stream, mostBytes) {
      if (stream === null) return { ok: true, bytes: new Uint8Array(0), release: () => undefined };
      const reader = stream.getReader();
      const held = begin(org);
      const chunks: Uint8Array[] = [];
      let reason: 'large' | 'crowded' | 'aborted' | undefined;
      const end = (why: 'large' | 'crowded' | 'aborted'): void => {
        reason ??= why;
        chunks.length = 0;
        drop(org, held);
        reader.cancel().catch(() => undefined);
      };
      held.giveWay = () => end('crowded');
      while (reason === undefined) {
        const part = await reader.read().catch(() => end('aborted'));
        if (part?.value === undefined) break;
        chunks.push(part.value);
        grow(org, held, part.value.length);
        if (held.size > mostBytes) end('large');
        else makeRoom(org);
      }
      if (reason !== undefined) return { ok: false, reason };
      held.giveWay = null;
      return { ok: true, bytes: joined(chunks, held.size), release: () => drop(org, held) };
    },
  };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
