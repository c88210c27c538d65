import type { Hold, Override, Rollout, Sha256Hex } from '../model/index.ts';
import { isOpen } from './facts.ts';

/** The content that a gateway is given, and why it is that. */
export interface Delivered {
  readonly digest: Sha256Hex;
  readonly why: 'current' | 'waiting' | 'rolled-back';
}

export interface DeliveryInput {
  /** What Git wants each gateway to run. */
  readonly wanted: ReadonlyMap<string, Sha256Hex>;
  readonly rollout: Rollout | null;
  /** Those that have not ended. */
  readonly overrides: readonly Override[];
}

/**
 * What each gateway is given: nothing where it is denied, what an override holds it on, what it had while its ring is
 * closed, and else what Git wants. Clocks do not decide here: an override counts until it was ended.
 */
export function deliveries({ wanted, rollout, overrides }: DeliveryInput): ReadonlyMap<string, Delivered> {
  const denied = deniedNames(overrides, 'gateway');
  const waiting = waitingContents(rollout);
  const given = new Map<string, Delivered>();
  for (const [gateway, digest] of wanted) {
    if (denied.has(gateway)) continue;
    const held = holdOf(overrides, gateway)?.contents[gateway];
    const kept = waiting.get(gateway);
    if (held !== undefined) given.set(gateway, { digest: held, why: 'rolled-back' });
    else if (kept !== undefined) given.set(gateway, { digest: kept, why: 'waiting' });
    else given.set(gateway, { digest, why: 'current' });
  }
  return given;
}

function waitingContents(rollout: Rollout | null): ReadonlyMap<string, Sha256Hex> {
  if (!isOpen(rollout)) return new Map();
  const closed = rollout.rings.filter(({ state }) => state === 'waiting');
  return new Map(closed.flatMap((ring) => ring.members.map(({ gateway, from }) => [gateway, from.digest] as const)));
}

/** The override that decides for a gateway: of several, the one that was taken last. */
export function holdOf(overrides: readonly Override[], gateway: string): Hold | undefined {
  return overrides
    .filter((item): item is Hold => item.kind === 'rollback' && Object.hasOwn(item.contents, gateway))
    .toSorted((a, b) => a.generation - b.generation)
    .at(-1);
}

/** Names of tokens, or of gateways, that are denied. */
export function deniedNames(overrides: readonly Override[], of: 'token' | 'gateway'): ReadonlySet<string> {
  return new Set(overrides.flatMap((item) => (item.kind === 'deny' && item.of === of ? [item.name] : [])));
}
