import { type Finding, fails } from '../../model/index.ts';
import { counted, markdownCode, markdownText, placeText } from '../text.ts';
import { type CheckReport, inReadingOrder, isOk, SEVERITIES, summaryOf } from './check-report.ts';

const SHOWN = 100;

/** For a comment or a job summary: the answer first, then the findings, most severe first, bounded. */
export function markdownFindings(report: CheckReport): string {
  const summary = summaryOf(report);
  const open = inReadingOrder(report.findings).filter(({ waived }) => waived === undefined);
  const failing = open.filter(({ severity }) => severity !== 'info').length;
  const title = isOk(report) ? 'nothing stands against this' : `${counted(failing, 'finding')} to repair`;
  const counts = [...SEVERITIES, 'waived' as const].filter((name) => summary[name] > 0);
  const told = counts.map((name) => `${summary[name]} ${name}`);
  const lines = [
    `### Tenantry check: ${title}${told.length === 0 ? '' : ` (${told.join(', ')})`}`,
    '',
    ...open.slice(0, SHOWN).flatMap(item),
    ...(open.length > SHOWN ? [`…and ${open.length - SHOWN} more: run \`tenantry check\`.`, ''] : []),
    ...waivedLines(report.findings),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const IN_ONE_LINE = 2;
const LONGEST_MESSAGE = 160;

/** What must be repaired, in one line: the most severe by code, each once with its first place; null when nothing must. */
export function repairLine(report: CheckReport): string | null {
  const failing = inReadingOrder(report.findings).filter((finding) => fails(finding));
  if (failing.length === 0) return null;
  const codes = [...new Set(failing.map(({ code }) => code))];
  const told = codes.slice(0, IN_ONE_LINE).map((code) => {
    const same = failing.filter((finding) => finding.code === code);
    const [first] = same;
    const times = same.length > 1 ? ` × ${same.length}` : '';
    const message = first === undefined ? '' : markdownText(first.message.slice(0, LONGEST_MESSAGE));
    const place = first === undefined ? '' : markdownCode(placeText(first.place));
    return `${first?.severity} ${markdownCode(code)}${times}: ${message} (${place})`;
  });
  const left = codes.length - told.length;
  return `**To repair**: ${told.join('; ')}${left > 0 ? `; and ${counted(left, 'more code')}` : ''}`;
}

function item(finding: Finding): readonly string[] {
  const object = finding.object === null ? '' : ` ${markdownCode(finding.object)}`;
  return [
    `- **${finding.severity}** ${markdownCode(finding.code)}${object}: ${markdownText(finding.message)}`,
    `  ${markdownCode(placeText(finding.place))} · expected ${markdownText(finding.expected)} · found ${markdownText(finding.found)}`,
    `  ${markdownText(finding.fix)}`,
    '',
  ];
}

function waivedLines(findings: readonly Finding[]): readonly string[] {
  const waived = findings.filter((finding) => finding.waived !== undefined);
  if (waived.length === 0) return [];
  const told = waived.slice(0, SHOWN).map((finding) => {
    const by = finding.waived === undefined ? '' : `${markdownCode(finding.waived.by)} until ${finding.waived.expires}`;
    return `- ${markdownCode(finding.code)} ${markdownCode(placeText(finding.place))}: ${by}`;
  });
  return [`<details><summary>${waived.length} waived</summary>`, '', ...told, '', '</details>'];
}
