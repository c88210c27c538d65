import { type Finding, FLEET_ORG, type TrustRole } from '../../core/model/index.ts';
import type { Log, OrgHead, Signer } from '../../ports/index.ts';
import { refreshOrg } from '../../trust/index.ts';
import { sideBySide } from '../lanes.ts';
import { publishTrouble } from '../trouble.ts';
import { clockFindings } from './clock.ts';
import { expiryFindings } from './expiry.ts';
import { leasedPublisher } from './leased.ts';
import type { PublishParts } from './parts.ts';

/** Signatures made, by the role whose key made them. */
export type SignaturesByRole = { readonly [role in TrustRole]: number };

export interface Refreshed {
  /** Orgs that something was signed for. */
  readonly orgs: number;
  readonly signatures: SignaturesByRole;
  /** What stood in the way of single orgs (the others were refreshed), what expires, and a clock that seems wrong. */
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
  let newestSignedMs = 0;
  await sideBySide(heads, REFRESHING_ORGS, async (head) => {
    const work = parts.lanes.inLane(head.uid, () => refreshOne({ ...parts, signer }, head));
    const one = await work.catch((cause: unknown): Seen => {
      const finding = publishTrouble(head.org, cause, 'nothing was signed anew for this org');
      return { ...NOTHING, findings: [finding] };
    });
    findings.push(...one.findings);
    newestSignedMs = Math.max(newestSignedMs, one.signedBeforeMs);
    if (one.signatures > 0) orgs += 1;
    done += 1;
    parts.log.progress('refresh', done, heads.length);
  });
  findings.push(...clockFindings(newestSignedMs, parts.clock.nowMs()));
  return { orgs, signatures: { ...signatures }, findings };
}

/** What one org had, and what became of it. */
interface Seen {
  /** When its newest file was signed before this run. */
  readonly signedBeforeMs: number;
  readonly signatures: number;
  readonly findings: readonly Finding[];
}

const NOTHING: Seen = { signedBeforeMs: 0, signatures: 0, findings: [] };

async function refreshOne(parts: PublishParts, { org, uid }: OrgHead): Promise<Seen> {
  const publication = await parts.store.publication(org);
  if (publication === undefined) return NOTHING;
  const { signer, fleet } = parts;
  const publisher = leasedPublisher(parts);
  const nextTimestamp = (nowMs: number): Promise<number> => parts.runtime.nextTimestamp(org, nowMs);
  const nowMs = parts.clock.nowMs();
  const trust = { fleet, org: uid, signer, publisher, nowMs, publication, nextTimestamp };
  const refreshed = await refreshOrg({ ...trust, what: 'due' });
  if (refreshed.signatures > 0)
    await parts.store.transact(org, (tx) => tx.putPublication(refreshed.publication), parts.fence);
  return {
    signedBeforeMs: Math.max(...Object.values(publication.signedAt)),
    signatures: refreshed.signatures,
    findings: expiryFindings(org, refreshed.publication, nowMs),
  };
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
