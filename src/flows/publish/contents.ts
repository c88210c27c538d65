import { bundleBytes, keptFiles, restoreBundle, withoutTokens } from '../../core/bundle/index.ts';
import {
  type Bundle,
  type Content,
  type Finding,
  finding,
  type ObservedOrg,
  type RepoPath,
  type Sha256Hex,
  startOf,
} from '../../core/model/index.ts';
import type { DeliveryPlan } from '../../core/rollout/index.ts';
import { deniedNames } from '../../core/rollout/index.ts';
import type { NewRelease } from '../../ports/index.ts';
import type { PublishParts } from './parts.ts';

/** Digest and size of each gateway's bundle. */
export function contentsOf(bundles: readonly Bundle[]): ReadonlyMap<string, Content> {
  return new Map(
    bundles.map((bundle) => [bundle.header.gateway, { digest: bundle.contentDigest, bytes: bundleBytes(bundle) }]),
  );
}

/** What the store keeps of new content, so that an older one can be made again without Git. */
export function releasesFor(bundles: readonly Bundle[], gateways: readonly string[]): readonly NewRelease[] {
  return bundles
    .filter(({ header }) => gateways.includes(header.gateway))
    .map((bundle) => ({
      gateway: bundle.header.gateway,
      contentDigest: bundle.contentDigest,
      bytes: bundleBytes(bundle),
      files: keptFiles(bundle),
    }));
}

/** The bundle that each gateway is given, made anew or from kept content, without what is denied. */
export async function deliveredBundles(
  parts: Pick<PublishParts, 'store' | 'hash'>,
  { org }: ObservedOrg,
  { plan, fresh }: { readonly plan: DeliveryPlan; readonly fresh: readonly Bundle[] },
): Promise<{ readonly bundles: readonly Bundle[]; readonly findings: readonly Finding[] }> {
  const tokens = deniedNames(plan.overrides, 'token');
  const made = new Map(fresh.map((bundle) => [`${bundle.header.gateway} ${bundle.contentDigest}`, bundle]));
  const bundles: Bundle[] = [];
  const findings: Finding[] = [];
  for (const [gateway, { digest }] of plan.delivered) {
    const bundle = made.get(`${gateway} ${digest}`) ?? (await keptBundle(parts, { org, gateway, digest }));
    if (bundle === undefined) findings.push(contentMissing(org, gateway, digest));
    else bundles.push(withoutTokens(bundle, tokens, parts.hash));
  }
  return { bundles, findings };
}

async function keptBundle(
  { store, hash }: Pick<PublishParts, 'store' | 'hash'>,
  of: { readonly org: ObservedOrg['org']; readonly gateway: string; readonly digest: Sha256Hex },
): Promise<Bundle | undefined> {
  const kept = await store.content(of.org, of.gateway, of.digest);
  const bundle = kept === undefined ? undefined : restoreBundle(kept, hash);
  // What somebody wrote into the store reaches no gateway.
  return bundle?.contentDigest === of.digest ? bundle : undefined;
}

function contentMissing(org: ObservedOrg['org'], gateway: string, digest: Sha256Hex): Finding {
  return finding('CONTENT_MISSING', {
    org,
    object: `Gateway/${gateway}`,
    place: startOf(`orgs/${org}/org.yaml` as RepoPath),
    message: `the content that ${gateway} is kept on is not in the store, so nothing new of the org is published`,
    expected: `kept content ${digest}`,
    found: 'none of that digest',
  });
}
