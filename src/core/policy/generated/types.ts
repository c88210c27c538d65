// Generated from src/core/policy by `npm run generate`. Do not edit.

/**
 * The tools of one role
 */
export interface AgentTools {
  /**
   * Exact names, or * for all
   */
  readonly allowed: readonly string[];
  /**
   * Exact names, or * for all; stronger than allowed
   */
  readonly denied?: readonly string[];
}

/**
 * A receiver of decisions
 */
export interface Callback {
  /**
   * webhook, or prometheus: the page /metrics
   */
  readonly type: ("webhook" | "prometheus");
  /**
   * Where a webhook is sent
   */
  readonly url?: string;
  /**
   * The environment variable with the secret of the signature (HMAC-SHA256)
   */
  readonly signing_secret_env?: string;
  /**
   * Fixed headers of every delivery; never a secret
   */
  readonly headers?: {
    readonly [k: string]: string;
  };
  /**
   * Which decisions are sent; all by default
   */
  readonly event_filter?: {
    /**
     * Any of them
     *
     * Items: A kind of decision
     */
    readonly types: readonly ("block" | "escalation" | "policy_violation" | "request")[];
  };
}

/**
 * What must come of it
 */
export interface CaseExpected {
  /**
   * The verdict of the whole chain
   */
  readonly verdict: ("allow" | "block" | "redact" | "escalate");
  /**
   * The reason, where it is not allow
   */
  readonly reason_code?: string;
}

/**
 * The request of a case
 */
export interface CaseInput {
  /**
   * The conversation
   */
  readonly messages: readonly {
    /**
     * Who speaks
     */
    readonly role: ("system" | "user" | "assistant" | "tool");
    /**
     * What is said
     */
    readonly content: string;
  }[];
  /**
   * Request headers
   */
  readonly headers?: {
    readonly [k: string]: string;
  };
  /**
   * The gateway that is asked
   */
  readonly gateway_name?: Slug;
  /**
   * The caller's team
   */
  readonly team_slugs?: readonly Slug[];
}

/**
 * When a policy of the chain runs
 */
export type ChainEntry = ({
  /**
   * Conditions; all of them must hold
   */
  readonly when?: {
    /**
     * What the request path starts with
     */
    readonly path?: string;
    /**
     * Headers and the exact value of each
     */
    readonly header?: {
      readonly [k: string]: string;
    };
    /**
     * Models, one of which is asked for
     */
    readonly model?: readonly string[];
  };
  /**
   * When it runs; only where the kind has this one stage
   */
  readonly stage?: ("pre-request" | "pre-response");
  /**
   * Whether it may run beside others
   */
  readonly parallel?: false;
  /**
   * For whom it runs
   */
  readonly targeting?: {
    /**
     * Everyone or named teams
     */
    readonly scope?: ("organization" | "team");
    /**
     * Teams, by the team of the caller's token
     */
    readonly teams?: readonly Slug[];
    readonly gateways?: Gateways;
  };
} | null);

/**
 * How many
 */
export type Count = number;

/**
 * A gateway name or a list of names
 */
export type Gateways = (string | readonly Slug[]);

/**
 * The name of an HTTP header
 */
export type HeaderName = string;

/**
 * One name and the targets behind it
 */
export interface ModelGroup {
  /**
   * What callers ask for
   */
  readonly name: ModelName;
  readonly targets: TargetIds;
  /**
   * Further names of it
   */
  readonly aliases?: readonly ModelName[];
  /**
   * What it is for
   */
  readonly description?: string;
  /**
   * The group whose targets come after its own
   */
  readonly fallback_group?: ModelName;
}

/**
 * A name like that of a model
 */
export type ModelName = string;

/**
 * Which tools an agent may use, how often, and for how much money: by lists of tools, or by roles and limits.
 */
