// Promise: what is wrong with the meaning of the rendered objects of an org, of the files of a tree, of orgs together.
// Input: rendered objects, listed paths and modes, blob comparisons, facts of other orgs, waivers, the time.
// Output: findings, each at the input that causes it; facts of one org that a cache can keep.
// Invariants: pure; linear in what it is given; an org is judged without looking into another; critical is never waived.
import { byCodeUnit, type Finding } from '../model/index.ts';
import { collisionFindings, type PlaceOfFact, tabled } from './buckets.ts';
import type { ChangeFacts } from './change.ts';
import { type LeakSearch, leaksInOrg } from './leaks/objects.ts';
import { leaksInShared, type SharedSearch } from './leaks/shared.ts';
import { encodedMarks } from './marks/codec.ts';
import { marksOfOrg } from './marks/take.ts';
import type {
  ChangeRule,
  DesiredRule,
  FleetFact,
  FleetRule,
  LeakRule,
  Rule,
  SharedFacts,
  SharedRule,
  TextFile,
  TextRule,
  TreeFacts,
  TreeRule,
} from './rule.ts';
import { credentialsExpired } from './rules/credentials-expired.ts';
import { credentialsIdDuplicate } from './rules/credentials-id-duplicate.ts';
import { credentialsUnknownToken } from './rules/credentials-unknown-token.ts';
import { freezeWindow } from './rules/freeze-window.ts';
import { gatewayEgress } from './rules/gateway-egress.ts';
import { gatewayHost } from './rules/gateway-host.ts';
import { gatewayLimitModel } from './rules/gateway-limit-model.ts';
import { gatewayNameDuplicate } from './rules/gateway-name-duplicate.ts';
import { gatewayPolicyEnvironment } from './rules/gateway-policy-environment.ts';
import { gatewayRing } from './rules/gateway-ring.ts';
import { type GeneratedFacts, generatedStale } from './rules/generated-stale.ts';
import { i01RefCrossesOrg } from './rules/iso-i01-ref-crosses-org.ts';
import { i02RefNotInOrg } from './rules/iso-i02-ref-not-in-org.ts';
import { i03OwnerOfAnotherOrg } from './rules/iso-i03-owner-of-another-org.ts';
import { i03TokenCrossesOrg } from './rules/iso-i03-token-crosses-org.ts';
import { i04WalletCrossesOrg } from './rules/iso-i04-wallet-crosses-org.ts';
import { i05TargetingNotOfOrg } from './rules/iso-i05-targeting-not-of-org.ts';
import { i06PersonOfAnotherOrg } from './rules/iso-i06-person-of-another-org.ts';
import { i06ReviewerCrossesOrg } from './rules/iso-i06-reviewer-crosses-org.ts';
import { i07TargetOfAnotherOrg } from './rules/iso-i07-target-of-another-org.ts';
import { i08SharedSecretRef } from './rules/iso-i08-shared-secret-ref.ts';
import { i10SecretOutsideOrg } from './rules/iso-i10-secret-outside-org.ts';
import { i11SharedTokenDigest } from './rules/iso-i11-shared-token-digest.ts';
import { i12LiteralSecret } from './rules/iso-i12-literal-secret.ts';
import { i13UpstreamAccountShared } from './rules/iso-i13-upstream-account-shared.ts';
import { i15SharedUid } from './rules/iso-i15-shared-uid.ts';
import { i17DomainShared } from './rules/iso-i17-domain-shared.ts';
import { i17PublicDomain } from './rules/iso-i17-public-domain.ts';
import { i19PersonInTwoOrgs } from './rules/iso-i19-person-in-two-orgs.ts';
import { i20ListenCollision } from './rules/iso-i20-listen-collision.ts';
import { i21HostnameShared } from './rules/iso-i21-hostname-shared.ts';
import { i22EgressOfAnotherOrg } from './rules/iso-i22-egress-of-another-org.ts';
import { i22EgressTooWide } from './rules/iso-i22-egress-too-wide.ts';
import { i23EgressPrivate } from './rules/iso-i23-egress-private.ts';
import { i24LimitByClientHeader } from './rules/iso-i24-limit-by-client-header.ts';
import { i26StoreIsPublished } from './rules/iso-i26-store-is-published.ts';
import { i28DedicatedHostShared } from './rules/iso-i28-dedicated-host-shared.ts';
import { i29NoCeiling } from './rules/iso-i29-no-ceiling.ts';
import { i30RegionOutside } from './rules/iso-i30-region-outside.ts';
import { i31ChannelShared } from './rules/iso-i31-channel-shared.ts';
import { i32SinkOfAnotherOrg } from './rules/iso-i32-sink-of-another-org.ts';
import { i34SinkNested } from './rules/iso-i34-sink-nested.ts';
import { i36WildcardTool } from './rules/iso-i36-wildcard-tool.ts';
import { i38TokenLooserThanTeam } from './rules/iso-i38-token-looser-than-team.ts';
import { i38TokenWithoutWallet } from './rules/iso-i38-token-without-wallet.ts';
import { i39WalletLooserThanParent } from './rules/iso-i39-wallet-looser-than-parent.ts';
import { i42SharedHoldsIdentity } from './rules/iso-i42-shared-holds-identity.ts';
import { i42SharedHoldsName } from './rules/iso-i42-shared-holds-name.ts';
import { i43IdentityOfAnotherOrg } from './rules/iso-i43-identity-of-another-org.ts';
import { i43NameOfAnotherOrg } from './rules/iso-i43-name-of-another-org.ts';
import { i46NameCollision } from './rules/iso-i46-name-collision.ts';
import { i47CaseCollision } from './rules/iso-i47-case-collision.ts';
import { i47OddMode } from './rules/iso-i47-odd-mode.ts';
import { i47OddPath } from './rules/iso-i47-odd-path.ts';
import { i48UnknownFile } from './rules/iso-i48-unknown-file.ts';
import { i50ChangeSpansOrgs } from './rules/iso-i50-change-spans-orgs.ts';
import { i52OtherOrgChanged } from './rules/iso-i52-other-org-changed.ts';
import { i53ChecksChangedWithOrg } from './rules/iso-i53-checks-changed-with-org.ts';
import { i54UnsafeWorkflow } from './rules/iso-i54-unsafe-workflow.ts';
import { i55OrgWithoutTombstone } from './rules/iso-i55-org-without-tombstone.ts';
import { i55RetiredOrgReused } from './rules/iso-i55-retired-org-reused.ts';
import { i58RuntimeRefused } from './rules/iso-i58-runtime-refused.ts';
import { i58RuntimeUntested } from './rules/iso-i58-runtime-untested.ts';
import { i60WaiverApprover } from './rules/iso-i60-waiver-approver.ts';
import { i60WaiverExpired } from './rules/iso-i60-waiver-expired.ts';
import { i60WaiverSelfApproved } from './rules/iso-i60-waiver-self-approved.ts';
import { i60WaiverTooWide } from './rules/iso-i60-waiver-too-wide.ts';
import { i62PolicyChosenByClient } from './rules/iso-i62-policy-chosen-by-client.ts';
import { modelUnpriced } from './rules/model-unpriced.ts';
import { orgUidChanged } from './rules/org-uid-changed.ts';
import { type OwnerFacts, ownerFindings } from './rules/owners.ts';
import { policyDocument } from './rules/policy-document.ts';
import { priceBookUnknown } from './rules/price-book-unknown.ts';
import { retiredLater } from './rules/retired-later.ts';
import { retiredOrgLive } from './rules/retired-org-live.ts';
import { reviewChannel } from './rules/review-channel.ts';
import { reviewSecond } from './rules/review-second.ts';
import { reviewUnstaffed } from './rules/review-unstaffed.ts';
import { templateVersionChanged } from './rules/template-version-changed.ts';
import { tokenAddressInvalid } from './rules/token-address-invalid.ts';
import { tokenConsoleAddresses } from './rules/token-console-addresses.ts';
import { tokenExpired } from './rules/token-expired.ts';
import { tokenExpiresFar } from './rules/token-expires-far.ts';
import { tokenPathUnreachable } from './rules/token-path-unreachable.ts';
import { upstreamMismatch } from './rules/upstream-mismatch.ts';
import { waiverEndsSoon } from './rules/waiver-ends-soon.ts';
import { waiverUnknownCode } from './rules/waiver-unknown-code.ts';
import { walletCurrency } from './rules/wallet-currency.ts';
import { walletCycle } from './rules/wallet-cycle.ts';
import { walletLimitZero } from './rules/wallet-limit-zero.ts';
import { walletPeriod } from './rules/wallet-period.ts';
import { walletScope } from './rules/wallet-scope.ts';
import { walletThresholds } from './rules/wallet-thresholds.ts';
import { walletZone } from './rules/wallet-zone.ts';
import { type OrgContext, viewOf } from './view.ts';

