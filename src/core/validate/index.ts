// Promise: what is wrong with the meaning of the rendered objects of an org, of the files of a tree, of orgs together.
// Input: rendered objects, listed paths and modes, blob comparisons, facts of other orgs, waivers, the time.
// Output: findings, each at the input that causes it; facts of one org that a cache can keep.
// Invariants: pure; linear in what it is given; an org is judged without looking into another; critical is never waived.
import { byCodeUnit, type Finding } from '../model/index.ts';
import { collisionFindings, inGroups, type PlaceOfFact } from './buckets.ts';
import type { DesiredRule, FleetFact, FleetRule, Rule, TreeFacts, TreeRule } from './rule.ts';
import { credentialsExpired } from './rules/credentials-expired.ts';
import { credentialsIdDuplicate } from './rules/credentials-id-duplicate.ts';
import { credentialsUnknownToken } from './rules/credentials-unknown-token.ts';
import { gatewayNameDuplicate } from './rules/gateway-name-duplicate.ts';
import { gatewayPolicyEnvironment } from './rules/gateway-policy-environment.ts';
import { type GeneratedFacts, generatedStale } from './rules/generated-stale.ts';
import { listenCollision } from './rules/listen-collision.ts';
import { type OwnerFacts, ownerFindings } from './rules/owners.ts';
import { policyDocument } from './rules/policy-document.ts';
import { refCrossesOrg } from './rules/ref-crosses-org.ts';
import { refUnresolved } from './rules/ref-unresolved.ts';
import { reviewUnstaffed } from './rules/review-unstaffed.ts';
import { secretRefShared } from './rules/secret-ref-shared.ts';
import { slugCollision } from './rules/slug-collision.ts';
import { tokenDigestDuplicate } from './rules/token-digest-duplicate.ts';
import { tokenExpiresFar } from './rules/token-expires-far.ts';
import { tokenWithoutWallet } from './rules/token-without-wallet.ts';
import { treeCaseCollision } from './rules/tree-case-collision.ts';
import { treeOddMode } from './rules/tree-odd-mode.ts';
import { treeOddPath } from './rules/tree-odd-path.ts';
import { treeUnknownFile } from './rules/tree-unknown-file.ts';
import { uidDuplicate } from './rules/uid-duplicate.ts';
import { upstreamMismatch } from './rules/upstream-mismatch.ts';
import { waiverExpired } from './rules/waiver-expired.ts';
import { waiverTooWide } from './rules/waiver-too-wide.ts';
import { waiverUnknownCode } from './rules/waiver-unknown-code.ts';
import { walletCurrency } from './rules/wallet-currency.ts';
import { walletCycle } from './rules/wallet-cycle.ts';
import { type OrgContext, viewOf } from './view.ts';

export type { PlaceOfFact } from './buckets.ts';
export type { FleetFact, Rule, TreeFacts } from './rule.ts';
export type { GeneratedFacts } from './rules/generated-stale.ts';
export type { OwnerFacts } from './rules/owners.ts';
export type { OrgContext, RuleObject } from './view.ts';
export { applyWaivers, type WaiverFacts, waiverFacts } from './waivers.ts';

/** Every rule. A new rule is one file in rules/ and one line here. */
export const rules: readonly Rule[] = [
  refCrossesOrg,
  refUnresolved,
  gatewayPolicyEnvironment,
  gatewayNameDuplicate,
  policyDocument,
  upstreamMismatch,
  tokenWithoutWallet,
  tokenExpiresFar,
  walletCycle,
  walletCurrency,
  reviewUnstaffed,
  credentialsUnknownToken,
  credentialsIdDuplicate,
  credentialsExpired,
  waiverExpired,
  waiverTooWide,
  waiverUnknownCode,
  treeOddMode,
  treeOddPath,
  treeCaseCollision,
  treeUnknownFile,
  uidDuplicate,
  slugCollision,
  listenCollision,
  secretRefShared,
  tokenDigestDuplicate,
];

const desiredRules = rules.filter((rule): rule is DesiredRule => rule.needs === 'desired');
const treeRules = rules.filter((rule): rule is TreeRule => rule.needs === 'tree');
const fleetRules = rules.filter((rule): rule is FleetRule => rule.needs === 'fleet');

/** What is wrong with the objects of one org, judged alone. Waivers are not applied yet. */
export function validateOrg(context: OrgContext): readonly Finding[] {
  const org = viewOf(context);
  return sorted(desiredRules.flatMap((rule) => rule.decide(org)));
}

/** What one org contributes to the rules across orgs: plain JSON that depends on the org's objects alone. */
export function fleetFactsOf(context: OrgContext): readonly FleetFact[] {
  const org = viewOf(context);
  return fleetRules.flatMap((rule) =>
    rule.factsOf(org).map((fact) => ({ ...fact, code: rule.code, org: context.org })),
  );
}

/** What is wrong between orgs, from the facts of all of them; `placeOf` is asked only for what collides. */
export function validateFleet(facts: Iterable<FleetFact>, placeOf: PlaceOfFact = () => null): readonly Finding[] {
  const byRule = new Map(inGroups(facts, ({ code }) => code).map((group) => [group[0]?.code, group]));
  return sorted(fleetRules.flatMap((rule) => collisionFindings(rule, byRule.get(rule.code) ?? [], placeOf)));
}

/** What is wrong with listed paths and modes, of any number of orgs; no file is read. */
export function validateTree(tree: TreeFacts): readonly Finding[] {
  return sorted(treeRules.flatMap((rule) => rule.decide(tree)));
}

/** Which committed generated files are not what the inputs render to. */
export function validateGenerated(facts: GeneratedFacts): readonly Finding[] {
  return sorted(generatedStale(facts));
}

/** Whether the forge's owner file gives every path the owners that org.yaml and fleet.yaml name. */
export function validateOwners(facts: OwnerFacts): readonly Finding[] {
  return sorted(ownerFindings(facts));
}

/** By file, line, column and code: the same order on every machine. */
function sorted(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) =>
      byCodeUnit(a.place.file, b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column ||
      byCodeUnit(a.code, b.code) ||
      byCodeUnit(a.message, b.message),
  );
}
