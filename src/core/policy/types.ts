import type { Json, Network, OrgSlug, PlaceOf, PolicyStep } from '../model/index.ts';
import type { Strategy, Trigger } from './generated/types.ts';

export type { Strategy, Trigger } from './generated/types.ts';

export type Phase = 'input' | 'output';

/** Where a document stands, for the places of findings: `pointer` is its prefix inside the file, "" or "/spec/document". */
export interface DocumentSite {
  readonly placeOf: PlaceOf;
  readonly pointer: string;
  readonly org: OrgSlug | null;
  /** `Policy/<environment>/<name>`, or null for a stand-alone file. */
  readonly object: string | null;
}

/** What a policy may know of a request. Team and role are those of the verified token, never of a header. */
export interface RequestFacts {
  readonly path: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly model: string | null;
  readonly team: string | null;
  readonly role: string | null;
  readonly gateway: string;
  /** The name of the verified token; null in a stand-alone gateway. */
  readonly token: string | null;
  /** A valid token came with it; false in a stand-alone gateway. */
  readonly authenticated: boolean;
  readonly body: Json;
}

/** Why a request or an answer is withheld. `message` is for the caller and holds no content. */
export interface Blocked {
  readonly policy: string;
  readonly phase: Phase;
  readonly reasonCode: string;
  readonly message: string;
  /** Nobody judged it: a service that the policy asks gave no answer, which another time may be there. */
  readonly unanswered?: true;
}

/** Why a person decides about a request or an answer; of several policies that ask for one, the first of the chain. */
export interface Escalated extends Blocked {
  /** A call of a tool is why. */
  readonly isAboutCall: boolean;
  /** Nothing that it holds is why: all that ask, ask about every answer. */
  readonly isUnconditional: boolean;
  /** How long the question may stand at most, the shortest of all that ask; null: no policy says. */
  readonly timeoutMs: number | null;
}

/** What the chain decided in one phase. Block beats escalate beats redact; what waits for a person is redacted already. */
export interface Decision {
  readonly verdict: 'allow' | 'block' | 'redact' | 'escalate';
  /** Of the block, else of the escalation, else of the first redaction, else null. */
  readonly reasonCode: string | null;
  readonly blockedBy: Blocked | null;
  /** Null unless the verdict is `escalate`. */
  readonly escalatedBy: Escalated | null;
  readonly steps: readonly PolicyStep[];
  readonly warnings: readonly string[];
}

/** A text, and who says it: user, assistant, system, tool … */
export interface SaidText {
  readonly role: string;
  readonly text: string;
}

