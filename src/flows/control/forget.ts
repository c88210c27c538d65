import type { ControlPlane } from './context.ts';

/** How long an escalation stays in its org's queue after it was resolved. */
export const ESCALATION_RETENTION_MS = 90 * 86_400_000;

/**
 * One pass over the queues of all orgs: escalations that were resolved longer ago than the retention leave them, in short
 * transactions; a crash between two of these leaves the rest to the next pass. Their log and the lines that gateways told of
 * them stay. Gives how many there were.
 */
export async function forgetEscalations({ runtime, clock }: Pick<ControlPlane, 'runtime' | 'clock'>): Promise<number> {
  const untilMs = clock.nowMs() - ESCALATION_RETENTION_MS;
  if (untilMs < 0) return 0;
  let forgotten = 0;
  for (const org of await runtime.forgettableEscalations(untilMs)) {
    let some = 0;
    do {
      some = await runtime.forgetEscalations(org, untilMs);
      forgotten += some;
    } while (some > 0);
  }
  return forgotten;
}
