import type { Finding, Json, JsonObject } from '../../model/index.ts';
import { type CheckReport, inReadingOrder, isOk, summaryOf } from './check-report.ts';

/** `tenantry/check/v1`, as contract section 2 and schemas/check.schema.json say. */
export function jsonFindings(report: CheckReport): string {
  const document: JsonObject = {
    schema: 'tenantry/check/v1',
    ok: isOk(report),
    summary: { ...summaryOf(report) },
    findings: inReadingOrder(report.findings).map(findingJson),
    counters: { ...report.counters },
    durationMs: report.durationMs,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function findingJson(item: Finding): Json {
  const { code, severity, org, object, place, message, expected, found, fix, related, waived } = item;
  return {
    code,
    severity,
    org,
    object,
    file: place.file,
    line: place.line,
    column: place.column,
    message,
    expected,
    found,
    fix,
    ...(related === undefined ? {} : { related: related.map(({ file, line, column }) => ({ file, line, column })) }),
    ...(waived === undefined ? {} : { waived: { ...waived } }),
  };
}
