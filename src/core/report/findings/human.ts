import type { Finding } from '../../model/index.ts';
import type { Painter } from '../paint.ts';
import { counted, oneLine, placeText } from '../text.ts';
import { type CheckReport, inReadingOrder, isOk, summaryOf, summaryText } from './check-report.ts';

const INDENT = '          ';

/** For a terminal: severity, code, place and object first; then what, expected, found, what to do. */
export function humanFindings(report: CheckReport, paint: Painter): string {
  const blocks = inReadingOrder(report.findings).map((item) =>
    item.waived === undefined ? block(item, paint) : waivedLine(item, paint),
  );
  return [...blocks, closing(report, paint)].join('\n');
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
