import {
  canonicalText,
  DEFAULT_BUNDLE_LIMITS,
  readBundle,
  restoreBundle,
  withoutTokens,
} from '../../core/bundle/index.ts';
import type { Bundle, Finding, ObservedOrg, PublishedTarget } from '../../core/model/index.ts';
import { deniedNames } from '../../core/rollout/index.ts';
import { bundleTarget, targetFile } from '../../trust/index.ts';
import { type PublishedOrg, type PublishParts, unpublished } from './parts.ts';
import { nextGeneration, type OrgState } from './plan.ts';
import { putOut } from './put-out.ts';

/**
 * What is left to do for an org of which nothing new can be published (its rows are not what was applied, say): who is denied
 * is cut off all the same (rulings 15), since that only takes away. What is published stays, byte by byte, without
 * denied gateways, and without denied tokens in the bundles of the others; nothing is made of rows or of kept content.
 */
export async function cutOff(
  parts: PublishParts,
  { observed, delivery, settings }: Pick<OrgState, 'observed' | 'delivery' | 'settings'>,
  findings: readonly Finding[],
): Promise<PublishedOrg> {
  const { org, uid, generation: applied } = observed;
  const nothing = unpublished(org, applied, findings);
  const nowMs = parts.clock.nowMs();
  const denials = delivery.overrides.filter(({ expiresAt }) => expiresAt > nowMs);
  const [gateways, tokens] = [deniedNames(denials, 'gateway'), deniedNames(denials, 'token')];
  const publication = await parts.store.publication(org);
  if (publication === undefined || gateways.size + tokens.size === 0) return nothing;
  const listed = Object.entries(publication.targets);
  const kept = listed.filter(([gateway]) => !gateways.has(gateway));
  const bundles: Bundle[] = [];
  for (const [gateway, target] of kept) {
    const bundle = await publishedBundle(parts, uid, { gateway, target });
    if (bundle === undefined) return nothing;
    bundles.push(withoutTokens(bundle, tokens, parts.hash));
  }
  const isAllThere = bundles.every(({ contentDigest }, at) => contentDigest === kept[at]?.[1].contentDigest);
  if (kept.length === listed.length && isAllThere) return nothing;
  const next = nextGeneration({ publication, delivery });
  if (!next.isAllocated) await parts.store.transact(org, (tx) => tx.allocateGeneration(), parts.fence);
  const { generation } = next;
  const state: OrgState = { observed, delivery, settings, publication, fresh: [] };
  const published = await putOut(parts, { state, generation, bundles });
  await parts.store.transact(
    org,
    async (tx) => {
      await tx.putPublication({ ...published.publication, generation });
      // What Git wants is still not out: the org stays due.
      await tx.allocateGeneration();
    },
    parts.fence,
  );
  parts.wake(uid);
  const { changed, removed, signatures } = published;
  return { org, generation, changed, removed, signatures, findings };
}

/** A bundle as gateways get it now; undefined where that is not what was published. */
async function publishedBundle(
  { publisher, hash }: Pick<PublishParts, 'publisher' | 'hash'>,
  uid: ObservedOrg['uid'],
  of: { readonly gateway: string; readonly target: PublishedTarget },
): Promise<Bundle | undefined> {
  const { sha256 } = of.target.bundle;
  const bytes = await publisher.get(uid, targetFile(bundleTarget(of.gateway), sha256));
  if (bytes === undefined || hash.sha256(bytes) !== sha256) return undefined;
  const read = readBundle(bytes, DEFAULT_BUNDLE_LIMITS, hash);
  if (!read.ok) return undefined;
  const { header, policyText, data } = read.value;
  const files = {
    'bundle.json': canonicalText(header),
    'policy-config.yaml': policyText,
    'data.json': canonicalText(data),
  };
  const bundle = restoreBundle(files, hash);
  return bundle?.contentDigest === of.target.contentDigest ? bundle : undefined;
}
