import { type Fleet, instantMs, type PriceBook } from '../model/index.ts';
import type { FleetSettings, PriceFact } from './view.ts';

/** The price book that fleet.yaml names: its spec, or that there is none, or that it cannot be read. */
export type ChosenPrices = PriceBook['spec'] | 'none' | 'unknown';

/** What fleet.yaml, and the price book that it names, say to the rules of every org; null: there is none. */
export function fleetSettings(fleet: Fleet | null, prices: ChosenPrices): FleetSettings {
  const { staff = [], rings = [], hosts = [], runtimes = {}, owners, signingKeys = [] } = fleet?.spec ?? {};
  return {
    staff: new Set(staff.map(({ address }) => address.toLowerCase())),
    // Who signs approvals with a key of fleet.yaml is a platform owner by name; the list may have them as a team alone.
    platform:
      owners === undefined
        ? { has: () => true }
        : new Set([...owners.platform, ...signingKeys.map(({ owner }) => owner)].map((one) => one.toLowerCase())),
    rings: fleet === null ? { has: () => true } : new Set(rings.map(({ name }) => name)),
    hosts: new Map(hosts.map(({ name, region }) => [name, region])),
    runtimes: {
      tested: runtimes.tested === undefined ? null : new Set(runtimes.tested),
      refused: new Set(runtimes.refused ?? []),
    },
    priceOf: pricesIn(fleet === null ? 'unknown' : prices),
  };
}

function pricesIn(prices: ChosenPrices): FleetSettings['priceOf'] {
  if (typeof prices === 'string') return () => prices;
  const { currency, entries } = prices;
  const facts = new Map<string, Exclude<PriceFact, string>>();
  for (const { model, from } of entries) {
    const fromMs = instantMs(from);
    if (fromMs !== undefined && fromMs < (facts.get(model)?.fromMs ?? Number.POSITIVE_INFINITY))
      facts.set(model, { currency, fromMs });
  }
  return (model) => facts.get(model) ?? 'none';
}

/** A fleet that says nothing. */
export const NO_SETTINGS: FleetSettings = fleetSettings(null, 'unknown');
