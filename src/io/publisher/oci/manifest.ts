import { createHash } from 'node:crypto';
import { parseJson, type Sha256Hex } from '../../../core/model/index.ts';

// What lies under a tag: an artifact as OCI image-spec 1.1 has it (empty config, artifactType), the same bytes for the same
// content, so that putting it twice is putting it once.

/** The media type that is put and asked for. */
export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const FILE_TYPE = 'application/vnd.tenantry.published.v1';
const CLAIM_TYPE = 'application/vnd.tenantry.claim.v1';
const TITLE = 'org.opencontainers.image.title';
const NONCE = 'tenantry.claim';

export type Digest = `sha256:${string}`;

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The blob that stands for "nothing" in OCI. */
export const EMPTY_BLOB = new TextEncoder().encode('{}');
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(EMPTY_BLOB), size: EMPTY_BLOB.length };

/** A published file, as its manifest says it. */
export interface FileEntry {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** The manifest of a published file. The title is where clients such as `oras pull` put it. */
export function fileManifest(path: string, bytes: Uint8Array): Uint8Array {
  const annotations = { [TITLE]: path };
  const layer = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length, annotations };
  return manifest({ artifactType: FILE_TYPE, config: EMPTY, layers: [layer] });
}

/** The manifest of a claim; `null` where it was withdrawn and the registry deletes nothing. */
export function claimManifest(nonce: string | null): Uint8Array {
  const annotations = { [NONCE]: nonce ?? 'withdrawn' };
  return manifest({ artifactType: CLAIM_TYPE, config: EMPTY, layers: [EMPTY], annotations });
}

function manifest(fields: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, ...fields }));
}

/** The SHA-256 of the file that a manifest stands for. */
export function sha256In({ digest }: FileEntry): Sha256Hex {
  return digest.slice('sha256:'.length) as Sha256Hex;
}

/** The file that a manifest stands for; undefined for one that no publisher of ours put. */
export function fileIn(bytes: Uint8Array): FileEntry | undefined {
  const { artifactType, layers } = parsed(bytes);
  const [layer] = Array.isArray(layers) && layers.length === 1 ? (layers as readonly (Layer | null)[]) : [];
  const path = layer?.annotations?.[TITLE];
  if (artifactType !== FILE_TYPE || typeof path !== 'string') return undefined;
  const { digest, size } = layer ?? {};
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { path, digest: digest as Digest, sizeBytes: size };
}

/** True for a claim that nobody withdrew; what is no claim at all stands in nobody's way. */
export function isStandingClaim(bytes: Uint8Array): boolean {
  const { artifactType, annotations } = parsed(bytes);
  const nonce = (annotations as Readonly<Record<string, unknown>> | null | undefined)?.[NONCE];
  return artifactType === CLAIM_TYPE && nonce !== 'withdrawn';
}

interface Layer {
  readonly digest?: unknown;
  readonly size?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>> | null;
}

interface Written {
  readonly artifactType?: unknown;
  readonly layers?: unknown;
  readonly annotations?: unknown;
}

/** Nothing at all for what is no JSON object. */
function parsed(bytes: Uint8Array): Written {
  try {
    return (parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Written | null) ?? {};
  } catch {
    return {};
  }
}
