import { type Finding, FLEET_ORG } from '../../core/model/index.ts';
import type { Log, OrgHead } from '../../ports/index.ts';
import { DEFAULT_RETENTION, prunable, type Retention } from '../../trust/index.ts';
import { sideBySide } from '../lanes.ts';
import { publishTrouble } from '../trouble.ts';
import { leasedPublisher } from './leased.ts';
import type { PublishParts } from './parts.ts';

export interface Pruned {
  readonly orgs: number;
  readonly files: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

const PRUNING_ORGS = 4;

/**
 * Removes published files that nothing leads to any more, org by org in its lane: old versions beyond the retention, and
 * what interrupted runs left. What any gateway acknowledged as running stays, however old it is.
 */
export async function pruneAll(
  parts: PublishParts & { readonly log: Log },
  retention: Retention = DEFAULT_RETENTION,
): Promise<Pruned> {
  const heads = (await parts.store.heads()).filter((head) => head.org !== FLEET_ORG);
  const total = { orgs: 0, files: 0, bytes: 0 };
  const findings: Finding[] = [];
  let done = 0;
  await sideBySide(heads, PRUNING_ORGS, async (head) => {
    const work = parts.lanes.inLane(head.uid, () => pruneOne(parts, head, retention));
    const { files, bytes } = await work.catch((cause: unknown) => {
      findings.push(publishTrouble(head.org, cause, 'nothing of this org was removed'));
      return { files: 0, bytes: 0 };
    });
    total.orgs += files > 0 ? 1 : 0;
    total.files += files;
    total.bytes += bytes;
    done += 1;
    parts.log.progress('prune', done, heads.length);
  });
  return { ...total, findings };
}

async function pruneOne(
  parts: PublishParts,
  { org, uid }: OrgHead,
  retention: Retention,
): Promise<{ readonly files: number; readonly bytes: number }> {
  const publication = await parts.store.publication(org);
  if (publication === undefined) return { files: 0, bytes: 0 };
  const entries = await parts.publisher.list(uid);
  const acks = await parts.runtime.acks(org);
  const running = new Set(acks.flatMap(({ contentDigest }) => (contentDigest === null ? [] : [contentDigest])));
  const publisher = leasedPublisher(parts);
  const paths = entries.map(({ path }) => path);
  const remove = new Set(await prunable({ org: uid, publisher, publication, retention, running, paths }));
  await publisher.remove(uid, [...remove]);
  const bytes = entries.reduce((sum, entry) => sum + (remove.has(entry.path) ? entry.bytes : 0), 0);
  return { files: remove.size, bytes };
}
