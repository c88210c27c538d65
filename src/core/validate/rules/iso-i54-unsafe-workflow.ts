import { type Finding, finding } from '../../model/index.ts';
import type { TextFile, TextRule } from '../rule.ts';

const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/;

/** Started by what a stranger sends, with the rights of the repository. */
const PRIVILEGED = event('pull_request_target|workflow_run|issue_comment|issues|discussion|discussion_comment|fork');
/** Runs what a change holds; the author of a branch of the repository gets its secrets. */
const OF_CHANGES = event('pull_request|pull_request_review|pull_request_review_comment');

/** The event as a key, an item or the only value of `on`. */
function event(names: string): RegExp {
  return new RegExp(`(?:^|[\\s,\\[{])["']?(?:${names})["']?\\s*(?:[:,\\]}]|$)`, 'm');
}

/** The token of the run itself has the rights that the workflow gives it, and is none. */
const SECRET = /\bsecrets\s*(?:\.\s*(?!GITHUB_TOKEN\b)|\[)|^\s*secrets\s*:/;
const CHECKS_OUT =
  /^\s*-?\s*["']?(?:ref|repository)["']?\s*:.*(?:\bhead\b|head_ref|head_sha|head_branch|head_repository|refs\/pull|merge_commit)|\bgh\s+pr\s+checkout\b/;

/**
 * A workflow that gives what a stranger wrote the secrets or the rights of the repository (catalogue I-54). Judged line by
 * line, comments left out: what a text hides from that is for the forge's own settings to stop.
 */
export const i54UnsafeWorkflow: TextRule = {
  code: 'ISO_I54_UNSAFE_WORKFLOW',
  needs: 'text',
  decide: (file) => {
    if (!WORKFLOW.test(file.path)) return [];
    const lines = file.text.split('\n').map((line) => line.replace(/(^|\s)#.*$/, ''));
    const events = eventsOf(lines);
    const isPrivileged = PRIVILEGED.test(events);
    if (!isPrivileged && !OF_CHANGES.test(events)) return [];
    return lines.flatMap((line, index) => [
      ...(SECRET.test(line) ? [said(file, index, 'uses a secret, and strangers start it')] : []),
      ...(isPrivileged && CHECKS_OUT.test(line)
        ? [said(file, index, 'checks out what a stranger wrote, and has the rights of the repository')]
        : []),
    ]);
  },
};

/** The text of the top-level key `on`, up to the next key. */
function eventsOf(lines: readonly string[]): string {
  const from = lines.findIndex((line) => /^["']?on["']?\s*:/.test(line));
  if (from < 0) return '';
  const rest = lines.slice(from + 1);
  const next = rest.findIndex((line) => /^["'\w]/.test(line));
  return lines.slice(from, next < 0 ? undefined : from + 1 + next).join('\n');
}

function said({ path, text }: TextFile, index: number, what: string): Finding {
  const line = text.split('\n')[index] ?? '';
  return finding('ISO_I54_UNSAFE_WORKFLOW', {
    place: { file: path, line: index + 1, column: line.length - line.trimStart().length + 1 },
    message: `the workflow ${what}`,
    expected: 'code of a change without secrets and rights, or secrets and rights without code of a change',
    found: line.trim().slice(0, 120),
  });
}
