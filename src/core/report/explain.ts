import { byCodeUnit, type CodeEntry, codeEntry, codes, type Severity } from '../model/index.ts';

/** What `tenantry explain <CODE>` prints, or undefined when no finding has this code. */
export function explain(code: string): string | undefined {
  const entry = codeEntry(code);
  if (entry === undefined) return undefined;
  return `${code} (${entry.severity})\n${entry.title}\n\n${entry.explain}\n\nWhat to do: ${entry.fix}\n`;
}

const MEANINGS: { readonly [severity in Severity]: string } = {
  critical: 'blocks, and no waiver accepts it',
  high: 'blocks; a waiver needs two platform owners',
  medium: 'blocks; a waiver needs one platform owner',
  info: 'never blocks',
};

/** docs/findings.md: every code with what `explain` says of it. */
export function findingsMarkdown(): string {
  const entries = Object.entries<CodeEntry>(codes).sort(([a], [b]) => byCodeUnit(a, b));
  const lines = [
    '# Findings and refusals',
    '',
    'Generated from the code table; change `src/core/model/codes` and run the tests of `src/core/report` with `UPDATE_DOCS=1`.',
    'Codes are stable and never reused. `tenantry explain <CODE>` prints the same text.',
    '',
    '| Severity | Meaning |',
    '|---|---|',
    ...Object.entries(MEANINGS).map(([severity, meaning]) => `| ${severity} | ${meaning} |`),
    '',
    '| Code | Severity | What |',
    '|---|---|---|',
    ...entries.map(
      ([code, { severity, title }]) => `| [${code}](#${code.toLowerCase()}) | ${severity} | ${cell(title)} |`,
    ),
    '',
    ...entries.flatMap(([code, entry]) => [
      `## ${code}`,
      '',
      `${entry.title} (${entry.severity}).`,
      '',
      entry.explain,
      '',
      `**What to do**: ${entry.fix}`,
      '',
    ]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
