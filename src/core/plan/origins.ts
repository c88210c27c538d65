import type { Change, FieldChange, Hash, ObjectSide, OrgDiff, OrgSlug } from '../model/index.ts';
import { diffOrg } from './diff-org.ts';

/** What was applied last, beside what a plan compares: the rows that are there, and what the commit asks for. */
export interface ThreeSides {
  readonly org: OrgSlug;
  readonly applied: readonly ObjectSide[];
  readonly observed: readonly ObjectSide[];
  readonly desired: readonly ObjectSide[] | null;
}

/**
 * The changes of a plan with where each comes from, where rows were edited behind the reconciler's back: `drift` is taken
 * back, in a `conflict` the commit changes the same. All others are the commit's own, and say nothing.
 */
export function withOrigins<Diff extends OrgDiff>(diff: Diff, sides: ThreeSides, hash: Hash): Diff {
  const { org, applied, observed, desired } = sides;
  const drift = touchedBy(diffOrg({ org, base: applied, head: observed, limits: null }, hash));
  const own = touchedBy(diffOrg({ org, base: applied, head: desired, limits: null }, hash));
  const originOf = (change: Change, { path }: FieldChange): FieldChange['origin'] => {
    if (!drift.has(change, path)) return undefined;
    return own.has(change, path) ? 'conflict' : 'drift';
  };
  return { ...diff, changes: diff.changes.map((change) => ({ ...change, fields: fieldsWith(change, originOf) })) };
}

function fieldsWith(
  change: Change,
  originOf: (change: Change, field: FieldChange) => FieldChange['origin'],
): readonly FieldChange[] {
  return change.fields.map((field) => {
    const origin = originOf(change, field);
    return origin === undefined ? field : { ...field, origin, words: `${field.words} ${WORDS[origin]}` };
  });
}

const WORDS = { drift: '(drift: takes back an edit of the rows)', conflict: '(conflict: the rows were edited too)' };

/** What a diff touches: fields of objects that are on both sides, and whole objects. */
function touchedBy(diff: OrgDiff): { readonly has: (change: Change, path: string) => boolean } {
  const fields = new Set<string>();
  const objects = new Map<string, Change['kind']>();
  for (const { key, kind, fields: changed } of diff.changes) {
    objects.set(key, kind);
    for (const { path } of changed) fields.add(`${key} ${path}`);
  }
  return {
    has: ({ key, kind }, path) => {
      const found = objects.get(key);
      if (found === undefined) return false;
      // An object that comes or goes, here or there, is one thing.
      return kind !== 'update' || found !== 'update' || fields.has(`${key} ${path}`);
    },
  };
}