export type { PlaceOfFact } from './buckets.ts';
export { type CatalogueEntry, catalogue } from './catalogue.ts';
export type { ChangedFile, ChangedOrg, ChangeFacts } from './change.ts';
export { type LeakSearch, leakWords } from './leaks/objects.ts';
export { readingsOf, wordsOf } from './leaks/readings.ts';
export { type LeakValue, leakValues } from './leaks/values.ts';
export { type MarkedOrg, type Meetings, meetingsOf } from './marks/meetings.ts';
export type { FleetFact, Rule, SharedFacts, TextFile, TreeFacts } from './rule.ts';
export type { GeneratedFacts } from './rules/generated-stale.ts';
export type { OwnerFacts } from './rules/owners.ts';
export { type ChosenPrices, fleetSettings } from './settings.ts';
export type { FleetSettings, Names, OrgContext, PriceFact, RuleObject } from './view.ts';
export { applyWaivers, type WaiverFacts, waiverFacts } from './waivers.ts';

/** Every rule. A new rule is one file in rules/ and one line here. */
export const rules: readonly Rule[] = [
  i01RefCrossesOrg,
  i02RefNotInOrg,
  i03OwnerOfAnotherOrg,
  i03TokenCrossesOrg,
  i04WalletCrossesOrg,
  i05TargetingNotOfOrg,
  i06PersonOfAnotherOrg,
  i06ReviewerCrossesOrg,
  i07TargetOfAnotherOrg,
  i08SharedSecretRef,
  i10SecretOutsideOrg,
  i11SharedTokenDigest,
  i12LiteralSecret,
  i13UpstreamAccountShared,
  i15SharedUid,
  i17DomainShared,
  i17PublicDomain,
  i19PersonInTwoOrgs,
  i20ListenCollision,
  i21HostnameShared,
  i22EgressOfAnotherOrg,
  i22EgressTooWide,
  i23EgressPrivate,
  i24LimitByClientHeader,
  i26StoreIsPublished,
  i28DedicatedHostShared,
  i29NoCeiling,
  i30RegionOutside,
  i31ChannelShared,
  i32SinkOfAnotherOrg,
  i34SinkNested,
  i36WildcardTool,
  i38TokenLooserThanTeam,
  i38TokenWithoutWallet,
  i39WalletLooserThanParent,
  i42SharedHoldsIdentity,
  i42SharedHoldsName,
  i43IdentityOfAnotherOrg,
  i43NameOfAnotherOrg,
  i46NameCollision,
  i47CaseCollision,
  i47OddMode,
  i47OddPath,
  i48UnknownFile,
  i50ChangeSpansOrgs,
  i52OtherOrgChanged,
  i53ChecksChangedWithOrg,
  i54UnsafeWorkflow,
  i55OrgWithoutTombstone,
  i55RetiredOrgReused,
  i58RuntimeRefused,
  i58RuntimeUntested,
  i60WaiverApprover,
  i60WaiverExpired,
  i60WaiverSelfApproved,
  i60WaiverTooWide,
  i62PolicyChosenByClient,
  gatewayPolicyEnvironment,
  gatewayNameDuplicate,
  gatewayHost,
  policyDocument,
  upstreamMismatch,
  gatewayEgress,
  tokenExpiresFar,
  tokenExpired,
  tokenAddressInvalid,
  tokenConsoleAddresses,
  tokenPathUnreachable,
  gatewayLimitModel,
  modelUnpriced,
  walletCycle,
  walletCurrency,
  reviewUnstaffed,
  reviewChannel,
  reviewSecond,
  credentialsUnknownToken,
  credentialsIdDuplicate,
  credentialsExpired,
  waiverUnknownCode,
  gatewayRing,
  retiredLater,
  retiredOrgLive,
  orgUidChanged,
  templateVersionChanged,
  waiverEndsSoon,
  walletLimitZero,
  walletPeriod,
  walletScope,
  walletThresholds,
  walletZone,
  priceBookUnknown,
  freezeWindow,
];

