import type { PolicyBotDetector } from '../generated/types.ts';
import { validatePolicyBotDetector } from '../generated/validators.js';
import { fingerprint, MEMORY_COUNTS, type Memory } from '../run/memory.ts';
import schema from './bot-detector.schema.json' with { type: 'json' };
import { ALLOW, policyKind } from './kind.ts';

const FIELDS = ['user-agent', 'x-forwarded-for', 'authorization'];

export const botDetector = policyKind<PolicyBotDetector>({
  kind: 'bot-detector',
  phases: ['input'],
  namespace: 'bot_detector',
  controls: ['OWASP LLM 2026/06'],
  schema,
  validate: validatePolicyBotDetector,
  notes: [
    'Counts requests of callers that look alike: at least `similarity_threshold` of the `fingerprint_fields` (headers, in any case; 0.9 of three are all three, 0.6 are two) have the same value, or are absent in the same way. Request `max_requests_per_window` + 1 and those after it, in one window of `profile_window_seconds` (windows begin at multiples of their length), are noted, or with `action: block` refused, as `bot_detector.too_many_requests`.',
    '**It counts, and nothing more: it does not know a program from a person,** and headers are what a caller says. Whoever changes them each time is not seen; callers behind one proxy without a header that tells them apart are one. Values are kept as fingerprints of 53 bits, not as they are.',
    `Counts are in the memory of one gateway: a restart forgets them, and of more than ${MEMORY_COUNTS} the one that was not asked for longest goes first.`,
  ],
  compile: (config) => {
    const fields = [...new Set((config.fingerprint_fields ?? FIELDS).map((name) => name.toLowerCase()))];
    const { similarity_threshold: share = 0.9, max_requests_per_window: most = 5 } = config;
    const { profile_window_seconds: windowSeconds = 60, action = 'warn' } = config;
    const groups = groupsOf(fields, Math.ceil(share * fields.length - ROUNDING));
    return {
      headersRead: fields,
      input: ({ facts, memory }) => {
        const counts = groups.map((group) => countOf(group, facts.headers, { memory, windowSeconds }));
        if (counts.every((count) => count <= most)) return ALLOW;
        return {
          verdict: action,
          reasonCode: 'bot_detector.too_many_requests',
          redactions: 0,
          message: 'Too many requests that look alike came in a short time.',
        };
      },
    };
  },
});

/** A share such as 0.7 of ten is seven, whatever the sum of its bits says. */
const ROUNDING = 1e-9;

/** Every choice of `size` of the fields: callers that agree in one of them are alike. */
function groupsOf(fields: readonly string[], size: number): readonly (readonly string[])[] {
  if (size <= 0) return [[]];
  return fields.flatMap((field, at) => groupsOf(fields.slice(at + 1), size - 1).map((rest) => [field, ...rest]));
}

interface Counted {
  readonly memory: Memory;
  readonly windowSeconds: number;
}

function countOf(
  group: readonly string[],
  headers: ReadonlyMap<string, string>,
  { memory, windowSeconds }: Counted,
): number {
  const values = JSON.stringify(group.map((name) => headers.get(name) ?? null));
  return memory.add(`${group.join()} ${fingerprint(values)}`, 1, windowSeconds);
}
