import { FLEET_ORG, type OrgSlug } from '../../model/index.ts';
import { counted, few, markdownCode, markdownText } from '../text.ts';
import { type AcceptedHazard, approvalFile, type ChangeReport, type ReportedChange } from './change-report.ts';
import {
  acceptCommand,
  answerText,
  fieldText,
  hazardsIn,
  heldText,
  highlights,
  type OrgHazard,
  outliersIn,
} from './facts.ts';
import { type ChangeGroup, type GroupedChange, groupsOf } from './groups.ts';
import { changingOrgs, isProved, orgsText, reachText, untouchedText } from './reach.ts';
import { sourceText } from './source.ts';
import { TOPICS, type Topic } from './topics.ts';

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
/** Of that, the most that hazards and deletions may take by name; beyond it they are counted, never left out. */
const LISTED_CHARS = 20_000;

/** The text for a pull request in its two parts, between which other things may be told. */
export interface ChangeParts {
  /** Eight lines at most: the answer, the reach, hazards, money, access, policy, what else changes, what is proved of all other orgs. */
  readonly head: string;
  /** Every hazard and deletion; then the changes grouped. */
  readonly rest: string;
}

/** What would be too long is counted, with the command that prints it. `also` are lines of the head, below its title. */
export function changeParts(
  report: ChangeReport,
  longestChars = LONGEST_CHARS,
  also: readonly string[] = [],
): ChangeParts {
  const groups = groupsOf(report.orgs);
  const hazards = hazardsIn(report);
  const head = headLines(report, { groups, hazards, also }).join('\n');
  const must = [...hazardLines(report, hazards), ...deletionLines(groups)];
  const foot = ['', digestLine(report)];
  const used = [head, ...must, ...foot].join('\n').length;
  const blocks = groupBlocks(groups, report, longestChars - used);
  return { head: `${head}\n`, rest: `${[...must, ...blocks, ...foot].join('\n').trimEnd()}\n` };
}

/** For a pull request: the answer first, then all that it rests on. */
export function markdownChanges(report: ChangeReport, longestChars = LONGEST_CHARS): string {
  const { head, rest } = changeParts(report, longestChars);
  return `${head}\n${rest}`;
}

interface Heading {
  readonly groups: readonly ChangeGroup[];
  readonly hazards: readonly OrgHazard[];
  readonly also: readonly string[];
}

function headLines(report: ChangeReport, { groups, hazards, also }: Heading): readonly string[] {
  const lines = [
    ...also,
    ...(report.reach === undefined ? [] : [`**Reach**: ${reachText(report.reach, report, differing(report, groups))}`]),
    `**Hazards**: ${hazardsText(hazards)}`,
    ...topicLines(report, groups),
    ...othersLine(report),
  ];
  // Two spaces end a line in Markdown; nothing ends the last one.
  return [`### Tenantry: ${answerText(report)}`, lines.join('  \n')];
}

function hazardsText(hazards: readonly OrgHazard[]): string {
  const open = hazards.filter(({ approval }) => approval === undefined);
  const ids = [...new Set(open.map(({ hazard }) => hazard.code))].map((code) => {
    const same = open.filter(({ hazard }) => hazard.code === code);
    return same.length === 1 ? markdownCode(same[0]?.hazard.id ?? code) : `${markdownCode(code)} × ${same.length}`;
  });
  const told = open.length === 0 ? 'none open' : `${open.length} open: ${few(ids, SHOWN_HIGHLIGHTS)}`;
  const approved = hazards.flatMap(({ approval }) => approval ?? []);
  const [first] = approved;
  if (first === undefined) return told;
  const more = new Set(approved.map(({ approval }) => approval)).size - 1;
  return `${told}; ${approved.length} ${stateText(first)}${more > 0 ? ` and ${counted(more, 'more approval')}` : ''}`;
}

const TITLES: { readonly [topic in Topic]: string } = {
  money: 'Money',
  access: 'Access',
  policy: 'Policy',
  other: 'Other changes',
};

/** A line for each topic that changes; those that do not share one, which says so only where everything is known. */
function topicLines(report: ChangeReport, groups: readonly ChangeGroup[]): readonly string[] {
  const told = TOPICS.map((topic) => ({ topic, lines: highlights(groups, topic).map(markdownCode) }));
  const same = told.filter(({ topic, lines }) => lines.length === 0 && topic !== 'other');
  const held = heldText(report);
  const answer = held === '' ? 'no change' : `**not known**: ${held}`;
  return [
    ...told
      .filter(({ lines }) => lines.length > 0)
      .map(({ topic, lines }) => `**${TITLES[topic]}**: ${few(lines, SHOWN_HIGHLIGHTS)}`),
    ...(same.length === 0 ? [] : [`**${same.map(({ topic }) => TITLES[topic]).join(', ')}**: ${answer}`]),
  ];
}

function differing(report: ChangeReport, groups: readonly ChangeGroup[]): string {
  const outliers = outliersIn(groups, changingOrgs(report));
  return outliers.length === 0 ? '' : `; ${outliers.length} differ: ${few(outliers, SHOWN_HIGHLIGHTS)}`;
}

