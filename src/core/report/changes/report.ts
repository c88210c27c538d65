import { type Painter, plain } from '../paint.ts';
import type { ChangeReport } from './change-report.ts';
import { humanChanges } from './human.ts';
import { jsonChanges } from './json.ts';
import { markdownChanges } from './markdown.ts';

export const CHANGE_FORMATS = ['human', 'json', 'markdown'] as const;
export type ChangeFormat = (typeof CHANGE_FORMATS)[number];

/** What `diff` and `plan` print; the text ends with a line end. `paint` counts for `human` alone. */
export function reportChanges(report: ChangeReport, format: ChangeFormat, paint: Painter = plain): string {
  switch (format) {
    case 'human':
      return humanChanges(report, paint);
    case 'json':
      return jsonChanges(report);
    case 'markdown':
      return markdownChanges(report);
  }
}
