import type { OrgSlug } from '../../model/index.ts';
import { counted, markdownText } from '../text.ts';

/** One place where what is differs from what was applied. */
export interface DriftLine {
  readonly org: OrgSlug;
  readonly where: string;
  readonly words: string;
}

/** The text of an org's issue: it is the same while the drift is, so that nobody is told twice. */
export function driftMarkdown(org: OrgSlug, lines: readonly DriftLine[]): string {
  return [
    `${counted(lines.length, 'place')} of ${markdownText(org)} ${lines.length === 1 ? 'is' : 'are'} not as last applied.`,
    '',
    ...lines.map(({ where, words }) => `- **${markdownText(where)}**: ${markdownText(words)}`),
    '',
    'Bring it back with `tenantry drift --heal`, or bring the change into Git. This issue is closed when the drift is gone.',
    '',
  ].join('\n');
}
