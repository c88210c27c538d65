import {
  type CommitId,
  type Hash,
  instantMs,
  isJsonObject,
  type ObjectSide,
  type OrgSlug,
  type Override,
  ofKind,
} from '../../core/model/index.ts';
import type { HistoryEntry, OrgStore, Repository } from '../../ports/index.ts';
import { appliedObjects } from '../applied.ts';

// When a token lost a secret: by a commit that was applied, or by an order to deny it. From the history and from git alone.

/** Where a token's secrets were taken away. */
export interface Revocation {
  readonly by: 'commit' | 'deny';
  readonly generation: number;
  readonly actor: string;
  /** Null for a denial. */
  readonly commit: CommitId | null;
  /** When the commit was made on the main branch, or the token was denied. */
  readonly revokedAt: number;
  /** When the controller knew it. */
  readonly appliedAt: number;
  /** When a denial was ended, and why; null while it holds, and for a commit. */
  readonly endedAt: number | null;
  readonly endedWhy: string | null;
  /** Ids of the secrets that are gone; of an ended denial, those that it kept away and that stand still. */
  readonly secrets: readonly string[];
  /** Where they worked. */
  readonly gateways: readonly string[];
}

export interface RevocationParts {
  readonly repository: Repository;
  readonly store: Pick<OrgStore, 'history' | 'overrides' | 'observe'>;
  readonly hash: Hash;
}

export interface TokenName {
  readonly org: OrgSlug;
  readonly token: string;
}

/** The newest; null when the token never lost a secret. Throws what git throws for a commit that the clone does not hold. */
export async function newestRevocation(parts: RevocationParts, of: TokenName): Promise<Revocation | null> {
  const [denied, committed] = [await newestDenial(parts, of), await newestCommit(parts, of)];
  if (denied === null || committed === null) return denied ?? committed;
  return denied.generation > committed.generation ? denied : committed;
}

/** What a token has at one commit: its secrets with the times that they count, in Unix milliseconds. */
interface Holding {
  readonly secrets: ReadonlyMap<string, { readonly fromMs: number; readonly endMs: number }>;
  readonly gateways: readonly string[];
}

function holdingOf(objects: Parameters<typeof ofKind>[0], name: string): Holding {
  const token = ofKind(objects, 'Token').find(({ id }) => id.name === name);
  if (token === undefined) return { secrets: new Map(), gateways: [] };
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
  };
}

async function newestDenial({ store }: RevocationParts, { org, token }: TokenName): Promise<Revocation | null> {
  for await (const override of pages(
    (after) => store.overrides(org, after),
    ({ generation }) => generation,
  )) {
    if (!isDenialOf(override, token)) continue;
    const { generation, actor, createdAt, endedAt, endedWhy } = override;
    const held = holdingOf((await store.observe(org))?.objects ?? [], token);
    const kept = [...held.secrets].filter(([, { fromMs }]) => endedAt === null || fromMs <= createdAt);
    const when = { revokedAt: createdAt, appliedAt: createdAt, endedAt, endedWhy: endedAt === null ? null : endedWhy };
    const taken = { secrets: kept.map(([id]) => id), gateways: held.gateways };
    return { by: 'deny', generation, actor, commit: null, ...when, ...taken };
  }
  return null;
}

function isDenialOf(override: Override, token: string): boolean {
  return override.kind === 'deny' && override.of === 'token' && override.name === token;
}

async function newestCommit(parts: RevocationParts, { org, token }: TokenName): Promise<Revocation | null> {
  const { store, repository } = parts;
  let newer: { readonly entry: HistoryEntry; readonly commit: CommitId; readonly holding: Holding } | null = null;
  for await (const entry of pages(
    (after) => store.history(org, after),
    ({ sequence }) => sequence,
  )) {
    const { commit } = entry;
    if (commit === null || !touches(entry, token)) continue;
    const objects: readonly ObjectSide[] = await appliedObjects(parts, { org, commit });
    const holding = holdingOf(objects, token);
    const after = newer;
    // One that had run out by then was taken from nobody.
    const gone = [...holding.secrets].filter(
      ([id, { endMs }]) => after && !after.holding.secrets.has(id) && endMs > after.entry.at,
    );
    if (newer !== null && gone.length > 0) {
      const { committedAtMs } = await repository.facts(newer.commit);
      const { generation, actor, at } = newer.entry;
      const secrets = gone.map(([id]) => id);
      const when = { revokedAt: committedAtMs, appliedAt: at, endedAt: null, endedWhy: null };
      return {
        by: 'commit',
        generation,
        actor,
        commit: newer.commit,
        ...when,
        secrets,
        gateways: holding.gateways,
      };
    }
    newer = { entry, commit, holding };
  }
  return null;
}

/** Whether what was applied changed the org's secrets or the token itself. */
function touches({ action, detail }: HistoryEntry, token: string): boolean {
  if (action !== 'apply' && action !== 'heal') return false;
  const changes = isJsonObject(detail) ? detail['changes'] : undefined;
  if (!Array.isArray(changes)) return false;
  const keys = ['Credentials/credentials', `Token/${token}`];
  return changes.some((change) => isJsonObject(change) && keys.includes(String(change['object'])));
}

const PAGE = 200;

/** Every row, a page at a time. */
async function* pages<Row>(
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
