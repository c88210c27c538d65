import type { BundleData, BundleToken, RateLimits } from '../../src/core/model/index.ts';
import type { Limits } from '../../src/core/policy/index.ts';
import type { Bound, Limit, LimitMeasure, Subject } from './limits.ts';

// Which limits there are, by whose word, and under which keys they count for a request. A gateway has one org, so what bounds
// the gateway bounds the org there.

const MINUTE_MS = 60_000;

/** Who asks, as far as limits are concerned. */
export interface Caller {
  readonly token: BundleToken | null;
  /** One key for each caller's address, or null where it is not known: those count together. */
  readonly address: () => string | null;
  /** The first of these headers that the request has. */
  readonly header: (names: readonly string[]) => string | null;
}

/** The limits of one configuration. */
export interface LimitRules {
  /** Of the address that a request comes from. */
  readonly byAddress: readonly Limit[];
  readonly byUser: readonly { readonly limit: Limit; readonly headerNames: readonly string[] }[];
  /** Counted for every request. */
  readonly always: readonly Bound[];
  /** Where a token or its team has limits: these and those of every request. */
  readonly ofTokens: ReadonlyMap<BundleToken | null, readonly Bound[]>;
  readonly ofModels: ReadonlyMap<string, readonly Bound[]>;
}

/** Null where nothing is limited. */
export function limitRules(policy: Limits, data: BundleData | null): LimitRules | null {
  const always = boundsOf('gateway', '', gatewayLimits(policy, data));
  const byAddress = addressLimits(policy, data);
  const byUser = userLimits(policy);
  const tokens = data?.tokens ?? [null];
  const teams = new Map((data?.teams ?? []).map((team) => [team.name, limitsOf('team', team.limits)]));
  const ofTokens = new Map<BundleToken | null, readonly Bound[]>();
  for (const token of tokens) {
    const own = strictest([...limitsOf('token', token?.limits), ...policyLimits(policy, 'token')]);
    const ofTeam = token === null ? [] : strictest([...(teams.get(token.team) ?? []), ...policyLimits(policy, 'team')]);
    const bounds = [...boundsOf('token', token?.name ?? '', own), ...boundsOf('team', token?.team ?? '', ofTeam)];
    if (bounds.length > 0) ofTokens.set(token, [...always, ...bounds]);
  }
  const ofModels = new Map(
    (data?.limits.models ?? []).map(({ model, limits }) => [
      model,
      boundsOf('model', model, limitsOf('model', limits)),
    ]),
  );
  const sizes = [always.length, byAddress.length, byUser.length, ofTokens.size, ofModels.size];
  return sizes.every((size) => size === 0) ? null : { always, byAddress, byUser, ofTokens, ofModels };
}

/** All that a request is bound by but its model. */
export function boundsFor(rules: LimitRules, caller: Caller): readonly Bound[] {
  const known = rules.ofTokens.get(caller.token) ?? rules.always;
  if (rules.byAddress.length === 0 && rules.byUser.length === 0) return known;
  const bounds = [...known];
  if (rules.byAddress.length > 0) bounds.push(...boundsOf('address', caller.address() ?? 'unknown', rules.byAddress));
  for (const { limit, headerNames } of rules.byUser) {
    const named = caller.header(headerNames);
    const user = named === null ? `token ${caller.token?.name ?? ''}` : `header ${named.slice(0, 200)}`;
    bounds.push(...boundsOf('user', user, [limit]));
  }
  return bounds;
}

/** Limits of the same subject, measure and window count together under one key, whoever declared them. */
function boundsOf(of: Subject, name: string, limits: readonly Limit[]): readonly Bound[] {
  return limits.map((limit) => ({ limit, key: `${of} ${limit.measure} ${limit.windowMs} ${name}` }));
}

const limitOf = (of: Subject, measure: LimitMeasure, max: number, windowMs = MINUTE_MS): Limit => ({
  of,
  measure,
  max,
  windowMs,
});

function limitsOf(of: Subject, limits: RateLimits | undefined): readonly Limit[] {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = limits ?? {};
  return [
    ...(requestsPerMinute === undefined ? [] : [limitOf(of, 'requests', requestsPerMinute)]),
    ...(tokensPerMinute === undefined ? [] : [limitOf(of, 'tokens', tokensPerMinute)]),
    ...(concurrentRequests === undefined ? [] : [limitOf(of, 'concurrent', concurrentRequests, 0)]),
  ];
}

function gatewayLimits(policy: Limits, data: BundleData | null): readonly Limit[] {
  const { requestsPerMinute, concurrentRequests, tokensPerMinute } = data?.limits ?? {};
  const own = limitsOf('gateway', {
    ...(requestsPerMinute == null ? {} : { requestsPerMinute }),
    ...(concurrentRequests == null ? {} : { concurrentRequests }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
  });
  const everyone = policy.global;
  return strictest([
    ...own,
    ...(everyone === null ? [] : [limitOf('gateway', 'requests', everyone.maxRequests, everyone.windowSeconds * 1000)]),
    ...policyLimits(policy, 'gateway'),
    ...(policy.parallelRequests === null ? [] : [limitOf('gateway', 'concurrent', policy.parallelRequests, 0)]),
  ]);
}

function addressLimits(policy: Limits, data: BundleData | null): readonly Limit[] {
  const own = policy.address;
  return strictest([
    ...limitsOf('address', data?.limits.perAddress),
    ...(own === null ? [] : [limitOf('address', 'requests', own.maxRequests, own.windowSeconds * 1000)]),
    ...policyLimits(policy, 'address'),
  ]);
}

function userLimits({ user }: Limits): LimitRules['byUser'] {
  if (user === null) return [];
  const limit = limitOf('user', 'requests', user.maxRequests, user.windowSeconds * 1000);
  return [{ limit, headerNames: user.headerNames }];
}

/** `token_rate_limit` and `scope_rate_limits` of the policy document, as far as they are about the subject. */
function policyLimits({ tokens, scopes }: Limits, of: Subject): readonly Limit[] {
  const own = scopes.find((scope) => scope.of === of);
  return [
    ...(tokens?.of === of ? [limitOf(of, 'tokens', tokens.maxTokens, tokens.windowSeconds * 1000)] : []),
    ...(own?.requestsPerMinute == null ? [] : [limitOf(of, 'requests', own.requestsPerMinute)]),
    ...(own?.tokensPerMinute == null ? [] : [limitOf(of, 'tokens', own.tokensPerMinute)]),
  ];
}

/** Of limits that count together the one that lets the least in: they share their count, so that no request counts twice. */
function strictest(limits: readonly Limit[]): readonly Limit[] {
  return limits.filter(
    (limit, index) =>
      !limits.some(
        (other, at) =>
          other.measure === limit.measure &&
          other.windowMs === limit.windowMs &&
          (other.max < limit.max || (other.max === limit.max && at < index)),
      ),
  );
}
