import {
  byCodeUnit,
  type Finding,
  finding,
  isKind,
  type JsonObject,
  LIVE_KINDS,
  type Manifest,
  type ObjectKey,
  type Organization,
  objectKey,
  type Place,
  type RenderedOrg,
  type Result,
} from '../model/index.ts';
import { checkFinals } from './check-final.ts';
import { type Generation, generate } from './generate.ts';
import { inputFindings } from './inputs.ts';
import { applyPatches, type PlacedPatch, patchesByTarget } from './overlay.ts';
import type { Assembly, Final, RenderInput } from './render-input.ts';
import { isGeneratedKind } from './template.ts';
import { textsOf } from './texts.ts';

/**
 * Everything that should exist for one org, from its files and its template alone: inputs checked, bodies rendered,
 * overlays applied, hand-written manifests added, floors and shapes checked, text made. Findings instead of
 * a value when anything is wrong; the same input gives the same bytes on every machine.
 */
export function renderOrg(input: RenderInput): Result<RenderedOrg> {
  const assembly = assembleOrg(input, false);
  if (assembly.findings.length > 0) return { ok: false, findings: assembly.findings };
  return textsOf(input, assembly);
}

/** Runs all but the text. With `trace`, generated documents carry where their leaves come from. */
export function assembleOrg(input: RenderInput, trace: boolean): Assembly {
  const { organization, template } = input;
  const refused = [...pinFindings(input), ...foreignFindings(input)];
  const spec = organization.spec as unknown as Organization['spec'];
  const errors = refused.length > 0 ? null : template.checkInputs(spec.inputs as JsonObject);
  const findings = errors === null ? refused : inputFindings(errors, template.inputs, organization);
  const nothing: Generation = { documents: [], findings, fallbacks: new Map() };
  if (findings.length > 0) return { finals: [], written: [], generation: nothing, findings };
  const generation = generate(organization, template, trace);
  const found: Finding[] = [...generation.findings, ...duplicates(input, generation)];
  const finals = overlaid(input, generation, found);
  if (found.length === 0) found.push(...checkFinals(input, finals));
  return { finals, written: writtenOf(input), generation, findings: found };
}

function pinFindings({ organization, template }: RenderInput): readonly Finding[] {
  const { template: pin } = organization.spec as unknown as Organization['spec'];
  const given = `${template.name}@${template.version}`;
  if (pin === given) return [];
  const place = organization.placeOf('/spec/template');
  const message = 'the org is rendered with another template than it is pinned to';
  return [finding('TEMPLATE_PIN', { org: organization.org, place, message, expected: pin, found: given })];
}

/** What stands beside org.yaml must be of that org, and custom/ holds nothing but kinds that templates generate. */
function foreignFindings(input: RenderInput): readonly Finding[] {
  const { organization, custom } = input;
  const slug = organization.metadata.name;
  const all = [...writtenOf(input), ...input.overlays];
  const foreign = all.filter((item) => item.org !== slug || item.metadata.org !== slug);
  const misplaced = custom.filter((item) => !isGeneratedKind(item.id.kind));
  return [
    ...foreign.map((item) =>
      finding('RENDERED_IDENTITY', {
        org: organization.org,
        object: objectKey(item.id),
        place: item.placeOf('/metadata/org'),
        message: `${item.id.kind}/${item.id.name} is not of the org ${slug}`,
        expected: slug,
        found: item.metadata.org ?? 'no org',
      }),
    ),
    ...misplaced.map((item) =>
      finding('CUSTOM_KIND', {
        org: organization.org,
        object: objectKey(item.id),
        place: item.placeOf('/kind'),
        message: `a ${item.id.kind} cannot be written under custom/`,
        expected: 'a kind that templates generate',
        found: item.id.kind,
      }),
    ),
  ];
}

function writtenOf(input: RenderInput): readonly Manifest[] {
  const { organization, custom, credentials, waivers, pins } = input;
  return [organization, ...custom, ...(credentials === null ? [] : [credentials]), ...waivers, ...pins];
}

/** Objects that exist twice. Places are looked up for those alone: finding one may mean reading a file again. */
function duplicates(input: RenderInput, generation: Generation): readonly Finding[] {
  const places = new Map<ObjectKey, () => Place>();
  const findings: Finding[] = [];
  const claim = (key: ObjectKey, place: () => Place): void => {
    const first = places.get(key);
    if (first === undefined) {
      places.set(key, place);
      return;
    }
    const facts = { message: `${key} exists already`, expected: 'one manifest for each object', found: 'a second one' };
    const where = { place: place(), related: [first()] };
    findings.push(finding('DUPLICATE_OBJECT', { ...facts, ...where, org: input.organization.org, object: key }));
  };
  for (const { key, body, pointer } of generation.documents) claim(key, () => body.placeOf(pointer));
  for (const manifest of writtenOf(input)) claim(objectKey(manifest.id), () => manifest.placeOf('/metadata/name'));
  return findings;
}

function overlaid(input: RenderInput, generation: Generation, findings: Finding[]): readonly Final[] {
  const patches = patchesByTarget(input.overlays);
  const keys = new Set<ObjectKey>();
  const finals = generation.documents.map((generated): Final => {
    const { key } = generated;
    keys.add(key);
    const own = patches.get(key);
    if (own === undefined) return { generated, document: generated.document, done: [] };
    return { generated, ...applyPatches(generated.document, generated.id, own, findings) };
  });
  for (const [key, [first]] of patches) {
    if (first !== undefined && !keys.has(key)) findings.push(targetMissing(input, first, { key, keys }));
  }
  return finals;
}

function targetMissing(
  { organization }: RenderInput,
  { overlay }: PlacedPatch,
  { key, keys }: { readonly key: ObjectKey; readonly keys: ReadonlySet<ObjectKey> },
): Finding {
  const kind = key.slice(0, key.indexOf('/'));
  const where = { org: overlay.org, object: key, place: overlay.placeOf('/spec/target'), found: key };
  if (organization.spec['retired'] !== undefined && isKind(kind) && LIVE_KINDS.has(kind))
    return finding('OVERLAY_STALE', {
      ...where,
      message: `the org is retired, so nothing generates ${key}`,
      expected: 'no overlay of a token or a gateway beside `retired`',
      fix: 'Remove the overlay; if the org is to be served again, take `retired` out of org.yaml.',
    });
  const known = [...keys].filter((item) => item.startsWith(`${kind}/`)).sort(byCodeUnit);
  return finding('OVERLAY_STALE', {
    ...where,
    message: `the template does not generate ${key}`,
    expected: known.length === 0 ? 'an object that the template generates' : `one of ${known.join(', ')}`,
    fix: 'Name a generated object; a manifest under custom/ is changed in its own file.',
  });
}
