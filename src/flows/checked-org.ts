import type { Finding, OrgUid } from '../core/model/index.ts';
import type { FleetFact, WaiverFacts } from '../core/validate/index.ts';

/** What a check of one org gave and until when that stands; kept per org so that an unchanged one costs a look-up. */
export interface CheckedOrg {
  readonly template: string;
  readonly uid: OrgUid | null;
  /** Of org.yaml; null where it cannot be read. */
  readonly owners: readonly string[] | null;
  /** Before waivers: rules across orgs may find more that a waiver accepts. */
  readonly findings: readonly Finding[];
  readonly facts: readonly FleetFact[];
  readonly waivers: readonly WaiverFacts[];
  /** The words of its objects in which values of other orgs could be. */
  readonly words: string;
  /** Rules look at dates, so an answer is only good for a while. */
  readonly untilMs: number;
}
