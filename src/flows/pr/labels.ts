import type { ChangeReport } from '../../core/report/index.ts';
import type { Forge } from '../../ports/index.ts';

/** Labels that begin with this are ours: what does not hold any more is taken away. */
const OURS = 'tenantry/';

export interface LabelFacts {
  readonly changes: ChangeReport | null;
  readonly orgs: number;
  readonly platform: boolean;
}

/** What a list of pull requests should show at a glance: hazards, deletions, and how many customers are concerned. */
export function labelsOf({ changes, orgs, platform }: LabelFacts): readonly string[] {
  const hazards = [...(changes?.hazards ?? []), ...(changes?.orgs ?? []).flatMap((diff) => diff.hazards)];
  const deletes = changes?.orgs.some((diff) => diff.changes.some(({ kind }) => kind === 'delete')) ?? false;
  return [
    `${OURS}${radiusOf(orgs)}`,
    ...(hazards.length > 0 ? [`${OURS}hazard`] : []),
    ...(deletes ? [`${OURS}deletes`] : []),
    ...(platform ? [`${OURS}platform`] : []),
  ];
}

/** The blast radius in five steps, so that labels stay few. */
function radiusOf(orgs: number): string {
  if (orgs === 0) return 'no-org';
  if (orgs === 1) return 'one-org';
  if (orgs <= 10) return '2-10-orgs';
  return orgs <= 100 ? '11-100-orgs' : 'over-100-orgs';
}

/** Makes our labels of a pull request these; others are left alone. What the forge turned down is said. */
export async function syncLabels(
  forge: Pick<Forge, 'labels' | 'addLabels' | 'removeLabel'>,
  pull: number,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const found = await forge.labels(pull);
  const missing = wanted.filter((label) => !found.includes(label));
  const refused = missing.length === 0 ? [] : await addEach(forge, pull, missing);
  for (const label of found) {
    if (label.startsWith(OURS) && !wanted.includes(label)) await forge.removeLabel(pull, label);
  }
  return refused;
}

/** All at once, or one by one where the forge turns all of them down: of labels that are not there one may be. */
async function addEach(
  forge: Pick<Forge, 'addLabels'>,
  pull: number,
  labels: readonly string[],
): Promise<readonly string[]> {
  const answer = await forge.addLabels(pull, labels);
  if (answer.ok) return [];
  if (labels.length === 1) return [`${answer.reason}; a label that the repository has already can be added`];
  const refused: string[] = [];
  for (const label of labels) refused.push(...(await addEach(forge, pull, [label])));
  return refused;
}