export interface PolicyAgentFirewall {
  /**
   * Exact names, or * for all; all by default
   */
  readonly allowed_tools?: readonly string[];
  /**
   * Exact names, or * for all; stronger than allowed_tools
   */
  readonly blocked_tools?: readonly string[];
  /**
   * Tool calls of one session; 500 by default
   */
  readonly max_actions_per_session?: number;
  /**
   * Tools by role; the role is the token's
   */
  readonly tools?: {
    readonly roles: {
      readonly [k: string]: AgentTools;
    };
  };
  /**
   * Calls a minute by tool, per token; default is for tools that are not named
   */
  readonly rate_limits?: {
    readonly [k: string]: number;
  };
  /**
   * Limits of the amounts in arguments
   */
  readonly transaction_limits?: {
    /**
     * Of one call; 10000 by default
     */
    readonly max_single_transaction?: number;
    /**
     * Of all calls of a token on one day (UTC); 50000 by default
     */
    readonly max_daily_total?: number;
    /**
     * Of one call; 5000 by default
     */
    readonly require_approval_above?: number;
  };
  /**
   * What halts a session
   */
  readonly kill_switches?: {
    /**
     * Refused calls and failed results; 5 by default
     */
    readonly max_errors_before_halt?: number;
    /**
     * Personal data in a call; true by default
     */
    readonly halt_on_pii_in_action?: boolean;
    /**
     * A call that looks like an attack; true by default
     */
    readonly halt_on_suspicious_pattern?: boolean;
  };
}

/**
 * Every decision is journalled with the result of each policy; content is never in it.
 */
export interface PolicyAuditLogger {
  /**
   * The journal is append-only and hash-chained; always
   */
  readonly immutable?: true;
  /**
   * Every request is journalled, allowed ones too; always
   */
  readonly log_all_access?: true;
}

/**
 * Notes or blocks callers that ask too often and look alike.
 */
export interface PolicyBotDetector {
  /**
   * The headers by which callers look alike; user-agent, x-forwarded-for and authorization by default
   */
  readonly fingerprint_fields?: readonly string[];
  /**
   * How long requests are counted together; 60 by default
   */
  readonly profile_window_seconds?: number;
  /**
   * Which part of the headers must be equal for two callers to be alike; 0.9 by default
   */
  readonly similarity_threshold?: number;
  /**
   * How many requests of callers that are alike pass in a window; 5 by default
   */
  readonly max_requests_per_window?: number;
  /**
   * What happens to those beyond; warn by default
   */
  readonly action?: ("warn" | "block");
}

/**
 * Keeps requests away from providers that do not promise enough about data.
 */
export interface PolicyDataRoutingPolicy {
  /**
   * Only targets that keep nothing; false by default
   */
  readonly require_zero_data_retention?: boolean;
  /**
   * Only targets that train on nothing; false by default
   */
  readonly require_no_training?: boolean;
  /**
   * Only targets that keep data for at most so many days
   */
  readonly max_retention_days?: number;
  /**
   * What happens when no target complies
   */
  readonly on_no_compliant_provider?: "block";
  /**
   * Evidence names the chosen target; always
   */
  readonly log_provider_selection?: true;
}

/**
 * Finds what the organisation itself calls confidential, in requests and responses.
 */
export interface PolicyDlpFilter {
  /**
   * Confidential text, as regular expressions of RE2 with a longest match
   */
  readonly detect_patterns?: readonly string[];
  /**
   * Confidential words, literally, without regard to case
   */
  readonly blocked_terms?: readonly string[];
  /**
   * What happens to a match; redact by default
   */
  readonly action?: ("redact" | "block");
  /**
   * Whether words that are nearly the listed ones count too; false by default
   */
  readonly fuzzy_matching?: boolean;
  /**
   * How many letters of a word may differ, at most a quarter of them; 1 by default, only with fuzzy_matching
   */
  readonly max_distance?: (0 | 1 | 2);
  /**
   * What is looked for beside what is configured: nothing (the default), markings of classified papers, or these and secrets of machines
   */
  readonly sensitivity_level?: ("standard" | "high" | "restricted");
}

/**
 * A gateway configuration: only what Tenantry enforces. Each block below policy has its own schema in kinds/.
 */
