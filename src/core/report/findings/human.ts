import type { Finding } from '../../model/index.ts';
import type { Painter } from '../paint.ts';
import { counted, few, oneLine, placeText } from '../text.ts';
import { type CheckReport, inReadingOrder, isOk, summaryOf, summaryText } from './check-report.ts';

const INDENT = '          ';
/** More than a person reads; the worst come first. */
const SHOWN_MAX = 200;

/**
 * For a terminal: severity, code, place and object first; then what, expected, found, what to do. Of very many the first
 * in reading order, with how many of what are left out.
 */
export function humanFindings(report: CheckReport, paint: Painter): string {
  const ordered = inReadingOrder(report.findings);
  const blocks = ordered
    .slice(0, SHOWN_MAX)
    .map((item) => (item.waived === undefined ? block(item, paint) : waivedLine(item, paint)));
  return [...blocks, ...leftOut(ordered.slice(SHOWN_MAX)), closing(report, paint)].join('\n');
}

function leftOut(rest: readonly Finding[]): readonly string[] {
  if (rest.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { code } of rest) counts.set(code, (counts.get(code) ?? 0) + 1);
  const codes = [...counts].map(([code, count]) => `${code} ${count}`);
  return [`${rest.length} more are not shown (${few(codes, 10)}); \`--format json\` lists all.\n`];
}

function block(item: Finding, paint: Painter): string {
  const head = [
    paint(item.severity, item.severity.padEnd(INDENT.length - 1)),
    paint('strong', item.code),
    ` ${placeText(item.place)}`,
    item.object === null ? '' : paint('dim', ` ${oneLine(item.object)}`),
  ];
  const line = (label: string, text: string) => `${INDENT}${paint('dim', label.padEnd(10))}${oneLine(text)}`;
  return [
    head.filter((part) => part !== '').join(' '),
    `${INDENT}${oneLine(item.message)}`,
    line('expected', item.expected),
    line('found', item.found),
    line('fix', item.fix),
    ...(item.related ?? []).map((place) => line('see', placeText(place))),
    '',
  ].join('\n');
}

function waivedLine(item: Finding, paint: Painter): string {
  const by = item.waived === undefined ? '' : `${item.waived.by}, until ${item.waived.expires}`;
  return paint('dim', `waived    ${item.code}  ${placeText(item.place)}  ${oneLine(item.message)} (${oneLine(by)})`);
}

function closing(report: CheckReport, paint: Painter): string {
  const work = Object.entries(report.counters).map(([name, count]) => `${name} ${count}`);
  const ok = isOk(report);
  const verdict = paint(ok ? 'add' : 'critical', ok ? 'ok' : 'failed');
  const seconds = `${Math.round(report.durationMs / 10) / 100} s`;
  const codes = new Set(report.findings.filter(({ waived }) => waived === undefined).map(({ code }) => code));
  const hint =
    codes.size === 0
      ? ''
      : paint(
          'dim',
          `\n\`tenantry explain <CODE>\` tells more about ${codes.size === 1 ? 'it' : `the ${counted(codes.size, 'code')}`}.`,
        );
  return `${verdict}: ${summaryText(summaryOf(report))} (${[...work, seconds].join(', ')})${hint}\n`;
}
