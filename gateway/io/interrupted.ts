import type { DecisionEvent, Sha256Hex } from '../../src/core/model/index.ts';
import type { Service } from './service.ts';
import type { SliceBook } from './wallets.ts';

/** Requests that a crash cut off: everything they held is settled, and a decision says why (ai-gateways 7, rule 9). */
export async function settleInterrupted(
  service: Pick<Service, 'nowMs' | 'evidence' | 'log'>,
  book: SliceBook,
  gateway: string,
): Promise<void> {
  const cutOff = book.recovered();
  const decisions = cutOff.map(({ requestId, target, wallets }): DecisionEvent => {
    const at = service.nowMs();
    return {
      type: 'decision',
      id: `evt${requestId.slice(3)}`,
      at,
      requestId,
      token: null,
      team: null,
      route: 'interrupted',
      model: null,
      target,
      status: 503,
      verdict: 'allow',
      reasonCode: 'gateway.interrupted',
      stream: false,
      simulated: false,
      configVersion: 'unknown',
      contentDigest: '0'.repeat(64) as Sha256Hex,
      generation: 0,
      steps: [],
      wallets,
      inputTokens: 0,
      outputTokens: 0,
      durationMs: 0,
    };
  });
  await Promise.all(decisions.map((event) => service.evidence.decision(event, () => {})));
  if (decisions.length > 0) {
    service.log.warn('requests were cut off by the last stop; their holds are settled whole', {
      requests: decisions.length,
      gateway,
    });
  }
}
