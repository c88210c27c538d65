import { type Finding, type Json, type JsonObject, pointerStep } from '../../model/index.ts';
import type { PlaceOfFact } from '../buckets.ts';
import type { LeakRule } from '../rule.ts';
import type { Names, OrgView, RuleObject } from '../view.ts';
import { foreignSpans } from './match.ts';
import { readingsOf, wordsOf } from './readings.ts';
import type { LeakValue } from './values.ts';

/** Calls `visit` for each key of a map and each text in a document, with its pointer. */
export function eachText(value: Json, pointer: string, visit: (text: string, pointer: string) => void): void {
  if (typeof value === 'string') visit(value, pointer);
  else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) eachText(value[index], `${pointer}/${index}`, visit);
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      const below = `${pointer}/${pointerStep(key)}`;
      visit(key, below);
      eachText((value as JsonObject)[key] ?? null, below, visit);
    }
  }
}

/** Texts that bring no word beyond the common ones: most of an org is what its template says, so each is read once. */
const plain = new WeakMap<Names, Set<string>>();
const MOST_PLAIN = 5_000;
/** Digests and times identify nobody. */
const NO_WORDS = /^(?:[0-9a-f]{64}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z)$/;

/** Every word of an org's objects in every reading, without those that its template brings to every org. */
export function leakWords(objects: readonly RuleObject[], common: Names): ReadonlySet<string> {
  const known = plain.get(common) ?? new Set();
  plain.set(common, known);
  const texts = new Set<string>();
  for (const { document } of objects) collect(document, texts);
  const words = new Set<string>();
  for (const text of texts) {
    if (known.has(text) || NO_WORDS.test(text)) continue;
    let own = 0;
    for (const reading of readingsOf(text)) {
      for (const word of wordsOf(reading)) {
        if (common.has(word)) continue;
        own += 1;
        words.add(word);
      }
    }
    if (own === 0 && known.size < MOST_PLAIN) known.add(text);
  }
  return words;
}

/** The texts of a document, without the cost of pointers. */
function collect(value: Json, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value);
  else if (Array.isArray(value)) for (const item of value) collect(item, texts);
  else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      texts.add(key);
      collect((value as JsonObject)[key] ?? null, texts);
    }
  }
}

export interface LeakSearch {
  /** Values of other orgs that the org could hold. */
  readonly suspects: readonly LeakValue[];
  /** The org's own values: what is part of one of them is no other org's. */
  readonly own: readonly LeakValue[];
  readonly placeOf: PlaceOfFact;
}

/** One finding for each value of another org in each object of this one, where it stands first. */
export function leaksInOrg(rules: readonly LeakRule[], org: OrgView, search: LeakSearch): readonly Finding[] {
  return org.objects.flatMap((object) => {
    const told = new Map<LeakValue, string>();
    eachText(object.document, '', (text, pointer) => {
      const readings = readingsOf(text);
      for (const value of search.suspects) {
        if (told.has(value)) continue;
        if (readings.some((reading) => foreignSpans(reading, value, search.own).length > 0)) told.set(value, pointer);
      }
    });
    return withoutPartNames([...told], ([value]) => value).flatMap(([value, pointer]) => {
      const rule = rules.find(({ classes }) => classes.has(value.class));
      if (rule === undefined) return [];
      const owner = search.placeOf(value.fact);
      return [
        org.report(
          rule.code,
          { object, pointer },
          {
            message: `${object.id.kind} ${object.id.name} holds ${LEAK_WORDS[value.class]} of org ${value.org}`,
            expected: `nothing that identifies another org than ${org.org}`,
            found: `${LEAK_WORDS[value.class]} of ${value.fact.object}`,
            ...(owner === null ? {} : { related: [owner] }),
          },
        ),
      ];
    });
  });
}

/** Without names of orgs that something worse was found of: an account often holds the name of its org. */
export function withoutPartNames<Hit>(hits: readonly Hit[], hitBy: (hit: Hit) => LeakValue): readonly Hit[] {
  const worse = new Set(hits.map(hitBy).flatMap((value) => (value.class === 'name' ? [] : [value.org])));
  return worse.size === 0 ? hits : hits.filter((hit) => hitBy(hit).class !== 'name' || !worse.has(hitBy(hit).org));
}

/** The value itself is not repeated: a report may be read by someone who must not know it. */
export const LEAK_WORDS: { readonly [kind in LeakValue['class']]: string } = {
  uid: 'the uid',
  domain: 'a domain',
  account: 'an account at a model provider',
  address: 'the address of a person or group',
  secret: 'a path of the secret store',
  name: 'a name',
};
