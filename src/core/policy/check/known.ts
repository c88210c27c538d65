// What the policy language knows beyond what this engine enforces: refused by name, so that nobody takes it for a typing error.
// A location is a JSON pointer without its leading slash; * stands for any one step. Facts: reference/policy-config.md.

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

const KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '',
    list(`agents assertion_packs routes consumer_groups distributed_rate_limit cors
      health_monitor cache auto models moderation history review loads region silent_engine context_fabric mcp_server
      ai_usage_streaming knowledge hosted_gateway`),
  ],
  ['ip_rate_limit', list('trust_proxy_depth trusted_proxy_cidrs')],
  ['ip_allowlist', ['trusted_proxy_cidrs']],
  ['providers/scope_rate_limits', ['per_user']],
  ['pack', list('id author tags')],
  ['policies/chain/*/*/targeting', ['proxies']],
  ['providers', list(`context_compression zero_completion_insurance pipelines traffic_mirror ab_test logging`)],
  [
    'providers/targets/*',
    list(`path_template description max_context_tokens max_messages quantizations allow_insecure_tls data_collection models
      escalation_routing
      azure_api_version azure_deployment aws_region aws_profile bedrock_model_family gcp_project gcp_region
      watsonx_api_version watsonx_project_id watsonx_space_id cloudflare_account_id
      cloudflare_account_id_env snowflake_account_identifier snowflake_account_identifier_env oauth2 health_probe mcp
      adapter_command adapter_args execution_timeout_ms required api_key_env api_key_ref accountIdEnvar
      accountIdentifierEnvar apiBaseUrl`),
  ],
  ['providers/targets/*/secret_key_ref', ['scope']],
  [
    'providers/targets/*/data_policy',
    list('in_memory_only sanitized accepts_tokenized_input allow_internet_egress local_only_processing'),
  ],
  ['providers/targets/*/data_residency', list('data_center_locations sovereignty_compliant')],
  [
    'providers/targets/*/pricing',
    list(`cached_input_price_per_million input_price_multiplier output_price_multiplier cached_input_price_multiplier prompt
      completion`),
  ],
  [
    'providers/routing',
    list(`preferred_min_throughput require_quantizations semantic_embedding_provider semantic_similarity_threshold
      enable_pre_call_checks`),
  ],
  ['providers/routing/max_price', ['request']],
  ['providers/fallback', list('triggers retry_on strategy content_policy context_window')],
  [
    'callbacks/*',
    list(`host public_key public_key_env secret_key secret_key_env secret_key_ref site service_name tags project_name
      signing_secret`),
  ],
  ['callbacks/*/event_filter', ['metadata_match']],
  [
    'tool_servers/*',
    list('name command args env transport headers description allowed_resources session_limits enabled oauth2'),
  ],
  ['testing', list('default_threshold plugins strategies')],
  ['testing/suites/*', list('assertions target')],
  ['testing/suites/*/cases/*/input', list('request upstream_response proxy_name')],
  [
    'policy/prompt-injection',
    list('embedding_threshold backend endpoint model api_key timeout_ms detection data_poisoning'),
  ],
  ['policy/rbac', list('data_access minimum_necessary')],
  ['policy/hipaa-phi-detector', ['safe_harbor_method']],
  ['policy/tool-validation', ['semantic_validation']],
  ['policy/tool-budget/budgets/*', ['max_cost_usd']],
  ['policy/agent-firewall', ['monitoring']],
  ['policy/tool-security', list('firewall_endpoint secret_key_ref')],
  ['policy/safety-filter', ['max_age']],
  [
    'policy/external-moderation',
    list(`aws_region aws_access_key_env aws_secret_key_env aws_session_token_env guardrail_id guardrail_version embedding_model
      reference_texts presidio_language presidio_entities guard_name policy_id lakera_categories`),
  ],
  ['policy/human-oversight', list('require_human_for confidence_threshold default_assignee')],
  ['policy/audit-logger', list('retention_days hipaa_audit_controls hipaa_storage')],
  [
    'policy/data-routing-policy',
    list(`require_in_memory_only sanitize_before_provider tokenize_sensitive_fields allow_internet_egress
      local_only_processing`),
  ],
]);

