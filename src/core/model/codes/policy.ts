import type { CodeTable } from './entry.ts';

export const policyCodes = {
  POLICY_DIALECT_B: {
    severity: 'high',
    title: 'The document is written in the illustrative dialect',
    explain:
      'Two incompatible shapes of policy files are in circulation. One (pack, policies.chain, policy.<kind>, providers) is backed by a schema and is what gateways run. The other (version, a list of policies with type and action) appears in tutorials only; no gateway is known to enforce it.',
    fix: 'Rewrite it as pack + policies.chain + policy.<kind> + providers; docs/policy-compatibility.md lists what is supported.',
  },
  POLICY_SINGLE_DOCUMENT: {
    severity: 'high',
    title: 'The document configures one policy, not a gateway',
    explain:
      'A single-policy document (policy.name, policy.version, no pack) describes one policy only. A gateway needs a whole configuration: pack, chain, policies and providers.',
    fix: 'Put its settings below policy.<kind> of a whole document and list the kind in policies.chain.',
  },
  POLICY_SHAPE: {
    severity: 'high',
    title: 'A value of the policy document has the wrong shape',
    explain:
      'The document is a strict contract: every object is closed and every value is typed. A value that is not understood would be a control that somebody believes to be on.',
    fix: 'Correct the value.',
  },
  POLICY_UNKNOWN_KEY: {
    severity: 'high',
    title: 'The policy document has a key that nobody knows',
    explain: 'Unknown keys are refused, because a mistyped key is a setting that silently does nothing.',
    fix: 'Correct the spelling or remove the key.',
  },
  POLICY_UNSUPPORTED_KEY: {
    severity: 'high',
    title: 'The key is known, but Tenantry does not enforce it',
    explain:
      'What is accepted is enforced. The key exists in the policy language, but this gateway does not act on it, so accepting it would promise a control that is not there.',
    fix: 'Remove the key; docs/policy-compatibility.md lists what is supported.',
  },
  POLICY_UNSUPPORTED_VALUE: {
    severity: 'high',
    title: 'The value is known, but Tenantry does not enforce it',
    explain:
      'What is accepted is enforced. Some keys are accepted only with the value that describes what this gateway does anyway; any other value would be accepted and ignored.',
    fix: 'Use the value that is supported or remove the key; docs/policy-compatibility.md lists both.',
  },
  POLICY_UNKNOWN_KIND: {
    severity: 'high',
    title: 'No policy kind has this name',
    explain: 'The chain or the policy section names a kind that the policy language does not have.',
    fix: 'Correct the spelling or remove it.',
  },
  POLICY_UNSUPPORTED_KIND: {
    severity: 'high',
    title: 'The policy kind is known, but Tenantry does not enforce it yet',
    explain:
      'The kind exists in the policy language. This gateway has no implementation of it, and a policy that is listed but not run is worse than none.',
    fix: 'Remove the kind from the chain and from the policy section.',
  },
  POLICY_KIND_TWICE: {
    severity: 'high',
    title: 'A policy kind stands twice in the chain',
    explain: 'Settings are keyed by kind, so two entries would share one block and no source says what that means.',
    fix: 'List the kind once.',
  },
  POLICY_CHAIN_WITHOUT_BLOCK: {
    severity: 'high',
    title: 'A kind in the chain has no settings',
    explain: 'Every kind in policies.chain needs its block below policy, if only an empty one ({}), known as E003.',
    fix: 'Add the block below policy; write {} for the defaults.',
  },
  POLICY_BLOCK_OUTSIDE_CHAIN: {
    severity: 'info',
    title: 'Settings of a kind that is not in the chain do nothing',
    explain: 'Only kinds listed in policies.chain run. The block is valid, and without effect.',
    fix: 'Add the kind to policies.chain or remove the block.',
  },
  POLICY_SETTINGS_CONFLICT: {
    severity: 'high',
    title: 'Two settings of a policy contradict each other',
    explain: 'Each of the settings is valid, but together they do not say what is to be done.',
    fix: 'Keep one of the two.',
  },
  POLICY_FIELD_WITHOUT_EFFECT: {
    severity: 'info',
    title: 'A setting does nothing beside another one',
    explain: 'The setting is valid, but another one in the same block decides what it would have decided.',
    fix: 'Remove the setting, or the one that stands in its place.',
  },
  POLICY_AUDIT_NOT_LAST: {
    severity: 'medium',
    title: 'audit-logger is not the last policy of the chain',
    explain: 'audit-logger records the verdict. What runs after it is not in its record.',
    fix: 'Move audit-logger to the end of policies.chain.',
  },
  POLICY_CONDITION: {
    severity: 'high',
    title: 'A condition of a chain entry can never hold',
    explain:
      'Paths are compared from their first character on, and only requests to models and to tool servers of the document are judged; header names arrive in lower case; an empty list of models matches no model. A policy under such a condition never runs.',
    fix: 'Give the beginning of a path that is judged (/v1/chat/completions, /mcp/<server>), write header names in lower case, name at least one model.',
  },
  POLICY_TARGETING: {
    severity: 'high',
    title: 'The targeting of a chain entry contradicts itself',
    explain: 'scope: team needs the teams that are meant, and teams without scope: team would be ignored.',
    fix: 'Write scope: team together with teams, or neither.',
  },
  POLICY_TARGETS_MISSING: {
    severity: 'medium',
    title: 'The document names no provider target',
    explain: 'Without providers.targets there is nothing to send a request to; every request would fail.',
    fix: 'Add providers.targets with at least one target.',
  },
  POLICY_DUPLICATE_TARGET: {
    severity: 'high',
    title: 'Two provider targets have the same id',
    explain: 'Routing, keys and evidence name a target by its id.',
    fix: 'Give every target an id of its own.',
  },
  POLICY_DUPLICATE_ENTRY: {
    severity: 'high',
    title: 'Two callbacks or tool servers are the same',
    explain:
      'A webhook is told by its url, a tool server by its id: a receiver that stands twice would be told everything twice, or not what its second entry says.',
    fix: 'Keep one of them.',
  },
  POLICY_TARGET_MODEL: {
    severity: 'high',
    title: 'The model of a provider target is missing or stated twice',
    explain:
      'A target names its model either as model or in the shorthand family:chat:model. Two different models leave open which one is meant.',
    fix: 'Name the model once.',
  },
  POLICY_ADDRESS_INVALID: {
    severity: 'high',
    title: 'A policy document names a network that does not exist',
    explain:
      'A network is an address and the number of bits that count. With bits set beside them (10.0.0.1/8) nobody knows whether a host or a network was meant.',
    fix: 'Write the first address of the network, as in 10.0.0.0/8 or 2001:db8::/32, or one address without a slash.',
  },
  POLICY_INSECURE_URL: {
    severity: 'high',
    title: 'A provider, a tool server or a webhook is reached without https',
    explain:
      'Prompts, answers, evidence and keys would cross the network readable. Plain http is accepted on loopback only.',
    fix: 'Use https, or a loopback address.',
  },
  POLICY_LITERAL_SECRET: {
    severity: 'critical',
    title: 'A secret stands in the policy document',
    explain:
      'Documents are committed, rendered, signed and shipped. A key in one must be treated as published; this message does not repeat it.',
    fix: 'Revoke the key, then name it: secret_key_ref with env or store.',
  },
  POLICY_ZDR_CONTRADICTION: {
    severity: 'high',
    title: 'A provider target contradicts itself about data retention',
    explain:
      'Zero data retention means that nothing is kept and nothing is trained on. A target cannot promise it and also allow training or retention.',
    fix: 'Set zero_data_retention, training_opt_out and retention_days so that they agree.',
  },
  POLICY_ROUTING_EXCLUDES_ALL: {
    severity: 'high',
    title: 'data-routing-policy or providers.routing leaves no provider target',
    explain:
      'A target without an explicit declaration is excluded, of data handling for data-routing-policy, of region and pricing for require_region and max_price. When none is left, every request would be blocked.',
    fix: 'Declare what is required on at least one target that complies, or relax the requirement.',
  },
  POLICY_ROUTING_SETTING: {
    severity: 'high',
    title: 'A routing setting contradicts another one or has no effect',
    explain:
      'What is accepted is enforced. A setting that the chosen strategy does not read, or that another setting switches off, would be a control that somebody believes to be on.',
    fix: 'Remove the setting, or choose a strategy that reads it.',
  },
  POLICY_ROUTING_REFERENCE: {
    severity: 'high',
    title: 'Routing names a target that does not exist',
    explain:
      'order, only and ignore name targets by id. A mistyped id in ignore would leave in use what was meant to be left out.',
    fix: 'Correct the id.',
  },
  POLICY_MODEL_GROUP: {
    severity: 'high',
    title: 'A model group contradicts itself or another group',
    explain:
      'Callers ask for a group by its name or an alias, so each may stand once; its targets and its fallback group must exist, and groups must not follow each other in a circle.',
    fix: 'Correct what the message names.',
  },
  POLICY_TARGET_HEADER: {
    severity: 'high',
    title: 'A target, a webhook or a question sets a header that a document may not set',
    explain:
      'Headers of the connection and of the body belong to the gateway, and headers that carry keys or identity would put a secret into a document that is committed and shipped.',
    fix: 'Remove the header; name a key with secret_key_ref and api_key_header.',
  },
  POLICY_TARGET_EXCLUDED: {
    severity: 'info',
    title: 'data-routing-policy excludes a provider target',
    explain: 'The target does not declare what data-routing-policy requires, so no request is ever sent to it.',
    fix: 'Declare data_policy on the target or remove the target.',
  },
  POLICY_PATTERN_INVALID: {
    severity: 'high',
    title: 'A pattern is not a regular expression of the linear engine',
    explain:
      'Patterns of users run on RE2 syntax, whose time grows with the text and never explodes. Look-around and back-references do not exist there.',
    fix: 'Rewrite the pattern in RE2 syntax.',
  },
  POLICY_PATTERN_TOO_WIDE: {
    severity: 'high',
    title: 'A pattern matches nothing in particular',
    explain: 'A pattern that matches the empty text, or every text, would block or redact everything.',
    fix: 'Make the pattern say what it looks for.',
  },
  POLICY_SCHEMA_INVALID: {
    severity: 'high',
    title: 'A schema of tool arguments is not a JSON Schema',
    explain:
      'Arguments are checked with JSON Schema draft-07. A schema that is malformed would check nothing, or everything.',
    fix: 'Correct the keyword as draft-07 defines it.',
  },
  POLICY_SCHEMA_UNSUPPORTED: {
    severity: 'high',
    title: 'A schema of tool arguments uses what is not supported',
    explain:
      'A keyword that is passed over would accept what its author means to refuse. format, references to other documents and schemas that contain themselves are not supported.',
    fix: 'Say it with keywords that are supported, for example pattern in place of format.',
  },
  POLICY_TOOL_PATTERN: {
    severity: 'high',
    title: 'A tool is named by a pattern',
    explain:
      'Names of tools are compared exactly: documents that mean patterns and documents that mean names look the same, and the wrong reading opens a tool that should be closed.',
    fix: 'List the tools by their exact names.',
  },
  POLICY_FIREWALL_SHAPES: {
    severity: 'high',
    title: 'agent-firewall has two shapes at once',
    explain:
      'Lists of tools for everybody, and roles with limits, are two ways to say what an agent may do. Of a document with both nobody knows which one holds.',
    fix: 'Keep allowed_tools and blocked_tools, or tools, rate_limits, transaction_limits and kill_switches.',
  },
  POLICY_PATTERN_UNBOUNDED: {
    severity: 'high',
    title: 'A pattern of a policy that scans responses can match without end',
    explain:
      'A stream is held back from where a match may have begun, so that no character of a match is ever sent. A match without an upper length would hold back the whole answer.',
    fix: 'Replace *, + and {n,} by {n,m}, so that a match has at most 512 characters.',
  },
  POLICY_TERMS_TOO_MANY: {
    severity: 'high',
    title: 'A list of terms is too large to find what is nearly one of them',
    explain:
      'Near matches are found by an index of what is left of every word without one or two of its letters. It is bounded, so that no list takes the memory of the gateway.',
    fix: 'Shorten the list or its words, or lower max_distance.',
  },
  POLICY_RULE_UNDECIDED: {
    severity: 'high',
    title: 'A rewriting rule cannot be decided while the answer is streamed',
    explain:
      'The first words of a stream leave before its last ones arrive. A rule that asks for something anywhere in the answer can add text at its end, but not change what is gone.',
    fix: 'Use position append, anchor the pattern with ^, or leave out the condition.',
  },
  POLICY_REPLACEMENT_GROUP: {
    severity: 'high',
    title: 'A replacement names a group that its pattern does not have',
    explain:
      'In a replacement $1 to $99 stand for the groups of the pattern, $0 for the whole match and $$ for a dollar sign. Text that is added at the beginning or the end stands for no match, so it names no group.',
    fix: 'Name a group of the pattern, or write $$ for a dollar sign.',
  },
  POLICY_MARKER_UNKNOWN: {
    severity: 'high',
    title: 'A custom marker is for a type that does not exist',
    explain: 'custom_markers is keyed by the type that a detector reports; a marker for another type is never used.',
    fix: 'Use one of the types that docs/policy-compatibility.md lists.',
  },
  POLICY_ASK_INCOMPLETE: {
    severity: 'high',
    title: 'A policy asks a service and does not say which one',
    explain:
      'external-moderation and flagged-review ask a service of yours, with its address and its key by reference. Without them every request and answer would wait for a judgement that cannot come.',
    fix: 'Name the endpoint and the key of the service in the block of the policy.',
  },
  POLICY_REVIEW_TEMPLATE: {
    severity: 'high',
    title: 'A prompt for the reviewer does not show the answer',
    explain:
      'prompt_template is what the second model reads. Without {output} it judges nothing, and a name in braces that nobody knows stays as it is and means something else than its author thought.',
    fix: 'Put {output} into the template; {input}, {reason_code} and {mode} are the other names.',
  },
  POLICY_TEST_ASKS: {
    severity: 'high',
    title: 'A test case reaches a policy that asks another service',
    explain:
      'Checking a document asks nobody, so it cannot tell what external-moderation or flagged-review would come to. A case that a policy before them blocks is decided and may stay; so may one that expects escalate, which says that the request is handed over and is run up to there.',
    fix: 'Expect escalate, remove the case, or narrow the asking policy with when so that the case does not reach it.',
  },
  POLICY_TEST_FAILED: {
    severity: 'high',
    title: 'A test case of the document does not hold',
    explain:
      'testing.suites says what the policies must do with an input. The same code that the gateway runs came to another verdict.',
    fix: 'Correct the policy, or the expectation.',
  },
} as const satisfies CodeTable;
