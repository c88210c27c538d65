import { type Network, parseNetwork } from '../../model/index.ts';
import type { PolicyDocument, ScopeRateLimit } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { Limits } from '../types.ts';

/** The limits of a document of the right shape; a finding for each network that there is not. */
export function compileLimits(document: PolicyDocument, report: Report): Limits {
  const { global_rate_limit: everyone, user_rate_limit: user, ip_rate_limit: address, size_limits: size } = document;
  const scopes = document.providers?.scope_rate_limits;
  return {
    global:
      everyone === undefined ? null : { maxRequests: everyone.max_requests, windowSeconds: everyone.window_seconds },
    address:
      address === undefined ? null : { maxRequests: address.max_requests, windowSeconds: address.window_seconds },
    user:
      user === undefined
        ? null
        : {
            maxRequests: user.max_requests,
            windowSeconds: user.window_seconds,
            headerNames: user.header_names.map((name) => name.toLowerCase()),
          },
    tokens: tokensOf(document),
    scopes: [
      ...scopeOf('token', scopes?.per_key),
      ...scopeOf('team', scopes?.per_team),
      ...scopeOf('gateway', scopes?.global),
    ],
    parallelRequests: scopes?.max_parallel_requests ?? null,
    addresses: networksOf(document, report),
    size: {
      maxBodyBytes: size?.max_body_bytes ?? null,
      maxHeaderBytes: size?.max_header_bytes ?? null,
      maxUrlBytes: size?.max_url_bytes ?? null,
      maxResponseBytes: size?.max_response_bytes ?? null,
    },
  };
}

const SUBJECTS = { global: 'gateway', per_key: 'token', per_ip: 'address' } as const;

function tokensOf({ token_rate_limit: tokens }: PolicyDocument): Limits['tokens'] {
  if (tokens === undefined) return null;
  return {
    of: SUBJECTS[tokens.scope ?? 'global'],
    maxTokens: tokens.max_tokens,
    windowSeconds: tokens.window_seconds,
  };
}

type Scope = Limits['scopes'][number];

function scopeOf(of: Scope['of'], written: ScopeRateLimit | undefined): readonly Scope[] {
  if (written === undefined) return [];
  return [{ of, requestsPerMinute: written.rpm ?? null, tokensPerMinute: written.tpm ?? null }];
}

function networksOf({ ip_allowlist: list }: PolicyDocument, report: Report): readonly Network[] | null {
  if (list === undefined) return null;
  return list.cidrs.flatMap((text, index) => {
    const network = parseNetwork(text);
    if (network !== undefined) return [network];
    report('POLICY_ADDRESS_INVALID', `/ip_allowlist/cidrs/${index}`, {
      message: `${text} is no network.`,
      expected: 'a network such as 192.0.2.0/24 with nothing set beside its prefix, or one address',
      found: text,
    });
    return [];
  });
}