const desiredRules = rules.filter((rule): rule is DesiredRule => rule.needs === 'desired');
const treeRules = rules.filter((rule): rule is TreeRule => rule.needs === 'tree');
const fleetRules = rules.filter((rule): rule is FleetRule => rule.needs === 'fleet');
const sharedRules = rules.filter((rule): rule is SharedRule => rule.needs === 'shared');
const textRules = rules.filter((rule): rule is TextRule => rule.needs === 'text');
const changeRules = rules.filter((rule): rule is ChangeRule => rule.needs === 'change');
const leakRules = rules.filter((rule): rule is LeakRule => rule.needs === 'leak');

/** What the rule of a code is decided from; undefined for codes that no rule here has. */
export function needsOf(code: string): Rule['needs'] | undefined {
  return rules.find((rule) => rule.code === code)?.needs;
}

/** What is wrong with the objects of one org, judged alone. Waivers are not applied yet. */
export function validateOrg(context: OrgContext): readonly Finding[] {
  const org = viewOf(context);
  const findings: Finding[] = [];
  for (const rule of desiredRules) findings.push(...rule.decide(org));
  return sorted(findings);
}

/** What one org contributes to the rules across orgs: plain JSON that depends on the org's objects alone. */
export function fleetFactsOf(context: OrgContext): readonly FleetFact[] {
  const org = viewOf(context);
  const facts: FleetFact[] = [];
  for (const rule of fleetRules) {
    const { code } = rule;
    for (const { value, object, path, pointer, detail } of rule.factsOf(org)) {
      facts.push(
        detail === undefined
          ? { code, org: context.org, value, object, path, pointer }
          : { code, org: context.org, value, object, path, pointer, detail },
      );
    }
  }
  return facts;
}

