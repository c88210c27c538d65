import { FLEET_ORG, objectKey } from '../../model/index.ts';
import type { Painter, Style } from '../paint.ts';
import { counted, few, oneLine } from '../text.ts';
import { type ChangeGroup, type ChangeReport, groupsOf, type ReportedChange } from './change-report.ts';
import { answerText, hazardsIn, type OrgHazard } from './facts.ts';

const SIGNS: { readonly [kind in ReportedChange['kind']]: readonly [sign: string, style: Style] } = {
  create: ['+', 'add'],
  update: ['~', 'change'],
  rename: ['>', 'change'],
  delete: ['-', 'remove'],
};

const SHOWN_ORGS = 8;

/** For a terminal: the answer, the hazards, then each change once with the orgs that it is for. */
export function humanChanges(report: ChangeReport, paint: Painter): string {
  const lines = [
    `${paint('strong', answerText(report))} ${paint('dim', `(${oneLine(report.base)} -> ${oneLine(report.head)})`)}`,
    ...hazardLines(hazardsIn(report), paint),
    ...groupsOf(report.orgs).flatMap((group) => groupLines(group, paint)),
    '',
    `${paint('dim', 'change'.padEnd(8))}${report.changeDigest}`,
    ...(report.planDigest === undefined ? [] : [`${paint('dim', 'plan'.padEnd(8))}${report.planDigest}`]),
    ...openHint(report),
  ];
  return `${lines.join('\n')}\n`;
}

function hazardLines(hazards: readonly OrgHazard[], paint: Painter): readonly string[] {
  return hazards.map(({ org, hazard, approval }) => {
    const state = approval === undefined ? paint('critical', '! open    ') : paint('dim', '! accepted');
    const where = org === FLEET_ORG ? 'fleet' : org;
    return `  ${state} ${paint('strong', hazard.id)} ${paint('dim', where)} ${oneLine(hazard.message)}`;
  });
}

function groupLines(group: ChangeGroup, paint: Painter): readonly string[] {
  const count = group.orgs.length > 1 ? `${counted(group.orgs.length, 'org')}: ` : '';
  return [
    '',
    paint('strong', `${count}${few(group.orgs, SHOWN_ORGS)}`),
    ...group.changes.flatMap((change) => changeLines(change, group.orgs.length === 1, paint)),
  ];
}

function changeLines(change: ReportedChange, withSources: boolean, paint: Painter): readonly string[] {
  const [sign, style] = SIGNS[change.kind];
  const from = change.from === undefined ? '' : ` (was ${objectKey(change.from)})`;
  const fields = change.fields.map(({ words, source }) => {
    const at = withSources && source !== null ? `  ${paint('dim', `${oneLine(source.file)}:${source.line}`)}` : '';
    return `      ${oneLine(words)}${at}`;
  });
  const empty =
    change.fields.length === 0 && change.kind === 'update'
      ? ['      only the order or layout of the file changes']
      : [];
  return [`  ${paint(style, `${sign} ${change.key}`)}${from}`, ...fields, ...empty];
}

function openHint(report: ChangeReport): readonly string[] {
  const open = hazardsIn(report).filter(({ approval }) => approval === undefined).length;
  if (open === 0) return [];
  return ['', `${counted(open, 'hazard')} must be accepted: \`tenantry approve ${report.changeDigest}\``];
}
