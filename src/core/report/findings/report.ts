import { type Painter, plain } from '../paint.ts';
import type { CheckReport } from './check-report.ts';
import { githubFindings } from './github.ts';
import { humanFindings } from './human.ts';
import { jsonFindings } from './json.ts';
import { junitFindings } from './junit.ts';
import { markdownFindings } from './markdown.ts';
import { sarifFindings } from './sarif.ts';

export const FINDING_FORMATS = ['human', 'json', 'markdown', 'sarif', 'junit', 'github'] as const;
export type FindingFormat = (typeof FINDING_FORMATS)[number];

/** What `check` prints; the text ends with a line end. `paint` counts for `human` alone. */
export function reportFindings(report: CheckReport, format: FindingFormat, paint: Painter = plain): string {
  switch (format) {
    case 'human':
      return humanFindings(report, paint);
    case 'json':
      return jsonFindings(report);
    case 'markdown':
      return markdownFindings(report);
    case 'sarif':
      return sarifFindings(report);
    case 'junit':
      return junitFindings(report);
    case 'github':
      return githubFindings(report);
  }
}
