import type { Painter } from '../paint.ts';
import type { CheckReport } from './check-report.ts';
import { humanFindings } from './human.ts';
import { jsonFindings } from './json.ts';

/** What a person at a terminal and a program ask for. They say what a finding says itself, without the table of codes. */
export const PLAIN_FORMATS = ['human', 'json'] as const;
export type PlainFormat = (typeof PLAIN_FORMATS)[number];

export function isPlainFormat(format: string): format is PlainFormat {
  return PLAIN_FORMATS.some((plain) => plain === format);
}

/** The text of one of PLAIN_FORMATS, ending with a line end. `paint` counts for `human` alone. */
export function plainFindings(report: CheckReport, format: PlainFormat, paint: Painter): string {
  return format === 'human' ? humanFindings(report, paint) : jsonFindings(report);
}
