import { BUNDLE_FILES, type Bundle, type BundleHeader, type Hash, isJsonObject, type Json } from '../model/index.ts';
import { type BundleFiles, bundleDigestOf, canonicalText } from './layout.ts';

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

/** The bundle without tokens of these names: what a denial makes of it. The same bundle where it has none of them. */
export function withoutTokens(bundle: Bundle, names: ReadonlySet<string>, hash: Hash): Bundle {
  const bytes = names.size === 0 ? undefined : bundle.files.get('data.json');
  const data = bytes === undefined ? undefined : parsed(new TextDecoder().decode(bytes));
  const tokens: Json | undefined = isJsonObject(data) ? data['tokens'] : undefined;
  if (!isJsonObject(data) || !Array.isArray(tokens)) return bundle;
  const left = tokens.filter((token) => !(isJsonObject(token) && names.has(String(token['name']))));
  if (left.length === tokens.length) return bundle;
  const text = canonicalText({ ...data, tokens: left });
  const files: BundleFiles = new Map([...bundle.files, ['data.json', new TextEncoder().encode(text)] as const]);
  return { header: bundle.header, files, contentDigest: bundleDigestOf(files, hash) };
}

/** Bytes of all files of a bundle. */
export function bundleBytes(bundle: Bundle): number {
  return [...bundle.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