const VALUES: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>([
  ['policies/chain/*/*/stage', list('post-request post-response')],
  ['policies/chain/*/*/parallel', [true]],
  ['providers/routing/strategy', ['semantic']],
  [
    'providers/targets/*/provider_type',
    list(`cohere huggingface replicate databricks watsonx aws-bedrock google-ai-studio google-vertex sagemaker
      azure-openai cloudflare-ai snowflake-cortex generic`),
  ],
  ['providers/targets/*/format', list('cohere huggingface replicate watsonx google-gemini')],
  ['callbacks/*/type', list('langfuse datadog helicone braintrust')],
  ['callbacks/*/event_filter/types/*', ['quality_failure']],
  ['testing/suites/*/cases/*/expected/verdict', ['warn']],
  ['policy/prompt-injection/response/log_level', list('trace debug info error')],
  ['policy/pii-detector/redaction/include_metadata', [false]],
  ['policy/response-rewriter/preserve_structure', [false]],
  ['policy/dlp-filter/max_distance', [3, 4, 5, 6, 7, 8]],
  ['policy/entity-list-filter/max_distance', [3, 4, 5, 6, 7, 8]],
  ['policy/safety-filter/max_distance', [3, 4, 5, 6, 7, 8]],
  ['policy/safety-filter/mode', list('government military hr justice healthcare finance legal defense')],
  ['policy/tool-security/analysis_mode', ['external']],
  ['policy/tool-security/fail_closed', [false]],
  [
    'policy/external-moderation/provider',
    list('azure-content-safety bedrock-apply-guardrail embedding-endpoint presidio guardrails-ai dynamo-ai lakera'),
  ],
  ['policy/audit-logger/immutable', [false]],
  ['policy/audit-logger/log_all_access', [false]],
  ['policy/data-routing-policy/log_provider_selection', [false]],
  // A document in which no target complies is refused as such, so there is never anything to warn of.
  ['policy/data-routing-policy/on_no_compliant_provider', ['warn']],
]);

const matches = (location: string, steps: readonly string[]): boolean => {
  const expected = location === '' ? [] : location.split('/');
  return expected.length === steps.length && expected.every((step, index) => step === '*' || step === steps[index]);
};

function lookUp<T>(table: ReadonlyMap<string, readonly T[]>, steps: readonly string[]): readonly T[] {
  for (const [location, entries] of table) if (matches(location, steps)) return entries;
  return [];
}

/** Keys that the language knows at a place and this engine refuses. */
export function knownKeys(steps: readonly string[]): readonly string[] {
  return lookUp(KEYS, steps);
}

/** True for a value that the language knows at a place and this engine refuses. */
export function isKnownValue(steps: readonly string[], value: unknown): boolean {
  return lookUp(VALUES, steps).includes(value);
}

/** Every refused key and value by place, for the documentation. */
export function refusedByName(): readonly { readonly place: string; readonly names: readonly string[] }[] {
  const keys = [...KEYS].map(([place, names]) => ({
    place: place === '' ? 'top level' : place.replaceAll('/', '.'),
    names,
  }));
  const values = [...VALUES].map(([place, names]) => ({
    place: `${place.replaceAll('/', '.')} (values)`,
    names: names.map(String),
  }));
  return [...keys, ...values];
}

/** Families that speak a wire format of their own. */
export const FOREIGN_FAMILIES: readonly string[] = list(`cohere huggingface replicate databricks watsonx aws-bedrock
  bedrock google google-ai-studio google-vertex vertex gemini sagemaker azure azure-openai cloudflare-ai snowflake-cortex mcp`);
