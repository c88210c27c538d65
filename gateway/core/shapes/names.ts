import type { JsonObject } from '../../../src/core/model/index.ts';
import { COST_FIELDS } from '../../../src/core/policy/index.ts';

// The names of the fields at the root of a body. A provider that takes them in any case must not find there, in another spelling,
// what nobody looked at.

/** The fields in which interfaces state how long an answer may be. */
export const LIMIT_FIELDS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;
/** The fields in which they state how many answers there are. */
export const COUNT_FIELDS = ['n', 'best_of'] as const;
/** Fields by which a caller would choose another model, provider or account than the gateway does, at providers and routers. */
export const CHOICES = [
  ...['models', 'fallbacks', 'route', 'provider', 'preset', 'providerOptions', 'provider_options'],
  ...['api_base', 'base_url', 'api_key', 'api_version', 'organization', 'extra_headers', 'extra_body'],
  ...['model_list', 'user_config', 'custom_llm_provider', 'deployment_id'],
] as const;
/** A field by which a caller says where a provider works. */
export const PLACE = 'inference_geo';

const words = <Names extends string>(...names: readonly Names[]): readonly Names[] => names;

/** What the interfaces of both families take at the root of a request. */
export const DOCUMENTED = [
  ...words('model', 'messages', 'input', 'instructions', 'system', 'prompt', 'prediction', 'stream', 'stream_options'),
  ...words(
    'max_tokens',
    'max_completion_tokens',
    'max_output_tokens',
    'max_tool_calls',
    'n',
    'store',
    'user',
    'metadata',
  ),
  ...words('temperature', 'top_p', 'top_k', 'seed', 'stop', 'stop_sequences', 'logit_bias', 'logprobs', 'top_logprobs'),
  ...words('frequency_penalty', 'presence_penalty', 'tools', 'functions', 'tool_choice', 'function_call'),
  ...words('parallel_tool_calls', 'mcp_servers', 'container', 'web_search_options', 'response_format', 'text'),
  ...words('output_config', 'output_format', 'reasoning', 'reasoning_effort', 'thinking', 'verbosity', 'modalities'),
  ...words('audio', 'image', 'include', 'background', 'background_options', 'previous_response_id', 'conversation'),
  ...words('thread', 'truncation', 'context_management', 'compaction', 'cache_control', 'prompt_cache_key'),
  ...words('prompt_cache_options', 'prompt_cache_retention', 'service_tier', 'speed', 'inference_geo', 'moderation'),
  ...words('safety_identifier', 'access_programs', 'billing_policy', 'diagnostics', 'fallbacks'),
  ...words('fallback_credit_token', 'betas', 'user_profile_id', 'workspace_id', 'dimensions', 'encoding_format'),
] as const;

/** What others take there that speak these interfaces, and what policies look for by its name. */
const ELSEWHERE = [
  'type',
  'anthropic_version',
  'anthropic_beta',
  'suffix',
  'documents',
  'output_text',
  'content',
  'choices',
];

/** Every name that is looked for, by the form in which no two of them are told apart. */
const NAMES: ReadonlyMap<string, string> = new Map(
  [...DOCUMENTED, ...LIMIT_FIELDS, ...COUNT_FIELDS, ...CHOICES, PLACE, ...COST_FIELDS, ...ELSEWHERE].map((name) => [
    plainOf(name),
    name,
  ]),
);

/** By way of its capitals, as parsers that take any case compare. */
function plainOf(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** The field that a body has in another spelling than interfaces give it; null: none. */
export function misspelled(body: JsonObject): string | null {
  for (const key of Object.keys(body)) {
    const name = NAMES.get(plainOf(key));
    if (name !== undefined && name !== key) return name;
  }
  return null;
}
