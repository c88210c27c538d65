import { type OpaFiles, opaClaims, opaFiles, packOpa } from '../../core/bundle/index.ts';
import type { Bundle, OrgUid, PublishedTarget } from '../../core/model/index.ts';
import { factsOf, opaTarget, sha256Of, targetFile } from '../layout.ts';
import type { OpaSigningKey, SigningKeys } from './context.ts';

// The second target of a gateway, for Open Policy Agent (rulings 29). OPA checks a signature over the files and whose
// they are; it checks neither age nor order. docs/bundles.md says so.

interface OpaRequest {
  readonly bundle: Bundle;
  readonly target: PublishedTarget;
  readonly signer: SigningKeys;
}

/**
 * The target with its form for OPA, added to the files to put; without, where the fleet does not ask for it. One that is
 * published already is kept: its signature is different each time.
 */
export async function withOpa(files: Map<string, Uint8Array>, request: OpaRequest): Promise<PublishedTarget> {
  const { bundle, target, signer } = request;
  const { opa, ...plain } = target;
  if (signer.opa === undefined) return plain;
  if (opa !== undefined) return target;
  const archive = await opaArchive(bundle, target.generation, signer.opa);
  const facts = factsOf(archive);
  files.set(targetFile(opaTarget(bundle.header.gateway), facts.sha256), archive);
  return { ...plain, opa: facts };
}

/** What `scope` says in OPA's configuration and in the signature. */
export function opaScope(org: OrgUid): string {
  return `org:${org}`;
}

async function opaArchive(bundle: Bundle, generation: number, key: OpaSigningKey): Promise<Uint8Array> {
  const files: OpaFiles = opaFiles(bundle, generation);
  const hash = { sha256: (data: Uint8Array | string) => sha256Of(typeof data === 'string' ? Buffer.from(data) : data) };
  const head = JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: await key.keyId() });
  const signed = `${base64Url(head)}.${base64Url(opaClaims(files, opaScope(bundle.header.orgUid), hash))}`;
  const signature = await key.sign(new TextEncoder().encode(signed));
  return packOpa(files, `${signed}.${Buffer.from(signature).toString('base64url')}`);
}

function base64Url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