/** What only another service can tell, as data: who sends it follows the address of the document and finds the key. */
export interface Question {
  /** The kind that asks. */
  readonly policy: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  /** Lower-case names; the key is not among them. */
  readonly headers: { readonly [name: string]: string };
  /** Goes out as `authorization: Bearer`; null: without a key. */
  readonly secret: Target['secret'];
  /** JSON. */
  readonly body: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

/** What came of a question: JSON with status 200, or why there is none. */
export type ServiceReply =
  | { readonly kind: 'answered'; readonly body: Json }
  | {
      readonly kind: 'failed';
      readonly why: 'timeout' | 'unreachable' | 'status' | 'too_large' | 'malformed' | 'no_key';
    };

/** Questions that can be asked at the same time, and what is decided with a reply to each, in their order. */
export interface Inquiry<Outcome> {
  readonly questions: readonly Question[];
  readonly answered: (replies: readonly ServiceReply[]) => Outcome;
}

export interface InputOutcome extends Decision {
  /** Not null: the chain goes on with what others say, and until then the verdict is `block`. */
  readonly inquiry: Inquiry<InputOutcome> | null;
  /** The request to send; the same object when nothing was redacted. */
  readonly body: Json;
  /** Ids of the targets that may be used, in routing order; of these only, on every fallback too. */
  readonly targets: readonly string[];
}

/** A decision about an answer. */
export interface AnswerDecision extends Decision {
  /** Headers that go out with the answer, lower-case names. */
  readonly headers: { readonly [name: string]: string };
}

export interface StreamOutcome extends AnswerDecision {
  /** As of a whole answer. */
  readonly inquiry: Inquiry<StreamOutcome> | null;
}

export interface OutputOutcome extends AnswerDecision {
  /** Not null: the chain goes on with what others say, and until then the verdict is `block`. */
  readonly inquiry: Inquiry<OutputOutcome> | null;
  /** The answer to pass on; the same object when nothing was redacted. */
  readonly body: Json;
}

/** The text that may go out now. Once blocked, nothing goes out any more. */
export interface StreamPiece {
  readonly emit: string;
  readonly blocked: Blocked | null;
}

/** The name of a tool call, and what its result will refer to. */
export interface CallHead {
  readonly id: string | null;
  readonly name: string;
}

/** Scans one streamed answer. A channel is one text of it, see `channelOf`. */
export interface StreamScanner {
  /** A policy judges tool calls: nothing of one, its name and id neither, may go out before the `end` of its arguments. */
  readonly judgesCalls: boolean;
  /** Something is said of the answer as a whole: nothing of it may go out before its end and what `outcome` then says. */
  readonly holdsAnswer: boolean;
  readonly push: (channel: string, text: string) => StreamPiece;
  /** The rest of one channel. Where calls are judged, `call` is the one whose arguments end; without it they are refused. */
  readonly end: (channel: string, call?: CallHead) => StreamPiece;
  /** Channels with text that is still held back. */
  readonly channels: () => readonly string[];
  readonly outcome: () => StreamOutcome;
}

/** One upstream account. */
export interface Target {
  readonly id: string;
  readonly family: string;
  /** The wire format that it speaks. */
  readonly format: 'openai' | 'anthropic';
  /** The value of the header anthropic-version; null for another format. */
  readonly apiVersion: string | null;
  readonly model: string;
  /** Without a trailing slash and without a trailing /v1: append the path of the request. */
  readonly baseUrl: string;
  readonly secret: { readonly kind: 'env' | 'store'; readonly name: string } | null;
  /** Lower case. */
  readonly apiKeyHeader: string;
  readonly apiKeyPrefix: string;
  /** What the target declares, `zdr` included; null when it declares nothing. */
  readonly dataPolicy: DataPolicy | null;
  /** Fixed headers, lower-case names. */
  readonly headers: { readonly [name: string]: string };
  /** The longest silence of an answer and of a stream; null: the gateway's own. */
  readonly idleTimeoutMs: { readonly answer: number | null; readonly stream: number | null };
  readonly weight: number;
  /** Where it processes data, as it declares. */
  readonly regions: readonly string[];
  /** The routing setting that rules it out for every request of the document; null: it may be used. */
  readonly excludedBy: 'only' | 'ignore' | 'require_region' | 'max_price' | null;
}

/** What a webhook of the document may be told of; see docs/operations.md. */
export type CallbackType = 'block' | 'escalation' | 'policy_violation' | 'request';

/** A receiver of decisions that the document names. */
export interface Webhook {
  /** Without a trailing slash. */
  readonly url: string;
  /** Of the signature; null: deliveries are not signed. */
  readonly secret: Target['secret'];
  readonly headers: { readonly [name: string]: string };
  /** Null: every decision. */
  readonly types: readonly CallbackType[] | null;
}

/** An MCP server that callers reach through the gateway. */
export interface ToolServer {
  readonly id: string;
  /** Its endpoint, without a trailing slash. */
  readonly url: string;
  readonly secret: Target['secret'];
  /** Lower case. */
  readonly apiKeyHeader: string;
  readonly apiKeyPrefix: string;
  readonly idleTimeoutMs: number;
  readonly allowedTools: ReadonlySet<string>;
  /** Tools of which a person approves every call. */
  readonly approvedTools: ReadonlySet<string>;
  /** By tool, the SHA-256 that it must have; a tool that is not here has the digest that was seen first. */
  readonly toolDigests: ReadonlyMap<string, string>;
}

export interface DataPolicy {
  readonly zeroDataRetention: boolean;
  readonly trainingOptOut: boolean;
  readonly retentionDays: number | null;
}

/** How the first target is chosen among those that may be used. */
export interface Routing {
  readonly strategy: Strategy;
  /** How far back measurements count. */
  readonly windowMs: number;
  /** Measurements without which a target has none. */
  readonly minSamples: number;
  /** Share of requests, in [0, 1], that try any target first. */
  readonly exploration: number;
  readonly preferredLatency: { readonly maxMs: number; readonly percentile: number } | null;
  /** Whether a target whose breaker is open may be passed over. */
  readonly mayPassOver: boolean;
}

export interface Fallback {
  readonly enabled: boolean;
  /** Further targets at most. */
  readonly maxAttempts: number;
  readonly triggers: ReadonlySet<Trigger>;
}

/** Retries of the same target. */
export interface RetryPolicy {
  /** How often after each kind of failure; none for a kind that is not there. */
  readonly retries: ReadonlyMap<Trigger, number>;
  readonly backoff: { readonly strategy: 'exponential' | 'fixed'; readonly ms: number };
}

export interface BreakerPolicy {
  readonly failures: number;
  readonly cooldownMs: number;
  readonly successes: number;
}

/** A name that callers ask for, and the targets behind it. */
export interface ModelGroup {
  readonly name: string;
  readonly targets: readonly string[];
  /** The name of the group whose targets come next. */
  readonly fallback: string | null;
}

/** What `providers` says, beside the targets. */
export interface Routes {
  readonly routing: Routing;
  readonly fallback: Fallback;
  /** Null: no target is asked twice. */
  readonly retry: RetryPolicy | null;
  /** Null: no target is passed over for its failures. */
  readonly breaker: BreakerPolicy | null;
  /** By every name and alias, in the order of the document. */
  readonly groups: ReadonlyMap<string, ModelGroup>;
}

/** Limits that the gateway enforces; null where the document sets none. */
export interface Limits {
  readonly global: { readonly maxRequests: number; readonly windowSeconds: number } | null;
  readonly user: {
    readonly maxRequests: number;
    readonly windowSeconds: number;
    /** Lower case. */
    readonly headerNames: readonly string[];
  } | null;
  /** Requests of one client address. */
  readonly address: { readonly maxRequests: number; readonly windowSeconds: number } | null;
  readonly tokens: {
    readonly of: 'gateway' | 'token' | 'address';
    readonly maxTokens: number;
    readonly windowSeconds: number;
  } | null;
  readonly scopes: readonly {
    readonly of: 'gateway' | 'token' | 'team';
    readonly requestsPerMinute: number | null;
    readonly tokensPerMinute: number | null;
  }[];
  /** Of everyone together. */
  readonly parallelRequests: number | null;
  /** Where requests may come from; null: from everywhere. */
  readonly addresses: readonly Network[] | null;
  readonly size: {
    readonly maxBodyBytes: number | null;
    readonly maxHeaderBytes: number | null;
    readonly maxUrlBytes: number | null;
    readonly maxResponseBytes: number | null;
  };
}

export interface ChainStep {
  readonly kind: string;
  readonly phases: readonly Phase[];
  /** It runs only under conditions (when, targeting). */
  readonly conditional: boolean;
}

/** A document ready to decide. Everything in it is immutable; nothing is shared between requests. */
export interface CompiledPolicy extends Routes {
  readonly pack: { readonly name: string; readonly version: string; readonly enabled: boolean };
  readonly chain: readonly ChainStep[];
  readonly targets: readonly Target[];
  readonly limits: Limits;
  readonly webhooks: readonly Webhook[];
  readonly toolServers: readonly ToolServer[];
  /** Lower-case names of the headers that the document looks at. */
  readonly headersRead: readonly string[];
  /** UTF-16 code units that a stream may be late by; 0 when nothing scans it. */
  readonly holdBack: number;
  readonly scansOutput: boolean;
  readonly input: (request: RequestFacts) => InputOutcome;
  /** `target`: the id of the one that answered. */
  readonly output: (request: RequestFacts, response: Json, target?: string | null) => OutputOutcome;
  /** Null when nothing scans the answer to this request. */
  readonly stream: (request: RequestFacts, target?: string | null) => StreamScanner | null;
}
