import { FLEET_ORG, type OrgSlug } from '../../core/model/index.ts';
import { buildBundles, sharedSettings } from '../publish/index.ts';
import type { Outcome } from '../tokens.ts';
import type { DrillParts } from './ground.ts';
import { stolenOnlineKey } from './online.ts';
import { stolenPublishKey } from './publish-key.ts';
import { type DrillStep, openStage, type Stage } from './stage.ts';

export type DrillName = 'stolen-online-key' | 'stolen-publish-key';

export interface DrillReport {
  readonly drill: DrillName;
  readonly org: OrgSlug;
  readonly gateway: string;
  readonly steps: readonly DrillStep[];
  /** True when everything came as expected. */
  readonly ok: boolean;
}

const PLAYS: { readonly [name in DrillName]: (stage: Stage) => Promise<void> } = {
  'stolen-online-key': stolenOnlineKey,
  'stolen-publish-key': stolenPublishKey,
};

/**
 * Plays a theft with the applied content of an org (the first one with a gateway by default) on a ground of its own. Refused
 * with ORG_UNKNOWN or NOT_PUBLISHED when there is nothing to rehearse with.
 */
export async function drill(
  parts: DrillParts,
  ask: { readonly name: DrillName; readonly org: OrgSlug | null },
): Promise<Outcome<DrillReport>> {
  const heads = (await parts.store.heads()).filter(({ org }) => org !== FLEET_ORG);
  const head = heads.find(({ org }) => ask.org === null || org === ask.org);
  const observed = head === undefined ? undefined : await parts.store.observe(head.org);
  if (observed === undefined)
    return { ok: false, code: 'ORG_UNKNOWN', message: `expected an applied org, found ${ask.org ?? 'none'}` };
  const { bundles } = buildBundles(parts, observed, await sharedSettings(parts));
  const [bundle] = bundles ?? [];
  if (bundle === undefined)
    return {
      ok: false,
      code: 'NOT_PUBLISHED',
      message: `expected a gateway of ${observed.org} with a bundle, found none`,
    };
  const stage = openStage(parts, bundle);
  await PLAYS[ask.name](stage);
  const { steps } = stage;
  const ok = steps.every(({ expected, got }) => expected === got);
  return { ok: true, value: { drill: ask.name, org: observed.org, gateway: bundle.header.gateway, steps, ok } };
}
