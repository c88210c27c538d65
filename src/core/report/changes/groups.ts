import { byCodeUnit, type FieldChange, type OrgSlug, objectKey } from '../../model/index.ts';
import { changeJson, type ReportedChange, type ReportedDiff } from './change-report.ts';
import { sampled } from './samples.ts';
import { isAbout, weightOf } from './topics.ts';
import { commonStart, withoutName } from './varying.ts';

/** One field of a grouped change; `example` is that of the group's first org. */
export interface GroupedField {
  readonly path: string;
  readonly words: string;
  readonly example: FieldChange;
  /** How many different values the orgs of the group have, but for their own names; 1 when it is the same for all. */
  readonly values: number;
  /** True when the values are the same letter by letter, own names too. */
  readonly isSame: boolean;
  /** Of a field that varies, what it is in some orgs: of amounts in those that stand out. */
  readonly samples: readonly { readonly org: OrgSlug; readonly words: string }[];
}

/** One change as it is for every org of its group; `<org>` stands for each org's own name. */
export interface GroupedChange {
  readonly key: string;
  /** The former key of what is renamed. */
  readonly from: string | null;
  readonly example: ReportedChange;
  readonly fields: readonly GroupedField[];
}

/** Changes that are the same for each of `orgs`, but for the fields that vary. */
export interface ChangeGroup {
  readonly orgs: readonly OrgSlug[];
  readonly changes: readonly GroupedChange[];
}

interface Sighting {
  readonly org: OrgSlug;
  readonly change: ReportedChange;
}

interface Alike {
  readonly sightings: readonly Sighting[];
  /** `exact`: the same text; `named`: the same but for the org's own name; `shape`: the same fields, other values. */
  readonly how: 'exact' | 'named' | 'shape';
}

/** From this many variants of one shape on, those without a majority are one group whose values vary. */
const MOST_VARIANTS = 4;

/**
 * Every change once, with the orgs that it is the same for: by its text, or by its text without the org's own name, and,
 * when a shape has many variants, by the fields that change. What sets an org apart is a group of its own beside the
 * one it shares. Largest group first; within one, deletions, money and access first.
 */
export function groupsOf(diffs: readonly ReportedDiff[]): readonly ChangeGroup[] {
  const sorted = [...diffs].sort((a, b) => byCodeUnit(a.org, b.org));
  const sightings = sorted.flatMap(({ org, changes }) => changes.map((change) => ({ org, change })));
  const byOrgs = new Map<string, { readonly orgs: readonly OrgSlug[]; readonly changes: GroupedChange[] }>();
  for (const alike of folded(alikes(sightings))) {
    const orgs = [...new Set(alike.sightings.map(({ org }) => org))];
    const change = groupedChange(alike);
    const group = byOrgs.get(orgs.join(' '));
    if (group === undefined) byOrgs.set(orgs.join(' '), { orgs, changes: [change] });
    else group.changes.push(change);
  }
  for (const { changes } of byOrgs.values()) changes.sort((a, b) => weight(a) - weight(b));
  return [...byOrgs.values()].sort(
    (a, b) => b.orgs.length - a.orgs.length || byCodeUnit(a.orgs[0] ?? '', b.orgs[0] ?? ''),
  );
}

function weight({ example }: GroupedChange): number {
  if (example.kind === 'delete') return 0;
  if (example.fields.some((field) => weightOf(example, field) === 'amount')) return 1;
  return example.fields.some((field) => isAbout('access', example, field)) ? 2 : 3;
}

/** Each sighting is with those of its text, or of its text without the org's own name, whichever are more. */
function alikes(sightings: readonly Sighting[]): readonly Alike[] {
  const keyed = sightings.map(({ org, change }) => {
    const exact = signature(change);
    return { org, change, exact, named: withoutName(exact, org) };
  });
  const [exact, named] = [countsBy(keyed.map((item) => item.exact)), countsBy(keyed.map((item) => item.named))];
  const isNamed = (item: (typeof keyed)[number]): boolean =>
    (named.get(item.named) ?? 0) > (exact.get(item.exact) ?? 0);
  const chosen = classes(keyed, (item) => (isNamed(item) ? `named ${item.named}` : `exact ${item.exact}`));
  return [...chosen].map((items): Alike => {
    const [first] = items;
    return { sightings: items, how: first !== undefined && isNamed(first) ? 'named' : 'exact' };
  });
}

function countsBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function signature(change: ReportedChange): string {
  return JSON.stringify(changeJson(change, false));
}

/** Variants of one shape as one, where there are many; the variant that most orgs have stays by itself. */
function folded(all: readonly Alike[]): readonly Alike[] {
  return [...classes(all, shapeOf)].flatMap((variants) => {
    if (variants.length <= MOST_VARIANTS) return variants;
    const count = variants.reduce((sum, { sightings }) => sum + sightings.length, 0);
    const main = variants.filter(({ sightings }) => sightings.length * 2 > count);
    const rest = variants.filter((variant) => !main.includes(variant)).flatMap(({ sightings }) => sightings);
    rest.sort((a, b) => byCodeUnit(a.org, b.org));
    return [...main, { sightings: rest, how: 'shape' as const }];
  });
}

function shapeOf({ sightings }: Alike): string {
  const [first] = sightings;
  if (first === undefined) return '';
  const { org, change } = first;
  const fields = change.fields.map(({ path, before, after }) => [path, before === undefined, after === undefined]);
  const from = change.from === undefined ? null : objectKey(change.from);
  return withoutName(JSON.stringify([change.kind, change.key, from, fields]), org);
}

function classes<T>(items: readonly T[], keyOf: (item: T) => string): Iterable<readonly T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = found.get(key);
    if (known === undefined) found.set(key, [item]);
    else known.push(item);
  }
  return found.values();
}

function groupedChange({ sightings, how }: Alike): GroupedChange {
  const [first] = sightings;
  if (first === undefined) throw new RangeError('expected a change that was seen');
  const { org, change } = first;
  const tell = (text: string): string => (how === 'exact' ? text : withoutName(text, org));
  return {
    key: tell(change.key),
    from: change.from === undefined ? null : tell(objectKey(change.from)),
    example: change,
    fields: change.fields.map((example, index): GroupedField => {
      const own = valuesOf(example);
      const isSame = how === 'exact' || own === withoutName(own, org);
      const same = { path: tell(example.path), words: tell(example.words), example, values: 1, isSame, samples: [] };
      return how === 'shape' ? { ...same, ...variation(sightings, index) } : same;
    }),
  };
}

/** Words may cut a long value; this is all that a report may show of it. */
function valuesOf({ words, before, after }: FieldChange): string {
  return JSON.stringify([words, before ?? null, after ?? null]);
}

/** What differs in one field of changes of one shape; nothing when it is the same but for each org's name. */
function variation(sightings: readonly Sighting[], index: number): Partial<GroupedField> {
  const seen = sightings.flatMap(({ org, change }) => {
    const field = change.fields[index];
    return field === undefined ? [] : [{ org, field }];
  });
  const values = new Set(seen.map(({ org, field }) => withoutName(valuesOf(field), org)));
  if (values.size === 1) return {};
  const start = commonStart(seen.map(({ field }) => field.words));
  const words = `${start === '' ? 'value' : start} varies (${values.size} different)`;
  const samples = sampled(seen).map(({ org, field }) => ({ org, words: field.words.slice(start.length).trim() }));
  return { words, values: values.size, isSame: false, samples };
}
