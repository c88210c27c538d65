import type { Finding, FindingCode, ObjectKey, OrgSlug, RepoPath } from '../model/index.ts';
import type { OrgView } from './view.ts';

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
}

export type Rule = DesiredRule | TreeRule | FleetRule;

/** What a fleet rule takes down of one org. Values that must not be shown are compared only, never said. */
export interface RuleFact {
  /** Facts of equal value are in one bucket. */
  readonly value: string;
  readonly object: ObjectKey;
  readonly path: RepoPath;
  /** Pointer into the object's document. */
  readonly pointer: string;
  readonly detail?: string;
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
