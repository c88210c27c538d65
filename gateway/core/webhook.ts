import type { DecisionEvent, GatewayEvent, JsonObject } from '../../src/core/model/index.ts';
import type { CallbackType } from '../../src/core/policy/index.ts';

/** A line of the journal with what it says. */
export interface EventLine {
  readonly sequence: number;
  readonly hash: string;
  readonly event: GatewayEvent;
}

/** Whether a webhook that asks for `types` is told of an event; null: of all but intents, which are for the journal alone. */
export function isWanted(event: GatewayEvent, types: readonly CallbackType[] | null): boolean {
  if (event.type === 'intent') return false;
  return types === null || types.some((type) => TYPES[type](event));
}

const decided =
  (holds: (decision: DecisionEvent) => boolean) =>
  (event: GatewayEvent): boolean =>
    event.type === 'decision' && holds(event);

const TYPES: { readonly [type in CallbackType]: (event: GatewayEvent) => boolean } = {
  request: decided(() => true),
  block: decided(({ verdict }) => verdict === 'block'),
  escalation: (event) => (event.type === 'decision' ? event.verdict === 'escalate' : event.type !== 'intent'),
  policy_violation: decided(({ steps }) => steps.some(({ verdict }) => verdict === 'block')),
};

/** The body of a delivery. A receiver tells repeats by gateway and sequence. */
export function deliveryBody(
  lines: readonly EventLine[],
  from: { readonly org: string | null; readonly gateway: string | null },
): string {
  const events = lines.map(({ sequence, hash, event }) => ({ sequence, hash, event }) as unknown as JsonObject);
  return JSON.stringify({ schema: 'tenantry/events/v1', ...from, events });
}