export interface PolicyDocument {
  /**
   * What the document is called and which version it is
   */
  readonly pack: {
    /**
     * Its name
     */
    readonly name: string;
    /**
     * Its version, SemVer 2.0
     */
    readonly version: string;
    /**
     * Master switch; when false, the gateway answers no request
     */
    readonly enabled: boolean;
    /**
     * What it is for
     */
    readonly description?: string;
  };
  /**
   * Which policies run, in which order
   */
  readonly policies: {
    /**
     * Policy kinds in order; each a name, or one key with conditions
     */
    readonly chain: readonly (string | {
      readonly [k: string]: ChainEntry;
    })[];
  };
  /**
   * The settings of each kind, by its name
   */
  readonly policy?: {
    readonly [k: string]: {};
  };
  /**
   * Where requests go
   */
  readonly providers?: {
    /**
     * Upstream accounts in the order in which they are tried
     */
    readonly targets: readonly Target[];
    readonly routing?: Routing;
    /**
     * Trying the next target, always before the first byte of an answer
     */
    readonly fallback?: {
      /**
       * Whether the next target is tried; false by default
       */
      readonly enabled?: boolean;
      /**
       * Further targets that are tried at most; all of them by default
       */
      readonly max_fallback_attempts?: number;
      /**
       * Failures after which the next target is tried; all but auth_error by default
       */
      readonly trigger_on?: readonly Trigger[];
    };
    readonly retry_policy?: RetryPolicy;
    /**
     * Passing over a target that keeps failing, until it has had time to recover
     */
    readonly circuit_breaker?: {
      /**
       * Whether it is on; true by default
       */
      readonly enabled?: boolean;
      /**
       * Failures in a row that open it; 5 by default
       */
      readonly consecutive_failure_threshold?: number;
      /**
       * How long it stays open before one request tries again; 30 by default
       */
      readonly cooldown_seconds?: number;
      /**
       * Successes in a row that close it again; 1 by default
       */
      readonly half_open_successes?: number;
    };
    /**
     * Requests and model tokens in a minute, by whose they are, and requests under way
     */
    readonly scope_rate_limits?: {
      /**
       * Of one token
       */
      readonly per_key?: ScopeRateLimit;
      /**
       * Of the tokens of one team
       */
      readonly per_team?: ScopeRateLimit;
      /**
       * Of everyone
       */
      readonly global?: ScopeRateLimit;
      /**
       * Requests of everyone at the same time
       */
      readonly max_parallel_requests?: Count;
    };
    /**
     * Names that callers may ask for instead of a model, and the targets behind each
     */
    readonly model_groups?: readonly ModelGroup[];
  };
  /**
   * Requests of everyone in any interval of this length
   */
  readonly global_rate_limit?: {
    readonly max_requests: Count;
    readonly window_seconds: Window;
  };
  /**
   * Requests of one client address; of IPv6, one /64
   */
  readonly ip_rate_limit?: {
    readonly max_requests: Count;
    readonly window_seconds: Window;
  };
  /**
   * Where requests may come from
   */
  readonly ip_allowlist?: {
    /**
     * Networks as CIDR, or single addresses
     *
     * Items: A network
     */
    readonly cidrs: readonly string[];
  };
  /**
   * Requests of one user; the user is what the headers say
   */
  readonly user_rate_limit?: {
    readonly max_requests: Count;
    readonly window_seconds: Window;
    /**
     * Headers that name the user
     */
    readonly header_names: readonly HeaderName[];
  };
  /**
   * Model tokens of prompts and answers, by whose they are
   */
  readonly token_rate_limit?: {
    readonly max_tokens: Count;
    readonly window_seconds: Window;
    /**
     * Whose tokens count together: everyone's (the default), those of one token, or of one client address
     */
    readonly scope?: ("global" | "per_key" | "per_ip");
  };
  /**
   * Who is told of decisions
   */
  readonly callbacks?: readonly Callback[];
  /**
   * MCP servers that callers reach at /mcp/<id>
   */
  readonly tool_servers?: readonly ToolServer[];
  /**
   * The largest request and answer in bytes
   */
  readonly size_limits?: {
    /**
     * Request body
     */
    readonly max_body_bytes?: number;
    /**
     * Request headers
     */
    readonly max_header_bytes?: number;
    /**
     * Request URL
     */
    readonly max_url_bytes?: number;
    /**
     * Answer
     */
    readonly max_response_bytes?: number;
  };
  /**
   * Cases that `check` runs through the input policies
   */
  readonly testing?: {
    /**
     * Groups of cases
     */
    readonly suites: readonly Suite[];
  };
}

