import type { OrgSlug, OrgUid, Place, RepoPath } from '../model/index.ts';

/** What a change does to one file. */
export interface ChangedFile {
  readonly path: RepoPath;
  readonly how: 'added' | 'changed' | 'removed';
}

/** One org that a change touches, or that comes out differently because of it. */
export interface ChangedOrg {
  readonly org: OrgSlug;
  readonly uidBefore: OrgUid | null;
  readonly uidAfter: OrgUid | null;
  /** Of the uid at head; of org.yaml where the org is gone. */
  readonly uidPlace: Place;
  /** Files that people and commands write which differ; generated ones follow from them or are a finding (rulings 10). */
  readonly written: readonly RepoPath[];
  /** True when nothing but the template pin differs: the org is moved by a campaign, which is a hazard (rulings 10). */
  readonly isOnlyPinned: boolean;
  /** True when its rendered objects differ. */
  readonly isOtherContent: boolean;
  /** Whether tokens or gateways were there before. */
  readonly wasLive: boolean;
}

/** What differs between two trees, with nothing but git asked. */
export interface ChangeFacts {
  readonly files: readonly ChangedFile[];
  readonly orgs: readonly ChangedOrg[];
  /** `name@version` of every template version that was there before. */
  readonly templatesBefore: { has(pin: string): boolean };
  /** Uids that fleet.yaml lists as retired at head. */
  readonly retired: { has(uid: string): boolean };
}
