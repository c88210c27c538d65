import { FLEET_ORG, isJsonObject, type Json, type JsonObject } from '../../core/model/index.ts';
import type { HistoryEntry, KeyHolder, OrgStore } from '../../ports/index.ts';
import type { RotateAsk, RotateParts } from './parts.ts';

// Begin and end of a rotation over many orgs, and between them that its new seeds are made, as entries in the history of the
// fleet: after an interruption they tell an org that is done from one that waits, and a seed that is away from one that is not.

/** A rotation that was begun. */
export interface Begun {
  readonly epoch: number;
  readonly withNewSeed: boolean;
  /** How many new seeds were made for it; null before, and where none are. */
  readonly madeSeeds: number | null;
}

/** So many entries back are looked at; an interruption that is older begins anew, which only raises epochs once more. */
const ENTRIES = 500;

/** The newest rotation of the same holder and orgs, unless it was completed, or was to keep a seed that is to be replaced now. */
export async function unfinished(store: OrgStore, ask: RotateAsk): Promise<Begun | undefined> {
  const entries = await store.history(FLEET_ORG, { limit: ENTRIES });
  const found = entries.find((entry) => isOf(entry, ask));
  const detail = found?.detail;
  if (!isJsonObject(detail) || detail['state'] === 'completed') return undefined;
  const { epoch, madeSeeds } = detail;
  const begun: Begun = {
    epoch: Number(epoch),
    withNewSeed: detail['withNewSeed'] === true,
    madeSeeds: typeof madeSeeds === 'number' ? madeSeeds : null,
  };
  return begun.withNewSeed || !ask.withNewSeed ? begun : undefined;
}

/**
 * The highest epoch that a rotation of the holder began with, of whichever orgs and however it ended; 0 where none is told. From
 * its begin on there may be keys of that epoch.
 */
export async function highestBegun(store: OrgStore, holder: KeyHolder): Promise<number> {
  const entries = await store.history(FLEET_ORG, { limit: ENTRIES });
  const epochs = entries.map(({ action, detail }) =>
    action === 'rotate' && isJsonObject(detail) && detail['holder'] === holder ? Number(detail['epoch']) : 0,
  );
  return Math.max(0, ...epochs);
}

/** Writes down that a rotation begins; from here on running it again goes on with this epoch. */
export async function begin(parts: RotateParts, ask: RotateAsk, epoch: number): Promise<Begun> {
  const begun: Begun = { epoch, withNewSeed: ask.withNewSeed, madeSeeds: null };
  await write(parts, ask, { ...begun, state: 'begun' });
  return begun;
}

/** Writes down that the new seeds are made: from here on they are looked for, and never made again. */
export async function noteSeeds(parts: RotateParts, ask: RotateAsk, begun: Begun): Promise<void> {
  await write(parts, ask, { ...begun, state: 'seeded' });
}

/** Writes down that every org is there. */
export async function complete(parts: RotateParts, ask: RotateAsk, begun: Begun): Promise<void> {
  await write(parts, ask, { ...begun, state: 'completed' });
}

function isOf({ action, detail }: HistoryEntry, ask: RotateAsk): boolean {
  if (action !== 'rotate' || !isJsonObject(detail)) return false;
  return detail['holder'] === ask.holder && JSON.stringify(detail['orgs']) === JSON.stringify(scopeOf(ask));
}

function scopeOf({ orgs }: RotateAsk): Json {
  return orgs === null ? null : [...new Set(orgs)].sort();
}

/** The reason of a rotation as the history keeps it, where one was given. */
export function becauseOf({ reason }: RotateAsk): JsonObject {
  return reason === undefined ? {} : { because: reason };
}

async function write({ store, clock, fence, actor }: RotateParts, ask: RotateAsk, facts: JsonObject): Promise<void> {
  const generation = (await store.heads()).find(({ org }) => org === FLEET_ORG)?.generation ?? 0;
  const entry: Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'> = {
    ...{ at: clock.nowMs(), actor, action: 'rotate', generation, commit: null, approval: null },
    ...{ changeDigest: null, planDigest: null },
    detail: { holder: ask.holder, orgs: scopeOf(ask), ...facts, ...becauseOf(ask) },
  };
  await store.transact(FLEET_ORG, (tx) => tx.appendHistory(entry), fence);
}