/**
 * Blocks requests and responses that name what is on a list of the organisation.
 */
export interface PolicyEntityListFilter {
  /**
   * Names, literally, without regard to case, inside words too; no list is shipped
   */
  readonly blocked_entities?: readonly string[];
  /**
   * What happens when a name is found
   */
  readonly action?: "block";
  /**
   * Whether words that are nearly the listed ones count too; false by default
   */
  readonly fuzzy_matching?: boolean;
  /**
   * How many letters of a word may differ, at most a quarter of them; 1 by default, only with fuzzy_matching
   */
  readonly max_distance?: (0 | 1 | 2);
}

/**
 * Asks another service whether the texts of requests and answers may pass.
 */
export interface PolicyExternalModeration {
  /**
   * How the service is asked and answers; webhook by default
   */
  readonly provider?: ("webhook" | "openai-moderation");
  /**
   * Where it is asked; needed for webhook, https://api.openai.com/v1/moderations by default for openai-moderation
   */
  readonly endpoint?: string;
  /**
   * Where its key is found: env or store; goes out as Authorization: Bearer
   */
  readonly secret_key_ref?: {
    /**
     * An environment variable
     */
    readonly env?: string;
    /**
     * A config variable
     */
    readonly store?: string;
  };
  /**
   * Of these a score counts; of all by default and with an empty list
   */
  readonly categories?: readonly string[];
  /**
   * The score from which on a category counts; 0.5 by default
   */
  readonly threshold?: number;
  /**
   * How long the whole answer of the service may take; 3000 by default
   */
  readonly timeout_ms?: number;
  /**
   * Whether nothing passes when the service gives no answer that can be believed; true by default
   */
  readonly fail_closed?: boolean;
  /**
   * Fixed headers of every question to a webhook; never a secret
   */
  readonly webhook_headers?: {
    readonly [k: string]: string;
  };
}

/**
 * Blocks answers with financial advice of the kinds that are listed, and puts disclaimers below the others.
 */
export interface PolicyFinancialCompliance {
  /**
   * What no answer may hold, as regular expressions of RE2 without regard to case, with a longest match
   */
  readonly blocked_patterns?: readonly string[];
  /**
   * What must stand below every answer, literally; the built-in one when there is none
   */
  readonly required_disclaimers?: readonly string[];
}

/**
 * Asks a second model what it thinks of an answer before it goes out.
 */
export interface PolicyFlaggedReview {
  /**
   * What comes of an answer that the reviewer flags: it is withheld (judge, the default), returned with the review, only noted, or a person decides
   */
  readonly mode?: ("judge" | "review_and_return" | "audit_only" | "escalate");
  /**
   * The second model
   */
  readonly provider?: {
    /**
     * Whose model it is, as `provider` of a target says it
     */
    readonly name: string;
    /**
     * Its chat completions; https://api.openai.com/v1/chat/completions by default
     */
    readonly endpoint?: string;
    /**
     * The model that is asked
     */
    readonly model: string;
    /**
     * Where its key is found: env or store; goes out as Authorization: Bearer
     */
    readonly secret_key_ref: {
      /**
       * An environment variable
       */
      readonly env?: string;
      /**
       * A config variable
       */
      readonly store?: string;
    };
    /**
     * How long the whole review may take; 5000 by default
     */
    readonly timeout_ms?: number;
  };
  /**
   * How deep a review of a review may be; 1 by default: a review is not reviewed
   */
  readonly recursion_depth_max?: number;
  /**
   * Whether a reviewer at the provider that answered is none, so that a person decides; true by default
   */
  readonly provider_isolation?: boolean;
  /**
   * Whether the reviewer says why, and review_and_return hands it on; true by default
   */
  readonly rationale_capture?: boolean;
  /**
   * What the reviewer is asked, with {input}, {output}, {reason_code} and {mode}, each put in as a JSON string
   */
  readonly prompt_template?: string;
}

/**
 * Blocks answers with medical advice of the kinds that are listed, and puts disclaimers below the others.
 */
