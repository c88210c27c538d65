import type { CommitId, OrgSlug, OrgUid, Sha256Hex } from '../../model/index.ts';

// What pack.json of an evidence pack says, section by section. Instants are RFC 3339 in UTC, whole seconds; amounts of money are
// decimal texts; content of requests is in none of it. Everything is of one org.

/** The evidence of one org over a span of time. */
export interface EvidencePack {
  readonly schema: 'tenantry/evidence-pack/v1';
  readonly fleet: string;
  readonly org: OrgSlug;
  readonly orgUid: OrgUid;
  /** From inclusive (null: from the first that there is), to exclusive. */
  readonly period: { readonly from: string | null; readonly to: string };
  readonly made: { readonly at: string; readonly by: string };
  readonly scope: PackScope;
  readonly configuration: PackConfiguration;
  readonly controls: readonly PackControl[];
  readonly enforcement: PackEnforcement;
  readonly oversight: PackOversight;
  readonly spend: PackSpend;
  readonly identity: PackIdentity;
  readonly incidents: readonly PackIncident[];
  readonly isolation: PackIsolation;
  readonly integrity: PackIntegrity;
}

/** Who it is about, and what is applied when the pack is made. */
export interface PackScope {
  readonly displayName: string;
  readonly template: string;
  readonly generation: number;
  readonly commit: CommitId;
  readonly appliedAt: string;
  readonly isolation: 'dedicated' | 'shared';
  /** Null: the org names none, so every region is allowed. */
  readonly regions: readonly string[] | null;
  readonly domains: readonly string[];
  readonly retired: string | null;
  /** When the org was removed; the rest is what was applied before. Null for one that is there. */
  readonly removed: string | null;
  readonly gateways: readonly PackGateway[];
  /** What was asked within the period, by what gateways said of it. */
  readonly used: readonly PackUse[];
}

export interface PackGateway {
  readonly gateway: string;
  readonly environment: string;
  readonly workload: string;
  readonly hostname: string | null;
  readonly region: string;
  readonly policy: string;
  /** Model providers that it may ask. */
  readonly upstreams: readonly { readonly id: string; readonly provider: string; readonly region: string }[];
}

export interface PackUse {
  /** The family that the target speaks; null for tool servers. */
  readonly provider: string | null;
  readonly target: string;
  readonly model: string | null;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Answered by the simulator, no provider. */
  readonly simulated: boolean;
}

export interface PackConfiguration {
  /** What was applied within the period, oldest first. */
  readonly changes: readonly PackChange[];
  /** Versions of policies that were in force at any moment of the period. */
  readonly policies: readonly PackPolicy[];
  /** What each gateway said last of what it runs. */
  readonly acknowledged: readonly {
    readonly gateway: string;
    readonly generation: number;
    readonly contentDigest: Sha256Hex | null;
    readonly state: 'active' | 'rejected' | 'stale';
    readonly since: string;
  }[];
  /** The first decision of each gateway under each content within the period: when it was in effect at the latest. */
  readonly inEffect: readonly {
    readonly gateway: string;
    readonly generation: number;
    readonly contentDigest: Sha256Hex;
    readonly firstDecisionAt: string;
    readonly requests: number;
  }[];
}

export interface PackChange {
  readonly sequence: number;
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly generation: number;
  readonly commit: CommitId | null;
  /** When the commit was made; null without one, and where this clone does not hold it. */
  readonly committedAt: string | null;
  readonly subject: string | null;
  /** What a merge brought, where that was one commit: its author and subject are those of the change. */
  readonly merged: { readonly commit: CommitId; readonly author: string; readonly subject: string } | null;
  /** The file that accepted hazards of it. */
  readonly approval: string | null;
  /** In words; never a sensitive value. */
  readonly words: readonly string[];
}

