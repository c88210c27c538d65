import type { FindingCode, OrgSlug } from '../../model/index.ts';
import { counted, markdownText } from '../text.ts';

/** One place where what is differs from what was applied. */
export interface DriftLine {
  readonly org: OrgSlug;
  readonly where: string;
  readonly words: string;
}

/** Orgs of which nobody could see whether what is published is as it was put, and why. */
export interface UnseenOrgs {
  readonly code: FindingCode;
  readonly message: string;
  readonly orgs: readonly OrgSlug[];
}

/** `3 orgs` and why nothing is known of them, in one line. */
export function unseenWords({ code, message, orgs }: UnseenOrgs): string {
  const [first = '', ...others] = orgs;
  const whose = others.length === 0 ? first : `${first} and ${others.length} more`;
  return `published files of ${whose} could not be looked at: ${code}: ${message}`;
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
