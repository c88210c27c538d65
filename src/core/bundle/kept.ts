import {
  BUNDLE_FILES,
  type Bundle,
  type BundleHeader,
  type BundleToken,
  type Hash,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
} from '../model/index.ts';
import { type BundleFiles, bundleDigestOf, canonicalText } from './layout.ts';
import { narrowedTokens } from './narrow.ts';

/** The files of a bundle by name, as texts: what a store keeps of it. */
export function keptFiles(bundle: Bundle): { readonly [file: string]: string } {
  return Object.fromEntries([...bundle.files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
}

/** The bundle that files were kept of, its digest computed anew; undefined when they are not those of a bundle. */
export function restoreBundle(kept: { readonly [file: string]: string }, hash: Hash): Bundle | undefined {
  const texts = BUNDLE_FILES.map((name) => [name, kept[name]] as const);
  const files: BundleFiles = new Map(
    texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, new TextEncoder().encode(text)] as const])),
  );
  const header = parsed(kept['bundle.json'] ?? '');
  if (files.size !== BUNDLE_FILES.length || header === undefined) return undefined;
  return { header: header as unknown as BundleHeader, files, contentDigest: bundleDigestOf(files, hash) };
}

/**
 * The bundle without the secrets of its tokens: what rollouts bring, what rollbacks lead back to, and what a store keeps.
 * Secrets go another way: each bundle that is published has those that are applied, see `asApplied`.
 */
export function withoutSecrets(bundle: Bundle, hash: Hash): Bundle {
  return withTokens(bundle, hash, (tokens) => tokens.map((token) => ({ ...token, credentials: [] })));
}

/** Older content as it may be run now, by the tokens of the bundle that is applied for the same gateway. */
export function asApplied(older: Bundle, applied: Bundle, hash: Hash): Bundle {
  return withTokens(older, hash, (tokens) => narrowedTokens(tokens, tokensIn(applied)));
}

/** The bundle without tokens of these names: what a denial makes of it. The same bundle where it has none of them. */
export function withoutTokens(bundle: Bundle, names: ReadonlySet<string>, hash: Hash): Bundle {
  if (!tokensIn(bundle).some(({ name }) => names.has(name))) return bundle;
  return withTokens(bundle, hash, (tokens) => tokens.filter(({ name }) => !names.has(name)));
}

/** The tokens of a bundle; none where its data cannot be read. */
export function tokensIn(bundle: Bundle): readonly BundleToken[] {
  const tokens = dataIn(bundle)?.['tokens'];
  return Array.isArray(tokens) ? (tokens as unknown as readonly BundleToken[]) : [];
}

function withTokens(
  bundle: Bundle,
  hash: Hash,
  change: (tokens: readonly BundleToken[]) => readonly BundleToken[],
): Bundle {
  const data = dataIn(bundle);
  if (data === undefined) return bundle;
  const text = canonicalText({ ...data, tokens: change(tokensIn(bundle)) });
  const files: BundleFiles = new Map([...bundle.files, ['data.json', new TextEncoder().encode(text)] as const]);
  return { header: bundle.header, files, contentDigest: bundleDigestOf(files, hash) };
}

function dataIn({ files }: Bundle): JsonObject | undefined {
  const bytes = files.get('data.json');
  const data = bytes === undefined ? undefined : parsed(new TextDecoder().decode(bytes));
  return isJsonObject(data) ? data : undefined;
}

/** Bytes of all files of a bundle. */
export function bundleBytes(bundle: Bundle): number {
  return [...bundle.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
