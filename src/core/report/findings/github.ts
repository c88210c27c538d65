import type { Finding } from '../../model/index.ts';
import { oneLine } from '../text.ts';
import { type CheckReport, inReadingOrder, isOk, summaryOf, summaryText } from './check-report.ts';

/** GitHub workflow commands: one annotation for each finding at its line, most severe first (GitHub shows ten of a kind). */
export function githubFindings(report: CheckReport): string {
  const lines = inReadingOrder(report.findings).map(command);
  return [...lines, `tenantry check ${isOk(report) ? 'ok' : 'failed'}: ${summaryText(summaryOf(report))}`, ''].join(
    '\n',
  );
}

function command(item: Finding): string {
  const { file, line, column } = item.place;
  const title = `${item.code} (${item.waived === undefined ? item.severity : 'waived'})`;
  const properties = [`file=${property(file)}`, `line=${line}`, `col=${column}`, `title=${property(title)}`];
  const text = `${item.message}\nexpected ${item.expected}\nfound ${item.found}\nfix ${item.fix}`;
  return `::${levelOf(item)} ${properties.join(',')}::${data(text)}`;
}

function levelOf(item: Finding): 'error' | 'warning' | 'notice' {
  if (item.waived !== undefined || item.severity === 'info') return 'notice';
  return item.severity === 'medium' ? 'warning' : 'error';
}

/** The text of a command: nothing in it can end the line or start another command. */
function data(text: string): string {
  const lines = text.split('\n').map(oneLine);
  return lines.map((line) => line.replaceAll('%', '%25')).join('%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
