import {
  type BundlePrice,
  byCodeUnit,
  instantMs,
  isJsonObject,
  type Json,
  type JsonObject,
  type ManifestByKind,
} from '../model/index.ts';
import { providerOf } from '../policy/index.ts';
import { parseMoney } from '../wallet/index.ts';

/** Keys under `providers` whose text, or whose list of texts, names models. */
const MODEL_KEYS: ReadonlySet<string> = new Set([
  'model',
  'model_id',
  'aliases',
  'replacement_model',
  'overflow_model',
]);

/**
 * The price entries of the models that the policy document names, all dates of each: which one holds is a matter of
 * the moment, and a bundle has none. An entry from long ago costs a few bytes and keeps content free of the clock.
 */
export function pricesOf(
  book: JsonObject | null,
  document: JsonObject,
  failure: (words: { readonly expected: string; readonly found: string }) => Error,
): readonly BundlePrice[] {
  if (book === null) return [];
  const { currency, entries } = book as unknown as ManifestByKind['PriceBook']['spec'];
  const models = modelsOf(document);
  const prices = entries
    .filter((entry) => models.has(entry.model))
    .map((entry) => {
      const [fromMs, input, output] = [
        instantMs(entry.from),
        parseMoney(entry.inputPerMillion),
        parseMoney(entry.outputPerMillion),
      ];
      if (fromMs === undefined || input === undefined || output === undefined) {
        throw failure({ expected: `a usable price of ${entry.model}`, found: JSON.stringify(entry) });
      }
      return { model: entry.model, fromMs, currency, inputMicrosPerMillion: input, outputMicrosPerMillion: output };
    });
  return prices.sort((a, b) => byCodeUnit(a.model, b.model) || a.fromMs - b.fromMs);
}

/** Every model that the document's providers name. */
export function modelsOf(document: JsonObject): ReadonlySet<string> {
  const models = new Set<string>();
  const visit = (value: Json, key: string): void => {
    if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) visit(item, key);
    } else if (isJsonObject(value)) {
      for (const [name, item] of Object.entries(value)) visit(item, name);
    } else if (typeof value === 'string') {
      const shorthand = key === 'provider' ? providerOf(value).model : undefined;
      if (shorthand !== undefined) models.add(shorthand);
      if (MODEL_KEYS.has(key)) models.add(value);
    }
  };
  visit(document['providers'] ?? null, '');
  return models;
}
