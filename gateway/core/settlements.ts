import type { GatewayEvent, Settlement } from '../../src/core/model/index.ts';

const NONE: readonly Settlement[] = [];

/** The settlements of one journal line, one per slice. A line from which nothing was spent gives none. */
export function settlementsOf(event: GatewayEvent): readonly Settlement[] {
  if (event.type !== 'decision' || event.wallets.length === 0) return NONE;
  const bySlice = new Map<string, Settlement>();
  for (const entry of event.wallets) {
    if (entry.sliceId === undefined) continue;
    const before = bySlice.get(entry.sliceId);
    bySlice.set(entry.sliceId, {
      id: `${event.id}:${entry.sliceId}`,
      sliceId: entry.sliceId,
      requestId: event.requestId,
      settledMicros: (before?.settledMicros ?? 0) + entry.settledMicros,
      excessMicros: (before?.excessMicros ?? 0) + (entry.excessMicros ?? 0),
      model: event.model ?? 'unknown',
      inputTokens: event.inputTokens,
      outputTokens: event.outputTokens,
      at: event.at,
    });
  }
  return [...bySlice.values()].filter((item) => item.settledMicros + item.excessMicros > 0);
}
