import { emit, pathOf } from '../core/kinds/index.ts';
import type { Conflict, Json, JsonObject, Manifest, OrgSlug, RepoPath } from '../core/model/index.ts';
import { type Choice, type ConflictItem, type Sides, sameJson } from '../core/plan/index.ts';
import type { LoadedOrg } from './org.ts';

/** What a person decided in the conflict file of an org; null: nothing yet, or of another question. */
export type Decisions = (item: ConflictItem) => Choice | null;

export const conflictPath = (org: OrgSlug, template: string): RepoPath =>
  pathOf(org, { kind: 'Conflict', environment: null, name: template });

/**
 * The resolutions of a conflict file. Each holds only for the question that was asked: the same place and cause on the
 * way to the same version, with the same three sides. When one of them moved meanwhile, the item is asked anew.
 */
export function decisionsOf(file: Manifest | undefined, to: string): Decisions {
  const spec = file?.spec as unknown as Conflict['spec'] | undefined;
  if (spec === undefined || spec.to !== to) return () => null;
  return (item) => {
    const known = spec.items.find(({ file, path }) => file === item.file && path === item.path);
    const same =
      known?.cause === item.cause &&
      (['base', 'ours', 'theirs'] as const).every((side) => sameJson(known[side] as Json, item[side] as Json));
    return same ? (known.resolution ?? null) : null;
  };
}

/** The three sides as an item has them: what is not there is left out. */
export function sidesOf({ base, ours, theirs }: Sides): Pick<ConflictItem, 'base' | 'ours' | 'theirs'> {
  return {
    ...(base === undefined ? {} : { base: base as ConflictItem['base'] & Json }),
    ...(ours === undefined ? {} : { ours: ours as ConflictItem['ours'] & Json }),
    ...(theirs === undefined ? {} : { theirs: theirs as ConflictItem['theirs'] & Json }),
  } as Pick<ConflictItem, 'base' | 'ours' | 'theirs'>;
}

/** The text of the conflict file; resolutions that a person wrote for the same questions stay in it. */
export function conflictText(
  { org, template }: Pick<LoadedOrg, 'org' | 'template'>,
  to: string,
  open: { readonly items: readonly ConflictItem[]; readonly decided: Decisions },
): string {
  const items = open.items.map((item) => {
    const resolution = open.decided(item);
    return resolution === null ? item : { ...item, resolution };
  });
  return emit({
    apiVersion: 'tenantry/v1',
    kind: 'Conflict',
    metadata: { org, name: to.split('@')[0] ?? '' },
    spec: { from: template, to, items } as unknown as JsonObject,
  });
}
