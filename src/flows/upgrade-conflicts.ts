import { emit, pathOf } from '../core/kinds/index.ts';
import type { Conflict, Json, JsonObject, Manifest, OrgSlug, RepoPath } from '../core/model/index.ts';
import { type Choice, type ConflictItem, type Sides, sameJson } from '../core/plan/index.ts';
import type { LoadedOrg } from './org.ts';

/** What a person decided about a question; null: nothing yet, or about another question. */
export type Decisions = (item: ConflictItem) => Choice | null;

/** The decisions of a conflict file, and which questions of this run they answered. */
export interface Decided {
  readonly ask: Decisions;
  /** Answered questions with their answers, in the order in which they were asked. */
  readonly answered: () => readonly ConflictItem[];
}

export const conflictPath = (org: OrgSlug, template: string): RepoPath =>
  pathOf(org, { kind: 'Conflict', environment: null, name: template });

/**
 * The resolutions of a conflict file. Each holds only for the question that was asked: the same place on the way to the
 * same version, with the same three sides. When one of them moved meanwhile, the item is asked anew.
 */
export function decisionsOf(file: Manifest | undefined, to: string): Decided {
  const spec = file?.spec as unknown as Conflict['spec'] | undefined;
  const known = spec?.to === to ? spec.items : [];
  const answered = new Map<string, ConflictItem>();
  const ask: Decisions = (item) => {
    const resolution = known.find((other) => placeKey(other) === placeKey(item) && sameSides(other, item))?.resolution;
    if (resolution === undefined) return null;
    answered.set(placeKey(item), { ...item, resolution });
    return resolution;
  };
  return { ask, answered: () => [...answered.values()] };
}

const placeKey = ({ file, path }: ConflictItem): string => `${file} ${path}`;

function sameSides(a: ConflictItem, b: ConflictItem): boolean {
  return (['base', 'ours', 'theirs'] as const).every((side) => sameJson(a[side] as Json, b[side] as Json));
}

/** The three sides as an item has them: what is not there is left out. */
export function sidesOf({ base, ours, theirs }: Sides): Pick<ConflictItem, 'base' | 'ours' | 'theirs'> {
  return {
    ...(base === undefined ? {} : { base: base as ConflictItem['base'] & Json }),
    ...(ours === undefined ? {} : { ours: ours as ConflictItem['ours'] & Json }),
    ...(theirs === undefined ? {} : { theirs: theirs as ConflictItem['theirs'] & Json }),
  } as Pick<ConflictItem, 'base' | 'ours' | 'theirs'>;
}

/**
 * The text of the conflict file: what is answered, so that no answer is lost while others are missing, and what is open.
 * An answer that could not be followed is left out: the question stands again.
 */
export function conflictText(
  { org, template }: Pick<LoadedOrg, 'org' | 'template'>,
  to: string,
  items: { readonly open: readonly ConflictItem[]; readonly answered: readonly ConflictItem[] },
): string {
  const open = new Set(items.open.map(placeKey));
  const all = [...items.answered.filter((item) => !open.has(placeKey(item))), ...items.open];
  return emit({
    apiVersion: 'tenantry/v1',
    kind: 'Conflict',
    metadata: { org, name: to.split('@')[0] ?? '' },
    spec: { from: template, to, items: all } as unknown as JsonObject,
  });
}
