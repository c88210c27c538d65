import type { Json } from '../model/index.ts';
import { refusedByName } from './check/known.ts';
import { PATTERN_LENGTH_LIMIT } from './detect/pattern.ts';
import schema from './document.schema.json' with { type: 'json' };
import { fieldsOf } from './fields.ts';
import { kindOf } from './kinds/index.ts';
import { type KindEntry, POLICY_KINDS } from './kinds/table.ts';
import { MOST_CALLS } from './run/scanner.ts';
import { ARGUMENTS_HOLD_LIMIT, MOST_NAME } from './text/calls.ts';

/** Whether a kind judges tool calls: a step without settings tells. */
function judgesCalls({ kind }: KindEntry): boolean {
  const context = { pointer: '', report: () => {}, targets: () => [], inChain: false };
  const step = kindOf(kind)?.build({}, context) ?? {};
  return 'call' in step;
}

const code = (text: string): string => `\`${text}\``;

/** The text of docs/policy-compatibility.md, made from the tables that the checks use. */
export function compatibilityMarkdown(): string {
  return [
    ...opening(),
    ...everyField(),
    ...kindTable(),
    ...POLICY_KINDS.flatMap(({ kind }) => kindNotes(kind)),
    ...routing(),
    ...limits(),
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
  '| `policies.chain` | a kind, or one key with `when` (`path` prefix of a path that is judged, `header` exact, `model` list; all must hold), `targeting` (`scope`, `teams`, `gateways` by name), `stage` where the kind has this one stage, `parallel: false`. Every kind once, with a block below `policy`. The team is the one of the token |',
  '| `providers.targets` | `id`, `provider` (`openai`, `anthropic`, or `family:chat:model`), `model`, `base_url` (https, http on loopback), `secret_key_ref` (`env` or `store`), `api_key_header`, `api_key_prefix`, `provider_type` and `format` (`openai` or `anthropic`), `anthropic_version`, `data_policy`, `zdr`, `headers` (none of the connection, the body or a key), `timeout_seconds` and `stream_timeout_seconds`, `weight`, `region`, `data_residency.regions`, `pricing` (only for `max_price`). Another provider that speaks the wire format of one of them needs `format` and `base_url` |',
  '| `providers.routing` | `strategy` (all but `semantic`), `window_seconds`, `min_sample_count`, `exploration_ratio`, `order`, one of `only` and `ignore`, `allow_fallbacks`, `max_price` (`prompt`, `completion`), `preferred_max_latency`, `require_region` |',
  '| `providers.fallback` | `enabled`, `max_fallback_attempts`, `trigger_on`; always before anything of an answer has gone out, only to targets that the policies left |',
  '| `providers.retry_policy`, `providers.circuit_breaker` | all fields |',
  '| `providers.model_groups` | `name`, `targets`, `aliases`, `description`, `fallback_group` |',
  '| `global_rate_limit`, `user_rate_limit`, `token_rate_limit` | all fields |',
  '| `size_limits` | all fields. `max_response_bytes` counts what the provider sends: an answer in one piece that is longer is refused, a stream ends there, both with `upstream_too_large`. Without it 32 MiB hold for answers in one piece, and a stream is as long as it is |',
  "| `ip_rate_limit`, `ip_allowlist` | `max_requests`, `window_seconds`; `cidrs`. The address is the socket's, or what proxies say that the operator of the gateway trusts (`--trusted-proxy`), never what the document says |",
  '| `providers.scope_rate_limits` | `per_key`, `per_team`, `global` with `rpm` and `tpm`; `max_parallel_requests` (of everyone together) |',
  '| `callbacks` | `webhook`: `url`, `signing_secret_env`, `headers` (none of the connection, the body or a key), `event_filter.types` (`request`, `block`, `escalation`, `policy_violation`), each url once; `prometheus`, which has no settings: `/metrics`. See [operations.md](operations.md) |',
  '| `tool_servers` | `id`, `url` (streamable HTTP), `secret_key_ref`, `api_key_header`, `api_key_prefix`, `timeout_seconds`, `allowed_tools`, `require_approval` (tools of which a person approves every call: `mcp.approval_required`), `tool_digests`: MCP at `/mcp/<id>`. The language does not establish these fields; here they mean what [operations.md](operations.md) says |',
  '| `testing.suites` | cases with `input` (`messages`, `headers`, `gateway_name`, one of `team_slugs`) and `expected` (`verdict`, `reason_code`); `check` runs them, a case that does not hold is `POLICY_TEST_FAILED`, a case that reaches a policy that asks another service is run up to there: it comes to `escalate` (`<kind>.asked`, or the reason of a policy before it that hands over to a person), and is `POLICY_TEST_ASKS` where it expects anything else |',
  '',
];

/** The paths of a schema, each as code. */
const paths = (of: Json): readonly string[] => fieldsOf(of).map(({ path }) => code(path));

/** All that a document may say beside the settings of policies, by section; a section that is one value has no path below it. */
function everyField(): readonly string[] {
  const sections = new Map<string, string[]>();
  for (const { path } of fieldsOf(schema as unknown as Json)) {
    const [name = ''] = /^\w+/.exec(path) ?? [];
    if (name !== 'policy') sections.set(name, [...(sections.get(name) ?? []), code(path.slice(name.length))]);
  }
  return [
    '## Every field',
    '',
    'By section, `[]` for each item of a list and `*` for any name; those of `policy` stand with each kind below. A test in the repository shows for each that another value of it changes what happens.',
    '',
    ...[...sections].map(([name, found]) => `- ${code(name)}: ${found.join(', ')}`),
    '',
  ];
}

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
  if (kind === undefined) return [];
  const fields = `Fields: ${paths(kind.schema).join(', ') || 'none'}.`;
  return [`### ${name}`, '', ...[fields, ...kind.notes, ...spokenTo(name)].map((note) => `- ${note}`), ''];
}

