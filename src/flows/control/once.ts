import type { JsonObject } from '../../core/model/index.ts';
import type { RuntimeTransaction } from '../../ports/index.ts';
import type { AuthenticatedGateway } from './authenticate.ts';
import { type Answer, answer, type ControlPlane, refusal } from './context.ts';

/**
 * Any signed POST of a gateway: runs `work` once per sequence number, and gives the stored answer to a retry of the
 * same bytes (rulings 27).
 */
export async function once(
  plane: Pick<ControlPlane, 'runtime' | 'hash'>,
  caller: AuthenticatedGateway,
  body: Uint8Array,
  work: (tx: RuntimeTransaction) => Promise<JsonObject>,
): Promise<Answer<JsonObject>> {
  const key = { gateway: caller.row.gateway, sequence: caller.claim.sequence, bodyDigest: plane.hash.sha256(body) };
  const result = await plane.runtime.once(caller.head.org, key, work);
  if (result.ok) return answer(result.answer);
  return refusal(409, 'SEQUENCE_USED', `expected a sequence above ${caller.row.sequence}, found ${key.sequence}`);
}

export function malformed(expected: string): Answer<never> {
  return refusal(422, 'MALFORMED_BODY', `expected ${expected}`);
}
