import {
  type CommitId,
  FLEET_ORG,
  type Hash,
  instantMs,
  isJsonObject,
  type ObjectSide,
  type OrgSlug,
  ofKind,
} from '../../core/model/index.ts';
import type { HistoryEntry, OrgStore, Repository } from '../../ports/index.ts';
import { appliedObjects } from '../applied.ts';
import { fleetPart } from '../publish/index.ts';

// Which secrets a token had, and where they worked, at each commit that was applied: from the history and from git alone.

export interface HoldingParts {
  readonly repository: Repository;
  readonly store: Pick<OrgStore, 'history'>;
  readonly hash: Hash;
}

export interface TokenName {
  readonly org: OrgSlug;
  readonly token: string;
}

/** What a token has at one commit: its secrets with the times that they count, in Unix milliseconds. */
export interface Holding {
  readonly secrets: ReadonlyMap<string, { readonly fromMs: number; readonly endMs: number }>;
  readonly gateways: readonly string[];
  /** What the org says of gateways whose configuration has expired; undefined: what the fleet says. */
  readonly onExpired: 'block' | 'keep-serving' | undefined;
}

interface AppliedEntry {
  readonly entry: HistoryEntry;
  readonly commit: CommitId;
}

/** A commit that was applied and changed what the token has, or may have. */
export interface AppliedHolding extends AppliedEntry {
  readonly holding: Holding;
}

export function holdingOf(objects: readonly ObjectSide[], name: string): Holding {
  const token = ofKind(objects, 'Token').find(({ id }) => id.name === name);
  const onExpired = ofKind(objects, 'Organization')[0]?.document.spec.onExpired;
  if (token === undefined) return { secrets: new Map(), gateways: [], onExpired };
  const rows = ofKind(objects, 'Credentials').flatMap(({ document }) => document.spec.tokens);
  return {
    secrets: new Map(
      rows
        .filter((row) => row.token === name)
        .map(({ id, notBefore, notAfter }) => [
          id,
          { fromMs: instantMs(notBefore) ?? 0, endMs: instantMs(notAfter) ?? 0 },
        ]),
    ),
    gateways: token.document.spec.gateways,
    onExpired,
  };
}

/** Names of the tokens that have a secret which counts at a moment. */
export function workingTokens(objects: readonly ObjectSide[], atMs: number): ReadonlySet<string> {
  const rows = ofKind(objects, 'Credentials').flatMap(({ document }) => document.spec.tokens);
  return new Set(rows.filter(({ notAfter }) => (instantMs(notAfter) ?? 0) > atMs).map(({ token }) => token));
}

/** The newest first. Throws what git throws for a commit that the clone does not hold. */
export async function* appliedHoldings(
  parts: HoldingParts,
  { org, token }: TokenName,
): AsyncGenerator<AppliedHolding, void, undefined> {
  const touched = appliedTo(parts, org, ['Credentials/credentials', `Token/${token}`, `Organization/${org}`]);
  for await (const { entry, commit } of touched)
    yield { entry, commit, holding: holdingOf(await appliedObjects(parts, { org, commit }), token) };
}

/** What was applied and changed one of these objects of the org, the newest first. */
export async function* appliedTo(
  { store }: HoldingParts,
  org: OrgSlug,
  keys: readonly string[],
): AsyncGenerator<AppliedEntry, void, undefined> {
  for await (const entry of pages(
    (after) => store.history(org, after),
    ({ sequence }) => sequence,
  )) {
    const { commit } = entry;
    if (commit !== null && touches(entry, keys)) yield { entry, commit };
  }
}

function touches({ action, detail }: HistoryEntry, keys: readonly string[]): boolean {
  if (action !== 'apply' && action !== 'heal' && action !== 'offboard') return false;
  const changes = isJsonObject(detail) ? detail['changes'] : undefined;
  if (!Array.isArray(changes)) return false;
  return changes.some((change) => isJsonObject(change) && keys.includes(String(change['object'])));
}

/** Whether the fleet let gateways go on whose configuration has expired, at any time from then on. */
async function keptServing(parts: HoldingParts, sinceMs: number): Promise<boolean> {
  for await (const { entry, commit } of appliedTo(parts, FLEET_ORG, ['Fleet/fleet'])) {
    const objects = await appliedObjects(parts, { org: FLEET_ORG, commit });
    if (fleetPart(objects).onExpired === 'keep-serving') return true;
    if (entry.at <= sinceMs) return false;
  }
  return false;
}

/** A gateway at which one of some secrets ever worked. */
export interface Place {
  readonly gateway: string;
  /** The generation from which what is published for it has none of them; null while what is applied gives it one. */
  readonly lostAt: number | null;
}

/** Where secrets of a token ever worked, and for how long. */
export interface Places {
  readonly places: readonly Place[];
  /** No process that ended before has one of them. */
  readonly issuedAt: number;
  /** The end that content gave the last of them, whatever came later. */
  readonly endMs: number;
  /** Content that had one of them let gateways go on whose configuration has expired. */
  readonly keepsServing: boolean;
}

/**
 * Every gateway that any applied commit gave one of the secrets, not only the last: one that stays away runs what it had.
 * `goneAt` is the generation at which an order took them away that what is applied still has.
 */
export async function placesOf(
  parts: HoldingParts,
  of: TokenName,
  what: { readonly secrets: readonly string[]; readonly goneAt: number | null },
): Promise<Places> {
  const places = new Map<string, Place>();
  const said = new Set<Holding['onExpired']>();
  let [madeAt, issuedAt, endMs] = [Number.POSITIVE_INFINITY, 0, 0];
  let newer = what.goneAt;
  for await (const { entry, holding } of appliedHoldings(parts, of)) {
    const held = what.secrets.flatMap((id) => holding.secrets.get(id) ?? []);
    if (held.length === 0) {
      // Older ones are from before any of them was made.
      if (entry.at < madeAt && madeAt !== Number.POSITIVE_INFINITY) break;
    } else {
      madeAt = Math.min(madeAt, ...held.map(({ fromMs }) => fromMs));
      // Nobody was given it before it was applied, and a secret counts from a whole second on.
      issuedAt = entry.at;
      endMs = Math.max(endMs, ...held.map((secret) => secret.endMs));
      said.add(holding.onExpired);
      for (const gateway of holding.gateways) if (!places.has(gateway)) places.set(gateway, { gateway, lostAt: newer });
    }
    newer = entry.generation;
  }
  const sorted = [...places.values()].sort((a, b) => (a.gateway < b.gateway ? -1 : 1));
  const keepsServing = said.has('keep-serving') || (said.has(undefined) && (await keptServing(parts, issuedAt)));
  return { places: sorted, issuedAt, endMs, keepsServing };
}

const PAGE = 200;

/** Every row, a page at a time. */
export async function* pages<Row>(
  ask: (page: { readonly limit: number; readonly after?: string }) => Promise<readonly Row[]>,
  cursor: (row: Row) => number,
): AsyncGenerator<Row, void, undefined> {
  let after: string | undefined;
  for (;;) {
    const rows = await ask({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = String(cursor(last));
  }
}