function spokenTo(name: string): readonly string[] {
  const items = POLICY_KINDS.find(({ kind }) => kind === name)?.controls ?? [];
  return items.length === 0 ? [] : [`Speaks to ${items.map(({ id, title }) => `${id} (${title})`).join(', ')}.`];
}

const routing = (): readonly string[] => [
  '## Routing',
  '',
  'Routing chooses among the targets that `only`, `ignore`, `require_region`, `max_price` and the policies of the chain leave, and a fallback or a retry goes to no other.',
  '',
  '| Strategy | Tries first |',
  '|---|---|',
  '| `ordered` | the first of the list, or of `order`, or of the group that was asked for |',
  '| `lowest_latency` | the least mean time until the headers of an answer, of at most 128 answers within `window_seconds` (a refusal or failure is none); a target with fewer than `min_sample_count` comes after those that have them. `exploration_ratio` of the requests try any target first |',
  '| `highest_throughput` | the most output tokens per second of whole answers, else like `lowest_latency` |',
  '| `round_robin`, `weighted_round_robin` | each in turn, by `weight` (smooth) |',
  '| `random`, `simple_shuffle` | a random one; `simple_shuffle` by `weight` |',
  '| `least_connections` | fewest requests being answered |',
  '| `least_busy` | fewest tokens that the requests being answered can take at most |',
  '| `usage_based` | fewest tokens used within `window_seconds` |',
  '',
  '- Measurements are those of one gateway process. They stay through a change of the configuration and begin anew with the process.',
  '- A setting that the strategy does not read, or that another one switches off, is `POLICY_ROUTING_SETTING`: nothing is accepted and ignored.',
  '- `timeout_seconds` is the longest silence, before the headers and between two parts of an answer, never a total; `stream_timeout_seconds` the same of a stream.',
  '- Each target has connections of its own, at most 512, also where two targets have one `base_url`. A request for which none is free or comes about is not sent after 10 seconds, or `timeout_seconds` where that is less; it counts as a connection that is refused, and costs nothing.',
  '- `require_region` compares `data_residency.regions`, or `region` where that is missing; a target that declares neither is left out. A request for a model that only targets outside the region or the data policy offer is refused with 451 `no_compliant_provider`.',
  '- `max_price` is in USD per million tokens and compares `pricing` of the target; a target without is left out. `pricing` is for nothing else: budgets use the price book.',
  '- `preferred_max_latency.value` is in seconds. Targets that were slower come last and are not left out.',
  '- Triggers: `rate_limit` is 429; `server_error` 5xx, a connection that is refused or breaks, and a status of 200 without an answer (an error in its place, no JSON object, a stream whose first event is an error or does not come); `timeout` silence or 408; `auth_error` 401, 402, 403, 407; `model_not_found` 404 or this error code; `context_length_exceeded` and `content_filter` (also `content_policy_violation`) by the code or type of the error, the first also by the words of providers that have no code for it (`prompt is too long`). An answer in one piece has begun when all of it is here, a stream with its first event that is no comment or ping; only then does the client hear of it. A redirect is a failure, never followed and never fallen back from. What is retried and fallen back from without settings: `trigger_on` has all but `auth_error`; `max_retries` is for `rate_limit`, `server_error` and `timeout`.',
  "- A retry waits as `backoff` says (`exponential`: between half of the step and the whole) or as long as `Retry-After` says (seconds or a date, by the gateway's clock), at most 30 seconds; a provider that asks for more is not waited for.",
  '- `circuit_breaker` counts `server_error` and `timeout` in a row, also of streams that break off midway, by an error in them or without their end. Open, the target is passed over for `cooldown_seconds`; then one request at a time tries. With `allow_fallbacks: false` nobody is tried instead and the request is refused.',
  '- A group is asked for in place of a model; a token may use it when its models name the group, or else those of its targets whose models the token names.',
  '- `when.model` of a chain entry holds for a model that was asked for by its name, by a group behind which a target has it, or by no name where any target has it. It looks at what was asked for; a fallback does not go to a target of a model for which an entry would hold that does not hold for what was asked for.',
  '- The host of a target is resolved by the gateway, and a connection to a private, shared (CGNAT), link-local, metadata, multicast, reserved, IPv4-mapped or NAT64 address, or one outside of the global unicast range of IPv6, is refused; to a loopback one too, unless `base_url` names it. `tenantry-gateway run --allow-private <host>` allows private and loopback addresses of one host.',
  '- `secret_key_ref: env` is a variable of the gateway; `store` a name that its host resolves: `--secrets-dir` (a file of that name) or `--secrets-command` (a program that gets the name). A stored key is read again after a minute; where that fails the former one stays. A program that takes longer than 10 seconds is killed with what it has started.',
  '- A target whose key is not there is passed over like one whose breaker is open, also without fallback. `GET /tenantry/providers` says `key: missing` of it; which variable or secret it is stands in the log of the gateway, once, and in no answer.',
  '- `max_fallback_attempts` counts targets that are asked: one that is passed over, for its key, its breaker or a limit of its model, is none of them.',
  '',
];