export interface PolicyHealthcareCompliance {
  /**
   * What no answer may hold, as regular expressions of RE2 without regard to case, with a longest match
   */
  readonly blocked_patterns?: readonly string[];
  /**
   * What must stand below every answer, literally; the built-in one when there is none
   */
  readonly required_disclaimers?: readonly string[];
  /**
   * The class of the device under 21 CFR 860.3; chooses the built-in disclaimer, II by default
   */
  readonly fda_class?: ("I" | "II" | "III");
}

/**
 * Finds the identifiers of the Safe Harbor method that have a shape or a keyword, in requests and responses.
 */
export interface PolicyHipaaPhiDetector {
  /**
   * The identifiers of 45 CFR 164.514(b)(2)
   */
  readonly mode?: "hipaa_18";
  /**
   * What happens to a match; redact by default
   */
  readonly action?: ("redact" | "block");
}

/**
 * Every answer that the entry applies to waits for a reviewer of the organisation, or is withheld.
 */
export interface PolicyHumanOversight {
  /**
   * escalate (by default): the answer is held until a person has decided; block: it is withheld
   */
  readonly action?: ("escalate" | "block");
  /**
   * How long an answer waits at most, where the review of the organisation does not say less; 3600 by default
   */
  readonly timeout_seconds?: number;
}

/**
 * Lets only texts in some languages pass, as far as the language of a text can be told.
 */
export interface PolicyLanguageValidator {
  /**
   * The languages that pass, by ISO 639-1; not together with denied_languages
   */
  readonly allowed_languages?: readonly ("en" | "es" | "fr" | "de" | "zh" | "ja" | "ko" | "ar" | "pt" | "ru")[];
  /**
   * The languages that do not pass, by ISO 639-1; not together with allowed_languages
   */
  readonly denied_languages?: readonly ("en" | "es" | "fr" | "de" | "zh" | "ja" | "ko" | "ar" | "pt" | "ru")[];
  /**
   * Below it the language of a text counts as unknown, and the text passes; 0.5 by default
   */
  readonly min_confidence?: number;
  /**
   * What happens to a text that does not pass; block by default
   */
  readonly action?: ("block" | "warn");
  /**
   * Which texts are looked at; both by default
   */
  readonly apply_to?: ("input" | "output" | "both");
}

/**
 * Finds personal data in requests and responses and redacts or blocks it.
 */
export interface PolicyPiiDetector {
  /**
   * What happens to a match; redact by default
   */
  readonly action?: ("redact" | "block");
  /**
   * Also medical record, insurance and provider numbers; false by default
   */
  readonly healthcare_mode?: boolean;
  /**
   * Card numbers, card verification values, card holders and bank accounts (IBAN); true by default
   */
  readonly pci_mode?: boolean;
  /**
   * Further personal data, as regular expressions of RE2 with a longest match
   */
  readonly detect_patterns?: readonly string[];
  /**
   * How a match is replaced
   */
  readonly redaction?: {
    /**
     * [TYPE], asterisks, or first and last characters; label by default
     */
    readonly marker_format?: ("label" | "asterisk" | "partial");
    /**
     * Evidence carries the number of redactions; always
     */
    readonly include_metadata?: true;
    /**
     * The replacement is as long as the match; false by default
     */
    readonly preserve_length?: boolean;
    /**
     * Replacement by type, with marker_format label
     */
    readonly custom_markers?: {
      readonly [k: string]: string;
    };
  };
}

/**
 * Blocks requests that try to overrule the instructions of the application.
 */
export interface PolicyPromptInjection {
  /**
   * Further attacks, as regular expressions of RE2 without regard to case; they add to the built-in ones
   */
  readonly attack_patterns?: readonly string[];
  /**
   * What is decoded before looking
   */
  readonly encoding?: {
    /**
     * Also look inside Base64 text; true by default
     */
    readonly decode_base64?: boolean;
    /**
     * Compare compatible characters (NFKC) and leave out invisible ones; true by default
     */
    readonly normalize_unicode?: boolean;
    /**
     * Read look-alike letters as the Latin ones; true by default
     */
    readonly detect_homoglyphs?: boolean;
  };
  /**
   * Text that pretends to be a border of the conversation
   */
  readonly boundaries?: {
    /**
     * Refuse text that closes or opens a system or instruction section; true by default
     */
    readonly enforce_delimiters?: boolean;
    /**
     * Refuse the special tokens of chat templates; true by default
     */
    readonly reject_fake_boundaries?: boolean;
  };
  /**
   * What the caller gets
   */
  readonly response?: {
    /**
     * Always blocked
     */
    readonly action?: "block";
    /**
     * The error text
     */
    readonly message?: string;
    /**
     * The level at which the gateway logs a block
     */
    readonly log_level?: "warn";
  };
}

