import { type Painter, plain } from '../paint.ts';
import type { CheckReport } from './check-report.ts';
import { githubFindings } from './github.ts';
import { junitFindings } from './junit.ts';
import { markdownFindings } from './markdown.ts';
import { PLAIN_FORMATS, plainFindings } from './plain.ts';
import { sarifFindings } from './sarif.ts';

export const FINDING_FORMATS = [...PLAIN_FORMATS, 'markdown', 'sarif', 'junit', 'github'] as const;
export type FindingFormat = (typeof FINDING_FORMATS)[number];

/** What `check` prints; the text ends with a line end. `paint` counts for `human` alone. */
export function reportFindings(report: CheckReport, format: FindingFormat, paint: Painter = plain): string {
  switch (format) {
    case 'human':
    case 'json':
      return plainFindings(report, format, paint);
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
