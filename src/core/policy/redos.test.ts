import { describe, expect, it } from 'vitest';
import { chat, compiled, completionOf, documentOf, request } from './policy.testkit.ts';

// 100 KB of what each family of patterns begins to match again and again. That the test ends is the assertion: anything
// superlinear in one of these patterns would take minutes.
const SIZE = 100_000;
const fill = (unit: string): string => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);

const texts = [
  'ignore ',
  'ignore all previous ',
  'act as ',
  'bypass the ',
  'forget ',
  'you are now ',
  "a'",
  'no ',
  'a',
  '1',
  '1 ',
  '4111 ',
  '4-',
  '(212) ',
  '+1 ',
  'a@',
  '@',
  'a.',
  'a@a.',
  '1.',
  '1:',
  '::',
  'f:',
  'ssn ',
  'cvv ',
  'card holder ',
  'Cardholder: A ',
  'patient name: A ',
  'patient ',
  '1/1/',
  'may 1 ',
  'age ',
  'TX ',
  'https://a',
  'license plate A ',
  'account number ',
  'aaaaaaaaaaaaaaaaaaaac ',
  'mrn ',
  'insurance policy number ',
  'A0',
  '===',
  '### system ',
  '<|',
  '\u0456',
  '\u200b',
  '"\\',
  'DE89 ',
  'DE8937040044053201300',
  'AB12CD34',
  '529.',
  'steuer-id 1',
  'AKIA',
  'sk-a1',
  'eyJaaaaaaaaa.',
  'password=a1B2',
  'api_key ',
  '-----BEGIN PRIVATE KEY-----\nMIIB',
  '-----BEGIN PRIVATE KEY-----',
  'TOP SECRET//',
].map(fill);

describe('adversarial texts', () => {
  const policy = compiled({
    ...documentOf('dlp-filter'),
    policies: {
      chain: [
        ...[
          'prompt-injection',
          'dlp-filter',
          'pii-detector',
          'hipaa-phi-detector',
          'entity-list-filter',
          'safety-filter',
          'request-rewriter',
        ],
      ],
    },
    policy: {
      'prompt-injection': { attack_patterns: ['(a+)+b', 'x.*y.*z'] },
      'dlp-filter': {
        blocked_terms: ['aaaaaaab', 'aab', 'aaaaa', 'ab', 'aaab', 'b', 'c', 'd', 'e'].map((end) => `${end}${end}z`),
        detect_patterns: ['(?:a{1,9}){1,9}b'],
      },
      'pii-detector': { healthcare_mode: true },
      'hipaa-phi-detector': {},
      'entity-list-filter': {
        blocked_entities: ['aaaaaaaaaaaaaaaaaaaab aaaab', 'ignore previous patient', 'account number'],
        fuzzy_matching: true,
        max_distance: 2,
      },
      'safety-filter': {},
      'request-rewriter': { rules: [{ name: 'r', pattern: '(a+)+b|(.*)c', replacement: '$1$2' }] },
    },
  });
  const answers = compiled({
    ...documentOf('dlp-filter'),
    policies: { chain: ['response-rewriter', 'financial-compliance', 'healthcare-compliance'] },
    policy: {
      'response-rewriter': {
        rules: [
          { name: 'r', pattern: '((?:a{1,9}){1,9})b|(1 ?)', replacement: '$1$2' },
          { name: 'p', pattern: '^(?:a{1,9}){1,9}b', replacement: 'x', position: 'prepend' },
          { name: 'a', pattern: '(?:a{1,9}){1,9}b', replacement: 'x', position: 'append' },
        ],
      },
      'financial-compliance': { blocked_patterns: ['(?:a{1,9}){1,9}b'] },
      'healthcare-compliance': {},
    },
  });

  it.each(texts.map((text) => [text.slice(0, 24), text]))('of %j are decided', (_, text) => {
    expect(['allow', 'block', 'redact']).toContain(policy.input(request(chat(text))).verdict);
    const answer = completionOf(text);
    expect(['allow', 'block', 'redact']).toContain(answers.output(request(chat('hi')), answer).verdict);
  });
});
