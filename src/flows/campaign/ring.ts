import { type UpgradeMarker, upgradeMarkdown, upgradeMarkerOf, upgradeTitle } from '../../core/report/index.ts';
import type { ForgePull } from '../../ports/index.ts';
import { lookThrough, standBranch, tellPull } from '../pulls/index.ts';
import { upgradeMessage } from '../upgrade.ts';
import type { OrgUpgrade } from '../upgrade-org.ts';
import type { InRing } from '../upgrade-plan.ts';
import { type Campaign, ours, type RingReport, type UpgradePull } from './parts.ts';

const ringText = (ring: string | null): string => (ring === null ? 'the orgs without gateways' : `ring ${ring}`);

/** Takes one ring as far as it may go. `before`: the ring that must be merged first. */
export async function runRing(campaign: Campaign, ring: string | null, before: RingReport | null): Promise<RingReport> {
  const { parts, ask, plan, base } = campaign;
  const members = plan.members.filter((member) => member.ring === ring);
  const behind = members.filter(({ item }) => isOlder(item.template, plan.pin));
  const branch = branchOf({ template: ask.template, version: ask.to, ring });
  const nothing: RingReport = { ring, branch, did: 'done', why: null, pull: null, commit: null, orgs: [], left: [] };
  if (behind.length === 0) return nothing;
  const found = await lookAt(campaign, { ring, branch, members, behind });
  if (found.did !== null) return { ...nothing, ...found };
  if (ask.ring !== null && ask.ring !== ring)
    return { ...nothing, did: 'waits', why: 'another ring was asked for', pull: found.pull };
  if (before !== null) {
    const number = before.pull === null ? '' : ` (#${before.pull})`;
    return { ...nothing, did: 'waits', why: `${ringText(before.ring)} is not merged${number}`, pull: found.pull };
  }
  const { current } = found;
  if (current === null && campaign.open.length >= ask.mostOpen)
    return { ...nothing, did: 'waits', why: `${campaign.open.length} upgrades are open, the limit is ${ask.mostOpen}` };
  const orgs: OrgUpgrade[] = [];
  for (const member of behind) orgs.push(await plan.upgrade(member));
  const moving = orgs.filter(({ result }) => result === 'clean' || result === 'overlays kept');
  const standing = { ...nothing, orgs, pull: found.pull };
  if (moving.length === 0) return { ...standing, did: 'held', why: nobodyMoves(orgs) };
  const files = new Map(moving.flatMap((item) => [...item.files]));
  const message = upgradeMessage(plan.pin, { ring, orgs: moving });
  const branchAt = await standBranch(parts, { base, branch, files, message });
  if (branchAt.commit === null) return { ...standing, did: branchAt.did, why: branchAt.why };
  const text = { marker: { template: ask.template, version: ask.to, ring }, orgs, closed: found.closed };
  const told = { branch, base: ask.base, title: upgradeTitle(text), body: upgradeMarkdown(text) };
  const done = await tellPull(parts, { current, told, isPushed: branchAt.isPushed, isOurs: isFor(campaign, ring) });
  return { ...standing, commit: branchAt.commit, ...done };
}

/**
 * Pull requests of ours for the template that move nobody any more: the orgs of their ring are there already, or in other rings by
 * now, where another one may move them. Each counts towards the limit until a person closes it.
 */
export function leftOver({ ask, plan, open }: Campaign): readonly RingReport[] {
  // The ring of an org that cannot be rendered is not known.
  if (plan.members.some(({ item }) => item.desired === null)) return [];
  return open.flatMap(({ pull, marker }) => {
    const { template, version, ring } = marker;
    const isMoving = ({ item, ring: own }: InRing): boolean =>
      own === ring && isOlder(item.template, `${template}@${version}`);
    if (template !== ask.template || plan.members.some(isMoving)) return [];
    const why = `#${pull.number} moves nobody of ${ringText(ring)} to ${version} any more: close it`;
    const nothing = { commit: null, orgs: [], left: [] };
    return [{ ...nothing, ring, branch: branchOf(marker), did: 'held' as const, why, pull: pull.number }];
  });
}

/** The branch of a ring: the same in every run. */
function branchOf({ template, version, ring }: UpgradeMarker): string {
  return `tenantry/upgrade/${template}-${version}/${ring ?? '_'}`;
}

type Found =
  | (Pick<RingReport, 'did' | 'why' | 'pull' | 'left'> & { readonly did: 'done' | 'held' })
  | {
      readonly did: null;
      readonly current: ForgePull | null;
      readonly pull: number | null;
      /** The pull request that a person closed, and that another is opened for. */
      readonly closed: number | null;
    };

interface Looking {
  readonly ring: string | null;
  readonly branch: string;
  readonly members: readonly InRing[];
  readonly behind: readonly InRing[];
}

/** What the forge says about a ring: merged, closed by a person, in somebody else's hands, or ours to go on with. */
async function lookAt(campaign: Campaign, { ring, branch, members, behind }: Looking): Promise<Found> {
  const { parts, ask, plan } = campaign;
  const pulls = await parts.forge.pullsFrom(branch, 'all');
  const { newest, current, foreign, closed } = lookThrough(pulls, isFor(campaign, ring));
  const held = (why: string, pull: number): Found => ({ did: 'held', why, pull, left: [] });
  if (newest?.isMerged === true) {
    const left = behind.map(({ item }) => item.org);
    if (left.length < members.length) return { did: 'done', why: null, pull: newest.number, left };
    return held(`#${newest.number} was merged, but no org is at ${plan.pin} on ${ask.base}: taken back`, newest.number);
  }
  if (foreign !== null)
    return held(`#${foreign.number} of ${foreign.author} is open from ${branch}: close it`, foreign.number);
  const other = campaign.open.find(({ marker }) => isRival(marker, { ...ask, version: ask.to, ring }));
  if (other !== undefined) {
    const { version } = other.marker;
    return held(`#${other.pull.number} moves the same orgs to ${version}: merge or close it`, other.pull.number);
  }
  if (newest !== null && current === null && !ask.reopen)
    return held(`#${newest.number} was closed without being merged: --reopen opens another`, newest.number);
  return { did: null, current, pull: current?.number ?? null, closed };
}

function isFor({ parts, ask }: Campaign, ring: string | null): (pull: ForgePull) => boolean {
  const marker = upgradeMarkerOf({ template: ask.template, version: ask.to, ring });
  const fits = (item: UpgradePull): boolean => upgradeMarkerOf(item.marker) === marker;
  return (pull) => ours([pull], parts.self).some(fits);
}

/** The same orgs on the way to another version. */
function isRival(one: UpgradeMarker, other: UpgradeMarker): boolean {
  return one.template === other.template && one.ring === other.ring && one.version !== other.version;
}

function isOlder(template: string, pin: string): boolean {
  const [one, other] = [template, pin].map((text) => (text.split('@')[1] ?? '').split('.').map(Number));
  const differing = (one ?? []).findIndex((part, index) => part !== other?.[index]);
  return differing >= 0 && (one?.[differing] ?? 0) < (other?.[differing] ?? 0);
}

function nobodyMoves(orgs: readonly OrgUpgrade[]): string {
  const count = (result: OrgUpgrade['result']): number => orgs.filter((item) => item.result === result).length;
  return `no org can move: ${count('conflict')} in conflict, ${count('refused')} refused`;
}
