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
  readonly count: number;
  /** How many of the root seeds must sign; it lives in the roots alone, so it is said at each ceremony. */
  readonly threshold: number;
}

/**
 * The offline ceremony: mints org uids and signs the first root of each with every root seed at hand, so that onboarding
 * later needs none of them. ROTATION_SEEDS when the threshold does not fit the seeds; nothing is written then.
 */
export async function presignRoots(parts: PresignParts, ask: PresignAsk): Promise<Outcome<readonly OrgUid[]>> {
  const { fleet, custody, roots, clock, log } = parts;
  const rootSigners = await custody.rootSigners();
  if (ask.threshold < 1 || ask.threshold > rootSigners.length) {
    const message = `expected a threshold from 1 to the ${rootSigners.length} root seeds at hand, found ${ask.threshold}`;
    return { ok: false, code: 'ROTATION_SEEDS', message };
  }
  const epochs = await custody.firstEpochs();
  const uids: OrgUid[] = [];
  while (uids.length < ask.count) {
    const org = mintUid(parts.random);
    const trust = { fleet, org, signer: custody.signer, nowMs: clock.nowMs(), rootSigners, threshold: ask.threshold };
    const { bytes } = await createRoot(trust, epochs);
    await roots.put(org, bytes);
    uids.push(org);
    log.progress('pre-sign', uids.length, ask.count);
  }
  return { ok: true, value: uids };
}
