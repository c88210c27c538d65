import type { Finding, FindingCode, ObjectKey, OrgSlug, OrgUid, RepoPath } from '../core/model/index.ts';
import type { FleetFact, WaiverFacts } from '../core/validate/index.ts';

/** What a check of one org gave and until when that stands; kept per org so that an unchanged one costs a look-up. */
export interface CheckedOrg {
  readonly template: string;
  readonly uid: OrgUid | null;
  /** Of org.yaml; null where it cannot be read. */
  readonly owners: readonly string[] | null;
  /** Before waivers: rules across orgs may find more that a waiver accepts. */
  readonly findings: readonly Finding[];
  readonly waivers: readonly WaiverFacts[];
  /** What tells whether it could meet another org (`marksOf`). */
  readonly marks: string;
  /** Rules look at dates, so an answer is only good for a while. */
  readonly untilMs: number;
}

/** As a later check knows it. */
export interface KeptOrg extends CheckedOrg {
  /** True when both YAML readers had to agree on every file. */
  readonly isStrict: boolean;
}

/** With the facts that decide where it does meet another: most of the answer, and looked at for few orgs. */
export interface JudgedOrg extends CheckedOrg {
  readonly facts: PackedFacts;
  /** False where it also depends on which other orgs there are: such an answer is not kept. */
  readonly standsAlone: boolean;
}

/**
 * Facts of one org with each text once, because most of a fact is its place. A row is
 * six numbers: code, value, object, path, pointer, detail (-1: none), each the place of a text.
 */
export interface PackedFacts {
  readonly texts: readonly string[];
  readonly rows: readonly number[];
}

const COLUMNS = 6;

export function packed(facts: readonly FleetFact[]): PackedFacts {
  const places = new Map<string, number>();
  const placeOf = (text: string): number => {
    const known = places.get(text) ?? places.size;
    places.set(text, known);
    return known;
  };
  const rows = facts.flatMap(({ code, value, object, path, pointer, detail }) => [
    ...[code, value, object, path, pointer].map(placeOf),
    detail === undefined ? -1 : placeOf(detail),
  ]);
  return { texts: [...places.keys()], rows };
}

export function unpacked(org: OrgSlug, { texts, rows }: PackedFacts): readonly FleetFact[] {
  const facts: FleetFact[] = [];
  const text = (at: number): string => texts[rows[at] ?? -1] ?? '';
  for (let at = 0; at < rows.length; at += COLUMNS) {
    facts.push({
      org,
      // They were taken from such a fact.
      code: text(at) as FindingCode,
      value: text(at + 1),
      object: text(at + 2) as ObjectKey,
      path: text(at + 3) as RepoPath,
      pointer: text(at + 4),
      ...(rows[at + 5] === -1 ? {} : { detail: text(at + 5) }),
    });
  }
  return facts;
}
