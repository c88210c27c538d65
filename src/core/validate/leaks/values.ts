import type { FindingCode, OrgSlug } from '../../model/index.ts';
import type { FleetFact, LeakClass } from '../rule.ts';
import { folded, wordsOf } from './readings.ts';

/** Values whose appearance in a wrong place is critical; a name may be a common word (architecture section 8). */
export const IDENTITY: ReadonlySet<LeakClass> = new Set(['uid', 'domain', 'account', 'address', 'secret']);
export const NAME: ReadonlySet<LeakClass> = new Set(['name']);

/** One value that stands for one org and no other. */
export interface LeakValue {
  readonly org: OrgSlug;
  readonly class: LeakClass;
  /** Folded. */
  readonly text: string;
  /** Where the org says it of itself. */
  readonly fact: FleetFact;
}

const SHORTEST = 4;

/** Rules across orgs take down what identifies an org already; this says which of their facts are such values. */
const SOURCES: { readonly [code in FindingCode]?: (fact: FleetFact) => readonly (readonly [LeakClass, string])[] } = {
  ISO_I15_SHARED_UID: ({ value }) => [['uid', value]],
  ISO_I17_DOMAIN_SHARED: ({ detail = '' }) => [['domain', detail]],
  ISO_I21_HOSTNAME_SHARED: ({ detail = '' }) => [['domain', detail]],
  ISO_I13_UPSTREAM_ACCOUNT_SHARED: ({ detail = '' }) => [['account', detail]],
  ISO_I19_PERSON_IN_TWO_ORGS: ({ value }) => [['address', value]],
  ISO_I08_SHARED_SECRET_REF: ({ value }) => (value.startsWith('store ') ? [['secret', value.slice(6)]] : []),
  ISO_I46_NAME_COLLISION: ({ detail = '' }) => [['name', detail]],
};

/** Every value that identifies exactly one org, each once. What two orgs have in common is the finding of another rule. */
export function leakValues(facts: Iterable<FleetFact>): readonly LeakValue[] {
  const values = new Map<string, LeakValue | null>();
  for (const fact of facts) {
    for (const [kind, said] of SOURCES[fact.code]?.(fact) ?? []) {
      const text = folded(said);
      if (wordsOf(text).join('').length < SHORTEST) continue;
      const known = values.get(text);
      if (known === undefined) values.set(text, { org: fact.org, class: kind, text, fact });
      else if (known !== null && known.org !== fact.org) values.set(text, null);
    }
  }
  return [...values.values()].filter((value) => value !== null);
}
