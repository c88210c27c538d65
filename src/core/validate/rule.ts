import type { Finding, FindingCode, Fleet, OrgSlug, OrgUid, Place, RepoPath } from '../model/index.ts';
import type { ChangeFacts } from './change.ts';
import type { OrgView, RuleFact } from './view.ts';

export type { RuleFact } from './view.ts';

/** Decided from the rendered objects of one org. */
export interface DesiredRule {
  readonly code: FindingCode;
  readonly needs: 'desired';
  readonly decide: (org: OrgView) => readonly Finding[];
}

/** Decided from what git lists, without reading a file. */
export interface TreeRule {
  readonly code: FindingCode;
  readonly needs: 'tree';
  readonly decide: (tree: TreeFacts) => readonly Finding[];
}

/**
 * Decided across orgs: each org contributes a few facts, facts of equal value meet in a bucket, and the rule says which
 * of a bucket collide. Linear in the number of facts.
 */
export interface FleetRule {
  readonly code: FindingCode;
  readonly needs: 'fleet';
  readonly factsOf: (org: OrgView) => readonly RuleFact[];
  readonly collisions: (bucket: readonly FleetFact[]) => readonly (readonly FleetFact[])[];
  readonly say: (fact: FleetFact, others: string) => Pick<Finding, 'message' | 'expected' | 'found'>;
  /** Facts of this rule are in the buckets too: what others collide with, never at fault themselves. */
  readonly joins?: FindingCode;
  /** Without such a fact nothing in a bucket collides, so that others need not be looked at; absent: any fact is one. */
  readonly decisive?: (fact: FleetFact) => boolean;
}

/** Decided from what all orgs share. */
export interface SharedRule {
  readonly code: FindingCode;
  readonly needs: 'shared';
  readonly decide: (shared: SharedFacts) => readonly Finding[];
}

/** Decided from the text of one file that people wrote, comments included. */
export interface TextRule {
  readonly code: FindingCode;
  readonly needs: 'text';
  readonly decide: (file: TextFile) => readonly Finding[];
}

/** What kind of value identifies an org. */
export type LeakClass = 'uid' | 'domain' | 'account' | 'address' | 'secret' | 'name';

/** Decided by the one search for values that identify an org: what it means to find some of them somewhere. */
export interface LeakRule {
  readonly code: FindingCode;
  readonly needs: 'leak';
  /** org: in the rendered objects of another org. shared: in a file that all orgs share. */
  readonly where: 'org' | 'shared';
  readonly classes: ReadonlySet<LeakClass>;
}

/** Decided from what a change does to a tree. */
export interface ChangeRule {
  readonly code: FindingCode;
  readonly needs: 'change';
  readonly decide: (change: ChangeFacts) => readonly Finding[];
}

export type Rule = DesiredRule | TreeRule | FleetRule | SharedRule | TextRule | LeakRule | ChangeRule;

/** fleet.yaml, and who the orgs are. */
export interface SharedFacts {
  readonly fleet: Fleet;
  /** Pointer into fleet.yaml. */
  readonly placeOf: (pointer: string) => Place;
  readonly orgs: readonly { readonly org: OrgSlug; readonly uid: OrgUid | null }[];
  /** The price books that stand, those too that cannot be read; in order. */
  readonly priceBooks: readonly string[];
}

export interface TextFile {
  readonly path: RepoPath;
  readonly text: string;
}

/** A rule's fact with its rule and org: plain JSON, so that a cache can keep it by the org's content digest. */
export interface FleetFact extends RuleFact {
  readonly code: FindingCode;
  readonly org: OrgSlug;
}

/** The listed files of any number of orgs, as git states them; modes as six digits. */
export interface TreeFacts {
  readonly entries: readonly { readonly path: RepoPath; readonly mode: string }[];
  /** Paths that are no repository paths, shown escaped. */
  readonly odd: readonly { readonly shown: string; readonly mode: string }[];
}
