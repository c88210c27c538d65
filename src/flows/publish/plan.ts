import {
  type Bundle,
  type Finding,
  finding,
  instantMs,
  type ObservedOrg,
  ofKind,
  type Publication,
  type RepoPath,
  startOf,
} from '../../core/model/index.ts';
import { type DeliveryPlan, planDelivery, ringChooser, ringsOf } from '../../core/rollout/index.ts';
import type { Delivery } from '../../ports/index.ts';
import { contentsOf } from './contents.ts';
import type { PublishParts } from './parts.ts';
import { SILENCE, seenOf, voicesOf } from './seen.ts';
import type { SharedSettings } from './shared.ts';

/** What of an org decides on its content, read together. */
export interface OrgState {
  readonly observed: ObservedOrg;
  readonly publication: Publication | undefined;
  readonly delivery: Delivery;
  readonly fresh: readonly Bundle[];
  readonly settings: SharedSettings;
}

/** The generation of whatever is published next: allocated already and not out yet, or the one after the highest. */
export function nextGeneration({ publication, delivery }: Pick<OrgState, 'publication' | 'delivery'>): {
  readonly generation: number;
  readonly isAllocated: boolean;
} {
  const isAllocated = (publication?.generation ?? -1) < delivery.highest;
  return { generation: isAllocated ? delivery.highest : delivery.highest + 1, isAllocated };
}

/** How many overrides are looked through for denials that hold again: none lasts more than ninety days. */
const ENDED_READ = 1000;

/** Who gets what now, from the applied objects and from what gateways said. */
export async function planOrg(parts: PublishParts, state: OrgState): Promise<DeliveryPlan> {
  const { observed, publication, delivery, fresh, settings } = state;
  const { rollout, overrides, releases } = delivery;
  const terms = ringsOf(settings.fleet);
  // Where no ring is judged, nobody is asked.
  const isAsked = terms.some(({ isJudged }) => isJudged);
  const voices = isAsked ? await voicesOf(parts.runtime, observed.org) : SILENCE;
  return planDelivery({
    wanted: contentsOf(fresh, parts.hash),
    applied: { pins: pinsOf(observed), secrets: secretsOf(observed) },
    rollout,
    overrides,
    ended: (await parts.store.overrides(observed.org, { limit: ENDED_READ })).filter(({ endedAt }) => endedAt !== null),
    releases,
    published: new Map(
      Object.entries(publication?.targets ?? {}).map(([name, { contentDigest }]) => [name, contentDigest]),
    ),
    terms,
    ringOf: ringOfGateways(parts, observed, settings),
    seenOf: (made) => seenOf(made, publication, voices),
    generation: nextGeneration(state).generation,
    nowMs: parts.clock.nowMs(),
  });
}

/** The ring of each gateway of an org, by its name. */
export function ringOfGateways(
  { hash }: Pick<PublishParts, 'hash'>,
  { org, uid, objects }: Pick<ObservedOrg, 'org' | 'uid'> & { readonly objects: Parameters<typeof ofKind>[0] },
  settings: Pick<SharedSettings, 'fleet'>,
): (gateway: string) => string {
  const choose = ringChooser(settings.fleet, hash);
  const rings = new Map(
    ofKind(objects, 'Gateway').map(({ id, document }) => {
      const { ring } = document.spec;
      const labels = document.metadata.labels ?? {};
      return [id.name, choose({ org, uid, gateway: id.name, ring, labels })] as const;
    }),
  );
  return (gateway) => rings.get(gateway) ?? '';
}

function pinsOf({ objects }: ObservedOrg) {
  return ofKind(objects, 'Pin').map(({ id, document: { spec } }) => ({
    name: id.name,
    gateway: spec.gateway ?? null,
    generation: spec.generation,
    reason: spec.reason,
    expiresAt: instantMs(spec.expires) ?? 0,
  }));
}

function secretsOf({ objects }: ObservedOrg): ReadonlyMap<string, readonly number[]> {
  const secrets = new Map<string, number[]>();
  const tokens = new Set(ofKind(objects, 'Token').map(({ id }) => id.name));
  for (const { token, notBefore } of ofKind(objects, 'Credentials').flatMap((item) => item.document.spec.tokens)) {
    if (tokens.has(token)) secrets.set(token, [...(secrets.get(token) ?? []), instantMs(notBefore) ?? 0]);
  }
  return secrets;
}

/** Pins whose content is not kept: they hold nothing, which must not look as if they did. */
export function pinFindings({ org }: ObservedOrg, { unknownPins }: DeliveryPlan): readonly Finding[] {
  return unknownPins.map(({ name, generation }) =>
    finding('ROLLBACK_UNKNOWN', {
      org,
      object: `Pin/${name}`,
      place: startOf(`orgs/${org}/pins/${name}.yaml` as RepoPath),
      message: `pin ${name} holds nothing: the content of generation ${generation} is not kept, or never was`,
      expected: 'a generation whose content the store keeps',
      found: String(generation),
    }),
  );
}
