import { instantText } from '../../core/model/index.ts';
import type { PackIdentity } from '../../core/report/index.ts';
import type { CopiedFacts } from './copies.ts';
import type { PackAsk, PackParts } from './parts.ts';
import { revocationsOf } from './revocations.ts';
import { tokensOf } from './scope.ts';
import { isIn, sortedBy, textAt } from './span.ts';
import type { StandingOrg } from './standing.ts';

/** Who could ask, who could deliver, and who changed something. */
export async function identityOf(
  parts: PackParts,
  ask: PackAsk,
  known: Pick<StandingOrg, 'objects'> & Pick<CopiedFacts, 'history' | 'ledger'>,
): Promise<PackIdentity> {
  const { objects, history, ledger } = known;
  const revocations = await revocationsOf(parts, ask, history.entries);
  const gatewayKeys = (await parts.runtime.enrolments(ask.org))
    .filter(({ enrolledAt, revokedAt }) => enrolledAt < ask.toMs && (revokedAt === null || revokedAt >= ask.fromMs))
    .map(({ gateway, enrolment, publicKey, enrolledAt, revokedAt }) => {
      return { gateway, enrolment, publicKey, enrolledAt: instantText(enrolledAt), revokedAt: textAt(revokedAt) };
    });
  const changes = history.entries.filter(({ at }) => isIn(ask, at));
  const names = [...changes.map(({ actor }) => actor), ...ledger.adjustments.map(({ author }) => author)];
  const actors = sortedBy(new Set(names), (actor) => actor).map((actor) => {
    return { actor, actions: names.filter((name) => name === actor).length };
  });
  return { tokens: tokensOf(objects), revocations, gatewayKeys, actors };
}