function othersLine({ untouched }: ChangeReport): readonly string[] {
  if (untouched === undefined) return [];
  const text = markdownText(untouchedText(untouched));
  return [`**Other orgs**: ${isProved(untouched) ? text : `**${text}**`}`];
}

function hazardLines(report: ChangeReport, hazards: readonly OrgHazard[]): readonly string[] {
  if (hazards.length === 0) return [];
  const each = hazards.map(({ org, hazard, approval }) => {
    const where = org === FLEET_ORG ? 'fleet' : org;
    return `- ${stateText(approval)} ${markdownCode(hazard.id)} (${markdownText(where)}): ${markdownText(hazard.message)}`;
  });
  const lines = each.join('\n').length <= LISTED_CHARS ? each : hazardsByCode(hazards);
  const open = hazards.some(({ approval }) => approval === undefined);
  const how = open
    ? [`Accept with ${markdownCode(acceptCommand(report))}, by a platform owner who did not write the change.`, '']
    : [];
  return ['#### Hazards', '', ...lines, '', ...how];
}

function hazardsByCode(hazards: readonly OrgHazard[]): readonly string[] {
  const byCode = new Map<string, OrgHazard[]>();
  for (const item of hazards) {
    const key = `${stateText(item.approval)} ${markdownCode(item.hazard.code)}`;
    const known = byCode.get(key);
    if (known === undefined) byCode.set(key, [item]);
    else known.push(item);
  }
  const shown = LISTED_CHARS / byCode.size;
  return [...byCode].map(
    ([title, items]) =>
      `- ${title} × ${items.length}: ${listed(
        items.map(({ org }) => org),
        shown,
      )}`,
  );
}

function stateText(approval: AcceptedHazard | undefined): string {
  if (approval === undefined) return '**open**';
  return `approved by ${markdownCode(approval.approver)} (${markdownCode(approvalFile(approval))})`;
}

/** As many names as fit, then how many more; each name once. */
function listed(names: readonly string[], longest: number): string {
  const distinct = [...new Set(names)];
  let chars = 0;
  const fits = distinct.findIndex((name) => {
    chars += name.length + 2;
    return chars > longest;
  });
  return few(distinct.map(markdownText), fits < 0 ? distinct.length : fits);
}

/** Every deletion by its object; orgs by name as long as there is room, then counted. */
function deletionLines(groups: readonly ChangeGroup[]): readonly string[] {
  const gone = groups.flatMap(({ orgs, changes }) =>
    changes.filter(({ example }) => example.kind === 'delete').map(({ key }) => ({ key, orgs })),
  );
  if (gone.length === 0) return [];
  const room = Math.max(100, LISTED_CHARS / gone.length);
  const lines = gone.map(({ key, orgs }) => {
    const count = orgs.length > 1 ? `${counted(orgs.length, 'org')}: ` : '';
    return `- ${markdownCode(key)} in ${count}${listed(orgs, room)}`;
  });
  const most = lines.slice(0, LISTED_CHARS / 100);
  const rest = lines.length - most.length;
  return ['#### Deleted', '', ...most, ...(rest === 0 ? [] : [`- …and ${counted(rest, 'more deletion')}`]), ''];
}

/** The groups as long as there is room; then how many changes are left, and where they all are. */
function groupBlocks(groups: readonly ChangeGroup[], report: ChangeReport, room: number): readonly string[] {
  const changing = changingOrgs(report);
  const blocks: string[] = [];
  let left = room;
  let dropped = 0;
  for (const group of groups) {
    const block = dropped > 0 ? '' : groupBlock(group, changing);
    if (dropped > 0 || block.length > left - 200) dropped += group.orgs.length * group.changes.length;
    else {
      blocks.push(block);
      left -= block.length + 1;
    }
  }
  if (dropped > 0) {
    const command = markdownCode(report.whole ?? 'tenantry diff --format json');
    blocks.push(`…and ${counted(dropped, 'more change')}: run ${command} for all of them.`);
  }
  return blocks;
}

function groupBlock({ orgs, changes }: ChangeGroup, changing: readonly OrgSlug[]): string {
  const title = `${counted(orgs.length, 'org')}: ${markdownText(orgsText(orgs, changing, SHOWN_ORGS))} (${counted(changes.length, 'change')})`;
  const lines = changes.flatMap((change) => changeLines(change, orgs.length));
  const open = orgs.length === 1 && changes.length <= 20;
  return [`<details${open ? ' open' : ''}><summary>${title}</summary>`, '', ...lines, '', '</details>', ''].join('\n');
}

function changeLines(change: GroupedChange, orgs: number): readonly string[] {
  const from = change.from === null ? '' : ` (was ${markdownCode(change.from)})`;
  return [
    `- ${VERBS[change.example.kind]} ${markdownCode(change.key)}${from}`,
    ...change.fields.map((field) => {
      const source = sourceText(field.example, orgs);
      return `  - ${markdownCode(fieldText(field))}${source === null ? '' : ` (${markdownCode(source)})`}`;
    }),
  ];
}

function digestLine({ changeDigest, planDigest, base, head }: ChangeReport): string {
  const plan = planDigest === undefined ? '' : ` · plan ${markdownCode(planDigest)}`;
  return `<sub>change ${markdownCode(changeDigest)}${plan} · ${markdownText(base)} → ${markdownText(head)}</sub>`;
}
