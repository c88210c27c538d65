import { FLEET_ORG, objectKey } from '../../model/index.ts';
import { counted, few, markdownCode, markdownText } from '../text.ts';
import { type ChangeGroup, type ChangeReport, groupsOf, type ReportedChange } from './change-report.ts';
import { answerText, countsOf, hazardsIn, highlights, type OrgHazard } from './facts.ts';

const VERBS: { readonly [kind in ReportedChange['kind']]: string } = {
  create: 'created',
  update: 'updated',
  rename: 'renamed',
  delete: 'deleted',
};

const SHOWN_ORGS = 12;
const SHOWN_HIGHLIGHTS = 4;

/** Leaves room for a forge's own limit of 65 536 characters and for what stands around the text. */
const LONGEST_CHARS = 60_000;

/**
 * For a pull request: the answer, money, access and hazards in the first ten lines; then every deletion; then the
 * changes grouped. What would be too long is left out with a count, but never a hazard and never a deletion.
 */
export function markdownChanges(report: ChangeReport, longestChars = LONGEST_CHARS): string {
  const groups = groupsOf(report.orgs);
  const hazards = hazardsIn(report);
  const must = [...topLines(report, groups, hazards), ...hazardLines(report, hazards), ...deletionLines(groups)];
  const foot = ['', digestLine(report)];
  const used = [...must, ...foot].join('\n').length;
  return `${[...must, ...groupBlocks(groups, longestChars - used), ...foot].join('\n').trimEnd()}\n`;
}

function topLines(
  report: ChangeReport,
  groups: readonly ChangeGroup[],
  hazards: readonly OrgHazard[],
): readonly string[] {
  const counts = countsOf(report);
  const open = hazards.filter(({ approval }) => approval === undefined);
  const told = (topic: 'money' | 'access') => {
    const lines = highlights(groups, topic).map(markdownCode);
    return lines.length === 0 ? 'no change' : few(lines, SHOWN_HIGHLIGHTS);
  };
  return [
    `### Tenantry: ${answerText(report)}`,
    '',
    '| created | updated | renamed | deleted | open hazards |',
    '|---|---|---|---|---|',
    `| ${counts.create} | ${counts.update} | ${counts.rename} | ${counts.delete} | ${open.length} |`,
    '',
    `**Money**: ${told('money')}  `,
    `**Access**: ${told('access')}  `,
    `**Hazards**: ${
      open.length === 0
        ? 'none open'
        : few(
            open.map(({ hazard }) => markdownCode(hazard.id)),
            SHOWN_HIGHLIGHTS,
          )
    }`,
    '',
  ];
}

function hazardLines(report: ChangeReport, hazards: readonly OrgHazard[]): readonly string[] {
  if (hazards.length === 0) return [];
  const lines = hazards.map(({ org, hazard, approval }) => {
    const state = approval === undefined ? '**open**' : `accepted by ${markdownCode(approval.slice(0, 12))}`;
    const where = org === FLEET_ORG ? 'fleet' : org;
    return `- ${state} ${markdownCode(hazard.id)} (${markdownText(where)}): ${markdownText(hazard.message)}`;
  });
  const open = hazards.some(({ approval }) => approval === undefined);
  const how = open
    ? [
        `Accept with ${markdownCode(`tenantry approve ${report.changeDigest}`)}, by a platform owner who did not write the change.`,
        '',
      ]
    : [];
  return ['#### Hazards', '', ...lines, '', ...how];
}

/** Deletions are never folded and never left out. */
function deletionLines(groups: readonly ChangeGroup[]): readonly string[] {
  const lines = groups.flatMap(({ orgs, changes }) =>
    changes
      .filter(({ kind }) => kind === 'delete')
      .map(({ key }) => `- ${markdownCode(key)} in ${orgs.map(markdownText).join(', ')}`),
  );
  return lines.length === 0 ? [] : ['#### Deleted', '', ...lines, ''];
}

/** The groups as long as there is room; then how many changes are left. */
function groupBlocks(groups: readonly ChangeGroup[], room: number): readonly string[] {
  const blocks: string[] = [];
  let left = room;
  let dropped = 0;
  for (const group of groups) {
    const block = groupBlock(group);
    if (dropped > 0 || block.length > left - 200) dropped += group.changes.length;
    else {
      blocks.push(block);
      left -= block.length + 1;
    }
  }
  if (dropped > 0) blocks.push(`…and ${counted(dropped, 'more change')}: run \`tenantry diff\` for all of them.`);
  return blocks;
}

function groupBlock({ orgs, changes }: ChangeGroup): string {
  const title = `${counted(orgs.length, 'org')}: ${few(orgs.map(markdownText), SHOWN_ORGS)} (${counted(changes.length, 'change')})`;
  const lines = changes.flatMap((change) => changeLines(change, orgs.length === 1));
  const open = orgs.length === 1 && changes.length <= 20;
  return [`<details${open ? ' open' : ''}><summary>${title}</summary>`, '', ...lines, '', '</details>', ''].join('\n');
}

function changeLines(change: ReportedChange, withSources: boolean): readonly string[] {
  const from = change.from === undefined ? '' : ` (was ${markdownCode(objectKey(change.from))})`;
  return [
    `- ${VERBS[change.kind]} ${markdownCode(change.key)}${from}`,
    ...change.fields.map(({ words, source }) => {
      const at = withSources && source !== null ? ` (${markdownCode(`${source.file}:${source.line}`)})` : '';
      return `  - ${markdownCode(words)}${at}`;
    }),
  ];
}

function digestLine({ changeDigest, planDigest, base, head }: ChangeReport): string {
  const plan = planDigest === undefined ? '' : ` · plan ${markdownCode(planDigest)}`;
  return `<sub>change ${markdownCode(changeDigest)}${plan} · ${markdownText(base)} → ${markdownText(head)}</sub>`;
}
