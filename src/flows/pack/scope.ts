import { isJsonObject, type Json, type ObjectSide, ofKind } from '../../core/model/index.ts';
import { JOURNAL_CONTROLS, MONEY_CONTROLS, POLICY_KINDS } from '../../core/policy/index.ts';
import type { PackControl, PackGateway, PackScope, PackSpend, PackToken } from '../../core/report/index.ts';
import { textAt } from './span.ts';
import type { StandingOrg } from './standing.ts';

/** What is applied of an org: whom it is about, and what it is allowed. */
export function scopeOf({ head, objects, removedAt }: StandingOrg): Omit<PackScope, 'used'> {
  const { template, generation, commit, appliedAtMs } = head;
  const spec = ofKind(objects, 'Organization')[0]?.document.spec;
  if (spec === undefined) throw new RangeError(`expected an applied Organization of ${head.org}`);
  return {
    ...{ displayName: spec.displayName, template, generation, commit, appliedAt: textAt(appliedAtMs) ?? '' },
    ...{ isolation: spec.isolation, regions: spec.regions ?? null, domains: spec.domains },
    retired: spec.retired ?? null,
    removed: textAt(removedAt),
    gateways: gatewaysOf(objects),
  };
}

function gatewaysOf(objects: readonly ObjectSide[]): readonly PackGateway[] {
  return ofKind(objects, 'Gateway').map(({ id, document: { spec } }) => {
    const { workload, hostname = null, region, policy } = spec;
    const environment = id.environment ?? '';
    const providers = providersOf(objects, { environment, policy });
    const upstreams = spec.upstreams.map((upstream) => ({
      ...{ id: upstream.id, provider: providers.get(upstream.id) ?? '', region: upstream.region },
    }));
    return { gateway: id.name, environment, workload, hostname, region, policy, upstreams };
  });
}

/** What the targets of a policy document speak, by their ids. */
function providersOf(
  objects: readonly ObjectSide[],
  of: { readonly environment: string; readonly policy: string },
): ReadonlyMap<string, string> {
  const policy = ofKind(objects, 'Policy').find(({ id }) => id.environment === of.environment && id.name === of.policy);
  const providers = policy?.document.spec.document['providers'] as Json | undefined;
  const targets = isJsonObject(providers) ? providers['targets'] : undefined;
  const rows = Array.isArray(targets) ? targets.filter(isJsonObject) : [];
  return new Map(rows.map(({ id, provider, model }) => [String(id), [provider, model].filter(isText).join(' ')]));
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

/** Every policy of every chain that is applied, with what it speaks to, and what holds without any. */
export function controlsOf(objects: readonly ObjectSide[]): readonly PackControl[] {
  return ofKind(objects, 'Policy').flatMap(({ id, document: { spec } }) => {
    const whose = { environment: id.environment ?? '', policy: id.name };
    const always = { ...whose, position: 0, isConditional: false };
    return [
      ...chainOf(spec.document['policies'] as Json | undefined).map((entry, index) => ({
        ...{ ...whose, position: index + 1, kind: entry.kind, isConditional: entry.isConditional },
        controls: POLICY_KINDS.find(({ kind }) => kind === entry.kind)?.controls ?? [],
      })),
      { ...always, kind: 'journal of the gateway', controls: JOURNAL_CONTROLS },
      { ...always, kind: 'wallets and limits', controls: MONEY_CONTROLS },
    ];
  });
}

function chainOf(policies: Json | undefined): readonly { readonly kind: string; readonly isConditional: boolean }[] {
  const chain = isJsonObject(policies) ? policies['chain'] : undefined;
  return (Array.isArray(chain) ? chain : []).map((entry: Json) => {
    if (!isJsonObject(entry)) return { kind: String(entry), isConditional: false };
    const [[kind = '', options] = []] = Object.entries(entry);
    const isConditional = isJsonObject(options) && ('when' in options || 'targeting' in options);
    return { kind, isConditional };
  });
}

/** Tokens with the times of their secrets; digests stay where they are. */
export function tokensOf(objects: readonly ObjectSide[]): readonly PackToken[] {
  const credentials = ofKind(objects, 'Credentials').flatMap(({ document }) => document.spec.tokens);
  return ofKind(objects, 'Token').map(({ id, document: { spec } }) => {
    const { owner, team, scopes, gateways, expires } = spec;
    const own = credentials.filter((row) => row.token === id.name);
    const secrets = own.map((row) => ({ id: row.id, notBefore: row.notBefore, notAfter: row.notAfter }));
    return { token: id.name, owner, team, scopes, gateways, expires, credentials: secrets };
  });
}

export function limitsOf(objects: readonly ObjectSide[]): PackSpend['limits'] {
  return ofKind(objects, 'Wallet').map(({ id, document: { spec } }) => {
    const { scope, currency, limit, whenExhausted, period } = spec;
    return { wallet: id.name, scope, period: period.kind, currency, limit, whenExhausted };
  });
}
