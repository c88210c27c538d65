import {
  type Documents,
  isJsonObject,
  type Json,
  type JsonObject,
  type ObjectId,
  type SecretReference,
  type Typed,
  valueAt,
} from '../../model/index.ts';
import { providerOf, usualUrlOf } from '../../policy/index.ts';
import { urlParts } from '../hosts/host.ts';
import { type OrgView, oncePerOrg, type RuleObject } from '../view.ts';

/** A place that a gateway connects to because a policy document says so. */
export interface PolicyEndpoint {
  readonly use: 'target' | 'tools' | 'webhook' | 'service';
  readonly secret: SecretReference | null;
  /** Of the secret, or of the target where it names none. */
  readonly pointer: string;
  /** The host of its URL; null where it names none: the provider's own. */
  readonly host: string | null;
  /** Where it leads: its URL as it is written, else the usual one of the provider; empty where neither is known. */
  readonly url: string;
  /** What says so. */
  readonly urlPointer: string;
}

/** One provider target of a policy document. */
export interface PolicyTarget extends PolicyEndpoint {
  readonly id: string;
  /** Empty where it names none. */
  readonly model: string;
  /** What names the model. */
  readonly modelPointer: string;
}

/** The policy that a Gateway of the org enforces; undefined where there is none of that name, which is reported elsewhere. */
export function policyOf(org: OrgView, { id, document }: Typed<'Gateway'>): RuleObject | undefined {
  return org.named('Policy', document.spec.policy).find((policy) => policy.id.environment === id.environment);
}

/** The secrets that a Gateway itself names: of its upstreams and its sinks. */
export function gatewaySecrets({
  upstreams,
  sinks = [],
}: Documents['Gateway']['spec']): readonly { readonly secret: SecretReference; readonly pointer: string }[] {
  return [
    ...upstreams.map(({ secret }, index) => ({ secret, pointer: `/spec/upstreams/${index}/secret` })),
    ...sinks.flatMap(({ secret }, index) =>
      secret === undefined ? [] : [{ secret, pointer: `/spec/sinks/${index}/secret` }],
    ),
  ];
}

const TARGETS = '/spec/document/providers/targets';
const targetsByObject = oncePerOrg(
  (org): ReadonlyMap<ObjectId, readonly PolicyTarget[]> =>
    new Map(org.all('Policy').map(({ id, document }) => [id, targetsIn(document)])),
);

/** The targets of a Policy of the org; what has not the shape of a target is left to the policy engine to refuse. */
export function policyTargets(org: OrgView, policy: Pick<RuleObject, 'id'>): readonly PolicyTarget[] {
  return targetsByObject(org).get(policy.id) ?? [];
}

const endpointsByObject = oncePerOrg(
  (org): ReadonlyMap<ObjectId, readonly PolicyEndpoint[]> =>
    new Map(
      org
        .all('Policy')
        .map((policy) => [
          policy.id,
          [...policyTargets(org, policy), ...outsideIn(policy.document), ...servicesIn(policy.document)],
        ]),
    ),
);

/** Targets, tool servers and webhooks of a Policy of the org, and the services that its policies ask. */
export function policyEndpoints(org: OrgView, policy: Pick<RuleObject, 'id'>): readonly PolicyEndpoint[] {
  return endpointsByObject(org).get(policy.id) ?? [];
}

function outsideIn(policy: object): readonly PolicyEndpoint[] {
  const listed = (pointer: string, of: (item: JsonObject, at: string) => PolicyEndpoint): readonly PolicyEndpoint[] => {
    const items = valueAt(policy as JsonObject, pointer);
    if (!Array.isArray(items)) return [];
    return items.flatMap((item: Json, index) => (isJsonObject(item) ? [of(item, `${pointer}/${index}`)] : []));
  };
  return [
    ...listed('/spec/document/tool_servers', (server, at) => {
      const secret = secretOf(server['secret_key_ref']);
      return {
        use: 'tools',
        secret,
        pointer: `${at}${secret === null ? '' : '/secret_key_ref'}`,
        ...urlOf(server, at),
      };
    }),
    ...listed('/spec/document/callbacks', (callback, at) => {
      const env = callback['signing_secret_env'];
      const secret = typeof env === 'string' ? { env } : null;
      const pointer = `${at}${secret === null ? '' : '/signing_secret_env'}`;
      return { use: 'webhook', secret, pointer, ...urlOf(callback, at) };
    }),
  ];
}

/** Where the policies that ask other services say which. */
const SERVICES = ['/spec/document/policy/external-moderation', '/spec/document/policy/flagged-review/provider'];

function servicesIn(policy: object): readonly PolicyEndpoint[] {
  return SERVICES.flatMap((at): readonly PolicyEndpoint[] => {
    const block = valueAt(policy as JsonObject, at);
    if (block === undefined || !isJsonObject(block)) return [];
    const secret = secretOf(block['secret_key_ref']);
    const url = typeof block['endpoint'] === 'string' ? block['endpoint'] : '';
    const pointer = `${at}${secret === null ? '' : '/secret_key_ref'}`;
    const host = urlParts(url)?.host ?? null;
    return [{ use: 'service', secret, pointer, host, url, urlPointer: `${at}/endpoint` }];
  });
}

function urlOf({ url }: JsonObject, at: string): Pick<PolicyEndpoint, 'host' | 'url' | 'urlPointer'> {
  const written = typeof url === 'string' ? url : '';
  return { host: urlParts(written)?.host ?? null, url: written, urlPointer: `${at}/url` };
}

function targetsIn(policy: object): readonly PolicyTarget[] {
  const targets = valueAt(policy as JsonObject, TARGETS);
  return Array.isArray(targets) ? targets.flatMap((target: Json, index) => targetOf(target, index)) : [];
}

function targetOf(target: Json, index: number): readonly PolicyTarget[] {
  if (!isJsonObject(target) || typeof target['id'] !== 'string') return [];
  const at = `${TARGETS}/${index}`;
  const { base_url: base, provider } = target;
  const secret = secretOf(target['secret_key_ref']);
  const pointer = `${at}${secret === null ? '' : '/secret_key_ref'}`;
  const common = { use: 'target', id: target['id'], secret, pointer, ...modelOf(target, at) } as const;
  if (typeof base === 'string' && base !== '')
    return [{ ...common, host: urlParts(base)?.host ?? null, url: base, urlPointer: `${at}/base_url` }];
  const usual = typeof provider === 'string' ? usualUrlOf(provider) : undefined;
  return [{ ...common, host: null, url: usual ?? '', urlPointer: `${at}/provider` }];
}

/** The model of a target: by itself, or by the shorthand of its provider. */
function modelOf({ model, provider }: JsonObject, at: string): Pick<PolicyTarget, 'model' | 'modelPointer'> {
  if (typeof model === 'string') return { model, modelPointer: `${at}/model` };
  const short = typeof provider === 'string' ? providerOf(provider).model : undefined;
  return { model: short ?? '', modelPointer: `${at}/provider` };
}

function secretOf(value: Json | undefined): SecretReference | null {
  if (!isJsonObject(value)) return null;
  const { env, store } = value;
  if (typeof env === 'string') return { env };
  return typeof store === 'string' ? { store } : null;
}
