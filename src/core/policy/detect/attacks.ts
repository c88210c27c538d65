import type { TextView } from './detector.ts';

// The six families of attack that the policy language names, in our own words, of texts with one space between two words. Gaps are
// bounded counts of words; letters and non-letters are disjoint classes, so every start is decided in a bounded number of steps.

const GAP = (most: number): string => `(?:[\\w']{1,20}[^\\w']{1,4}){0,${most}}?`;
const OLD =
  '(?:previous|prior|above|earlier|preceding|former|foregoing|existing|original|initial|past|system|developer|hidden|your|my|all)';
const ORDERS =
  '(?:instructions?|prompts?|rules?|directions?|directives?|guidelines?|commands?|orders?|constraints?|programming|training)';
const FREE =
  '(?:unrestricted|unfiltered|uncensored|jail ?broken|unaligned|amoral|(?:no|without(?: any)?|free (?:of|from)(?: all| any)?) (?:restrictions?|rules|limits|limitations|filters?|guidelines|guardrails|censorship|constraints|ethics|morals))';

const families = [
  // Ignore previous instructions, disregard the rules.
  `\\b(?:ignore|disregard|override|overlook|neglect|discard|abandon|skip)\\b[^\\w']{1,4}${GAP(4)}${OLD}\\b[^\\w']{1,4}${GAP(3)}${ORDERS}\\b`,
  `\\b(?:disregard|ignore|break|violate|abandon)\\b[^\\w']{1,4}(?:all|any|every|each|your|the)[^\\w']{1,4}(?:of )?(?:the |your |these |those |safety |content )?(?:instructions|rules|guidelines|guardrails)\\b`,
  // Forget the system prompt.
  `\\bforget\\b[^\\w']{1,4}${GAP(4)}(?:system|previous|prior|initial|original|earlier|all|your)\\b[^\\w']{1,4}${GAP(3)}(?:prompts?|instructions?|rules?|guidelines?|training|programming)\\b`,
  `\\bforget (?:everything|all) (?:you (?:were|have been|'ve been) (?:told|taught|instructed)|(?:above|before)(?: this)?)\\b`,
  // You are now DAN.
  `\\b(?:you are|you're|you will be|act as|become|enable|enter|activate)(?: now)?\\b[^\\w']{1,4}${GAP(1)}(?:dan(?: mode)?|stan|jail ?br(?:oken|eak)|developer mode|god mode)\\b`,
  '\\bdo anything now\\b',
  // Roleplay as unrestricted.
  `\\b(?:act|behave|respond|answer|reply|role ?play|pretend|simulate|imagine|speak|operate|be)\\b[^\\w']{1,4}${GAP(8)}${FREE}\\b`,
  // Bypass safety.
  `\\b(?:bypass|circumvent|evade|disable|deactivate|switch off|turn off|jailbreak)\\b[^\\w']{1,4}(?:all |any |of |the |your |its |these |those ){0,4}(?:safety|content|moderation|ethical|ethics|alignment|security)[^\\w']{1,4}(?:and \\w{1,12} )?(?:filters?|guardrails?|restrictions?|safeguards?|protections?|guidelines?|measures?|controls?|policy|policies|moderation|protocols?|checks?|training)\\b`,
];
const ATTACK = new RegExp(families.join('|'));

const STEMS =
  /(?<![a-z0-9])(?:ignore|disregard|over(?:rid|look)|neglect|discard|abandon|skip|break|violate|forget|dan(?![a-z0-9])|stan(?![a-z0-9])|jail[\W_]*br|god[\W_]+mode|developer[\W_]+mode|do[\W_]+anything|un(?:restr|filt|cens|align)|amoral|without|free[\W_]+(?:of|from)|no[\W_]+(?:restr|rules|lim|filt|guide|guard|cens|const|eth|mor)|bypass|circumv|evade|disable|deactiv|switch[\W_]+off|turn[\W_]+off)/;
// Letters are those of any script: of a sentence in another one nothing is left out.
const BETWEEN_WORDS = /(?:[^\p{L}\p{M}\p{N}']|(?<!\p{L})'|'(?!\p{L}))+/gu;

/**
 * True when the text tries to overrule the instructions of the application, in one of the six families, whatever stands between
 * its words.
 */
export function isAttack({ lower }: TextView): boolean {
  return STEMS.test(lower) && ATTACK.test(lower.replaceAll('\u2019', "'").replace(BETWEEN_WORDS, ' '));
}

// The tokens with which chat templates mark turns: in a message they are never typed by accident.
const TOKENS =
  /<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:start|end)_of_turn>/i;

/** True when the text holds a special token of a chat template. */
export function hasFakeBoundary(text: string): boolean {
  return (text.includes('<') || text.includes('[')) && TOKENS.test(text);
}

const DELIMITERS =
  /<\/?(?:system|system_prompt|system_message|instructions|developer|assistant)>|(?:^|\n)[ \t]{0,8}(?:#{1,6} ?|-{2,6} ?|={2,6} ?|\[)(?:end (?:of )?|begin |start (?:of )?|new )?(?:system|developer|assistant|user) (?:prompt|message|instructions?|input|turn)\b|\b(?:end|begin) (?:of )?(?:system|user) (?:prompt|message|input|instructions)\b/i;
const DELIMITER_STEMS = /system|instructions|developer|assistant|user /;

/** True when the text closes or opens a section that only the application may write. */
export function breaksDelimiter({ text, lower }: TextView): boolean {
  return DELIMITER_STEMS.test(lower) && DELIMITERS.test(text);
}
