import { documentPointer, keyedPointer, toKeyed } from '../kinds/index.ts';
import {
  isJsonObject,
  type Json,
  type ObjectKey,
  objectKey,
  pointerStep,
  type RenderedOrg,
  type Result,
} from '../model/index.ts';
import { assembleOrg } from './org.ts';
import { isWithin } from './overlay.ts';
import type { Assembly, Final, RenderInput } from './render-input.ts';
import { textsOf } from './texts.ts';
import { nearestEntry, type Provenance, provenanceOf, type TraceSource } from './trace.ts';

/** One render with where everything in it comes from. */
export interface OrgTrace {
  /** The same bytes that `renderOrg` gives. */
  readonly desired: RenderedOrg;
  /** Every leaf of a generated object by its pointer in keyed form; undefined for objects that a person wrote. */
  leaves(key: ObjectKey): ReadonlyMap<string, Provenance> | undefined;
  /** Where the value at a pointer (keyed form or the document's own) comes from; undefined for an object that is not there. */
  at(key: ObjectKey, pointer: string): Provenance | undefined;
}

/** Renders one org with the recorder on: for `why`. About three times the cost of `renderOrg`. */
export function traceOrg(input: RenderInput): Result<OrgTrace> {
  const assembly = assembleOrg(input, true);
  if (assembly.findings.length > 0) return { ok: false, findings: assembly.findings };
  const result = textsOf(input, assembly);
  if (!result.ok) return result;
  const source: TraceSource = { ...input, fallbacks: assembly.generation.fallbacks };
  const finals = new Map(assembly.finals.map((final) => [objectKey(final.generated.id), final]));
  const leaves = new Map([...finals].map(([key, final]) => [key, leavesOf(final, source)]));
  const value: OrgTrace = {
    desired: result.value,
    leaves: (key) => leaves.get(key),
    at: (key, pointer) => {
      const [final, own] = [finals.get(key), leaves.get(key)];
      if (final === undefined || own === undefined) return writtenAt(assembly, result.value, { key, pointer });
      return (
        nearestEntry(own, keyedPointer(final.generated.id.kind, final.document, pointer)) ?? below(own, final, source)
      );
    },
  };
  return { ok: true, value, findings: [] };
}

/** The provenance of an object as a whole: the item of the template that makes it. */
function below(leaves: ReadonlyMap<string, Provenance>, final: Final, source: TraceSource): Provenance {
  const { body, pointer } = final.generated;
  const name = leaves.get('/metadata/name');
  const inputs = name?.inputs ?? [source.organization.placeOf('/spec/inputs')];
  return { template: body.placeOf(pointer), inputs, overlay: null, written: null };
}

/** The desired document has its lists in another order than the file, so the way leads over the keyed form. */
function writtenAt(
  assembly: Assembly,
  desired: RenderedOrg,
  { key, pointer }: { readonly key: ObjectKey; readonly pointer: string },
): Provenance | undefined {
  const manifest = assembly.written.find((item) => objectKey(item.id) === key);
  if (manifest === undefined) return undefined;
  const { kind } = manifest.id;
  const { document } = desired.objects.find((item) => objectKey(item.id) === key) ?? manifest;
  const inFile = documentPointer(kind, manifest.document, keyedPointer(kind, document, pointer));
  return { template: null, inputs: [], overlay: null, written: manifest.placeOf(inFile) };
}

function leavesOf(final: Final, source: TraceSource): ReadonlyMap<string, Provenance> {
  const { generated, touched } = final;
  const { kind } = generated.id;
  const prefix = `/${generated.index}/`;
  const leaves = new Map<string, Provenance>();
  for (const [pointer, leaf] of generated.leaves ?? []) {
    if (!pointer.startsWith(prefix)) continue;
    const keyed = keyedPointer(kind, generated.document, pointer.slice(prefix.length - 1));
    leaves.set(keyed, provenanceOf(leaf, generated.body, source));
  }
  for (const [pointer, provenance] of injected(final, source))
    if (!leaves.has(pointer)) leaves.set(pointer, provenance);
  if (touched.size > 0) addOverlays(leaves, final);
  return leaves;
}

/** What the renderer writes itself: it comes from the item, the org and the template's version. */
function injected(final: Final, source: TraceSource): readonly (readonly [string, Provenance])[] {
  const { body, pointer, id } = final.generated;
  const nothing: Provenance = { template: body.placeOf(pointer), inputs: [], overlay: null, written: null };
  const version: Provenance = { ...nothing, template: source.template.placeOf('/metadata/name') };
  return [
    ['/apiVersion', nothing],
    ['/metadata/org', { ...nothing, inputs: [source.organization.placeOf('/metadata/org')] }],
    ...(id.kind === 'Policy' ? ([['/spec/document/pack/version', version]] as const) : []),
  ];
}

/** Leaves that a patch set keep the line that they had, and gain the patch. */
function addOverlays(leaves: Map<string, Provenance>, final: Final): void {
  const keyed = toKeyed(final.generated.id.kind, final.document);
  const now = new Set(leafPointers(keyed, ''));
  const { body, pointer: item } = final.generated;
  const made: Provenance = { template: body.placeOf(item), inputs: [], overlay: null, written: null };
  for (const [path, { place }] of final.touched) {
    const inside = [...leaves].find(([pointer]) => pointer.startsWith(`${path}/`))?.[1];
    const before = nearestEntry(leaves, path) ?? (inside === undefined ? made : { ...inside, inputs: [] });
    for (const pointer of now) {
      if (isWithin(pointer, path)) leaves.set(pointer, { ...(leaves.get(pointer) ?? before), overlay: place() });
    }
  }
  for (const pointer of [...leaves.keys()]) if (!now.has(pointer)) leaves.delete(pointer);
}

function leafPointers(value: Json, pointer: string): readonly string[] {
  const children = Array.isArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : [];
  if (children.length === 0) return [pointer];
  return children.flatMap(([key, child]) => leafPointers(child as Json, `${pointer}/${pointerStep(String(key))}`));
}
