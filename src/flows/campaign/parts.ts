import type { CommitId, Hash, OrgSlug } from '../../core/model/index.ts';
import { readUpgradeMarker, type UpgradeMarker } from '../../core/report/index.ts';
import type { ForgePull } from '../../ports/index.ts';
import type { RenderersOf } from '../frame.ts';
import type { PullDone, PullParts } from '../pulls/index.ts';
import type { OrgUpgrade } from '../upgrade-org.ts';
import type { UpgradePlan } from '../upgrade-plan.ts';

export interface CampaignParts extends PullParts {
  readonly hash: Hash;
  readonly renderers?: RenderersOf;
}

export interface CampaignAsk {
  /** The name, without a version. */
  readonly template: string;
  readonly to: string;
  /** Only this ring; null: whichever is due. */
  readonly ring: string | null;
  /** The branch that pull requests go to. */
  readonly base: string;
  /** No pull request is opened while so many of upgrades are open, of whatever template. */
  readonly mostOpen: number;
  /** Open another one where a person closed the last. */
  readonly reopen: boolean;
}

/** What a run did for one ring. */
export interface RingReport extends PullDone {
  /** null: orgs without gateways. */
  readonly ring: string | null;
  readonly branch: string;
  readonly commit: CommitId | null;
  /** How the orgs that are behind come out; empty where that was not looked at. */
  readonly orgs: readonly OrgUpgrade[];
  /** Orgs of a merged ring that are not at the version. */
  readonly left: readonly OrgSlug[];
}

/** What one run knows before it looks at a ring. */
export interface Campaign {
  readonly parts: CampaignParts;
  readonly ask: CampaignAsk;
  readonly plan: UpgradePlan;
  readonly base: CommitId;
  /** Open pull requests of upgrades that are ours, of every template. */
  readonly open: readonly UpgradePull[];
}

export interface UpgradePull {
  readonly pull: ForgePull;
  readonly marker: UpgradeMarker;
}

/** Pull requests that we opened for an upgrade, by who wrote them and what their text says about itself, oldest first. */
export function ours(pulls: readonly ForgePull[], self: string): readonly UpgradePull[] {
  return pulls
    .filter(({ author }) => author === self)
    .flatMap((pull) => {
      const marker = readUpgradeMarker(pull.body);
      return marker === undefined ? [] : [{ pull, marker }];
    })
    .sort((a, b) => a.pull.number - b.pull.number);
}
