import type { OrgSlug, Publication } from '../../core/model/index.ts';
import type { HistoryEntry } from '../../ports/index.ts';
import { type PublishOutcome, readRoot, rotateOrg } from '../../trust/index.ts';
import { leasedPublisher } from '../publish/index.ts';
import type { RotateAsk, RotatedOrg, RotateParts } from './parts.ts';
import { becauseOf } from './rotation-log.ts';
import { epochOf, type PublishedOrgKeys, raised } from './scope.ts';

/** A rotation that was interrupted and then asked for with another target takes two; more means that nothing moves. */
const MOST_STEPS = 3;

/** Brings one org to the epoch, alone in its lane. An interrupted rotation of the org is completed first, whatever it was. */
export async function rotateOne(
  parts: RotateParts,
  ask: RotateAsk,
  target: PublishedOrgKeys & { readonly epoch: number },
): Promise<RotatedOrg> {
  return parts.lanes.inLane(target.uid, async () => {
    let signatures = 0;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const publication = await parts.store.publication(target.org);
      if (publication === undefined) throw new Error(`expected a publication of ${target.org}, found none`);
      const next = await readRoot(parts.publisher, target.uid, publication.rootVersion + 1);
      if (next === undefined && epochOf(publication.epochs, ask.holder) >= target.epoch)
        return outcomeOf(target.org, publication, signatures);
      const rotated = await rotateStep(parts, ask, { ...target, publication });
      await store(parts, target.org, { before: publication, rotated, ask });
      signatures += rotated.signatures;
      parts.wake(target.uid);
    }
    throw new Error(`expected ${target.org} to reach epoch ${target.epoch} of ${ask.holder}, found it below`);
  });
}

function outcomeOf(org: OrgSlug, { rootVersion }: Publication, signatures: number): RotatedOrg {
  const outcome = signatures === 0 ? 'already' : 'rotated';
  return { org, outcome, rootVersion, signatures, code: null, message: null };
}

async function rotateStep(
  parts: RotateParts,
  { holder, threshold, rootSeeds }: RotateAsk,
  target: PublishedOrgKeys & { readonly epoch: number; readonly publication: Publication },
): Promise<PublishOutcome> {
  const { fleet, runtime, custody, clock } = parts;
  const { org, uid, epoch, publication } = target;
  const publisher = leasedPublisher(parts);
  return rotateOrg({
    ...{ fleet, org: uid, signer: custody.signer, publisher, nowMs: clock.nowMs(), publication },
    nextTimestamp: (nowMs) => runtime.nextTimestamp(org, nowMs),
    epochs: raised(publication.epochs, holder, epoch),
    rootSigners: await custody.rootSigners(),
    ...(threshold === undefined ? {} : { threshold }),
    ...(rootSeeds === undefined ? {} : { rootKeys: rootSeeds }),
  });
}

interface Step {
  readonly before: Publication;
  readonly rotated: PublishOutcome;
  readonly ask: RotateAsk;
}

/** The store learns of it when the files are out: epochs and an entry of the org's history, in one transaction. */
async function store({ store, clock, fence, actor }: RotateParts, org: OrgSlug, step: Step): Promise<void> {
  const { before, rotated, ask } = step;
  const { epochs, rootVersion, generation } = rotated.publication;
  const entry: Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'> = {
    ...{ at: clock.nowMs(), actor, action: 'rotate', generation, commit: null },
    ...{ approval: null, changeDigest: null, planDigest: null },
    detail: { holder: ask.holder, before: { ...before.epochs }, after: { ...epochs }, rootVersion, ...becauseOf(ask) },
  };
  await store.transact(
    org,
    async (tx) => {
      await tx.putPublication(rotated.publication);
      await tx.appendHistory(entry);
    },
    fence,
  );
}