/**
 * Who may ask, and which tools the caller's role may offer to a model.
 */
export interface PolicyRbac {
  /**
   * Headers that must be there; [X-User-ID] by default
   */
  readonly deny_if_missing?: readonly string[];
  /**
   * A valid token must be there; false by default
   */
  readonly require_auth?: boolean;
  /**
   * Tools by role; the role is the token's
   */
  readonly roles?: {
    readonly [k: string]: RoleTools;
  };
}

/**
 * Changes requests before they go out.
 */
export interface PolicyRequestRewriter {
  /**
   * Comes before everything else; the text, or an object with it
   */
  readonly system_message?: (string | {
    /**
     * The text
     */
    readonly content: string;
  });
  /**
   * Changes to the texts of callers, in order
   */
  readonly rules?: readonly {
    /**
     * What the rule is called
     */
    readonly name: string;
    /**
     * Which text it is about, as a regular expression of RE2
     */
    readonly pattern: string;
    /**
     * The new text; $1 stands for a group of the pattern, $$ for a dollar sign
     */
    readonly replacement: string;
    /**
     * In the place of each match, or at the beginning or the end of the text; replace by default
     */
    readonly position?: ("replace" | "prepend" | "append");
    /**
     * The rule applies only to a text that holds this, letter for letter
     */
    readonly condition?: string;
  }[];
}

/**
 * Changes the words of answers.
 */
export interface PolicyResponseRewriter {
  /**
   * Only words are changed
   */
  readonly preserve_structure?: true;
  /**
   * Changes to the words of an answer, in order
   */
  readonly rules?: readonly {
    /**
     * What the rule is called
     */
    readonly name: string;
    /**
     * Which text it is about, as a regular expression of RE2
     */
    readonly pattern: string;
    /**
     * The new text; $1 stands for a group of the pattern, $$ for a dollar sign
     */
    readonly replacement: string;
    /**
     * In the place of each match, or at the beginning or the end of the answer; replace by default
     */
    readonly position?: ("replace" | "prepend" | "append");
    /**
     * The rule applies only to an answer that holds this, letter for letter
     */
    readonly condition?: string;
  }[];
}

/**
 * Blocks requests that hold a keyword of a list, or holds them for a person: the list of the mode, or the organisation's own.
 */
export interface PolicySafetyFilter {
  /**
   * Which built-in list of keywords; critical_infrastructure by default
   */
  readonly mode?: ("critical_infrastructure" | "automotive" | "education" | "law_enforcement");
  /**
   * Keywords in place of the built-in list, literally, without regard to case
   */
  readonly block_if?: readonly string[];
  /**
   * What happens when a keyword is found; block by default
   */
  readonly action?: ("block" | "escalate");
  /**
   * Whether words that are nearly the listed ones count too; false by default
   */
  readonly fuzzy_matching?: boolean;
  /**
   * How many letters of a word may differ, at most a quarter of them; 1 by default, only with fuzzy_matching
   */
  readonly max_distance?: (0 | 1 | 2);
}

/**
 * How many tokens the arguments and results of a tool may take in one session.
 */
export interface PolicyToolBudget {
  /**
   * By the exact name of a tool; others are not limited
   */
  readonly budgets?: {
    readonly [k: string]: ToolBudget;
  };
}

/**
 * Refuses tool calls that carry sensitive data or look like an attack.
 */
export interface PolicyToolSecurity {
  /**
   * local: this gateway looks itself
   */
  readonly analysis_mode?: "local";
  /**
   * What cannot be examined is refused; always so
   */
  readonly fail_closed?: true;
  /**
   * Sensitive data to look for; all of them by default and with an empty list
   */
  readonly blocked_entity_types?: readonly ("pan" | "ssn" | "jwt" | "aws_access_key" | "mrn" | "private_key")[];
  /**
   * Texts that no call may hold, without regard to case
   */
  readonly blocked_patterns?: readonly string[];
}

