import serialize from 'canonicalize';
import type { Hash, Json, Sha256Hex } from '../../core/model/index.ts';

/** RFC 8785 text of a JSON value; NaN, infinity and lone surrogates throw. */
export function canonical(value: Json | object): string {
  const text = serialize(value);
  if (text === undefined) throw new TypeError('expected a JSON value, found undefined');
  return text;
}

/** SHA-256 over the RFC 8785 text. */
export function digestOf(value: Json | object, hash: Hash): Sha256Hex {
  return hash.sha256(canonical(value));
}

/** What the first link of a chain names as the one before. */
export const CHAIN_START = '0'.repeat(64) as Sha256Hex;
