import type { DecisionEvent, GatewayEvent, Settlement } from '../model/index.ts';

const NONE: readonly Settlement[] = [];

/**
 * A million units of any currency: no request costs more. What a line says above that is booked as this much, so that no count
 * of lines that a gateway sends takes a balance near 2^53.
 */
export const MOST_SETTLED_MICROS = 1e12;

/** What is booked of a settlement: at most `MOST_SETTLED_MICROS`, out of the slice first. */
export function boundedSettlement<T extends Pick<Settlement, 'settledMicros' | 'excessMicros'>>(settlement: T): T {
  const { settledMicros, excessMicros } = settlement;
  if (settledMicros + excessMicros <= MOST_SETTLED_MICROS) return settlement;
  const settled = Math.min(settledMicros, MOST_SETTLED_MICROS);
  return { ...settlement, settledMicros: settled, excessMicros: MOST_SETTLED_MICROS - settled };
}

/** The settlements of one journal line, one per slice. A line from which nothing was spent gives none. */
export function settlementsOf(event: GatewayEvent): readonly Settlement[] {
  if (event.type !== 'decision' || event.wallets.length === 0) return NONE;
  const settlements: Settlement[] = [];
  for (const { sliceId, settledMicros, excessMicros = 0 } of event.wallets) {
    if (sliceId === undefined || settledMicros + excessMicros === 0) continue;
    const index = settlements.findIndex((item) => item.sliceId === sliceId);
    const before = settlements[index];
    if (before === undefined) settlements.push(settlementOf(event, { sliceId, settledMicros, excessMicros }));
    else {
      settlements[index] = {
        ...before,
        settledMicros: before.settledMicros + settledMicros,
        excessMicros: before.excessMicros + excessMicros,
      };
    }
  }
  return settlements;
}

function settlementOf(
  event: DecisionEvent,
  amounts: Pick<Settlement, 'sliceId' | 'settledMicros' | 'excessMicros'>,
): Settlement {
  return {
    id: `${event.id}:${amounts.sliceId}`,
    sliceId: amounts.sliceId,
    requestId: event.requestId,
    settledMicros: amounts.settledMicros,
    excessMicros: amounts.excessMicros,
    model: event.model ?? 'unknown',
    inputTokens: event.inputTokens,
    outputTokens: event.outputTokens,
    at: event.at,
  };
}
