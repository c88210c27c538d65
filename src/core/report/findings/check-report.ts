import { byCodeUnit, type Finding, fails, type Severity } from '../../model/index.ts';

/** What one `check` found, with the work it did. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  /** Orgs, manifests, blobs read, documents parsed, …: exact where times are noisy. */
  readonly counters: { readonly [counter: string]: number };
  readonly durationMs: number;
}

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'info'];

/** How many findings of each severity count, and how many a waiver accepts. */
export type Summary = { readonly [severity in Severity]: number } & { readonly waived: number };

/** True when nothing makes `check` fail. */
export function isOk(report: CheckReport): boolean {
  return !report.findings.some((item) => fails(item));
}

export function summaryOf(report: CheckReport): Summary {
  const open = report.findings.filter(({ waived }) => waived === undefined);
  const count = (severity: Severity) => open.filter((item) => item.severity === severity).length;
  return {
    critical: count('critical'),
    high: count('high'),
    medium: count('medium'),
    info: count('info'),
    waived: report.findings.length - open.length,
  };
}

/** Unwaived before waived, then by severity, then by place. */
export function inReadingOrder(findings: readonly Finding[]): readonly Finding[] {
  const rank = (item: Finding) => (item.waived === undefined ? 0 : 10) + SEVERITIES.indexOf(item.severity);
  return [...findings].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      byCodeUnit(a.place.file, b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column ||
      byCodeUnit(a.code, b.code),
  );
}

/** "2 critical, 1 high", or "no findings". */
export function summaryText(summary: Summary): string {
  const parts = SEVERITIES.filter((severity) => summary[severity] > 0).map(
    (severity) => `${summary[severity]} ${severity}`,
  );
  const waived = summary.waived === 0 ? '' : `; ${summary.waived} waived`;
  return `${parts.length === 0 ? 'no findings' : parts.join(', ')}${waived}`;
}
