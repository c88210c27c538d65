import type { JsonObject } from '../../src/core/model/index.ts';
import { type Act, type KindProbes, type Probe, probe } from './probe.testkit.ts';

// Kinds that change texts.

const rule = (more: JsonObject = {}): JsonObject => ({
  rules: [{ name: 'one', pattern: 'red', replacement: 'blue', ...more }],
});

/** The fields of a rule; `condition` where the kind has it for this position. */
const rules = (act: Act, conditional: JsonObject): readonly Probe[] => [
  probe('rules[].pattern', rule(), rule({ pattern: 'green' }), act),
  probe('rules[].replacement', rule(), rule({ replacement: 'yellow' }), act),
  probe('rules[].position', rule({ position: 'replace' }), rule({ position: 'append' }), act),
  probe(
    'rules[].condition',
    rule({ ...conditional, condition: 'red' }),
    rule({ ...conditional, condition: 'nowhere' }),
    act,
  ),
];

export const REWRITER_PROBES: KindProbes = {
  'response-rewriter': [
    probe(
      'preserve_structure',
      { ...rule(), preserve_structure: true },
      { ...rule(), preserve_structure: false },
      { answer: 'red' },
    ),
    ...rules({ answer: 'a red house' }, { position: 'append' }),
  ],
  'request-rewriter': [
    probe(
      'system_message.content',
      { system_message: { content: 'Be kind.' } },
      { system_message: { content: 'Be brief.' } },
      { ask: 'hi' },
    ),
    ...rules({ ask: 'a red house' }, {}),
  ],
};
