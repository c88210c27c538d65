import { type Finding, orgSlug, type RepoPath } from '../../model/index.ts';
import type { TreeRule } from '../rule.ts';
import { fileFinding } from './tree-places.ts';

/** Names that Windows keeps for devices, with or without an extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
/** Control characters, characters that change the direction of text, and what Windows forbids in names. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/u;

export const i47OddPath: TreeRule = {
  code: 'ISO_I47_ODD_PATH',
  needs: 'tree',
  decide: ({ entries, odd }) => [
    ...odd.map(({ shown }) => said(shown as RepoPath, 'holds `..`, control characters or bytes that are no UTF-8')),
    ...entries.flatMap(({ path }) => {
      const fault = faultOf(path);
      return fault === null ? [] : [said(path, fault)];
    }),
  ],
};

/** What is wrong with a path; null when it is plain. */
export function faultOf(path: string): string | null {
  if (UNSAFE.test(path)) return 'holds characters that file systems or terminals read differently';
  const steps = path.split('/');
  if (steps.some((step) => DEVICE.test(step))) return 'has a name that Windows keeps for a device';
  if (steps.some((step) => step.endsWith('.') || step.endsWith(' '))) return 'has a name that ends in a dot or a space';
  const slug = steps[0] === 'orgs' && steps.length > 2 ? steps[1] : undefined;
  return slug !== undefined && orgSlug(slug) === undefined
    ? `is below orgs/${slug}, which is reserved or no org name`
    : null;
}

function said(path: RepoPath, fault: string): Finding {
  const shown = path.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return fileFinding('ISO_I47_ODD_PATH', shown as RepoPath, {
    message: `the path ${shown} ${fault}`,
    expected: 'lower-case letters, digits, dots and hyphens; org names of at most 63 letters, digits and inner hyphens',
    found: shown,
  });
}
