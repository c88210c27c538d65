import type { DecisionEvent, GatewayEvent, Settlement } from '../model/index.ts';

const NONE: readonly Settlement[] = [];

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
