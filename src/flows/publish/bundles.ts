import { buildBundle, gatewayNames } from '../../core/bundle/index.ts';
import { emit } from '../../core/kinds/index.ts';
import {
  type Bundle,
  contentDigestOf,
  type DesiredObject,
  type DesiredOrg,
  type Finding,
  finding,
  type Hash,
  type ObservedOrg,
  type RepoPath,
  startOf,
} from '../../core/model/index.ts';
import type { PublishParts } from './parts.ts';
import type { SharedSettings } from './shared.ts';

/** One bundle per gateway, or null when any of them cannot be made: an org is published whole. */
export function buildBundles(
  parts: Pick<PublishParts, 'fleet' | 'hash'>,
  observed: ObservedOrg,
  { prices, onExpired }: SharedSettings,
): { readonly bundles: readonly Bundle[] | null; readonly findings: readonly Finding[] } {
  const desired = asDesired(observed, parts.hash);
  if (desired === null) return { bundles: null, findings: [notApplied(observed)] };
  const results = gatewayNames(desired).map((gateway) =>
    buildBundle({ fleet: parts.fleet, desired, gateway, prices, onExpired }, parts.hash),
  );
  const findings = results.flatMap((result) => result.findings);
  const bundles = results.flatMap((result) => (result.ok ? [result.value] : []));
  return { bundles: bundles.length === results.length ? bundles : null, findings };
}

/**
 * Stored objects as what they were made from: the emitter is deterministic, so the text is the applied one. null when
 * the rows are not what was applied last: what somebody wrote into the store reaches no gateway.
 */
function asDesired(observed: ObservedOrg, hash: Hash): DesiredOrg | null {
  const objects = observed.objects.map((object): DesiredObject => {
    const { id, path, document } = object;
    const text = emit(document);
    return { id, path, origin: 'generated', document, text, digest: hash.sha256(text) };
  });
  const contentDigest = contentDigestOf(objects, hash);
  return contentDigest === observed.contentDigest
    ? { org: observed.org, uid: observed.uid, objects, contentDigest }
    : null;
}

function notApplied({ org }: ObservedOrg): Finding {
  return finding('DRIFT_FIRST', {
    org,
    place: startOf(`orgs/${org}/org.yaml` as RepoPath),
    message: 'the rows of this org are not what was last applied, so nothing new of it is published',
    expected: 'the rows that the last apply wrote',
    found: 'others',
  });
}
