import canonicalize from 'canonicalize';
import type { BUNDLE_FILES, Bundle, Hash, Sha256Hex } from '../model/index.ts';
import { packTar } from './tar.ts';

/** The three files of a bundle by name. */
export type BundleFiles = ReadonlyMap<(typeof BUNDLE_FILES)[number], Uint8Array>;

/** SHA-256 of RFC 8785 of {file name: SHA-256 of its bytes} (rulings 4): equal exactly when the content is. */
export function bundleDigestOf(files: BundleFiles, hash: Hash): Sha256Hex {
  const digests = Object.fromEntries([...files].map(([name, bytes]) => [name, hash.sha256(bytes)]));
  return hash.sha256(canonicalText(digests));
}

/** RFC 8785 text. Throws on what JSON does not have (lone surrogates, NaN). */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('expected a JSON value');
  return text;
}

/** The bundle's archive, as published. */
export function packBundle(bundle: Bundle): Uint8Array {
  return packTar(bundle.files);
}
