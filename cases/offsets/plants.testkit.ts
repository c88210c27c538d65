import type { JsonObject } from '../../src/core/model/index.ts';

// For every kind that redacts or blocks answers: what is planted, and what must not come out.

export interface Plant {
  readonly kind: string;
  readonly settings: JsonObject;
  /** What an answer holds. */
  readonly texts: readonly string[];
  readonly verdict: 'redact' | 'block';
  /** The text is the name of a tool that an answer calls. */
  readonly isTool?: boolean;
  /** Ordinary text around it would change what it is. */
  readonly isAlone?: boolean;
  /** Judged in the words of an answer alone. */
  readonly isWordsOnly?: boolean;
}

const PERSONAL = [
  'ana.long+billing@mail.acme.example',
  '536-22-1234',
  '4111 1111 1111 1111',
  '4111\u202f1111\u200b1111\u22121111',
  '４１１１　１１１１　１１１１　１１１１',
  'DE89 3704 0044 0532 0130 00',
  '(212) 555-0147',
  '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
];
const HEALTH = ['123-45-6789', 'https://clinic.example/p/8812?x=1', '1HGCM82633A004352', 'ana@clinic.example'];
const COMPANY = ['Project Larkspur', 'ACM-20419833', `AK${'IA'}4SYWB5WKH7DNSIPZ`, 'TOP SECRET//NOFORN'];
const NAMES = ['Nordwind Trading', 'NORDWIND TRADING', 'straße 9'];
const ADVICE = ['guaranteed returns of 12 percent', 'GUARANTEED RETURN OF 7 PERCENT'];

const both = (plant: Omit<Plant, 'verdict'>): readonly Plant[] =>
  (['redact', 'block'] as const).map((verdict) => ({
    ...plant,
    settings: { ...plant.settings, action: verdict },
    verdict,
  }));

/** One entry or more for each kind; a kind without one fails the test. */
export const PLANTS: readonly Plant[] = [
  ...both({ kind: 'pii-detector', settings: { pci_mode: true }, texts: PERSONAL }),
  ...both({ kind: 'hipaa-phi-detector', settings: {}, texts: HEALTH }),
  ...both({
    kind: 'dlp-filter',
    settings: {
      blocked_terms: ['Project Larkspur'],
      detect_patterns: ['ACM-[0-9]{8}'],
      sensitivity_level: 'restricted',
    },
    texts: COMPANY,
  }),
  {
    kind: 'entity-list-filter',
    settings: { blocked_entities: ['Nordwind Trading', 'straße 9'], action: 'block' },
    texts: NAMES,
    verdict: 'block',
  },
  {
    kind: 'financial-compliance',
    settings: { blocked_patterns: ['guaranteed returns? of [0-9]{1,3} percent'] },
    texts: ADVICE,
    verdict: 'block',
  },
  {
    kind: 'healthcare-compliance',
    settings: { blocked_patterns: ['guaranteed returns? of [0-9]{1,3} percent'] },
    texts: ADVICE,
    verdict: 'block',
  },
  {
    kind: 'response-rewriter',
    settings: { rules: [{ name: 'gone', pattern: 'ACM-[0-9]{8}', replacement: '[gone]', position: 'replace' }] },
    texts: ['ACM-20419833'],
    verdict: 'redact',
    isWordsOnly: true,
  },
  {
    kind: 'language-validator',
    settings: { denied_languages: ['de'], apply_to: 'output', action: 'block' },
    texts: ['Bitte überweisen Sie den Betrag noch heute auf das Konto, das wir Ihnen gestern genannt haben.'],
    verdict: 'block',
    isAlone: true,
    isWordsOnly: true,
  },
  {
    kind: 'agent-firewall',
    settings: { blocked_tools: ['wire_money'] },
    texts: ['wire_money'],
    verdict: 'block',
    isTool: true,
  },
  {
    kind: 'tool-validation',
    settings: { declared_tools: ['other'] },
    texts: ['wire_money'],
    verdict: 'block',
    isTool: true,
  },
  {
    kind: 'tool-security',
    settings: { blocked_patterns: ['to offshore'] },
    texts: ['wire_money'],
    verdict: 'block',
    isTool: true,
  },
  {
    kind: 'tool-budget',
    settings: { budgets: { wire_money: { max_tokens: 1 } } },
    texts: ['wire_money'],
    verdict: 'block',
    isTool: true,
  },
];

/** Kinds with a part in answers that are not read while they flow, and why. */
export const NOT_WHILE_IT_FLOWS: ReadonlyMap<string, string> = new Map([
  ['external-moderation', 'another service reads the whole answer before any of it goes out'],
  ['flagged-review', 'another model reads the whole answer before any of it goes out'],
  ['human-oversight', 'a person reads the whole answer before any of it goes out'],
]);
