/** What `explain` and docs/findings.md say of a code. Codes are SCREAMING_SNAKE and never reused. */
export interface CodeEntry {
  readonly severity: 'critical' | 'high' | 'medium' | 'info';
  /** One line: what is wrong. */
  readonly title: string;
  /** Why it matters and how it comes about; a few sentences. */
  readonly explain: string;
  /** What to do, in the imperative. */
  readonly fix: string;
}

export type CodeTable = { readonly [code: string]: CodeEntry };
