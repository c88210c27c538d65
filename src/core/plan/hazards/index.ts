// Promise: the dangers of a change that a person must accept before apply goes on.
// Input: both sides of one org with its changes, or the diffs of a whole commit; limits of the last applied commit.
// Output: hazards with ids that stay the same for the same danger.
// Invariants: pure; a hazard never depends on the order of objects; creating an org is no danger.
import type { Hazard } from '../../model/index.ts';
import { audienceChanged } from './audience.ts';
import { capLoosened } from './cap.ts';
import type { HazardContext, HazardRule } from './context.ts';
import { failOpen } from './fail-open.ts';
import { platformAccess } from './platform.ts';
import {
  gatewayRemoved,
  lastReviewerRemoved,
  lastTokenRemoved,
  massDeletion,
  orgOffboarded,
  walletRemoved,
} from './removals.ts';
import { rotationWithoutOverlap } from './rotation.ts';
import { templateDowngrade, templateLoosens } from './template.ts';

export type { Balances, HazardContext, HazardLimits, HazardRule } from './context.ts';
export { type FleetHazardInput, fleetHazards } from './fleet.ts';

/** Every danger of one org, most far-reaching first. */
export const hazards: readonly HazardRule[] = [
  orgOffboarded,
  platformAccess,
  audienceChanged,
  massDeletion,
  templateDowngrade,
  templateLoosens,
  capLoosened,
  failOpen,
  walletRemoved,
  gatewayRemoved,
  lastTokenRemoved,
  rotationWithoutOverlap,
  lastReviewerRemoved,
];

/** The hazards of one org's changes. */
export function hazardsOf(context: HazardContext): readonly Hazard[] {
  return hazards.flatMap((rule) => rule.decide(context));
}
