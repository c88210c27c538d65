import { FLEET_ORG, type OrgSlug } from '../../model/index.ts';
import type { Painter, Style } from '../paint.ts';
import { counted, oneLine } from '../text.ts';
import { approvalFile, type ChangeReport, type ReportedChange } from './change-report.ts';
import { acceptCommand, answerText, fieldText, hazardsIn, type OrgHazard } from './facts.ts';
import { type ChangeGroup, type GroupedChange, groupsOf } from './groups.ts';
import { changingOrgs, isProved, orgsText, reachText, untouchedText } from './reach.ts';
import { sourceText } from './source.ts';

const SIGNS: { readonly [kind in ReportedChange['kind']]: readonly [sign: string, style: Style] } = {
  create: ['+', 'add'],
  update: ['~', 'change'],
  rename: ['>', 'change'],
  delete: ['-', 'remove'],
};

const SHOWN_ORGS = 8;
/** As much as a person scrolls through; the rest is counted, with the command that prints it. */
const MOST_LINES = 400;

/** For a terminal: the answer, how far it reaches, the hazards, then each change once with the orgs that it is for. */
export function humanChanges(report: ChangeReport, paint: Painter): string {
  const changing = changingOrgs(report);
  const blocks = groupsOf(report.orgs).map((group) => ({ group, lines: groupLines(group, changing, paint) }));
  const lines = [
    `${paint('strong', answerText(report))} ${paint('dim', `(${oneLine(report.base)} -> ${oneLine(report.head)})`)}`,
    ...reachLines(report, paint),
    ...hazardLines(hazardsIn(report), paint),
    ...fitting(blocks, report.whole),
    '',
    `${paint('dim', 'change'.padEnd(8))}${report.changeDigest}`,
    ...(report.planDigest === undefined ? [] : [`${paint('dim', 'plan'.padEnd(8))}${report.planDigest}`]),
    ...openHint(report),
  ];
  return `${lines.join('\n')}\n`;
}

interface Block {
  readonly group: ChangeGroup;
  readonly lines: readonly string[];
}

/** The blocks as long as there is room; of the others what goes, and how much is left out. */
function fitting(blocks: readonly Block[], whole: string | undefined): readonly string[] {
  if (whole === undefined) return blocks.flatMap(({ lines }) => lines);
  const shown: string[] = [];
  const left: ChangeGroup[] = [];
  for (const { group, lines } of blocks) {
    if (left.length > 0 || shown.length + lines.length > MOST_LINES) left.push(group);
    else shown.push(...lines);
  }
  if (left.length === 0) return shown;
  const going = left.flatMap(({ orgs, changes }) =>
    changes
      .filter(({ example }) => example.kind === 'delete')
      .map(({ key }) => `  - ${key}  (${orgs.length === 1 ? orgs[0] : counted(orgs.length, 'org')})`),
  );
  const count = left.reduce((sum, { orgs, changes }) => sum + orgs.length * changes.length, 0);
  return [
    ...shown,
    ...(going.length === 0 ? [] : ['', ...going]),
    '',
    `…and ${counted(count, 'more change')}: ${whole}`,
  ];
}

function reachLines({ reach, untouched, ...report }: ChangeReport, paint: Painter): readonly string[] {
  const line = (title: string, text: string, style: Style = 'dim'): string =>
    `  ${paint(style, title.padEnd(8))} ${text}`;
  const reached = reach === undefined ? [] : [line('reach', reachText(reach, report))];
  if (untouched === undefined) return reached;
  return [...reached, line('others', untouchedText(untouched), isProved(untouched) ? 'dim' : 'critical')];
}

function hazardLines(hazards: readonly OrgHazard[], paint: Painter): readonly string[] {
  return hazards.map(({ org, hazard, approval }) => {
    const state = approval === undefined ? paint('critical', '! open    ') : paint('dim', '! approved');
    const where = org === FLEET_ORG ? 'fleet' : org;
    const by = approval === undefined ? '' : ` (by ${oneLine(approval.approver)}, ${approvalFile(approval)})`;
    return `  ${state} ${paint('strong', hazard.id)} ${paint('dim', where)} ${oneLine(hazard.message)}${by}`;
  });
}

function groupLines(group: ChangeGroup, changing: readonly OrgSlug[], paint: Painter): readonly string[] {
  const count = group.orgs.length > 1 ? `${counted(group.orgs.length, 'org')}: ` : '';
  return [
    '',
    paint('strong', `${count}${orgsText(group.orgs, changing, SHOWN_ORGS)}`),
    ...group.changes.flatMap((change) => changeLines(change, group.orgs.length, paint)),
  ];
}

function changeLines(change: GroupedChange, orgs: number, paint: Painter): readonly string[] {
  const { kind } = change.example;
  const [sign, style] = SIGNS[kind];
  const from = change.from === null ? '' : ` (was ${change.from})`;
  const fields = change.fields.map((field) => {
    const source = sourceText(field.example, orgs);
    const at = source === null ? '' : `  ${paint('dim', oneLine(source))}`;
    return `      ${oneLine(fieldText(field))}${at}`;
  });
  const empty =
    change.fields.length === 0 && kind === 'update' ? ['      only the order or layout of the file changes'] : [];
  return [`  ${paint(style, `${sign} ${change.key}`)}${from}`, ...fields, ...empty];
}

function openHint(report: ChangeReport): readonly string[] {
  const open = hazardsIn(report).filter(({ approval }) => approval === undefined).length;
  if (open === 0) return [];
  const { commits = 1 } = report;
  const alone =
    commits > 1
      ? [`Since what was applied there are ${commits} commits: where the whole is held, apply judges them one by one.`]
      : [];
  const command = acceptCommand(report);
  // Where no diff is this plan, that of all that came since shows what there is to approve.
  const how = command.startsWith('tenantry diff') ? ', by the digest that this shows' : '';
  return ['', `${counted(open, 'hazard')} must be accepted${how}: \`${oneLine(command)}\``, ...alone];
}