const limits = (): readonly string[] => [
  '## Limits',
  '',
  '- Windows slide: there is no interval of `window_seconds` in which more is let in than the limit. A place is free again after one window, at the latest after one and a thousandth; whoever spaces requests evenly at a limit of up to 1,000 is not refused. **This differs from Keeptrusts, whose windows are fixed** and let in twice the limit around their turn.',
  '- A limit counts in one gateway process: two gateways with the same document let in twice as much together. Beside the document, the manifests of gateways, teams and tokens have limits of their own (docs/limits.md); of limits on the same thing in the same window the smaller one holds.',
  '- Tokens are counted when an answer ends. A request is let in while any are left, so those under way when the limit is reached may go beyond it.',
  '- `per_key` is one token of the org, whichever of its secrets is used; in a stand-alone gateway all callers are one. `per_ip` and `ip_rate_limit` count an IPv4 address, and a /64 of IPv6, as one caller.',
  '- A request that a limit refuses (429) counts nowhere. One that is refused later, by a policy or a wallet, counts as a request.',
  '',
];

const streams = (): readonly string[] => [
  '## Patterns and streams',
  '',
  '- Patterns of a document are RE2 syntax and run on a linear-time engine: no look-around, no back-references. A pattern that matches the empty text or every text is refused.',
  `- Of a stream, text is held back from the first place where a match may begin that the end of the text has not decided: no character of a match is ever sent (but those that \`marker_format: partial\` keeps), however the text is cut, and of prose about the last word is held. Each policy that scans responses holds back at most as much as its longest match, so \`detect_patterns\` must have one of at most ${PATTERN_LENGTH_LIMIT} UTF-16 code units (\`POLICY_PATTERN_UNBOUNDED\`). Of the types of \`pii-detector\` an e-mail address is the longest (349); the URL of \`hipaa-phi-detector\` has up to 2,011, and a private key (\`dlp-filter\` at \`restricted\`) is held from its first line to its last, up to 10,849. A blocking policy ends the stream before the match.`,
  `- The arguments of a streamed tool call are held whole, up to ${ARGUMENTS_HOLD_LIMIT} code units and ${MOST_CALLS} calls of one answer, because JSON escapes could hide a match in a part of them; more is blocked.`,
  `- Where a kind judges tool calls (${POLICY_KINDS.filter(judgesCalls)
    .map(({ kind }) => code(kind))
    .join(
      ', ',
    )}), the name and the id of a streamed call wait with its arguments until the call is whole, and go out with them or not at all. Such a kind refuses a call that has no name, a name of more than ${MOST_NAME} characters or arguments beyond that length in whole answers too (\`call_unreadable\`, \`arguments_too_long\` of its reason codes). Text before a refused call has gone out already.`,
  '- An answer that a person may have to decide about (`human-oversight`, `agent-firewall` with `transaction_limits`) is not streamed as it comes: it is held whole, up to the size that the gateway takes of an answer, and sent as events when it may go. What is blocked of it is then 409 and no event.',
  '- Texts are all strings of messages, prompts, inputs, multimodal text parts, tool arguments and tool results, in every role, definitions of tools, schemas and settings. A value in arguments of tools is also read after the key that it stands under, as if it were written `key: value`, and a number also as it is read (`4.1e3` is 4100). What a tool is given that is no JSON is edited as it stands, and gets no quotes. A name, a key or a value of a schema that a policy would have to redact blocks the request, because nothing can stand in its place. Pictures, sound and files are not read; [endpoints.md](endpoints.md#what-policies-read) lists everything that is not.',
  '',
];

const refused = (): readonly string[] => [
  '## Refused by name',
  '',
  '| Where | What |',
  '|---|---|',
  ...refusedByName().map(({ place, names }) => `| ${code(place)} | ${names.map(code).join(', ')} |`),
];
