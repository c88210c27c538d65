import { type Finding, finding, type Place, type RepoPath } from '../../model/index.ts';
import type { PlaceOfFact } from '../buckets.ts';
import type { LeakRule, TextFile } from '../rule.ts';
import { spansOf } from './match.ts';
import { LEAK_WORDS, withoutPartNames } from './objects.ts';
import { readingsOf } from './readings.ts';
import type { LeakValue } from './values.ts';

/** Rings, retired orgs and approvals name orgs by their slug: that is what they are for. */
const NAMES_ORGS = /^(?:fleet\.yaml$|approvals\/)/;

export interface SharedSearch {
  readonly files: readonly TextFile[];
  /** The values that each file could hold. */
  readonly suspects: ReadonlyMap<RepoPath, readonly LeakValue[]>;
  readonly placeOf: PlaceOfFact;
}

/** One finding for each value of an org in each file that all orgs share, where it stands first. */
export function leaksInShared(rules: readonly LeakRule[], search: SharedSearch): readonly Finding[] {
  return search.files.flatMap((file) => {
    const suspects = search.suspects.get(file.path) ?? [];
    const candidates = suspects.filter((value) => value.class !== 'name' || !NAMES_ORGS.test(file.path));
    if (candidates.length === 0) return [];
    const lines = file.text.split('\n');
    const hits = candidates.flatMap((value) => {
      const place = placeIn(file, lines, value);
      return place === null ? [] : [{ value, place }];
    });
    return withoutPartNames(hits, ({ value }) => value).flatMap((hit) => {
      const rule = rules.find(({ classes }) => classes.has(hit.value.class));
      return rule === undefined ? [] : [said(rule, hit, search.placeOf)];
    });
  });
}

function placeIn({ path }: TextFile, lines: readonly string[], value: LeakValue): Place | null {
  for (const [index, line] of lines.entries()) {
    const [span] = readingsOf(line).flatMap((reading) => spansOf(reading, value));
    if (span !== undefined) return { file: path, line: index + 1, column: Math.min(span.start, line.length) + 1 };
  }
  return null;
}

/** The finding is the org's, so that its waiver can accept that a customer is called like a common word. */
function said(
  rule: LeakRule,
  { value, place }: { readonly value: LeakValue; readonly place: Place },
  placeOf: PlaceOfFact,
): Finding {
  const owner = placeOf(value.fact);
  return finding(rule.code, {
    place,
    org: value.org,
    object: value.fact.object,
    message: `${place.file} holds ${LEAK_WORDS[value.class]} of org ${value.org}`,
    expected: 'nothing that identifies an org in a file that all orgs share',
    found: `${LEAK_WORDS[value.class]} of ${value.fact.object}`,
    ...(owner === null ? {} : { related: [owner] }),
  });
}
