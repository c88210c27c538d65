import {
  type BundleData,
  type BundlePrice,
  type BundleToken,
  type BundleWallet,
  byCodeUnit,
  type CommitId,
  type GatewayIdentity,
  type Network,
  type OrgUid,
  parseNetwork,
  type Sha256Hex,
} from '../../src/core/model/index.ts';
import type { CompiledPolicy } from '../../src/core/policy/index.ts';
import { offeredNames } from './routing.ts';
import { type LimitRules, limitRules } from './rules.ts';

/** What a bundle adds to a policy: who may ask, who pays, what it costs. Org first: everything in it is of one org. */
export interface Tenant {
  readonly orgUid: OrgUid;
  readonly identity: GatewayIdentity;
  readonly environment: string;
  readonly generation: number;
  /** Where the content comes from, for the evidence; null where that is not said. */
  readonly commit: CommitId | null;
  readonly data: BundleData;
  /** Credential id to its token; ids are unique in an org. */
  readonly credentials: ReadonlyMap<string, CredentialOf>;
  readonly wallets: ReadonlyMap<string, BundleWallet>;
}

export interface CredentialOf {
  readonly id: string;
  readonly token: BundleToken;
  readonly digest: Sha256Hex;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Everything a request is decided with. Never changed; a request keeps the one it began with. */
export interface Snapshot {
  readonly policy: CompiledPolicy;
  /** Null for a stand-alone policy file. */
  readonly tenant: Tenant | null;
  readonly contentDigest: Sha256Hex;
  /** `<pack.version>+<12 hex>`: unique per content (architecture 4). */
  readonly configVersion: string;
  readonly activeSinceMs: number;
  /** Null: nothing is limited. */
  readonly rules: LimitRules | null;
  /** Null: requests may come from everywhere. */
  readonly reach: Reach | null;
  /** Models that the targets offer and names of groups, in order, each once. */
  readonly models: readonly string[];
}

/** Where requests may come from: within the networks of the policy, and within those of the token. */
export interface Reach {
  readonly everyone: readonly Network[] | null;
  readonly ofTokens: ReadonlyMap<BundleToken, readonly Network[]>;
}

export interface TenantFacts {
  readonly identity: GatewayIdentity;
  readonly environment: string;
  readonly generation: number;
  readonly commit: CommitId | null;
  readonly data: BundleData;
}

/** Builds the snapshot of a compiled policy; `tenant` is null for a stand-alone file. */
export function makeSnapshot(
  policy: CompiledPolicy,
  facts: { readonly tenant: TenantFacts | null; readonly contentDigest: Sha256Hex; readonly nowMs: number },
): Snapshot {
  const { tenant, contentDigest, nowMs } = facts;
  const suffix = contentDigest.slice(0, 12);
  const version = policy.pack.version;
  const made = tenant === null ? null : makeTenant(tenant);
  return {
    policy,
    tenant: made,
    rules: limitRules(policy.limits, made?.data ?? null),
    reach: reachOf(policy.limits.addresses, made),
    contentDigest,
    configVersion: version.includes('+') ? `${version}.${suffix}` : `${version}+${suffix}`,
    activeSinceMs: nowMs,
    models: offeredNames(policy, null),
  };
}

function makeTenant(facts: TenantFacts): Tenant {
  const credentials = new Map<string, CredentialOf>();
  for (const token of facts.data.tokens) {
    for (const { id, digest, notBeforeMs, notAfterMs } of token.credentials) {
      credentials.set(id, { id, token, digest, notBeforeMs, notAfterMs: Math.min(notAfterMs, token.notAfterMs) });
    }
  }
  const wallets = new Map(facts.data.wallets.map((wallet) => [wallet.name, wallet]));
  return { ...facts, orgUid: facts.identity.orgUid, credentials, wallets };
}

function reachOf(everyone: Reach['everyone'], tenant: Tenant | null): Reach | null {
  const ofTokens = new Map<BundleToken, readonly Network[]>();
  for (const token of tenant?.data.tokens ?? []) {
    // The bundle's reader has refused what is no network; one less would only allow less.
    if (token.addresses !== undefined)
      ofTokens.set(
        token,
        token.addresses.flatMap((text) => parseNetwork(text) ?? []),
      );
  }
  return everyone === null && ofTokens.size === 0 ? null : { everyone, ofTokens };
}

/** From the token's wallet up its parents; ends at a name that is missing or seen before. Empty: nothing is charged. */
export function walletChain(tenant: Tenant, token: BundleToken): readonly BundleWallet[] {
  const chain: BundleWallet[] = [];
  const seen = new Set<string>();
  for (let name = token.wallet; name !== null && !seen.has(name); ) {
    seen.add(name);
    const wallet = tenant.wallets.get(name);
    if (wallet === undefined) break;
    chain.push(wallet);
    name = wallet.parent;
  }
  return chain;
}

/** The price of a model that holds now: of all that began, the newest. */
export function priceNow(tenant: Tenant, model: string, nowMs: number): BundlePrice | undefined {
  let found: BundlePrice | undefined;
  for (const price of tenant.data.prices) {
    if (price.model === model && price.fromMs <= nowMs && (found === undefined || price.fromMs > found.fromMs))
      found = price;
  }
  return found;
}

/** What `GET /tenantry/config` shows: no secret, no digest of a token. */
export function describeSnapshot(snapshot: Snapshot): { readonly [key: string]: unknown } {
  const { policy, tenant, contentDigest, configVersion } = snapshot;
  return {
    pack: { name: policy.pack.name, version: policy.pack.version },
    configVersion,
    policies: { chain: policy.chain.map((step) => step.kind) },
    bundle: { digest: contentDigest, generation: tenant?.generation ?? null, environment: tenant?.environment ?? null },
    org: tenant?.orgUid ?? null,
    gateway: tenant?.identity.gateway ?? null,
    fleet: tenant?.identity.fleet ?? null,
    models: [...snapshot.models].sort(byCodeUnit),
  };
}
