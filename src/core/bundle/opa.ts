import { type Bundle, type Hash, type Json, parseJson } from '../model/index.ts';
import { storedGzip } from './gzip.ts';
import { canonicalText } from './layout.ts';
import { packTar } from './tar.ts';

// A bundle in the form that Open Policy Agent reads (rulings 29): derived from the same three files, beside them, never
// read by our gateway. Everything is emitted as OPA hashes it: keys by code point, no space, numbers as they are.

/** OPA's prefix of everything in the bundle: `data.tenantry`. */
const ROOT = 'tenantry';
const SIGNATURES = '.signatures.json';

/** The files that a signature covers, by the names that OPA knows them by. */
export type OpaFiles = ReadonlyMap<'.manifest' | 'data.json', Uint8Array>;

/**
 * Manifest and data of a bundle: `data.tenantry.{bundle,data,policy_config}`, the last as text. Throws RangeError when a
 * text holds what builds of OPA do not hash alike.
 */
export function opaFiles(bundle: Bundle, generation: number): OpaFiles {
  const { header, contentDigest } = bundle;
  const text = (name: 'bundle.json' | 'data.json' | 'policy-config.yaml'): string =>
    new TextDecoder().decode(bundle.files.get(name));
  const content = {
    bundle: parseJson(text('bundle.json')),
    data: parseJson(text('data.json')),
    policy_config: text('policy-config.yaml'),
  };
  const manifest = {
    revision: `${generation}+${contentDigest.slice(0, 12)}`,
    roots: [ROOT],
    metadata: { fleet: header.fleet, org: header.orgUid, gateway: header.gateway },
  };
  return new Map([
    ['.manifest', asOpaHashes(manifest)],
    ['data.json', asOpaHashes({ [ROOT]: content })],
  ] as const);
}

/** What is signed: name and SHA-256 of each file, and whose it is. */
export function opaClaims(files: OpaFiles, scope: string, hash: Pick<Hash, 'sha256'>): string {
  const listed = [...files].map(([name, bytes]) => ({ name, hash: hash.sha256(bytes), algorithm: 'SHA-256' }));
  return canonicalText({ files: listed, scope });
}

/** The archive with its one signature, a compact JWS. */
export function packOpa(files: OpaFiles, signature: string): Uint8Array {
  const signatures = new TextEncoder().encode(canonicalText({ signatures: [signature] }));
  return storedGzip(packTar(new Map<string, Uint8Array>([...files, [SIGNATURES, signatures]])));
}

/** Control characters whose escape depends on the release of Go that OPA was built with, and halves of characters. */
const UNLIKE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u;

/** RFC 8785 orders by UTF-16 and writes U+2028 as it is; OPA orders by code point and escapes it. Names here are ASCII. */
function asOpaHashes(value: Json): Uint8Array {
  assertAlike(value);
  const text = canonicalText(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return new TextEncoder().encode(text);
}

function assertAlike(value: Json): void {
  if (typeof value === 'string' && UNLIKE.test(value))
    throw new RangeError('expected text without control characters in a bundle for OPA');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value as { readonly [key: string]: Json })) {
    if (!/^[\x20-\x7e]*$/.test(key)) throw new RangeError('expected names in ASCII in a bundle for OPA');
    assertAlike(inner);
  }
}
