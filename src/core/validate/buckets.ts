import {
  byCodeUnit,
  type Finding,
  type FindingCode,
  finding,
  type OrgSlug,
  type Place,
  startOf,
} from '../model/index.ts';
import type { FleetFact, FleetRule } from './rule.ts';

const SHOWN_OTHERS = 5;

/** Where a fact stands; null: at the start of its file. */
export type PlaceOfFact = (fact: FleetFact) => Place | null;

/** A bucket collides when facts of more than one org are in it. */
export function acrossOrgs(bucket: readonly FleetFact[]): readonly (readonly FleetFact[])[] {
  return bucket.some(({ org }) => org !== bucket[0]?.org) ? [bucket] : [];
}

/** A bucket collides as soon as two facts are in it. */
export function whole(bucket: readonly FleetFact[]): readonly (readonly FleetFact[])[] {
  return bucket.length > 1 ? [bucket] : [];
}

/** The facts grouped by key, in the order in which keys first occur. */
export function inGroups(
  facts: Iterable<FleetFact>,
  keyOf: (fact: FleetFact) => string,
): readonly (readonly FleetFact[])[] {
  const groups = new Map<string, FleetFact[]>();
  for (const fact of facts) {
    const key = keyOf(fact);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fact]);
    else group.push(fact);
  }
  return [...groups.values()];
}

/** The facts of all rules by code, then by value: most values are had by one fact alone, which needs no list. */
export type FactTable = ReadonlyMap<FindingCode, ReadonlyMap<string, FleetFact | readonly FleetFact[]>>;

export function tabled(facts: Iterable<FleetFact>): FactTable {
  const table = new Map<FindingCode, Map<string, FleetFact | FleetFact[]>>();
  for (const fact of facts) {
    let byValue = table.get(fact.code);
    if (byValue === undefined) {
      byValue = new Map();
      table.set(fact.code, byValue);
    }
    const known = byValue.get(fact.value);
    if (known === undefined) byValue.set(fact.value, fact);
    else if (Array.isArray(known)) known.push(fact);
    else byValue.set(fact.value, [known as FleetFact, fact]);
  }
  return table;
}

/** The buckets with a fact of the rule's own and another one: a fact alone never collides. */
function bucketsOf({ code, joins }: FleetRule, table: FactTable): readonly (readonly FleetFact[])[] {
  const joined = joins === undefined ? undefined : table.get(joins);
  const buckets: (readonly FleetFact[])[] = [];
  for (const [value, own] of table.get(code) ?? []) {
    const others = joined?.get(value);
    if (others !== undefined) buckets.push([own, others].flat());
    else if (Array.isArray(own)) buckets.push(own);
  }
  return buckets;
}

/** One finding for each own fact of each collision of a rule; others are named up to a few, of other orgs first. */
export function collisionFindings(rule: FleetRule, table: FactTable, placeOf: PlaceOfFact): readonly Finding[] {
  const groups = bucketsOf(rule, table).flatMap(rule.collisions);
  return groups.flatMap((group) => {
    const near = spread(group);
    const own = rule.joins === undefined ? group : group.filter(({ code }) => code === rule.code);
    return own.map((fact) => {
      const others = near
        .filter((other) => other !== fact)
        .sort((a, b) => Number(a.org === fact.org) - Number(b.org === fact.org));
      const told = others.slice(0, SHOWN_OTHERS);
      return finding(rule.code, {
        ...rule.say(fact, othersText(fact, told, group.length - 1 - told.length)),
        org: fact.org,
        object: fact.object,
        place: placeOf(fact) ?? startOf(fact.path),
        related: told.map((other) => placeOf(other) ?? startOf(other.path)),
      });
    });
  });
}

/** A few facts of a group that stand for all of it: enough that each member finds others, of several orgs if there are. */
function spread(group: readonly FleetFact[]): readonly FleetFact[] {
  const firstOfOrg = new Map<OrgSlug, FleetFact>();
  for (const fact of group) {
    if (firstOfOrg.size > SHOWN_OTHERS) break;
    if (!firstOfOrg.has(fact.org)) firstOfOrg.set(fact.org, fact);
  }
  const chosen = new Set([...firstOfOrg.values(), ...group.slice(0, SHOWN_OTHERS + 1)]);
  return [...chosen].sort((a, b) => byCodeUnit(a.org, b.org) || byCodeUnit(a.object, b.object));
}

function othersText(fact: FleetFact, told: readonly FleetFact[], more: number): string {
  const names = told.map((other) => (other.org === fact.org ? other.object : `${other.object} of org ${other.org}`));
  const [only, ...rest] = names;
  if (only === undefined) return 'another';
  return rest.length === 0 && more <= 0 ? only : `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