export interface PackPolicy {
  readonly environment: string;
  readonly name: string;
  readonly version: number;
  readonly packVersion: string;
  readonly generation: number;
  readonly commit: CommitId;
  readonly author: string;
  readonly digest: Sha256Hex;
  readonly since: string;
  /** When the next version came, or the policy was removed; null: it is in force. */
  readonly until: string | null;
}

/** One policy of a chain that is applied, and the items of published lists that it speaks to. */
export interface PackControl {
  readonly environment: string;
  readonly policy: string;
  /** Its place in the chain, from 1; 0 for what every gateway does whatever its document says. */
  readonly position: number;
  readonly kind: string;
  /** It holds for some requests only: its entry has `when` or `targeting`. */
  readonly isConditional: boolean;
  readonly controls: readonly { readonly id: string; readonly title: string }[];
}

/** Decisions whose events lie in the period. */
export interface PackEnforcement {
  readonly requests: number;
  readonly verdicts: Verdicts;
  /** Requests that went out to a provider or a tool server. */
  readonly wentOut: number;
  readonly simulated: number;
  /** Lines that are no event as gateways write them; `integrity` names them. */
  readonly unread: number;
  readonly gateways: readonly ({ readonly gateway: string; readonly requests: number } & Verdicts)[];
  readonly policies: readonly PackPolicyCount[];
  readonly reasons: readonly { readonly reasonCode: string; readonly requests: number }[];
}

export interface Verdicts {
  readonly allow: number;
  readonly block: number;
  readonly redact: number;
  readonly escalate: number;
}

export interface PackPolicyCount extends Verdicts {
  readonly policy: string;
  readonly phase: 'input' | 'output';
  readonly ran: number;
  readonly warn: number;
  readonly redactions: number;
}

/** Escalations that were queued within the period. */
export interface PackOversight {
  readonly queued: number;
  readonly approved: number;
  readonly denied: number;
  /** Nobody answered in time. */
  readonly expired: number;
  readonly open: number;
  /** From queued to a person's answer; null where no person answered one. */
  readonly medianSeconds: number | null;
  readonly escalations: readonly PackEscalation[];
}

export interface PackEscalation {
  readonly id: string;
  /** What the gateway says of it; null where no line of it is within the pack. */
  readonly gateway: string | null;
  readonly policy: string | null;
  readonly reasonCode: string | null;
  readonly queuedAt: string;
  readonly claimedAt: string | null;
  readonly resolvedAt: string | null;
  /** `token <name>`, or `control plane` where time or the absence of a queue decided. */
  readonly by: string | null;
  readonly outcome: string | null;
  /** What the gateway did in the end. */
  readonly ended: string | null;
  readonly note: string | null;
}

export interface PackSpend {
  /** As they are applied when the pack is made. */
  readonly limits: readonly {
    readonly wallet: string;
    readonly scope: string;
    readonly period: string;
    readonly currency: string;
    readonly limit: string;
    readonly whenExhausted: string;
  }[];
  /** What the ledger booked within the period, by wallet, its own period and currency. */
  readonly accounts: readonly PackAccount[];
  /** What people booked. */
  readonly adjustments: readonly {
    readonly at: string;
    readonly wallet: string;
    readonly period: string;
    readonly currency: string;
    readonly kind: string;
    readonly amount: string;
    readonly author: string;
    readonly note: string | null;
  }[];
  readonly priceBook: string | null;
}

export interface PackAccount {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly settled: string;
  /** Above what was held: an overrun; 0 unless a provider reported more than a request could cost. */
  readonly excess: string;
  /** Presumed spent of slices that ran out unsettled, without what was corrected since. */
  readonly presumed: string;
  readonly credited: string;
  readonly charged: string;
  readonly added: string;
}

export interface PackIdentity {
  /** As they are applied when the pack is made. */
  readonly tokens: readonly PackToken[];
  /** Tokens that lost their last secret, or were denied, within the period, with what is proved of that; oldest first. */
  readonly revocations: readonly PackRevocation[];
  /** Keys of gateways, by enrolment. */
  readonly gatewayKeys: readonly {
    readonly gateway: string;
    readonly enrolment: number;
    readonly publicKey: string;
    readonly enrolledAt: string;
    readonly revokedAt: string | null;
  }[];
  /** Who changed something of the org within the period, and how often. */
  readonly actors: readonly { readonly actor: string; readonly actions: number }[];
}