/** What tells from the facts of one org, and the words of its objects, whether it could meet another: for `meetingsOf`. */
export function marksOf(facts: readonly FleetFact[], words: Iterable<string>): string {
  return encodedMarks(marksOfOrg(fleetRules, facts, words));
}

/** What is wrong between orgs, from the facts of all of them, or of those that could meet; `placeOf` is asked only for what collides. */
export function validateFleet(facts: Iterable<FleetFact>, placeOf: PlaceOfFact = () => null): readonly Finding[] {
  const table = tabled(facts);
  return sorted(fleetRules.flatMap((rule) => collisionFindings(rule, table, placeOf)));
}

/** Which values of other orgs stand in the objects of an org that could hold them. */
export function validateLeaks(context: OrgContext, search: LeakSearch): readonly Finding[] {
  const asked = leakRules.filter(({ where }) => where === 'org');
  return sorted(leaksInOrg(asked, viewOf(context), search));
}

/** Which values of orgs stand in files that all orgs share: templates of every version, fleet.yaml, prices, approvals. */
export function validateSharedText(search: SharedSearch): readonly Finding[] {
  const asked = leakRules.filter(({ where }) => where === 'shared');
  return sorted(leaksInShared(asked, search));
}

/** What is wrong with what all orgs share. */
export function validateShared(shared: SharedFacts): readonly Finding[] {
  return sorted(sharedRules.flatMap((rule) => rule.decide(shared)));
}

/** What is wrong with the text of a file that people wrote, comments included; it may be no manifest at all. */
export function validateText(file: TextFile): readonly Finding[] {
  return sorted(textRules.flatMap((rule) => rule.decide(file)));
}

/** What is wrong with a change as such, whatever the trees before and after it hold. */
export function validateChange(change: ChangeFacts): readonly Finding[] {
  return sorted(changeRules.flatMap((rule) => rule.decide(change)));
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
