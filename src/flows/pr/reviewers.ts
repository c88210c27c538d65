import type { OrgSlug } from '../../core/model/index.ts';
import type { Forge, ForgeHandle, ReadTree } from '../../ports/index.ts';
import { openFrame, zeroCounters } from '../frame.ts';
import { ownersOf } from '../owners.ts';

export interface Concerned {
  readonly orgs: readonly OrgSlug[];
  readonly platform: boolean;
}

/**
 * Who has to look at a change: the owners of every org that it concerns, and the platform owners for everything that no
 * org owns. Owners are those of `tree`, which the change cannot have written; an org that is new there is the platform's.
 */
export async function reviewersFor(tree: ReadTree, concerned: Concerned): Promise<readonly ForgeHandle[]> {
  const frame = await openFrame({ tree, isStrict: () => false, counters: zeroCounters() });
  const platform = frame.fleet?.document.spec.owners.platform ?? [];
  const owners = await ownersOf(
    frame,
    concerned.orgs.filter((org) => frame.orgTrees.has(org)),
  );
  const isNew = concerned.orgs.some((org) => (owners.get(org) ?? null) === null);
  return [
    ...new Set([...[...owners.values()].flatMap((of) => of ?? []), ...(concerned.platform || isNew ? platform : [])]),
  ];
}

export interface Asking {
  readonly pull: number;
  readonly author: string;
  readonly wanted: readonly ForgeHandle[];
  /** Who was asked before, also when they have answered since. */
  readonly asked: readonly ForgeHandle[];
}

/** Asks whoever was not asked yet: all at once, or one by one when the forge turns all of them down. */
export async function askReviewers(
  forge: Pick<Forge, 'requestReviewers' | 'requestedReviewers'>,
  { pull, author, wanted, asked }: Asking,
): Promise<readonly string[]> {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  const known = [...asked, ...(await forge.requestedReviewers(pull)), `@${author}`];
  const open = wanted.filter((handle) => !known.some((other) => same(handle, other)));
  if (open.length === 0) return [];
  const answer = await forge.requestReviewers(pull, open);
  if (answer.ok) return [];
  if (open.length === 1) return [answer.reason];
  const refused: string[] = [];
  for (const handle of open) {
    const single = await forge.requestReviewers(pull, [handle]);
    if (!single.ok) refused.push(single.reason);
  }
  return refused;
}
