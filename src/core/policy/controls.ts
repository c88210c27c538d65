// Items of published lists of what the use of AI is to be governed for, that policies speak to. Editions number anew, so each
// item names its own: the OWASP Top 10 for LLM applications is that of 4 August 2026, the AI Act as amended by Regulation (EU)
// 2026/1744 (reference/ai-gateways.md, section 6).

const TITLES = {
  'OWASP LLM 2026/01': 'Prompt injection',
  'OWASP LLM 2026/02': 'Sensitive information disclosure',
  'OWASP LLM 2026/03': 'Excessive agency',
  'OWASP LLM 2026/06': 'Unbounded consumption',
  'EU AI Act 12': 'Automatic logging of events',
  'EU AI Act 14': 'Human oversight',
  'EU AI Act 26(6)': 'Logs that are kept by the deployer',
  'ISO/IEC 42001 A.6.2.8': 'Recording of event logs',
  'ISO/IEC 42001 A.9': 'Use of AI systems',
  'ISO/IEC 42001 A.10': 'Third parties',
} as const;

export type ControlId = keyof typeof TITLES;

/** One item of a list, as a person finds it there. */
export interface Control {
  readonly id: ControlId;
  readonly title: string;
}

/** What the journal of every gateway speaks to, whatever its document says. */
export const JOURNAL_CONTROLS: readonly Control[] = controls([
  'EU AI Act 12',
  'EU AI Act 26(6)',
  'ISO/IEC 42001 A.6.2.8',
]);

/** What wallets and limits speak to. */
export const MONEY_CONTROLS: readonly Control[] = controls(['OWASP LLM 2026/06']);

/** The items with their titles. */
export function controls(ids: readonly ControlId[]): readonly Control[] {
  return ids.map((id) => ({ id, title: TITLES[id] }));
}
