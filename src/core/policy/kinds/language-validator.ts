import type { Json } from '../../model/index.ts';
import { LEAST_LETTERS, languageOf, SAMPLE_LENGTH, sampleOf } from '../detect/language.ts';
import { CYRILLIC, LATIN } from '../detect/words.ts';
import type { PolicyLanguageValidator } from '../generated/types.ts';
import { validatePolicyLanguageValidator } from '../generated/validators.js';
import { editAnswers } from '../text/answer.ts';
import { judgeBeginning } from '../text/beginning.ts';
import { readTexts } from '../text/visit.ts';
import { ALLOW, type CompileContext, type CompiledStep, policyKind, type StepResult } from './kind.ts';
import schema from './language-validator.schema.json' with { type: 'json' };

const REASON = {
  reasonCode: 'language-validator.not_allowed',
  message: 'A text is in a language that is not allowed here.',
};

/** The most that is looked at of one request, in UTF-16 code units. */
const MOST_SAMPLED = 65_536;

export const languageValidator = policyKind<PolicyLanguageValidator>({
  kind: 'language-validator',
  phases: ['input', 'output'],
  namespace: 'language-validator',
  controls: [],
  schema,
  validate: validatePolicyLanguageValidator,
  notes: [
    'One of `allowed_languages` and `denied_languages` (both are `POLICY_SETTINGS_CONFLICT`, neither lets everything pass), of the ten codes of the portable profile. A text in a language that does not pass is blocked, or with `action: warn` noted, as `language-validator.not_allowed`.',
    `How it tells: the script, and in Latin and Cyrillic letters the commonest words, endings and letters of ${[...Object.keys(LATIN), ...Object.keys(CYRILLIC)].map((code) => `\`${code}\``).join(' ')}: languages outside the ten are known so that an allow-list does not take them for a neighbour. No model, no dictionary; \`npm run bench -- detectors\` prints how often it is right.`,
    `**It needs a sentence or two.** A text with fewer than ${LEAST_LETTERS} letters (a character of Chinese, Japanese or Korean counts as three) or four words, code, lists of names, and any language it does not know have no language, and pass; so does what is told with less than \`min_confidence\`. Whoever mixes languages hides the rarer one.`,
    `Of requests every text that a caller wrote (any role but system, developer, assistant, tool and function, spelt so) is judged for itself, a long one by eight pieces of ${SAMPLE_LENGTH} UTF-16 code units spread over it, the newest first and ${MOST_SAMPLED} code units in all. Of an answer the first ${SAMPLE_LENGTH} code units of its words are judged (of a message of Anthropic or a response of OpenAI, those of each text), whole or streamed: **with \`block\` a stream is held until it has so many or ends**, with \`warn\` it is not held. What follows them is not looked at.`,
  ],
  compile: (config, context) => {
    reportBoth(config, context);
    const { allowed_languages: allowed = [], denied_languages: denied = [], min_confidence: least = 0.5 } = config;
    const named = new Set<string>(allowed.length > 0 ? allowed : denied);
    const passes = (sample: string): boolean => {
      const { language, confidence } = languageOf(sample);
      if (language === null || confidence < least || named.size === 0) return true;
      return named.has(language) === allowed.length > 0;
    };
    return stepOf(passes, config);
  },
});

function reportBoth(
  { allowed_languages: allowed, denied_languages: denied }: PolicyLanguageValidator,
  context: CompileContext,
): void {
  if ((allowed?.length ?? 0) === 0 || (denied?.length ?? 0) === 0) return;
  context.report('POLICY_SETTINGS_CONFLICT', `${context.pointer}/denied_languages`, {
    message: 'A list of what passes and a list of what does not cannot both decide.',
    expected: 'allowed_languages or denied_languages',
    found: 'both',
    at: 'key',
  });
}

function stepOf(
  passes: (sample: string) => boolean,
  { apply_to: where = 'both', action = 'block' }: PolicyLanguageValidator,
): CompiledStep {
  const refused: StepResult = { verdict: action, redactions: 0, ...REASON };
  const input: CompiledStep['input'] = ({ body }) => (requestPasses(body, passes) ? ALLOW : refused);
  const answers: CompiledStep = {
    output: (body) => (answerPasses(body, passes) ? ALLOW : refused),
    filter: judgeBeginning({ passes, action, length: SAMPLE_LENGTH }),
    filterReason: REASON,
  };
  return { ...(where === 'output' ? {} : { input }), ...(where === 'input' ? {} : answers) };
}

/** The newest texts first, until so much was looked at: older ones were judged when they were new. */
function requestPasses(body: Json, passes: (sample: string) => boolean): boolean {
  const samples: string[] = [];
  readTexts(body, 'input', (text, role) => {
    if (role === 'user') samples.push(sampleOf(text));
  });
  let left = MOST_SAMPLED;
  for (const sample of samples.reverse()) {
    if (!passes(sample)) return false;
    left -= sample.length;
    if (left <= 0) break;
  }
  return true;
}

function answerPasses(body: Json, passes: (sample: string) => boolean): boolean {
  let passed = true;
  editAnswers(body, (texts) => {
    passed &&= passes(texts.join('').slice(0, SAMPLE_LENGTH));
    return texts;
  });
  return passed;
}
