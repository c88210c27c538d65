import type { Finding } from '../../model/index.ts';
import { counted, markdownCode, markdownText, placeText } from '../text.ts';
import { type CheckReport, inReadingOrder, isOk, SEVERITIES, summaryOf } from './check-report.ts';

const SHOWN = 100;

/** For a comment or a job summary: the answer first, then the findings, most severe first, bounded. */
export function markdownFindings(report: CheckReport): string {
  const summary = summaryOf(report);
  const open = inReadingOrder(report.findings).filter(({ waived }) => waived === undefined);
  const failing = open.filter(({ severity }) => severity !== 'info').length;
  const title = isOk(report) ? 'nothing stands against this' : `${counted(failing, 'finding')} to repair`;
  const lines = [
    `### Tenantry check: ${title}`,
    '',
    `| ${[...SEVERITIES, 'waived'].join(' | ')} |`,
    '|---|---|---|---|---|',
    `| ${[...SEVERITIES.map((severity) => summary[severity]), summary.waived].join(' | ')} |`,
    '',
    ...open.slice(0, SHOWN).flatMap(item),
    ...(open.length > SHOWN ? [`…and ${open.length - SHOWN} more: run \`tenantry check\`.`, ''] : []),
    ...waivedLines(report.findings),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
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