/**
 * Which tools may be offered and called, and what their arguments must look like.
 */
export interface PolicyToolValidation {
  /**
   * Exact names; with an empty list every tool is declared
   */
  readonly declared_tools?: readonly string[];
  /**
   * By tool: a JSON Schema (draft-07) of its arguments
   */
  readonly schemas?: {
    readonly [k: string]: unknown;
  };
  /**
   * Tools that are not declared pass with a warning; false by default
   */
  readonly allow_undeclared?: boolean;
}

/**
 * USD per million tokens
 */
export type Price = number;

/**
 * A region
 */
export type Region = string;

/**
 * How often
 */
export type Retries = number;

/**
 * Trying the same target again, always before the first byte of an answer
 */
export interface RetryPolicy {
  /**
   * After rate_limit, server_error and timeout; 3 by default
   */
  readonly max_retries?: Retries;
  /**
   * Retries after one kind of failure, in place of max_retries
   */
  readonly per_trigger?: {
    readonly rate_limit?: Retries;
    readonly server_error?: Retries;
    readonly timeout?: Retries;
    readonly context_length_exceeded?: Retries;
    readonly content_filter?: Retries;
    readonly model_not_found?: Retries;
    readonly auth_error?: Retries;
  };
  /**
   * How long to wait before a retry
   */
  readonly backoff?: {
    /**
     * exponential by default
     */
    readonly strategy?: ("exponential" | "fixed");
    /**
     * The first wait of exponential, doubled each time; 500 by default
     */
    readonly base_ms?: number;
    /**
     * Each wait of fixed; 1000 by default
     */
    readonly delay_ms?: number;
  };
}

/**
 * The tools of one role
 */
export interface RoleTools {
  /**
   * Exact names, or * for all; none by default
   */
  readonly allowed_tools?: readonly string[];
  /**
   * Exact names, or * for all; stronger than allowed_tools
   */
  readonly denied_tools?: readonly string[];
}

/**
 * How a target is chosen
 */
export interface Routing {
  /**
   * Which of the targets is tried first; ordered by default
   */
  readonly strategy?: Strategy;
  /**
   * How far back measurements count; 300 by default
   */
  readonly window_seconds?: number;
  /**
   * Measurements without which a target has none; 5 by default
   */
  readonly min_sample_count?: number;
  /**
   * Share of requests that try any target first, so that all are measured; 0.1 by default
   */
  readonly exploration_ratio?: number;
  /**
   * Targets that come first, in this order
   */
  readonly order?: TargetIds;
  /**
   * The only targets that are used
   */
  readonly only?: TargetIds;
  /**
   * Targets that are not used
   */
  readonly ignore?: TargetIds;
  /**
   * Whether another target than the first may answer; true by default
   */
  readonly allow_fallbacks?: boolean;
  /**
   * The most that a target may cost in USD per million tokens, by its pricing
   */
  readonly max_price?: {
    /**
     * Input tokens
     */
    readonly prompt?: Price;
    /**
     * Output tokens
     */
    readonly completion?: Price;
  };
  /**
   * Targets that were slower come after the others
   */
  readonly preferred_max_latency?: {
    /**
     * Seconds until the first byte
     */
    readonly value: number;
    /**
     * Of which percentile; p90 by default
     */
    readonly percentile?: ("p50" | "p90" | "p99");
  };
  /**
   * The region that a target must declare
   */
  readonly require_region?: Region;
}

/**
 * Limits of a minute
 */
export interface ScopeRateLimit {
  /**
   * Requests
   */
  readonly rpm?: Count;
  /**
   * Model tokens
   */
  readonly tpm?: Count;
}

/**
 * A name
 */
export type Slug = string;

/**
 * A way to choose the target that is tried first
 */
export type Strategy = ("ordered" | "lowest_latency" | "highest_throughput" | "round_robin" | "weighted_round_robin" | "least_connections" | "random" | "simple_shuffle" | "least_busy" | "usage_based");

/**
 * A group of cases
 */
export interface Suite {
  readonly name: Slug;
  /**
   * What it shows
   */
  readonly description?: string;
  /**
   * The cases
   */
  readonly cases: readonly {
    readonly name: Slug;
    readonly input: CaseInput;
    readonly expected: CaseExpected;
  }[];
}

