import type { Bundle, CommitId, JsonObject, Publication } from '../../core/model/index.ts';
import { ensureRoot, type PublishOutcome, publishOrg, type RootFile, rootFacts } from '../../trust/index.ts';
import { leasedPublisher } from './leased.ts';
import type { PublishParts } from './parts.ts';
import type { OrgState } from './plan.ts';

/** Puts these bundles of an org out, under this generation; a gateway that has none among them is listed no more. */
export async function putOut(
  parts: PublishParts,
  what: {
    readonly state: OrgState;
    readonly generation: number;
    readonly bundles: readonly Bundle[];
    readonly anew?: boolean;
  },
): Promise<PublishOutcome> {
  const { state, generation, bundles, anew = false } = what;
  const { observed } = state;
  const { signer, fleet, firstRoots } = parts;
  const publisher = leasedPublisher(parts);
  const trust = { fleet, org: observed.uid, signer, publisher, nowMs: parts.clock.nowMs() };
  const first = await ensureRoot({ ...trust, firstRoots }, state.publication);
  return publishOrg({
    ...trust,
    publication: withFirstRoot(state.publication, first),
    generation,
    bundles,
    anew,
    provenance: (gateway) => provenanceOf(state, { gateway, generation, bundles }),
    nextTimestamp: (nowMs) => parts.runtime.nextTimestamp(observed.org, nowMs),
  });
}

/** The first root may just have been made anew, where its file was gone. After a rotation it never is. */
function withFirstRoot(publication: Publication | undefined, first: RootFile): Publication | undefined {
  if (publication === undefined || publication.rootVersion > 1) return publication;
  return { ...publication, roots: { ...publication.roots, 1: rootFacts(first) } };
}

/** Where a gateway's content came from; asked only when the content changed (rulings 4). */
function provenanceOf(
  { observed, fresh }: OrgState,
  what: { readonly gateway: string; readonly generation: number; readonly bundles: readonly Bundle[] },
): JsonObject {
  const { gateway, generation } = what;
  const digestIn = (bundles: readonly Bundle[]) =>
    bundles.find(({ header }) => header.gateway === gateway)?.contentDigest;
  const isApplied = digestIn(fresh) === digestIn(what.bundles);
  return {
    format: 'tenantry/provenance/v1',
    org: observed.uid,
    gateway,
    generation,
    commit: observed.commit as CommitId | null,
    contentDigest: observed.contentDigest,
    // An override, or the control plane's own history, says where other content comes from.
    ...(isApplied ? {} : { override: true }),
  };
}
