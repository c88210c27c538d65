import { type CodeEntry, codes, type FindingCode } from './codes/index.ts';
import type { OrgSlug } from './ids.ts';
import type { Place } from './place.ts';

export type Severity = CodeEntry['severity'];

/** One thing a person must look at: what, where, what was expected, what was found, what to do. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly org: OrgSlug | null;
  /** `Kind/name` or `Kind/environment/name`, when one object is meant. */
  readonly object: string | null;
  readonly place: Place;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  /** In the imperative. */
  readonly fix: string;
  /** Places it collides with, most telling first. */
  readonly related?: readonly Place[];
  /** The waiver that accepts it, as `waivers/<file>` of the org, with its expiry. */
  readonly waived?: { readonly by: string; readonly expires: string };
}

/** What a rule says of one finding; severity comes from the code table and the fix defaults to the table's. */
export interface FindingFacts {
  readonly place: Place;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly org?: OrgSlug | null;
  readonly object?: string | null;
  readonly fix?: string;
  readonly related?: readonly Place[];
}

/** Builds a finding of `code`; severity and default fix come from the code table. */
export function finding(code: FindingCode, facts: FindingFacts): Finding {
  const entry: CodeEntry = codes[code];
  return {
    code,
    severity: entry.severity,
    org: facts.org ?? null,
    object: facts.object ?? null,
    place: facts.place,
    message: facts.message,
    expected: facts.expected,
    found: facts.found,
    fix: facts.fix ?? entry.fix,
    ...(facts.related === undefined ? {} : { related: facts.related }),
  };
}

/** A stage's answer: its value, or the findings that explain why there is none. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };
