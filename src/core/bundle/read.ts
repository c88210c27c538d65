import canonicalize from 'canonicalize';
import {
  BUNDLE_FILES,
  type BundleData,
  type BundleHeader,
  type Hash,
  type Json,
  parseJson,
  type Sha256Hex,
} from '../model/index.ts';
import { type Decoded, type Decoder, decode, refused } from './decode.ts';
import { type BundleFiles, bundleDigestOf } from './layout.ts';
import { dataShape, headerShape } from './shapes.ts';
import { unpackTar } from './tar.ts';

/** What a bundle may be, before anything of it is read. */
export interface BundleLimits {
  /** Bytes of the archive. */
  readonly maxBytes: number;
}

export const DEFAULT_BUNDLE_LIMITS: BundleLimits = { maxBytes: 4 * 1024 * 1024 };

/** A bundle's three files, read: the policy document as text, for the gateway's own parser. */
export interface BundleContent {
  readonly header: BundleHeader;
  readonly policyText: string;
  readonly data: BundleData;
  readonly contentDigest: Sha256Hex;
}

/**
 * Reads a bundle's archive. TRUST_ARCHIVE when it is not the one form of archive that the publisher writes,
 * TRUST_BUNDLE_SHAPE when a file in it is not what its name says.
 */
export function readBundle(bytes: Uint8Array, limits: BundleLimits, hash: Hash): Decoded<BundleContent> {
  const unpacked = unpackTar(bytes, { maxBytes: limits.maxBytes, names: BUNDLE_FILES });
  if (!unpacked.ok) return unpacked;
  const files = unpacked.value as BundleFiles;
  const header = readJson(files, 'bundle.json', headerShape);
  if (!header.ok) return header;
  const data = readJson(files, 'data.json', dataShape);
  if (!data.ok) return data;
  const policyText = textOf(files.get('policy-config.yaml'));
  if (policyText === undefined) return refused('TRUST_BUNDLE_SHAPE', 'expected UTF-8 in policy-config.yaml');
  const contentDigest = bundleDigestOf(files, hash);
  return { ok: true, value: { header: header.value, policyText, data: data.value, contentDigest } };
}

/** A file of canonical JSON (RFC 8785): one spelling per value, so doubled keys and odd numbers are refused with the rest. */
function readJson<T>(files: BundleFiles, name: (typeof BUNDLE_FILES)[number], shape: Decoder<T>): Decoded<T> {
  const value = canonicalValue(textOf(files.get(name)) ?? '');
  if (value === undefined) return refused('TRUST_BUNDLE_SHAPE', `expected canonical JSON (RFC 8785) in ${name}`);
  const decoded = decode(shape, value, 'TRUST_BUNDLE_SHAPE');
  return decoded.ok ? decoded : refused(decoded.code, `${name}: ${decoded.detail}`);
}

/** UTF-8 as text; undefined when it is not that. The archive holds every file of a bundle, so none is missing here. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value that this text spells as RFC 8785 does, undefined for every other text. */
function canonicalValue(source: string): Json | undefined {
  try {
    const value = parseJson(source);
    return canonicalize(value) === source ? value : undefined;
  } catch {
    return undefined;
  }
}
