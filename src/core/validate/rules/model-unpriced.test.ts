import { describe, expect, test } from 'vitest';
import type { DesiredObject, Finding, Fleet, JsonObject } from '../../model/index.ts';
import { fleetObject, orgObjects } from '../../plan/objects.testkit.ts';
import { type ChosenPrices, fleetSettings, validateOrg } from '../index.ts';
import { contextOf, NOW, policyWith, SETTINGS, target, withObjects } from '../isolation.testkit.ts';

const make = orgObjects('acme');
const MODEL = 'Policy/production/support/spec/document/providers/targets/0/model';

type Entry = Exclude<ChosenPrices, string>['entries'][number];
const entry = (model: string, from = '2026-01-01T00:00:00Z'): Entry => ({
  model,
  from,
  inputPerMillion: '1',
  outputPerMillion: '2',
});
const book = (currency: string, ...entries: readonly Entry[]): ChosenPrices => ({ currency, source: 's', entries });

const judge = (prices: ChosenPrices, ...sides: readonly DesiredObject[]): readonly Finding[] => {
  const { priceOf } = fleetSettings(fleetObject().document as unknown as Fleet, prices);
  const context = contextOf('acme', withObjects('acme', ...sides), { fleet: { ...SETTINGS, priceOf } });
  return validateOrg(context).filter(({ code }) => code === 'MODEL_UNPRICED');
};
const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ place, expected, found }) => `${place.file.replace('acme ', '')}: ${expected}: ${found}`);

/** The policy of the org with these targets and whatever else providers have. */
const providers = (targets: readonly JsonObject[], more: JsonObject = {}): DesiredObject =>
  policyWith('acme', { providers: { targets: [...targets], ...more } });
const two = [target({}), target({ id: 'large', model: 'gpt-4o' })];
const LARGE = 'Policy/production/support/spec/document/providers/targets/1/model: a price in EUR that holds: no price';
const MINI = book('EUR', entry('gpt-4o-mini'));

describe('a model is found', () => {
  test.each<readonly [string, ChosenPrices, string | null]>([
    ['with a price in the currency of the wallet', MINI, null],
    ['without a price book', 'none', 'no price'],
    ['with a book that nobody can read', 'unknown', null],
    ['with a price of another model', book('EUR', entry('gpt-4o')), 'no price'],
    ['with a price in another currency', book('USD', entry('gpt-4o-mini')), 'a price in USD'],
    [
      'with a price that begins later',
      book('EUR', entry('gpt-4o-mini', '2026-06-01T00:00:01Z'), entry('gpt-4o-mini', '2027-01-01T00:00:00Z')),
      'a price only from 2026-06-01T00:00:01Z on',
    ],
    ['with a price that begins at this moment', book('EUR', entry('gpt-4o-mini', '2026-06-01T00:00:00Z')), null],
    [
      'with a price that holds and one that begins later',
      book('EUR', entry('gpt-4o-mini', '2026-12-01T00:00:00Z'), entry('gpt-4o-mini')),
      null,
    ],
  ])('%s', (_, prices, found) => {
    expect(new Date(NOW).toISOString()).toBe('2026-06-01T00:00:00.000Z');
    expect(brief(judge(prices))).toEqual(found === null ? [] : [`${MODEL}: a price in EUR that holds: ${found}`]);
  });

  test('by the shorthand of its provider, where that names it', () => {
    const short = { id: 'short', provider: 'openai:chat:org:model', secret_key_ref: { env: 'KEY' } };
    expect(brief(judge(book('EUR', entry('org:model')), providers([short])))).toEqual([]);
    expect(brief(judge(MINI, providers([short])))).toEqual([
      `${MODEL.replace('model', 'provider')}: a price in EUR that holds: no price`,
    ]);
  });

  test('once, at the first target that has it, and not where it names none', () => {
    const twice = [...two, target({ id: 'again', model: 'gpt-4o' })];
    expect(brief(judge(MINI, providers(twice)))).toEqual([LARGE]);
    expect(brief(judge(MINI, providers([{ id: 'none', provider: 'openai' }])))).toEqual([]);
  });
});

/** The gateway without a wallet. */
const unpaid = (): DesiredObject => {
  const paid = make.gateway('support-production');
  const { wallet: _, ...spec } = paid.document['spec'] as JsonObject;
  return { ...paid, document: { ...paid.document, spec } };
};
const token = (spec: JsonObject): DesiredObject => make.token('ci-deploy', spec);

describe('a price is asked for where', () => {
  test.each<readonly [string, readonly DesiredObject[], readonly string[]]>([
    ['nothing else is said', [], [LARGE]],
    ['the token has a wallet of its own', [unpaid(), token({ wallet: 'main' })], [LARGE]],
    ['a token may use everything and another one little', [make.token('small', { models: ['gpt-4o-mini'] })], [LARGE]],
    ['a token names the model', [token({ models: ['gpt-4o'] })], [LARGE]],
    ['a token makes vectors', [token({ scopes: ['embeddings'] })], [LARGE]],
  ])('%s', (_, sides, expected) => {
    expect(brief(judge(MINI, providers(two), ...sides))).toEqual(expected);
  });

  test.each<readonly [string, readonly DesiredObject[]]>([
    ['nobody has a wallet', [unpaid()]],
    ['no wallet has the name', [token({ wallet: 'mian' })]],
    ['no token works there', [token({ gateways: [] })]],
    ['tokens do what is free', [token({ scopes: ['models', 'mcp', 'console'] })]],
    ['the only token may not use it', [token({ models: ['gpt-4o-mini'] })]],
    ['no gateway enforces the policy', [make.gateway('support-production', { policy: 'other' })]],
    ['the gateway of that name is in another environment', [make.gateway('support-production', {}, 'staging')]],
  ])('but not where %s', (_, sides) => {
    expect(brief(judge(MINI, providers(two), ...sides))).toEqual([]);
  });

  test('routing can send a request to the target', () => {
    expect(brief(judge(MINI, providers(two, { routing: { ignore: ['large'] } })))).toEqual([]);
    expect(brief(judge(MINI, providers(two, { routing: { ignore: ['openai'] } })))).toEqual([LARGE]);
  });

  test('the token names a group that has the target, or another name of it', () => {
    const groups = { model_groups: [{ name: 'best', aliases: ['top'], targets: ['large'] }] };
    const found = (name: string) => brief(judge(MINI, providers(two, groups), token({ models: [name] })));
    expect([found('best'), found('top'), found('gpt-4o-mini')]).toEqual([[LARGE], [LARGE], []]);
  });
});

test('each currency is paid in: of the wallet of any token, and of all above it', () => {
  const dollars = [make.wallet('dollars', { currency: 'USD' }), make.token('other', { wallet: 'dollars' })];
  expect(brief(judge(MINI, ...dollars))).toEqual([`${MODEL}: a price in USD that holds: a price in EUR`]);
  const above = [make.wallet('top', { currency: 'CHF' }), make.wallet('main', { parent: 'top' })];
  expect(brief(judge(MINI, ...above))).toEqual([`${MODEL}: a price in CHF that holds: a price in EUR`]);
  const both = judge('none', ...dollars);
  expect(both.map(({ found, expected }) => `${expected}: ${found}`)).toEqual([
    'a price in EUR that holds: no price',
    'a price in USD that holds: no price',
  ]);
  expect(both[1]).toMatchObject({
    severity: 'info',
    object: 'Policy/production/support',
    message: 'model gpt-4o-mini has no price in USD, which wallets pay in for requests that policy support judges',
  });
});
