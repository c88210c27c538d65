import type { Finding } from '../../model/index.ts';
import { placeText } from '../text.ts';
import { type CheckReport, inReadingOrder } from './check-report.ts';

/** JUnit XML: a finding is a failed test, a waived one a skipped test, a note a passed one; nothing found is one passed test. */
export function junitFindings(report: CheckReport): string {
  const findings = inReadingOrder(report.findings);
  const skipped = findings.filter(({ waived }) => waived !== undefined).length;
  const failures = findings.filter((item) => item.waived === undefined && item.severity !== 'info').length;
  const cases = findings.length === 0 ? [`    <testcase classname="tenantry" name="check"/>`] : findings.map(caseXml);
  const totals = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${report.durationMs / 1000}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="tenantry check" ${totals}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseXml(item: Finding): string {
  const name = `${item.code} ${placeText(item.place)}`;
  const open = `    <testcase classname="${xml(item.org ?? 'fleet')}" name="${xml(name)}" file="${xml(item.place.file)}" line="${item.place.line}">`;
  const text = xml(`${item.message}\nexpected ${item.expected}\nfound ${item.found}\nfix ${item.fix}`);
  return `${open}\n${bodyXml(item, text)}\n    </testcase>`;
}

function bodyXml(item: Finding, text: string): string {
  if (item.waived !== undefined)
    return `      <skipped message="${xml(`${item.waived.by}, until ${item.waived.expires}`)}"/>`;
  if (item.severity === 'info') return `      <system-out>${text}</system-out>`;
  return `      <failure type="${item.severity}" message="${xml(item.message)}">${text}</failure>`;
}

/** Text inside XML, or inside a quoted attribute; characters that XML 1.0 does not have become U+FFFD. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;');
}
