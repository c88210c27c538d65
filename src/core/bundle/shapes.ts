import type {
  BundleData,
  BundleHeader,
  BundlePrice,
  BundleSink,
  BundleToken,
  BundleWallet,
  OrgUid,
  RateLimits,
  SecretReference,
  Sha256Hex,
  WalletPeriod,
} from '../model/index.ts';
import { BUNDLE_FORMAT, parseNetwork } from '../model/index.ts';
import { type Decoder, integer, list, misfit, nullable, oneOf, optional, record, text } from './decode.ts';

// The shapes of bundle.json and data.json, closed and bounded: what a gateway takes from the signed bytes.

const MAX_TIME_MS = 253_402_300_799_999;
const MANY = 10_000;

const name = text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name (a-z, 0-9, inner hyphens)');
const digest = text<Sha256Hex>(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const model = text(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/, 'a model name');
const currency = text(/^[A-Z]{3}$/, 'three capital letters');
const zone = text(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'an IANA time zone');
const time = integer(0, MAX_TIME_MS);
const micros = integer(0, Number.MAX_SAFE_INTEGER);

export const headerShape: Decoder<BundleHeader> = record<BundleHeader>({
  format: oneOf(BUNDLE_FORMAT),
  fleet: name,
  orgUid: text<OrgUid>(/^[a-z0-9]{20}$/, 'an org uid (20 of a-z, 0-9)'),
  gateway: name,
  environment: name,
});

const limitsShape: Decoder<RateLimits> = record<RateLimits>({
  requestsPerMinute: optional(integer(1, 1_000_000)),
  tokensPerMinute: optional(integer(1, 1_000_000_000)),
  concurrentRequests: optional(integer(1, 100_000)),
});

const network: Decoder<string> = (value, at) =>
  typeof value === 'string' && parseNetwork(value) !== undefined
    ? value
    : misfit(at, 'a network such as 192.0.2.0/24', JSON.stringify(value).slice(0, 80));

const sinkUrl = text(
  /^(https:\/\/[^\s@/?#]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)([/?#]\S*)?$/,
  'a URL with https, or http on loopback',
);

const secretFields: Decoder<SecretReference> = record<SecretReference>({
  env: optional(text(/^[A-Z_][A-Z0-9_]{0,127}$/, 'a name of a variable')),
  store: optional(text(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,499}$/, 'a path of the secret store')),
});

const secretShape: Decoder<SecretReference> = (value, at) => {
  const reference = secretFields(value, at);
  if ((reference.env === undefined) === (reference.store === undefined))
    misfit(at, 'one of env and store', 'both or none');
  return reference;
};

const tokenShape: Decoder<BundleToken> = record<BundleToken>({
  name,
  team: name,
  wallet: nullable(name),
  scopes: list(oneOf('chat', 'embeddings', 'mcp', 'models'), 4),
  models: nullable(list(model, MANY)),
  paths: optional(list(text(/^\/[A-Za-z0-9/._-]{1,140}$/, 'a path'), 20)),
  addresses: optional(list(network, 100)),
  limits: optional(limitsShape),
  role: nullable(text(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'a role')),
  notAfterMs: time,
  credentials: list(
    record<BundleToken['credentials'][number]>({
      id: text(/^[a-z0-9]{4,40}$/, 'a token id'),
      digest,
      notBeforeMs: time,
      notAfterMs: time,
    }),
    MANY,
  ),
});

const walletShape: Decoder<BundleWallet> = record<BundleWallet>({
  name,
  scope: oneOf('org', 'team', 'user'),
  parent: nullable(name),
  currency,
  limitMicros: micros,
  period: record<WalletPeriod>({
    kind: oneOf('day', 'week', 'month', 'total'),
    timeZone: zone,
    anchorDay: integer(1, 28),
  }),
  thresholds: list(integer(1, 100), 100),
  whenExhausted: oneOf('block', 'hold', 'allow'),
  paymentRule: oneOf('first-that-can-pay', 'all-must-pass'),
});

const priceShape: Decoder<BundlePrice> = record<BundlePrice>({
  model,
  fromMs: time,
  currency,
  inputMicrosPerMillion: micros,
  outputMicrosPerMillion: micros,
});

const plainDataShape: Decoder<BundleData> = record<BundleData>({
  org: name,
  teams: list(record<BundleData['teams'][number]>({ name, limits: optional(limitsShape) }), MANY),
  tokens: list(tokenShape, MANY),
  wallets: list(walletShape, MANY),
  prices: list(priceShape, MANY),
  reviews: list(record<BundleData['reviews'][number]>({ name, queue: name, slaMinutes: integer(1, 43_200) }), MANY),
  limits: record<BundleData['limits']>({
    requestsPerMinute: nullable(integer(1, 1_000_000)),
    concurrentRequests: nullable(integer(1, 100_000)),
    tokensPerMinute: optional(integer(1, 1_000_000_000)),
    perAddress: optional(limitsShape),
    models: optional(
      list(record<NonNullable<BundleData['limits']['models']>[number]>({ model, limits: limitsShape }), 200),
    ),
    bodyBytes: integer(1024, 104_857_600),
  }),
  sinks: optional(list(record<BundleSink>({ name, url: sinkUrl, secret: optional(secretShape) }), 20)),
  onExpired: oneOf('block', 'keep-serving'),
});

/** Closed shape, and every reference inside the data leads somewhere. */
export const dataShape: Decoder<BundleData> = (value, at) => {
  const data = plainDataShape(value, at);
  unique(
    data.teams.map((team) => team.name),
    `${at}/teams`,
  );
  unique(
    data.tokens.map((token) => token.name),
    `${at}/tokens`,
  );
  unique(
    data.tokens.flatMap((token) => token.credentials.map((credential) => credential.id)),
    `${at}/tokens`,
  );
  unique(
    (data.limits.models ?? []).map((entry) => entry.model),
    `${at}/limits/models`,
  );
  unique(
    (data.sinks ?? []).map((sink) => sink.name),
    `${at}/sinks`,
  );
  unique(
    data.reviews.map((review) => review.name),
    `${at}/reviews`,
  );
  unique(
    data.prices.map((price) => `${price.model} from ${price.fromMs}`),
    `${at}/prices`,
  );
  checkWallets(data, at);
  return data;
};

function checkWallets(data: BundleData, at: string): void {
  const parents = new Map(data.wallets.map((wallet) => [wallet.name, wallet.parent]));
  unique(
    data.wallets.map((wallet) => wallet.name),
    `${at}/wallets`,
  );
  for (const token of data.tokens) {
    if (token.wallet !== null && !parents.has(token.wallet))
      misfit(`${at}/tokens`, 'a wallet of the bundle', token.wallet);
  }
  for (const wallet of data.wallets) {
    let above = wallet.parent;
    for (let steps = 0; above !== null && steps < data.wallets.length; steps += 1) {
      if (!parents.has(above)) misfit(`${at}/wallets`, 'a parent of the bundle', above);
      above = parents.get(above) ?? null;
    }
    if (above !== null) misfit(`${at}/wallets`, 'wallets without a circle', wallet.name);
  }
}

function unique(names: readonly string[], at: string): void {
  const seen = new Set<string>();
  for (const each of names) {
    if (seen.has(each)) misfit(at, 'each name once', `${each} twice`);
    seen.add(each);
  }
}
