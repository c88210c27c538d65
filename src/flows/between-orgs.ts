import { byCodeUnit, type Finding, type OrgSlug, ofKind, type Place, startOf } from '../core/model/index.ts';
import {
  type FleetFact,
  type LeakValue,
  leakValues,
  meetingsOf,
  type PlaceOfFact,
  type SharedFacts,
  validateFleet,
  validateLeaks,
  validateShared,
  validateSharedText,
} from '../core/validate/index.ts';
import type { CheckedOrg } from './checked-org.ts';
import { type Frame, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import { inputSource } from './source.ts';
import type { Texts } from './texts.ts';

/** The facts of a checked org; undefined where they are damaged. */
export type FactsOf = (org: OrgSlug) => readonly FleetFact[] | undefined;

/** A whole fleet, judged org by org. */
export interface JudgedFleet {
  readonly frame: Frame;
  readonly nowMs: number;
  /** In the order of their names. */
  readonly checked: ReadonlyMap<OrgSlug, CheckedOrg>;
  readonly factsOf: FactsOf;
  /** Those of the orgs that were read for it. */
  readonly loaded: readonly LoadedOrg[];
  readonly texts: Texts;
}

/** For so many orgs the lines of what collides are traced; the rest is found at the start of its file. */
const MOST_TRACED = 200;
const NOBODY = { has: () => false };

/**
 * What is wrong between orgs, and with what they share. Marks of all orgs say which of them could meet another; only of these
 * the facts are looked at, and an org is read again only when something is found in it. undefined: what is known of an org is
 * damaged.
 */
export async function betweenOrgs(fleet: JudgedFleet): Promise<readonly Finding[] | undefined> {
  await fleet.texts.readRest(fleet.frame.reading.tree);
  const meeting = meetingOrgs(fleet);
  if (meeting === undefined) return undefined;
  const { facts, values, suspects } = meeting;
  const asked = new Set<OrgSlug>([...suspects.inOrgs.values()].flat().map(({ org }) => org));
  const note: PlaceOfFact = ({ org }) => {
    asked.add(org);
    return null;
  };
  const collide = (placeOf: PlaceOfFact): readonly Finding[] => [
    ...validateFleet(facts, placeOf),
    ...validateSharedText({ files: fleet.texts.shared(), suspects: suspects.inFiles, placeOf }),
  ];
  const first = collide(note);
  const shared = sharedFindings(fleet);
  if (asked.size === 0) return [...first, ...shared];
  const orgs = await readAgain(fleet, [...suspects.inOrgs.keys(), ...[...asked].slice(0, MOST_TRACED)]);
  const sources = new Map([...orgs].flatMap(([org, { input }]) => sourceOf(org, input)));
  const placeOf: PlaceOfFact = (fact) => sources.get(fact.org)?.(fact) ?? null;
  const leaks = [...suspects.inOrgs].flatMap(([org, held]) => leaksOf(fleet, orgs.get(org), { held, values, sources }));
  return [...(first.length === 0 ? [] : collide(placeOf)), ...leaks, ...shared];
}

type Sources = ReadonlyMap<OrgSlug, (at: Pick<FleetFact, 'object' | 'pointer'>) => Place | null>;

function sourceOf(org: OrgSlug, input: LoadedOrg['input']) {
  if (input === null) return [];
  const source = inputSource(input);
  return [[org, ({ object, pointer }: Pick<FleetFact, 'object' | 'pointer'>) => source(object, pointer)] as const];
}

/** The facts of the orgs that could meet others, their values, and who could hold them; undefined where some are damaged. */
function meetingOrgs({ checked, factsOf, texts }: JudgedFleet) {
  const marked = [...checked].map(([org, { marks, template }]) => {
    return { org, marks, common: texts.wordsOf(template.split('#')[0] ?? '') };
  });
  const meetings = meetingsOf(marked, texts.shared());
  if (meetings === undefined) return undefined;
  const facts: FleetFact[] = [];
  for (const org of checked.keys()) {
    if (!meetings.orgs.has(org)) continue;
    const own = factsOf(org);
    if (own === undefined) return undefined;
    facts.push(...own);
  }
  const values = leakValues(facts);
  return { facts, values, suspects: meetings.suspects(values) };
}

/** The given orgs as they were read, reading those whose answer came from the cache. */
async function readAgain(
  { frame, loaded }: JudgedFleet,
  orgs: readonly OrgSlug[],
): Promise<ReadonlyMap<OrgSlug, LoadedOrg>> {
  const wanted = new Set(orgs);
  const known = loaded.filter(({ org }) => wanted.has(org));
  for (const { org } of known) wanted.delete(org);
  // Not counted: how many are read again depends on which were read in this thread, and counts must not.
  const again: Frame = { ...frame, reading: { ...frame.reading, counters: zeroCounters() } };
  return new Map([...known, ...(await loadOrgs(again, [...wanted]))].map((item) => [item.org, item]));
}

function leaksOf(
  { nowMs }: JudgedFleet,
  item: LoadedOrg | undefined,
  search: { readonly held: readonly LeakValue[]; readonly values: readonly LeakValue[]; readonly sources: Sources },
): readonly Finding[] {
  if (item === undefined || item.desired === null) return [];
  const { org, objects, uid } = { ...item.desired };
  const source = search.sources.get(org);
  const context = {
    ...{ org, uid, objects, nowMs, otherOrgs: { slugs: NOBODY, uids: NOBODY } },
    // The search for values looks at no time zone.
    zoneOffset: () => undefined,
    sourceOf: (object: FleetFact['object'], pointer: string) => source?.({ object, pointer }) ?? null,
  };
  return validateLeaks(context, {
    suspects: search.held,
    own: search.values.filter((value) => value.org === org),
    placeOf: (fact) => search.sources.get(fact.org)?.(fact) ?? startOf(fact.path),
  });
}

function sharedFindings({ frame, checked, texts }: JudgedFleet): readonly Finding[] {
  const orgs = [...checked].map(([org, { uid }]) => ({ org, uid }));
  return [...sharedRuleFindings(frame, orgs), ...texts.sharedFindings()];
}

/** What is wrong with fleet.yaml, beside its shape; of orgs that are not named nothing is said. */
export function sharedRuleFindings(frame: Frame, orgs: SharedFacts['orgs']): readonly Finding[] {
  const manifest = frame.shared.find(({ id }) => id.kind === 'Fleet');
  if (manifest === undefined || frame.fleet === null) return [];
  const placeOf = (pointer: string): Place => manifest.placeOf(pointer);
  return validateShared({ fleet: frame.fleet.document, placeOf, orgs, priceBooks: priceBooksOf(frame) });
}

/** The names of the price books, those too that cannot be read: what is wrong with one is said of its file. */
function priceBooksOf({ shared, unread }: Frame): readonly string[] {
  const read = ofKind(shared, 'PriceBook').map(({ document }) => document.metadata.name);
  const others = unread.flatMap((path) => /^prices\/(.*)\.yaml$/.exec(path)?.[1] ?? []);
  return [...read, ...others].sort(byCodeUnit);
}