/**
 * One account at one provider
 */
export interface Target {
  /**
   * Its id
   */
  readonly id: string;
  /**
   * The provider, or family:chat:model
   */
  readonly provider: string;
  /**
   * The model
   */
  readonly model?: string;
  /**
   * Where the provider's API begins
   */
  readonly base_url?: string;
  /**
   * Where the provider key is found: env or store
   */
  readonly secret_key_ref?: {
    /**
     * An environment variable
     */
    readonly env?: string;
    /**
     * A config variable
     */
    readonly store?: string;
  };
  /**
   * The header of the key; Authorization by default
   */
  readonly api_key_header?: HeaderName;
  /**
   * What stands before the key; `Bearer ` by default, may be empty
   */
  readonly api_key_prefix?: string;
  /**
   * What the provider speaks
   */
  readonly provider_type?: ("openai" | "anthropic");
  /**
   * The wire format
   */
  readonly format?: ("openai" | "anthropic");
  /**
   * The header anthropic-version; 2023-06-01 by default
   */
  readonly anthropic_version?: string;
  /**
   * What the provider promises about data
   */
  readonly data_policy?: {
    /**
     * It keeps nothing
     */
    readonly zero_data_retention?: boolean;
    /**
     * It trains on nothing
     */
    readonly training_opt_out?: boolean;
    /**
     * For how many days it keeps data
     */
    readonly retention_days?: number;
  };
  /**
   * Shorthand for zero data retention
   */
  readonly zdr?: boolean;
  /**
   * Fixed headers of every request to it; never a secret
   */
  readonly headers?: {
    readonly [k: string]: string;
  };
  /**
   * The longest silence of an answer, before its headers and between two parts of it; 120 by default
   */
  readonly timeout_seconds?: number;
  /**
   * The same of a stream; timeout_seconds by default
   */
  readonly stream_timeout_seconds?: number;
  /**
   * Its share where the strategy weighs; 1 by default
   */
  readonly weight?: number;
  /**
   * Where it processes data
   */
  readonly region?: Region;
  /**
   * Where it processes data; holds over region
   */
  readonly data_residency?: {
    /**
     * All regions that data may reach there
     */
    readonly regions: readonly Region[];
  };
  /**
   * What max_price compares; budgets use the price book
   */
  readonly pricing?: {
    readonly input_price_per_million?: Price;
    readonly output_price_per_million?: Price;
  };
}

/**
 * Ids of targets
 */
export type TargetIds = readonly string[];

/**
 * The budget of one tool
 */
export interface ToolBudget {
  /**
   * Tokens of arguments and results together, per session
   */
  readonly max_tokens: number;
}

/**
 * The name of a tool
 */
export type ToolName = string;

/**
 * An MCP server that speaks streamable HTTP
 */
export interface ToolServer {
  /**
   * Its id
   */
  readonly id: string;
  /**
   * Its endpoint
   */
  readonly url: string;
  /**
   * Where its key is found: env or store
   */
  readonly secret_key_ref?: {
    /**
     * An environment variable
     */
    readonly env?: string;
    /**
     * A config variable
     */
    readonly store?: string;
  };
  /**
   * The header of the key; Authorization by default
   */
  readonly api_key_header?: HeaderName;
  /**
   * What stands before the key; `Bearer ` by default, may be empty
   */
  readonly api_key_prefix?: string;
  /**
   * The longest silence of an answer; 120 by default
   */
  readonly timeout_seconds?: number;
  /**
   * Tools that callers may see and call; no other
   */
  readonly allowed_tools: readonly ToolName[];
  /**
   * Tools of which a person approves every call before it is made
   */
  readonly require_approval?: readonly ToolName[];
  /**
   * Of a tool the SHA-256 of its name, descriptions and schemas, as /tenantry/tools shows it
   */
  readonly tool_digests?: {
    readonly [k: string]: string;
  };
}

/**
 * A kind of failure before the first byte
 */
export type Trigger = ("rate_limit" | "server_error" | "timeout" | "context_length_exceeded" | "content_filter" | "model_not_found" | "auth_error");

/**
 * Length of the window in seconds
 */
export type Window = number;
