import { emit } from '../kinds/index.ts';
import {
  BUNDLE_FORMAT,
  type Bundle,
  type BundleData,
  byCodeUnit,
  type Hash,
  isJsonObject,
  type JsonObject,
  type RenderedOrg,
  type Result,
} from '../model/index.ts';
import { type BundleFiles, bundleDigestOf, canonicalText } from './layout.ts';
import { pricesOf } from './prices.ts';
import { allOf, GapError, named, onlyOf, sorted, type Typed, valueError } from './select.ts';
import { tokensOf } from './tokens.ts';
import { walletsOf } from './wallets.ts';

/** What one gateway's bundle is made of: the org's rendered objects, never the committed files. */
export interface BundleInput {
  readonly fleet: string;
  readonly desired: RenderedOrg;
  /** Name of the Gateway manifest. */
  readonly gateway: string;
  /** The spec of the fleet's PriceBook. */
  readonly prices: JsonObject | null;
  /** The fleet's default, for an org that says nothing. */
  readonly onExpired: BundleData['onExpired'];
}

/** Bytes of a request body where the Gateway manifest sets no limit. */
export const DEFAULT_BODY_BYTES = 4 * 1024 * 1024;

/** The suffix that a gateway appends to pack.version when it reports; never part of the content (rulings 4). */
const DIGEST_SUFFIX = /\+[0-9a-f]{12}$/;

/** The names of the org's gateways, sorted: one bundle each. */
export function gatewayNames(desired: RenderedOrg): readonly string[] {
  const gateways = desired.objects.filter((object) => object.id.kind === 'Gateway');
  return gateways.map((object) => object.id.name).sort(byCodeUnit);
}

/**
 * The bundle of one gateway: the same content gives the same bytes, whatever else of the org or fleet changed.
 * Refused with BUNDLE_REFERENCE when something that the gateway needs is not there, with BUNDLE_VALUE when a date,
 * an amount or a document cannot be used.
 */
export function buildBundle(input: BundleInput, hash: Hash): Result<Bundle> {
  try {
    return { ok: true, value: bundleOf(input, hash), findings: [] };
  } catch (error) {
    if (error instanceof GapError) return { ok: false, findings: [error.asFinding(input.desired.org)] };
    throw error;
  }
}

function bundleOf(input: BundleInput, hash: Hash): Bundle {
  const { fleet, desired } = input;
  const gateway = onlyOf(desired, 'Gateway', { name: input.gateway });
  const environment = gateway.object.id.environment ?? '';
  const policy = onlyOf(desired, 'Policy', { name: gateway.spec.policy, environment }, gateway.object);
  const header = { format: BUNDLE_FORMAT, fleet, orgUid: desired.uid, gateway: input.gateway, environment } as const;
  const document = unsuffixed(policy.spec.document as JsonObject);
  const tokens = tokensOf(desired, gateway);
  const data: BundleData = {
    org: desired.org,
    teams: teamsOf(desired, [...gateway.spec.teams, ...tokens.map((token) => token.team)]),
    tokens,
    wallets: walletsOf(desired, gateway, tokens),
    prices: pricesOf(input.prices, document, (words) => valueError(policy.object, words)),
    reviews: reviewsOf(desired),
    limits: limitsOf(gateway.spec.limits),
    ...(gateway.spec.sinks === undefined ? {} : { sinks: gateway.spec.sinks.toSorted(named) }),
    onExpired: allOf(desired, 'Organization')[0]?.spec.onExpired ?? input.onExpired,
  };
  const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
  const files: BundleFiles = new Map([
    ['bundle.json', bytes(canonicalText(header))],
    ['data.json', bytes(canonicalText(data))],
    ['policy-config.yaml', bytes(emit(document))],
  ] as const);
  return { header, files, contentDigest: bundleDigestOf(files, hash) };
}

/** What a manifest does not say is not in the bundle, so that a new field changes no content that does not use it. */
function teamsOf(desired: RenderedOrg, names: readonly string[]): BundleData['teams'] {
  const limited = new Map(allOf(desired, 'Team').map(({ object, spec }) => [object.id.name, spec.limits]));
  return sorted([...new Set(names)]).map((name) => {
    const limits = limited.get(name);
    return limits === undefined ? { name } : { name, limits };
  });
}

function limitsOf(limits: Typed<'Gateway'>['spec']['limits']): BundleData['limits'] {
  const { requestsPerMinute, concurrentRequests, bodyBytes, tokensPerMinute, perAddress, models } = limits;
  return {
    requestsPerMinute: requestsPerMinute ?? null,
    concurrentRequests: concurrentRequests ?? null,
    bodyBytes: bodyBytes ?? DEFAULT_BODY_BYTES,
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    ...(perAddress === undefined ? {} : { perAddress }),
    ...(models === undefined ? {} : { models: models.toSorted((a, b) => byCodeUnit(a.model, b.model)) }),
  };
}

function unsuffixed(document: JsonObject): JsonObject {
  const pack = document['pack'];
  if (!isJsonObject(pack) || typeof pack['version'] !== 'string') return document;
  return { ...document, pack: { ...pack, version: pack['version'].replace(DIGEST_SUFFIX, '') } };
}

/** Every queue of the org, by name and time to decide; reviewers and notifications stay behind. */
function reviewsOf(desired: RenderedOrg): BundleData['reviews'] {
  const reviews = allOf(desired, 'Review').map(({ object, spec }) => ({
    name: object.id.name,
    queue: spec.queue,
    slaMinutes: spec.slaMinutes,
  }));
  return reviews.sort(named);
}
