import type { OrgSlug } from '../../model/index.ts';
import { markdownCode, markdownText } from '../text.ts';

/** An override as its pull request tells it. */
export interface OverrideText {
  readonly org: OrgSlug;
  readonly id: string;
  /** What the files say: `generation 4 holds until …`. */
  readonly words: string;
  readonly actor: string;
  readonly reason: string;
  /** As an instant. */
  readonly expires: string;
  /** A pull request for the same that was closed before; null: none. */
  readonly closed: number | null;
}

/** `Bring rollback-7 of acme into Git`. */
export function overrideTitle({ org, id }: Pick<OverrideText, 'org' | 'id'>): string {
  return `Bring ${id} of ${org} into Git`;
}

/** The text of the pull request that brings an override into Git: what holds already, by whom, why, and until when. */
export function overrideMarkdown(text: OverrideText): string {
  const { org, id, words, actor, reason, expires, closed } = text;
  return [
    `### ${overrideTitle(text)}`,
    '',
    `It holds already, since an operator took it at once; without a merge it ends at ${markdownText(expires)}.`,
    '',
    `- What the files say: ${markdownText(words)}`,
    `- By: ${markdownText(actor)}`,
    `- Reason: ${markdownText(reason)}`,
    ...(closed === null ? [] : ['', `Opened again: #${closed} was closed without being merged.`]),
    '',
    `Each run of ${markdownCode(`tenantry override write ${org} ${id} --open`)} brings branch and text up to date.`,
    '',
  ].join('\n');
}
