import { instantText, isJsonObject, type OrgSlug } from '../../core/model/index.ts';
import type { PackRevocation } from '../../core/report/index.ts';
import type { HistoryEntry } from '../../ports/index.ts';
import { committedLosses, type ReceiptParts, revocationReceipt, type Span } from '../evidence/index.ts';
import { isIn, sortedBy } from './span.ts';

/** A receipt reads every line of the org: of more tokens than these only the fact is told. */
const MOST_RECEIPTS = 50;

type Revoked = Pick<PackRevocation, 'token' | 'by' | 'actor'> & { readonly revokedAt: number };

/** Tokens that lost their last secret within the span, with what is proved where it is the newest revocation of that token. */
export async function revocationsOf(
  parts: ReceiptParts,
  ask: Span & { readonly org: OrgSlug },
  entries: readonly HistoryEntry[],
): Promise<readonly PackRevocation[]> {
  const losses = await committedLosses(parts, ask.org, ask);
  const committed = losses.map((loss): Revoked => ({ ...loss, by: 'commit' }));
  const all = [...committed, ...entries.filter(({ at }) => isIn(ask, at)).flatMap(denialOf)];
  const proofs = new Map<string, Proof | undefined>();
  for (const token of [...new Set(all.map((row) => row.token))].slice(0, MOST_RECEIPTS))
    proofs.set(token, await proofOf(parts, ask.org, token));
  return sortedBy(all, ({ revokedAt, token }) => `${instantText(revokedAt)} ${token}`).map((row) => {
    const proof = proofs.get(row.token);
    const isProved = proof?.by === row.by && proof.revokedAt === row.revokedAt;
    const { complete, acceptedForMs } = isProved ? proof : { complete: null, acceptedForMs: null };
    return { ...row, revokedAt: instantText(row.revokedAt), complete, acceptedForMs };
  });
}

function denialOf({ action, actor, at, detail }: HistoryEntry): readonly Revoked[] {
  if (action !== 'deny' || !isJsonObject(detail) || detail['of'] !== 'token') return [];
  return [{ token: String(detail['name']), by: 'deny', actor, revokedAt: at }];
}

type Proof = Pick<Revoked, 'by' | 'revokedAt'> & { readonly complete: boolean; readonly acceptedForMs: number };

async function proofOf(parts: ReceiptParts, org: OrgSlug, token: string): Promise<Proof | undefined> {
  const receipt = await revocationReceipt(parts, { org, token });
  if (!receipt.ok) return undefined;
  const { revoked, complete, acceptedForMs } = receipt.value;
  return { by: revoked.by, revokedAt: revoked.revokedAt, complete, acceptedForMs };
}
