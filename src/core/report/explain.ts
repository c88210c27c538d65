import { byCodeUnit, type CodeEntry, codeEntry, codes, type Severity } from '../model/index.ts';

/** What `tenantry explain <CODE>` prints, or undefined when no finding has this code. */
export function explain(code: string): string | undefined {
  const entry = codeEntry(code);
  if (entry === undefined) return undefined;
  const number = /^ISO_(I)([0-9]{2})_/.exec(code);
  const listed =
    number === null ? '' : `\nCheck ${number[1]}-${number[2]} of the isolation catalogue in docs/findings.md.\n`;
  return `${code} (${entry.severity})\n${entry.title}\n\n${entry.explain}\n\nWhat to do: ${entry.fix}\n${listed}`;
}

/** One check of the isolation catalogue: where it is decided, by which codes, and what is left out. */
export interface CatalogueLine {
  readonly id: string;
  readonly check: string;
  readonly decided: string;
  readonly codes: readonly string[];
  readonly note: string;
}

const MEANINGS: { readonly [severity in Severity]: string } = {
  critical: 'blocks, and no waiver accepts it',
  high: 'blocks; a waiver needs two platform owners',
  medium: 'blocks; a waiver needs one platform owner',
  info: 'never blocks',
};

/** docs/findings.md: the isolation catalogue, then every code with what `explain` says of it. */
export function findingsMarkdown(catalogue: readonly CatalogueLine[]): string {
  const entries = Object.entries<CodeEntry>(codes).sort(([a], [b]) => byCodeUnit(a, b));
  const lines = [
    '# Findings and refusals',
    '',
    'Generated from the code table and the catalogue; change `src/core/model/codes` or `src/core/validate/catalogue.ts` and run',
    'the tests of `src/core/report` with `UPDATE_DOCS=1`.',
    'Codes are stable and never reused. `tenantry explain <CODE>` prints the same text.',
    '',
    '| Severity | Meaning |',
    '|---|---|',
    ...Object.entries(MEANINGS).map(([severity, meaning]) => `| ${severity} | ${meaning} |`),
    '',
    ...catalogueLines(catalogue),
    '## All codes',
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

const DECIDED = [
  '`check`: by these codes, from the tree alone. `check --base`: from the tree and its base. `schema`: what breaks it cannot be',
  'written. `plan`: a hazard that needs an Approval. `apply`: by the controller or the gateway. `none`: not applicable, there is',
  'no such field. `forge`, `live`: not decided here, since the repository does not show it.',
];

function catalogueLines(catalogue: readonly CatalogueLine[]): readonly string[] {
  return [
    '## The isolation catalogue',
    '',
    `${catalogue.length} checks that keep customers apart. Where each is decided:`,
    '',
    ...DECIDED,
    '',
    '| Check | What | Decided | Codes | Note |',
    '|---|---|---|---|---|',
    ...catalogue.map(({ id, check, decided, codes: raised, note }) => {
      const links = raised.map((code) => `[${code}](#${code.toLowerCase()})`).join(', ');
      return `| ${id} | ${cell(check)} | ${decided} | ${links} | ${cell(note)} |`;
    }),
    '',
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
