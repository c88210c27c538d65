import {
  type Finding,
  type FindingCode,
  type ObjectKey,
  type OrgSlug,
  type OrgUid,
  parseJson,
  type RepoPath,
} from '../core/model/index.ts';
import type { FleetFact, PriceFact, WaiverFacts } from '../core/validate/index.ts';

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
  /** What rules were told of prices, by model: with other words of the price book it is another answer. */
  readonly prices: readonly (readonly [model: string, price: PriceFact])[];
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
 * Facts of one org as one text: made where the org is judged, sent and kept as it is, and taken apart for few orgs. It is
 * JSON of two lists. `texts` has each text once, because most of a fact is its place. `rows` has six numbers for each fact:
 * code, value, object, path, pointer, detail (-1: none), each the place of a text.
 */
export type PackedFacts = string & { readonly packed: 'facts' };

interface Rows {
  readonly texts: readonly string[];
  readonly rows: readonly number[];
}

const COLUMNS = 6;

export function packed(facts: readonly FleetFact[]): PackedFacts {
  const places = new Map<string, number>();
  const texts: string[] = [];
  const placeOf = (text: string): number => {
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, texts.length);
    return texts.push(text) - 1;
  };
  const rows: number[] = [];
  // Facts of one rule stand together, mostly those of one object too.
  let before: FleetFact | undefined;
  for (const fact of facts) {
    const from = rows.length - COLUMNS;
    const { code, value, object, path, pointer, detail } = fact;
    rows.push(
      before?.code === code ? (rows[from] ?? 0) : placeOf(code),
      before?.value === value ? (rows[from + 1] ?? 0) : placeOf(value),
      before?.object === object ? (rows[from + 2] ?? 0) : placeOf(object),
      before?.path === path ? (rows[from + 3] ?? 0) : placeOf(path),
      before?.pointer === pointer ? (rows[from + 4] ?? 0) : placeOf(pointer),
      detail === undefined ? -1 : placeOf(detail),
    );
    before = fact;
  }
  const whole: Rows = { texts, rows };
  return JSON.stringify(whole) as PackedFacts;
}

/** The facts as facts of `org`; undefined where the text is damaged. */
export function unpacked(org: OrgSlug, text: PackedFacts): readonly FleetFact[] | undefined {
  const whole = parsed(text);
  if (whole === undefined) return undefined;
  const { texts, rows } = whole;
  const facts: FleetFact[] = [];
  const textAt = (at: number): string => texts[rows[at] ?? -1] ?? '';
  for (let at = 0; at < rows.length; at += COLUMNS) {
    // They were taken from such a fact.
    const code = textAt(at) as FindingCode;
    const value = textAt(at + 1);
    const object = textAt(at + 2) as ObjectKey;
    const path = textAt(at + 3) as RepoPath;
    const pointer = textAt(at + 4);
    facts.push(
      rows[at + 5] === -1
        ? { org, code, value, object, path, pointer }
        : { org, code, value, object, path, pointer, detail: textAt(at + 5) },
    );
  }
  return facts;
}

function parsed(text: string): Rows | undefined {
  try {
    const whole = parseJson(text) as Partial<Rows> | null;
    return Array.isArray(whole?.texts) && Array.isArray(whole.rows)
      ? { texts: whole.texts, rows: whole.rows }
      : undefined;
  } catch {
    return undefined;
  }
}
