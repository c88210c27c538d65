import type { Json, OrgSlug, PlaceOf, PolicyStep } from '../model/index.ts';

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
}

/** What the chain decided in one phase. */
export interface Decision {
  readonly verdict: 'allow' | 'block' | 'redact';
  /** Of the block, else of the first redaction, else null. */
  readonly reasonCode: string | null;
  readonly blockedBy: Blocked | null;
  readonly steps: readonly PolicyStep[];
  readonly warnings: readonly string[];
}

export interface InputOutcome extends Decision {
  /** The request to send; the same object when nothing was redacted. */
  readonly body: Json;
  /** Ids of the targets that may be used, in routing order; of these only, on every fallback too. */
  readonly targets: readonly string[];
}

export interface OutputOutcome extends Decision {
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
  readonly push: (channel: string, text: string) => StreamPiece;
  /** The rest of one channel. Where calls are judged, `call` is the one whose arguments end; without it they are refused. */
  readonly end: (channel: string, call?: CallHead) => StreamPiece;
  /** Channels with text that is still held back. */
  readonly channels: () => readonly string[];
  readonly outcome: () => Decision;
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
}

export interface DataPolicy {
  readonly zeroDataRetention: boolean;
  readonly trainingOptOut: boolean;
  readonly retentionDays: number | null;
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
  readonly tokens: { readonly maxTokens: number; readonly windowSeconds: number } | null;
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
export interface CompiledPolicy {
  readonly pack: { readonly name: string; readonly version: string; readonly enabled: boolean };
  readonly chain: readonly ChainStep[];
  readonly targets: readonly Target[];
  readonly fallback: { readonly enabled: boolean; readonly maxAttempts: number };
  readonly limits: Limits;
  /** Lower-case names of the headers that the document looks at. */
  readonly headersRead: readonly string[];
  /** UTF-16 code units that a stream may be late by; 0 when nothing scans it. */
  readonly holdBack: number;
  readonly scansOutput: boolean;
  readonly input: (request: RequestFacts) => InputOutcome;
  readonly output: (request: RequestFacts, response: Json) => OutputOutcome;
  /** Null when nothing scans the answer to this request. */
  readonly stream: (request: RequestFacts) => StreamScanner | null;
}
