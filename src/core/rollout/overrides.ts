import type { Denial, Hold, Override, Release, Sha256Hex } from '../model/index.ts';

/** A Pin of the repository, as it is applied. */
export interface GitPin {
  readonly name: string;
  /** null: the whole org. */
  readonly gateway: string | null;
  readonly generation: number;
  readonly reason: string;
  readonly expiresAt: number;
}

/** What of the applied objects decides how long an override lasts. */
export interface AppliedFacts {
  readonly pins: readonly GitPin[];
  /** Gateways of the org with the digest of what Git wants each to run. */
  readonly wanted: ReadonlyMap<string, Sha256Hex>;
  /** Token name to the moments from which its secrets count. */
  readonly secrets: ReadonlyMap<string, readonly number[]>;
}

export interface RenewInput {
  readonly active: readonly Override[];
  /** Overrides that ended; those that are over for good may be among them. */
  readonly ended: readonly Override[];
  readonly applied: AppliedFacts;
  readonly releases: readonly Release[];
  /** The generation under which new ones are published. */
  readonly generation: number;
  readonly nowMs: number;
}

export interface Renewed {
  readonly active: readonly Override[];
  /** What must be kept anew: ended ones, those that hold again, and those that Git began or took over. */
  readonly changed: readonly Override[];
  /** Pins of Git whose content is not kept, or never was. */
  readonly unknown: readonly GitPin[];
}

/**
 * Ends what is over: by its expiry, because Git says the same now without it, or because an automatic rollback has
 * nothing left to keep away. The denial of a token holds again where a secret that it was of comes back before its time is
 * over: a change that is reverted, or an org that is taken back, brings secrets that somebody said were stolen. Pins of Git
 * become overrides, and take those over that they were written from.
 */
export function renewOverrides(input: RenewInput): Renewed {
  const { active, applied, nowMs } = input;
  const pins = applied.pins.filter(({ expiresAt }) => expiresAt > nowMs);
  const kept: Override[] = [];
  const changed: Override[] = [];
  for (const item of active) {
    const pin = item.kind === 'rollback' ? pins.find(({ name }) => name === item.id) : undefined;
    const why = whyEnded(item, { applied, pin, nowMs });
    if (why !== null) changed.push({ ...item, endedAt: nowMs, endedWhy: why });
    else if (pin !== undefined && (!item.isInGit || item.expiresAt !== pin.expiresAt)) {
      const taken = { ...item, isInGit: true, expiresAt: pin.expiresAt };
      kept.push(taken);
      changed.push(taken);
    } else kept.push(item);
  }
  const known = new Set(active.map(({ id }) => id));
  const begun = pins.filter(({ name }) => !known.has(name)).map((pin) => ({ pin, hold: holdOfPin(pin, input) }));
  const holds = begun.flatMap(({ hold }) => (hold === null ? [] : [hold]));
  const back = input.ended.flatMap((item) => (isBack(item, applied.secrets, nowMs) ? [{ ...item, ...HOLDING }] : []));
  return {
    active: [...kept, ...back, ...holds],
    changed: [...changed, ...back, ...holds],
    unknown: begun.flatMap(({ pin, hold }) => (hold === null ? [pin] : [])),
  };
}

const HOLDING = { endedAt: null, endedWhy: null } as const;

/** True for the denial of a token that ended before its time, and of which a secret counts that it was of. Who ends one ends its time. */
export function isBack(item: Override, secrets: AppliedFacts['secrets'], nowMs: number): item is Denial {
  if (item.kind !== 'deny' || item.of !== 'token' || item.endedAt === null || item.expiresAt <= nowMs) return false;
  return hasSecretOf(item, secrets);
}

function hasSecretOf({ name, createdAt }: Denial, secrets: AppliedFacts['secrets']): boolean {
  return (secrets.get(name) ?? []).some((fromMs) => fromMs <= createdAt);
}

interface Around {
  readonly applied: AppliedFacts;
  readonly pin: GitPin | undefined;
  readonly nowMs: number;
}

function whyEnded(item: Override, { applied, pin, nowMs }: Around): string | null {
  if (pin === undefined && item.expiresAt <= nowMs) return item.endedWhy ?? 'expired';
  if (pin === undefined && item.isInGit) return 'its file left the repository';
  if (item.kind === 'rollback') return whyHoldEnded(item, applied);
  if (item.of === 'gateway') return applied.wanted.has(item.name) ? null : 'the gateway left the repository';
  return hasSecretOf(item, applied.secrets) ? null : 'its secrets left the repository';
}

function whyHoldEnded({ contents, against, isInGit }: Hold, { wanted }: AppliedFacts): string | null {
  if (!Object.keys(contents).some((gateway) => wanted.has(gateway))) return 'its gateways left the repository';
  const isOver = Object.entries(against ?? {}).some(([gateway, digest]) => {
    const now = wanted.get(gateway);
    return now !== undefined && now !== digest;
  });
  return isOver && !isInGit ? 'other content was applied' : null;
}

function holdOfPin(pin: GitPin, { applied, releases, generation, nowMs }: RenewInput): Hold | null {
  const gateways = pin.gateway === null ? [...applied.wanted.keys()] : [pin.gateway];
  // A generation that never was would hold what Git wants now, in the name of something older.
  const contents = pin.generation < generation ? contentsAt(releases, pin.generation, gateways) : {};
  if (Object.keys(contents).length === 0) return null;
  return {
    kind: 'rollback',
    id: pin.name,
    generation,
    to: pin.generation,
    contents,
    against: null,
    actor: 'repository',
    reason: pin.reason,
    createdAt: nowMs,
    expiresAt: pin.expiresAt,
    isInGit: true,
    endedAt: null,
    endedWhy: null,
  };
}

/**
 * The generation before `before` at which Git wanted these contents: the last one, where content came between that nobody has
 * any more. Where gateways have theirs from different ones, it is the one right before.
 */
export function generationOf(releases: readonly Release[], contents: Hold['contents'], before: number): number {
  const gateways = Object.keys(contents);
  const others = releases.map(({ generation }) => generation).filter((generation) => generation < before - 1);
  const fits = (generation: number): boolean => {
    const then = contentsAt(releases, generation, gateways);
    return gateways.every((gateway) => then[gateway] === contents[gateway]);
  };
  return [before - 1, ...others.toSorted((a, b) => b - a)].find(fits) ?? before - 1;
}

/** What Git wanted each of these gateways to run at a generation; those that had nothing then are left out. */
export function contentsAt(
  releases: readonly Release[],
  generation: number,
  gateways: readonly string[],
): { readonly [gateway: string]: Sha256Hex } {
  const found = gateways.flatMap((gateway) => {
    const last = releases.filter((item) => item.gateway === gateway && item.generation <= generation);
    const newest = last.toSorted((a, b) => a.generation - b.generation).at(-1);
    return newest === undefined ? [] : [[gateway, newest.contentDigest] as const];
  });
  return Object.fromEntries(found);
}
