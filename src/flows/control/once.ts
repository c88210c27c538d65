import type { JsonObject } from '../../core/model/index.ts';
import type { Refusal, RuntimeTransaction, StoreError } from '../../ports/index.ts';
import type { AuthenticatedGateway } from './authenticate.ts';
import { type Answer, answer, type ControlPlane, refusal } from './context.ts';

/**
 * Any signed POST of a gateway: runs `work` once per sequence number, and gives the stored answer to a retry of the
 * same bytes (rulings 27). What is refused is kept on record, with the last line that it brought (`through`): the gateway alone
 * would hear of it else, and somebody who has its key beside it hears nothing.
 */
export async function once(
  plane: Pick<ControlPlane, 'runtime' | 'hash' | 'clock'>,
  caller: AuthenticatedGateway,
  { body, through = null }: { readonly body: Uint8Array; readonly through?: Refusal['through'] },
  work: (tx: RuntimeTransaction) => Promise<JsonObject>,
): Promise<Answer<JsonObject>> {
  const key = { gateway: caller.row.gateway, sequence: caller.claim.sequence, bodyDigest: plane.hash.sha256(body) };
  const note = (code: Refusal['code']): Promise<void> => {
    const { gateway, sequence } = key;
    return plane.runtime.noteRefusal(caller.head.org, gateway, { code, at: plane.clock.nowMs(), sequence, through });
  };
  const result = await plane.runtime.once(caller.head.org, key, work).catch(async (error: unknown) => {
    if (isBrokenChain(error)) await note('EVENT_CHAIN_BROKEN');
    throw error;
  });
  if (result.ok) return answer(result.answer);
  if (result.reason === 'replayed') await note('SEQUENCE_USED');
  return refusal(409, 'SEQUENCE_USED', `expected a sequence above ${caller.row.sequence}, found ${key.sequence}`);
}

function isBrokenChain(error: unknown): boolean {
  return error instanceof Error && (error as Partial<StoreError>).code === 'EVENT_CHAIN_BROKEN';
}

export function malformed(expected: string): Answer<never> {
  return refusal(422, 'MALFORMED_BODY', `expected ${expected}`);
}
