import { EmitError, emit, pathOf } from '../kinds/index.ts';
import {
  byCodeUnit,
  type DesiredObject,
  type DesiredOrg,
  digestOfMembers,
  type Finding,
  finding,
  type Hash,
  type JsonObject,
  type Manifest,
  type Organization,
  type OrgSlug,
  type OrgUid,
  objectKey,
  type Place,
  type Result,
} from '../model/index.ts';
import { createBlame } from './blame.ts';
import type { Assembly, RenderInput } from './render-input.ts';

/** Text, digests and order. A value that no YAML text can say (a lone surrogate, -0) is a finding. */
export function desiredOf(input: RenderInput, assembly: Assembly, hash: Hash): Result<DesiredOrg> {
  const { organization } = input;
  const spec = organization.spec as unknown as Organization['spec'];
  const findings: Finding[] = [];
  const blame = createBlame(input);
  const objects: DesiredObject[] = [];
  for (const final of assembly.finals) {
    const { id } = final.generated;
    const place = (pointer: string): Place => blame(final, pointer).place;
    const draft = { id, path: pathOf(organization.org, id), origin: 'generated', document: final.document } as const;
    objects.push(...written(draft, place, { findings, hash, org: organization.org }));
  }
  for (const manifest of assembly.written) {
    const document = manifest === organization ? withoutInputs(organization) : manifest.document;
    const draft = { id: manifest.id, path: manifest.file, origin: 'written', document } as const;
    objects.push(...written(draft, manifest.placeOf, { findings, hash, org: organization.org }));
  }
  if (findings.length > 0) return { ok: false, findings };
  const members = objects.map((object) => ({ object, key: objectKey(object.id), digest: object.digest }));
  members.sort((a, b) => byCodeUnit(a.key, b.key));
  const value: DesiredOrg = {
    org: organization.metadata.name as OrgSlug,
    uid: spec.uid as OrgUid,
    objects: members.map(({ object }) => object),
    contentDigest: digestOfMembers(members, hash),
  };
  return { ok: true, value, findings: [] };
}

function written(
  draft: Omit<DesiredObject, 'text' | 'digest'>,
  placeOf: (pointer: string) => Place,
  to: { readonly findings: Finding[]; readonly hash: Hash; readonly org: OrgSlug | null },
): readonly DesiredObject[] {
  try {
    const text = emit(draft.document);
    return [{ ...draft, text, digest: to.hash.sha256(text) }];
  } catch (error) {
    if (!(error instanceof EmitError)) throw error;
    const facts = { message: error.message, expected: 'a value that YAML text can say', found: 'another value' };
    to.findings.push(
      finding('RENDERED_INVALID', {
        ...facts,
        org: to.org,
        object: objectKey(draft.id),
        place: placeOf(error.pointer),
      }),
    );
    return [];
  }
}

/** The org as it should exist: what its inputs became is in the generated manifests. */
function withoutInputs(organization: Manifest): JsonObject {
  const spec = Object.fromEntries(Object.entries(organization.spec).filter(([key]) => key !== 'inputs'));
  return { ...organization.document, spec };
}
