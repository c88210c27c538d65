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
  readonly facts: PackedFacts;
  readonly waivers: readonly WaiverFacts[];
  /** The words of its objects in which values of other orgs could be. */
  readonly words: string;
  /** Rules look at dates, so an answer is only good for a while. */
  readonly untilMs: number;
}

/**
 * Facts with each text once: the cache of a large fleet is read whole, and most of a fact is its place. A row is
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
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, places.size);
    return places.size - 1;
  };
  const rows: number[] = [];
  for (const { code, value, object, path, pointer, detail } of facts) {
    rows.push(placeOf(code), placeOf(value), placeOf(object), placeOf(path), placeOf(pointer));
    rows.push(detail === undefined ? -1 : placeOf(detail));
  }
  return { texts: [...places.keys()], rows };
}

export function unpacked(org: OrgSlug, packs: PackedFacts): readonly FleetFact[] {
  return unpackedRange(org, packs, { from: 0, to: packs.rows.length / COLUMNS });
}

/** The facts that were packed from one place to another, of the org that is said to have them. */
function unpackedRange(
  org: OrgSlug,
  { texts, rows }: PackedFacts,
  { from, to }: { readonly from: number; readonly to: number },
): readonly FleetFact[] {
  const facts: FleetFact[] = [];
  const text = (at: number): string => texts[rows[at] ?? -1] ?? '';
  for (let at = from * COLUMNS; at < to * COLUMNS; at += COLUMNS) {
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

/** The facts of many orgs as a thread sends them: what orgs and their objects are called alike goes over once. */
export interface PackedShare extends PackedFacts {
  /** Each org with how many facts are its own, in their order. */
  readonly orgs: readonly (readonly [OrgSlug, number])[];
}

export function packedShare(facts: readonly FleetFact[]): PackedShare {
  const orgs: [OrgSlug, number][] = [];
  for (const { org } of facts) {
    const last = orgs.at(-1);
    if (last?.[0] === org) last[1] += 1;
    else orgs.push([org, 1]);
  }
  return { ...packed(facts), orgs };
}

export function unpackedShare(share: PackedShare): readonly FleetFact[] {
  let from = 0;
  return share.orgs.flatMap(([org, count]) => {
    const range = { from, to: from + count };
    from = range.to;
    return unpackedRange(org, share, range);
  });
}