export interface PackToken {
  readonly token: string;
  readonly owner: string;
  readonly team: string;
  readonly scopes: readonly string[];
  readonly gateways: readonly string[];
  readonly expires: string;
  readonly credentials: readonly { readonly id: string; readonly notBefore: string; readonly notAfter: string }[];
}

export interface PackRevocation {
  readonly token: string;
  readonly revokedAt: string;
  readonly by: 'commit' | 'deny';
  readonly actor: string;
  /** Every gateway runs without the secrets, or what it had has run out; null where only the token's next revocation is proved. */
  readonly complete: boolean | null;
  /** How long after the revocation a request was let in last; 0: never; null like `complete`. */
  readonly acceptedForMs: number | null;
}

/** Something that is not the ordinary way of a change. */
export interface PackIncident {
  readonly at: string;
  readonly what:
    | 'heal'
    | 'deny'
    | 'rollback'
    | 'end'
    | 'revoke'
    | 'take-over'
    | 'refused-delivery'
    | 'presumed-spending';
  readonly actor: string;
  readonly words: string;
}

/** The isolation catalogue, and what of it was found for this org at the applied commit. */
export interface PackIsolation {
  readonly commit: CommitId;
  readonly checks: readonly PackCheck[];
  readonly waivers: readonly {
    readonly code: string;
    readonly object: string;
    readonly owner: string;
    readonly approvers: readonly string[];
    readonly reason: string;
    readonly expires: string;
  }[];
}

export interface PackCheck {
  readonly id: string;
  readonly check: string;
  /** Where it is decided; see docs/findings.md. */
  readonly decided: string;
  /**
   * `impossible`: what would break it cannot be written. `at-change`: each change is judged when it comes. `elsewhere`: not from
   * the repository, so this says nothing of it.
   */
  readonly verdict: 'held' | 'waived' | 'broken' | 'impossible' | 'at-change' | 'elsewhere';
}

export interface PackIntegrity {
  readonly ok: boolean;
  /** Over all lines that are stored, not only those of the pack. */
  readonly events: {
    readonly lines: number;
    readonly faults: number;
    readonly journals: readonly PackJournal[];
    readonly listed: readonly string[];
  };
  readonly history: {
    readonly entries: number;
    /** Entries that are there without `detail`, since that names another org: their links can be followed, their hash not. */
    readonly withheld: number;
    readonly brokenAt: number | null;
  };
  /** Which lines of each journal events.ndjson has: all from the first to the last of the period. */
  readonly copied: readonly {
    readonly gateway: string;
    readonly journal: number;
    readonly from: number;
    readonly through: number;
  }[];
  /** Who signed SHA256SUMS: the key that this root names for the role targets. */
  readonly signedBy: { readonly keyId: string; readonly rootVersion: number };
  readonly retention: string;
}

export interface PackJournal {
  readonly gateway: string;
  readonly journal: number;
  readonly lines: number;
  readonly lastSequence: number;
  readonly lastHash: Sha256Hex;
  /** Requests that went out and have no decision yet. */
  readonly open: number;
}

/** Names of the files of a pack, beside the roots. */
export const PACK_FILES = {
  pack: 'pack.json',
  page: 'report.html',
  events: 'events.ndjson',
  history: 'history.ndjson',
  ledger: 'ledger.ndjson',
  escalations: 'escalations.ndjson',
  charges: 'charges.csv',
  sums: 'SHA256SUMS',
  signature: 'SHA256SUMS.sig',
  key: 'signing-key.pem',
} as const;

/** A root of the org, as it is published. */
export function packRoot(version: number): string {
  return `${version}.root.json`;
}
