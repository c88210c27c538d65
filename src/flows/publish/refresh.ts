import { type Finding, FLEET_ORG, type TrustRole } from '../../core/model/index.ts';
import type { Log, OrgHead, Signer } from '../../ports/index.ts';
import { refreshOrg } from '../../trust/index.ts';
import { sideBySide } from '../lanes.ts';
import { publishTrouble } from '../trouble.ts';
import { leasedPublisher } from './leased.ts';
import type { PublishParts } from './parts.ts';

/** Signatures made, by the role whose key made them. */
export type SignaturesByRole = { readonly [role in TrustRole]: number };

export interface Refreshed {
  /** Orgs that something was signed for. */
  readonly orgs: number;
  readonly signatures: SignaturesByRole;
  /** What stood in the way of single orgs; the others were refreshed. */
  readonly findings: readonly Finding[];
}

/** Orgs that are refreshed at the same time: what overlaps is waiting for the disk or the object store. */
const REFRESHING_ORGS = 8;

/**
 * Re-signs what is past half of its life, and every timestamp that is older than an hour (rulings 1 and 2): one signature
 * for most orgs. Whatever the size of the fleet, only a few orgs are in memory at once.
 */
export async function refreshAll(parts: PublishParts & { readonly log: Log }): Promise<Refreshed> {
  const { signer, signatures } = counting(parts.signer);
  const heads = (await parts.store.heads()).filter((head) => head.org !== FLEET_ORG);
  let [done, orgs] = [0, 0];
  const findings: Finding[] = [];
  await sideBySide(heads, REFRESHING_ORGS, async (head) => {
    const work = parts.lanes.inLane(head.uid, () => refreshOne({ ...parts, signer }, head));
    const count = await work.catch((cause: unknown) => {
      findings.push(publishTrouble(head.org, cause, 'nothing was signed anew for this org'));
      return 0;
    });
    if (count > 0) orgs += 1;
    done += 1;
    parts.log.progress('refresh', done, heads.length);
  });
  return { orgs, signatures: { ...signatures }, findings };
}

async function refreshOne(parts: PublishParts, { org, uid }: OrgHead): Promise<number> {
  const publication = await parts.store.publication(org);
  if (publication === undefined) return 0;
  const { signer, fleet } = parts;
  const publisher = leasedPublisher(parts);
  const nextTimestamp = (nowMs: number): Promise<number> => parts.runtime.nextTimestamp(org, nowMs);
  const trust = { fleet, org: uid, signer, publisher, nowMs: parts.clock.nowMs(), publication, nextTimestamp };
  const refreshed = await refreshOrg({ ...trust, what: 'due' });
  if (refreshed.signatures > 0)
    await parts.store.transact(org, (tx) => tx.putPublication(refreshed.publication), parts.fence);
  return refreshed.signatures;
}

/** The signer, and how often it signed for each role. */
function counting(signer: Signer): { readonly signer: Signer; readonly signatures: { [role in TrustRole]: number } } {
  const signatures = { root: 0, targets: 0, snapshot: 0, timestamp: 0 };
  const counted: Signer = {
    publicKey: (...key) => signer.publicKey(...key),
    sign: async (role, ...rest) => {
      const signature = await signer.sign(role, ...rest);
      signatures[role] += 1;
      return signature;
    },
  };
  return { signer: counted, signatures };
}
