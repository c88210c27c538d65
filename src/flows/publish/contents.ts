import {
  asApplied,
  bundleBytes,
  keptFiles,
  restoreBundle,
  withoutSecrets,
  withoutTokens,
} from '../../core/bundle/index.ts';
import {
  type Bundle,
  type Content,
  type Finding,
  finding,
  type Hash,
  type ObservedOrg,
  type RepoPath,
  type Sha256Hex,
  startOf,
} from '../../core/model/index.ts';
import type { DeliveryPlan } from '../../core/rollout/index.ts';
import { deniedNames } from '../../core/rollout/index.ts';
import type { NewRelease } from '../../ports/index.ts';
import type { PublishParts } from './parts.ts';

/** Digest and size of what each bundle brings, without the secrets of its tokens: a change of those alone is none. */
export function contentsOf(bundles: readonly Bundle[], hash: Hash): ReadonlyMap<string, Content> {
  return new Map(
    bundles.map((bundle) => {
      const content = withoutSecrets(bundle, hash);
      return [bundle.header.gateway, { digest: content.contentDigest, bytes: bundleBytes(content) }];
    }),
  );
}

/** What the store keeps of new content, so that an older one can be made again without Git. No secret's digest is in it. */
export function releasesFor(
  bundles: readonly Bundle[],
  gateways: readonly string[],
  hash: Hash,
): readonly NewRelease[] {
  return bundles
    .filter(({ header }) => gateways.includes(header.gateway))
    .map((bundle) => {
      const content = withoutSecrets(bundle, hash);
      const { contentDigest } = content;
      return {
        gateway: bundle.header.gateway,
        contentDigest,
        bytes: bundleBytes(content),
        files: keptFiles(content),
      };
    });
}

/**
 * The bundle that each gateway is given, made anew or from kept content, with the secrets that are applied now and without
 * what is denied: content that is older never gives a token more than what is applied does.
 */
export async function deliveredBundles(
  parts: Pick<PublishParts, 'store' | 'hash'>,
  { org }: ObservedOrg,
  { plan, fresh }: { readonly plan: DeliveryPlan; readonly fresh: readonly Bundle[] },
): Promise<{ readonly bundles: readonly Bundle[]; readonly findings: readonly Finding[] }> {
  const { hash } = parts;
  const tokens = deniedNames(plan.overrides, 'token');
  const bundles: Bundle[] = [];
  const findings: Finding[] = [];
  for (const applied of fresh) {
    const { gateway } = applied.header;
    const given = plan.delivered.get(gateway);
    if (given === undefined) continue;
    const { digest, why } = given;
    const isApplied = why === 'current' || withoutSecrets(applied, hash).contentDigest === digest;
    const older = isApplied ? applied : await keptBundle(parts, { org, gateway, digest });
    if (older === undefined) findings.push(contentMissing(org, gateway, digest));
    else bundles.push(withoutTokens(isApplied ? applied : asApplied(older, applied, hash), tokens, hash));
  }
  return { bundles, findings };
}

/** Content that the store keeps, without secrets; undefined where it is not there, or not what was kept. */
export async function keptBundle(
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
