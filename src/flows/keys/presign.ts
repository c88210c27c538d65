import type { Clock, OrgUid, Random } from '../../core/model/index.ts';
import type { Custody, Log, PresignedRoots } from '../../ports/index.ts';
import { createRoot } from '../../trust/index.ts';
import type { Outcome } from '../tokens.ts';
import { mintUid } from '../uid.ts';

export interface PresignParts {
  readonly fleet: string;
  readonly custody: Custody;
  readonly roots: PresignedRoots;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

export interface PresignAsk {
  /** Of orgs to come. */
  readonly count: number;
  /** Of orgs that stand and were never published: each gets a root unless it has one. */
  readonly standing: readonly OrgUid[];
  /** How many of the root seeds must sign; it lives in the roots alone, so it is said at each ceremony. */
  readonly threshold: number;
}

/** Whose roots were signed. */
export interface PresignedUids {
  readonly standing: readonly OrgUid[];
  readonly minted: readonly OrgUid[];
}

/**
 * The offline ceremony: mints org uids and signs the first root of each with every root seed at hand, so that onboarding
 * later needs none of them; so too for the orgs that stand. ROTATION_SEEDS when the threshold does not fit the seeds; nothing is written then.
 */
export async function presignRoots(parts: PresignParts, ask: PresignAsk): Promise<Outcome<PresignedUids>> {
  const { fleet, custody, roots, clock, log } = parts;
  const rootSigners = await custody.rootSigners();
  if (ask.threshold < 1 || ask.threshold > rootSigners.length) {
    const message = `expected a threshold from 1 to the ${rootSigners.length} root seeds at hand, found ${ask.threshold}`;
    return { ok: false, code: 'ROTATION_SEEDS', message };
  }
  const epochs = await custody.firstEpochs();
  const prepared = new Set<string>(await roots.uids());
  const standing = ask.standing.filter((uid) => !prepared.has(uid));
  const minted = Array.from({ length: ask.count }, () => mintUid(parts.random));
  const all = [...standing, ...minted];
  for (const [index, org] of all.entries()) {
    const trust = { fleet, org, signer: custody.signer, nowMs: clock.nowMs(), rootSigners, threshold: ask.threshold };
    const { bytes } = await createRoot(trust, epochs);
    await roots.put(org, bytes);
    log.progress('pre-sign', index + 1, all.length);
  }
  return { ok: true, value: { standing, minted } };
}
