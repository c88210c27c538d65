import { byCodeUnit, type Finding, instantText, type Json, type ObjectId, type Typed } from '../../model/index.ts';
import { routesOf } from '../../policy/index.ts';
import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';
import type { OrgView, PriceFact } from '../view.ts';
import { type PolicyTarget, policyOf, policyTargets } from './policy-targets.ts';
import { chainOf, walletsByName } from './wallet-chain.ts';

type Policy = Typed<'Policy'>;

/** Scopes of what costs something; with the others a token lists models, calls tools or opens the console. */
const PAID_SCOPES: ReadonlySet<string> = new Set(['chat', 'embeddings']);

/** A token that pays where it is used. */
interface Payer {
  /** Models and groups that it may use; null: everything. */
  readonly models: readonly string[] | null;
  /** Of its wallet and of all above it: a price has to be in each, since each is charged. */
  readonly currencies: ReadonlySet<string>;
}

/** A model without a price in a currency that is paid in. */
interface Lack {
  readonly target: PolicyTarget;
  readonly currency: string;
  readonly found: string;
}

export const modelUnpriced: DesiredRule = {
  code: 'MODEL_UNPRICED',
  needs: 'desired',
  decide: (org) => {
    const payers = payersByPolicy(org);
    return org
      .all('Policy')
      .flatMap((policy) => lacking(org, policy, payers.get(policy.id) ?? []).map((lack) => said(org, policy, lack)));
  },
};

/** Who pays at the gateways that enforce a policy. */
function payersByPolicy(org: OrgView): ReadonlyMap<ObjectId, readonly Payer[]> {
  const wallets = walletsByName(org);
  const payers = new Map<ObjectId, Payer[]>();
  for (const gateway of org.all('Gateway')) {
    const id = policyOf(org, gateway)?.id;
    if (id === undefined) continue;
    const own = payersAt(org, gateway, wallets);
    const known = payers.get(id);
    if (known === undefined) payers.set(id, [...own]);
    else for (const payer of own) known.push(payer);
  }
  return payers;
}

/** The tokens that a gateway charges: to their wallet, or else to its own. */
function payersAt(
  org: OrgView,
  { id, document }: Typed<'Gateway'>,
  wallets: ReturnType<typeof walletsByName>,
): readonly Payer[] {
  return org.all('Token').flatMap(({ document: { spec } }) => {
    const wallet = spec.wallet ?? document.spec.wallet;
    const isPaid = spec.gateways.includes(id.name) && spec.scopes.some((scope) => PAID_SCOPES.has(scope));
    if (!isPaid || wallet === undefined) return [];
    const currencies = new Set(chainOf(wallets, wallet).map((each) => each.document.spec.currency));
    return [{ models: spec.models ?? null, currencies }];
  });
}

/** Once for each model and currency, at the first target that has it. */
function lacking(org: OrgView, policy: Policy, payers: readonly Payer[]): readonly Lack[] {
  const { priceOf } = org.fleet ?? NO_SETTINGS;
  const currencies = [...new Set(payers.flatMap((payer) => [...payer.currencies]))].sort(byCodeUnit);
  if (currencies.length === 0) return [];
  const lacks = policyTargets(org, policy).flatMap((target) => {
    // One that names no model is refused as such.
    const price = target.model === '' ? 'unknown' : priceOf(target.model);
    return currencies.flatMap((currency): readonly Lack[] => {
      const found = insteadOf(price, currency, org.nowMs);
      return found === null ? [] : [{ target, currency, found }];
    });
  });
  // Where every model has its price, nobody has to know how requests are routed.
  const paid = lacks.length === 0 ? [] : lacks.filter(isPaidIn(policy, payers));
  const keyOf = ({ target, currency }: Lack): string => `${currency} ${target.model}`;
  return paid.filter((lack, index) => paid.findIndex((other) => keyOf(other) === keyOf(lack)) === index);
}

/** What there is instead of a price in the currency; null: there is one, or nobody knows. */
function insteadOf(price: PriceFact, currency: string, nowMs: number): string | null {
  if (price === 'unknown') return null;
  if (price === 'none') return 'no price';
  if (price.currency !== currency) return `a price in ${price.currency}`;
  return price.fromMs <= nowMs ? null : `a price only from ${instantText(price.fromMs)} on`;
}

/** True where a request that is paid in the currency can go to the target, by what routing leaves and the token may use. */
function isPaidIn(policy: Policy, payers: readonly Payer[]): (lack: Lack) => boolean {
  const routes = routesOf(policy.document.spec.document as Json);
  const groups = [...(routes?.groups ?? [])];
  return ({ target: { id, model }, currency }) => {
    const isLeft = routes?.targets.some((target) => target.id === id && target.excludedBy === null) === true;
    const names = new Set([model, ...groups.flatMap(([name, group]) => (group.targets.includes(id) ? [name] : []))]);
    const mayUse = ({ models }: Payer): boolean => models === null || models.some((name) => names.has(name));
    return isLeft && payers.some((payer) => payer.currencies.has(currency) && mayUse(payer));
  };
}

function said(org: OrgView, policy: Policy, { target, currency, found }: Lack): Finding {
  return org.report(
    'MODEL_UNPRICED',
    { object: policy, pointer: target.modelPointer },
    {
      message: `model ${target.model} has no price in ${currency}, which wallets pay in for requests that policy ${policy.id.name} judges`,
      expected: `a price in ${currency} that holds`,
      found,
    },
  );
}
