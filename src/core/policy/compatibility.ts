import { refusedByName } from './check/known.ts';
import { PATTERN_LENGTH_LIMIT } from './detect/pattern.ts';
import { kindOf } from './kinds/index.ts';
import { POLICY_KINDS } from './kinds/table.ts';
import { ARGUMENTS_HOLD_LIMIT } from './text/calls.ts';

const code = (text: string): string => `\`${text}\``;

/** The text of docs/policy-compatibility.md, made from the tables that the checks use. */
export function compatibilityMarkdown(): string {
  return [
    ...opening(),
    ...kindTable(),
    ...POLICY_KINDS.flatMap(({ kind }) => kindNotes(kind)),
    ...streams(),
    ...refused(),
    '',
  ].join('\n');
}

const opening = (): readonly string[] => [
  '# Which policy documents run here',
  '',
  '<!-- Generated from src/core/policy: UPDATE_DOCS=1 vitest run src/core/policy/compatibility.test.ts -->',
  '',
  'A policy document (`pack`, `policies.chain`, `policy.<kind>`, `providers`) that uses only what this page lists as supported runs',
  'unchanged. Everything else is refused by name, in `tenantry check` and by the gateway, which are the same code: what is',
  'accepted is enforced. A key that the language knows and Tenantry does not enforce is `POLICY_UNSUPPORTED_KEY` (or `_VALUE`,',
  '`_KIND`); a key that nobody knows is `POLICY_UNKNOWN_KEY`. The dialect of tutorials (`version`, a list of policies) is',
  '`POLICY_DIALECT_B`; single-policy documents are `POLICY_SINGLE_DOCUMENT`.',
  '',
  '## The document',
  '',
  '| Section | Supported |',
  '|---|---|',
  '| `pack` | `name`, `version` (SemVer), `enabled` (`false`: the gateway answers no request), `description` |',
  '| `policies.chain` | a kind, or one key with `when` (`path` prefix, `header` exact, `model` list; all must hold), `targeting` (`scope`, `teams`, `gateways` by name), `stage` where the kind has this one stage, `parallel: false`. Every kind once, with a block below `policy`. The team is the one of the token |',
  '| `providers.targets` | `id`, `provider` (`openai`, `anthropic`, or `family:chat:model`), `model`, `base_url` (https, http on loopback), `secret_key_ref` (`env` or `store`), `api_key_header`, `api_key_prefix`, `provider_type` and `format` (`openai` or `anthropic`), `anthropic_version`, `data_policy`, `zdr`. Another provider that speaks the wire format of one of them needs `format` and `base_url` |',
  '| `providers.routing` | `strategy: ordered` |',
  '| `providers.fallback` | `enabled`, `max_fallback_attempts`; always before the first byte of the answer, only to targets that the policies left |',
  '| `global_rate_limit`, `user_rate_limit`, `token_rate_limit` (`scope: global`), `size_limits` | all fields |',
  '| `testing.suites` | cases with `input` (`messages`, `headers`, `gateway_name`, one of `team_slugs`) and `expected` (`verdict`, `reason_code`); `check` runs them, a case that does not hold is `POLICY_TEST_FAILED` |',
  '',
];

const kindTable = (): readonly string[] => [
  `## The ${POLICY_KINDS.length} kinds`,
  '',
  '| Kind | Phase | Reason codes | Supported |',
  '|---|---|---|---|',
  ...POLICY_KINDS.map(
    ({ kind, phases, namespace, supported }) =>
      `| ${code(kind)} | ${phases.length === 0 ? 'reporting only' : phases.join(' + ')} | ${code(namespace)} | ${supported ? '**yes**' : 'no, refused by name'} |`,
  ),
  '',
];

function kindNotes(name: string): readonly string[] {
  const kind = kindOf(name);
  return kind === undefined ? [] : [`### ${name}`, '', ...kind.notes.map((note) => `- ${note}`), ''];
}

const streams = (): readonly string[] => [
  '## Patterns and streams',
  '',
  '- Patterns of a document are RE2 syntax and run on a linear-time engine: no look-around, no back-references. A pattern that matches the empty text or every text is refused.',
  `- Of a stream, what may still become a match is held back: no character of a match is ever sent (but those that \`marker_format: partial\` keeps), however the text is cut. Each policy that scans responses holds back at most as much as its longest match, so \`detect_patterns\` must have one of at most ${PATTERN_LENGTH_LIMIT} UTF-16 code units (\`POLICY_PATTERN_UNBOUNDED\`). Of the types of \`pii-detector\` an e-mail address is the longest (349); the URL of \`hipaa-phi-detector\` has up to 2,011, and a private key (\`dlp-filter\` at \`restricted\`) is held from its first line to its last, up to 8,191. A blocking policy ends the stream before the match.`,
  `- The arguments of a streamed tool call are held whole, up to ${ARGUMENTS_HOLD_LIMIT} code units, because JSON escapes could hide a match in a part of them; longer ones are blocked.`,
  '- Texts are all strings of messages, prompts, inputs, multimodal text parts, tool arguments and tool results, in every role. Pictures, sound and files are not read.',
  '',
];

const refused = (): readonly string[] => [
  '## Refused by name',
  '',
  '| Where | What |',
  '|---|---|',
  ...refusedByName().map(({ place, names }) => `| ${code(place)} | ${names.map(code).join(', ')} |`),
];
