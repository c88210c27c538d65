import { EmitError, emit, pathOf } from '../kinds/index.ts';
import {
  byCodeUnit,
  type Finding,
  finding,
  type JsonObject,
  type Manifest,
  type ObjectKey,
  type Organization,
  type OrgSlug,
  type OrgUid,
  objectKey,
  type Place,
  type RenderedObject,
  type RenderedOrg,
  type Result,
} from '../model/index.ts';
import { createBlame } from './blame.ts';
import type { Assembly, RenderInput } from './render-input.ts';

/** Text and order. A value that no YAML text can say (a lone surrogate, -0) is a finding. */
export function textsOf(input: RenderInput, assembly: Assembly): Result<RenderedOrg> {
  const { organization } = input;
  const spec = organization.spec as unknown as Organization['spec'];
  const findings: Finding[] = [];
  const blame = createBlame(input);
  const objects: { readonly key: ObjectKey; readonly object: RenderedObject }[] = [];
  for (const final of assembly.finals) {
    const { id } = final.generated;
    const place = (pointer: string): Place => blame(final, pointer).place;
    const draft = { id, path: pathOf(organization.org, id), origin: 'generated', document: final.document } as const;
    objects.push(...written(draft, place, { findings, org: organization.org }));
  }
  for (const manifest of assembly.written) {
    const document = manifest === organization ? withoutInputs(organization) : manifest.document;
    const draft = { id: manifest.id, path: manifest.file, origin: 'written', document } as const;
    objects.push(...written(draft, manifest.placeOf, { findings, org: organization.org }));
  }
  if (findings.length > 0) return { ok: false, findings };
  objects.sort((a, b) => byCodeUnit(a.key, b.key));
  const value: RenderedOrg = {
    org: organization.metadata.name as OrgSlug,
    uid: spec.uid as OrgUid,
    objects: objects.map(({ object }) => object),
  };
  return { ok: true, value, findings: [] };
}

function written(
  draft: Omit<RenderedObject, 'text'>,
  placeOf: (pointer: string) => Place,
  to: { readonly findings: Finding[]; readonly org: OrgSlug | null },
): readonly { readonly key: ObjectKey; readonly object: RenderedObject }[] {
  try {
    return [{ key: objectKey(draft.id), object: { ...draft, text: emit(draft.document) } }];
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
