import type { Json } from '../../model/index.ts';
import { breaksDelimiter, hasFakeBoundary, isAttack } from '../detect/attacks.ts';
import { decodedSegments, foldLookalikes, isPlain, MOST_DIGITS, plainForm, taggedTexts } from '../detect/decode.ts';
import { TextView } from '../detect/detector.ts';
import { patternsTest } from '../detect/patterns.ts';
import type { PolicyPromptInjection } from '../generated/types.ts';
import { validatePolicyPromptInjection } from '../generated/validators.js';
import { readTexts } from '../text/visit.ts';
import { DEFINITION, OTHER, SETTING } from '../text/walk.ts';
import { ALLOW, policyKind } from './kind.ts';
import schema from './prompt-injection.schema.json' with { type: 'json' };
import { compilePatterns } from './scanning.ts';

const DEFAULT_MESSAGE = 'Request blocked: potential prompt injection detected';

export const promptInjection = policyKind<PolicyPromptInjection>({
  kind: 'prompt-injection',
  phases: ['input'],
  namespace: 'prompt_injection',
  controls: ['OWASP LLM 2026/01'],
  schema,
  validate: validatePolicyPromptInjection,
  notes: [
    'Always blocks, before any provider is called. Looks at every text of the request, definitions of tools too, but those of messages of the roles system and developer, and settings that no model reads (`stop`, `user`, `metadata` …): each for itself, and those of callers and tools joined, so that an attack spread over several turns is one. What a tool gave back is never taken for a message, whatever role it claims.',
    'Six built-in families (ignore previous instructions, forget the system prompt, you are now DAN, roleplay as unrestricted, bypass safety, disregard the rules), whatever but letters stands between their words. `attack_patterns` add to them and are compared without regard to case, with the text as it stands.',
    `Decoding: Base64 of 16 characters and more, two levels deep, also behind digits that are none of it and with bytes in it that cannot be read, the first ${MOST_DIGITS} digits of each text; NFKC without invisible characters; what invisible tags say (U+E0020 to U+E007E); look-alike letters of other scripts. \`enforce_delimiters\` refuses text that opens or closes a system or instruction section, \`reject_fake_boundaries\` the special tokens of chat templates.`,
    'Similarity by embeddings is not supported: `embedding_threshold`, `backend`, `endpoint`, `model`, `api_key` and `timeout_ms` are refused by name. `log_level` is accepted as `warn` only.',
  ],
  compile: (config, context) => {
    const sources = config.attack_patterns ?? [];
    const rules = { sources, pointer: `${context.pointer}/attack_patterns`, ignoreCase: true, bounded: false };
    const settings: Settings = {
      custom: patternsTest(compilePatterns(rules, context)),
      base64: config.encoding?.decode_base64 ?? true,
      unicode: config.encoding?.normalize_unicode ?? true,
      homoglyphs: config.encoding?.detect_homoglyphs ?? true,
      delimiters: config.boundaries?.enforce_delimiters ?? true,
      boundaries: config.boundaries?.reject_fake_boundaries ?? true,
    };
    const message = config.response?.message ?? DEFAULT_MESSAGE;
    return {
      input: ({ body }) =>
        holdsAttack(body, settings)
          ? { verdict: 'block', reasonCode: 'prompt_injection.detected', redactions: 0, message }
          : ALLOW,
    };
  },
});

interface Settings {
  readonly custom: (view: TextView) => boolean;
  readonly base64: boolean;
  readonly unicode: boolean;
  readonly homoglyphs: boolean;
  readonly delimiters: boolean;
  readonly boundaries: boolean;
}

/** Who is trusted, and settings, which no model reads. */
const NOT_READ = new Set(['system', 'developer', SETTING]);
/** What is no turn of the conversation, or written by the model itself. */
const NOT_ASKED = new Set(['assistant', DEFINITION, OTHER]);
const DECODE_DEPTH = 2;

function holdsAttack(body: Json, settings: Settings): boolean {
  const texts: string[] = [];
  const asked: string[] = [];
  readTexts(body, 'input', (text, role) => {
    if (NOT_READ.has(role) || text === '') return;
    texts.push(text);
    if (!NOT_ASKED.has(role)) asked.push(text);
  });
  if (texts.some((text) => isHostile(text, settings, DECODE_DEPTH))) return true;
  // One attack in several turns: a phrase may go on in the next text.
  return asked.length > 1 && isHostile(asked.join('\n'), settings, 0);
}

function isHostile(text: string, settings: Settings, depth: number): boolean {
  if (matchesAny(text, settings)) return true;
  if (isPlain(text)) return settings.base64 && depth > 0 && hidesAttack(text, settings, depth);
  const plain = settings.unicode ? plainForm(text) : null;
  if (plain !== null && plain !== text && matchesAny(plain, settings)) return true;
  if (settings.unicode && taggedTexts(text).some((tagged) => isHostile(tagged, settings, depth))) return true;
  const folded = settings.homoglyphs ? foldLookalikes(plain ?? text) : null;
  if (folded !== null && folded !== (plain ?? text) && matchesAny(folded, settings)) return true;
  return settings.base64 && depth > 0 && hidesAttack(plain ?? text, settings, depth);
}

function hidesAttack(text: string, settings: Settings, depth: number): boolean {
  return decodedSegments(text).some((segment) => isHostile(segment, settings, depth - 1));
}

function matchesAny(text: string, settings: Settings): boolean {
  const view = new TextView(text);
  return (
    isAttack(view) ||
    (settings.boundaries && hasFakeBoundary(text)) ||
    (settings.delimiters && breaksDelimiter(view)) ||
    settings.custom(view)
  );
}
