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
import { afterPatches } from './overlay.ts';
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
  const origins = new Map([...finals].map(([key, final]) => [key, originsOf(final, source)]));
  const value: OrgTrace = {
    desired: result.value,
    leaves: (key) => {
      const [final, own] = [finals.get(key), origins.get(key)];
      return final === undefined || own === undefined ? undefined : leavesOf(final, own, source);
    },
    at: (key, pointer) => {
      const [final, own] = [finals.get(key), origins.get(key)];
      if (final === undefined || own === undefined) return writtenAt(assembly, result.value, { key, pointer });
      return originAt(final, own, { source, pointer: keyedPointer(final.generated.id.kind, final.document, pointer) });
    },
  };
  return { ok: true, value, findings: [] };
}

type Origins = ReadonlyMap<string, Provenance>;

const NOTHING: Provenance = { template: null, inputs: [], sources: [], overlay: null, written: null };

/** Of a leaf its own origin, or that of what it came with; of what holds several, the item that makes the object and the last patch in it. */
function originAt(
  final: Final,
  origins: Origins,
  { source, pointer }: { readonly source: TraceSource; readonly pointer: string },
): Provenance {
  const inside = [...origins].filter(([path]) => path.startsWith(`${pointer}/`)).map(([, origin]) => origin);
  if (inside.length === 0) return nearestEntry(origins, pointer) ?? wholeOf(final, origins, source);
  const { overlay } = inside.findLast((origin) => origin.overlay !== null) ?? origins.get(pointer) ?? { overlay: null };
  return { ...wholeOf(final, origins, source), overlay };
}

/** The provenance of an object as a whole: the item of the template that makes it. */
function wholeOf(final: Final, origins: Origins, source: TraceSource): Provenance {
  const { body, pointer } = final.generated;
  const name = origins.get('/metadata/name');
  const inputs = name?.inputs ?? [source.organization.placeOf('/spec/inputs')];
  const sources = name?.sources ?? ['/spec/inputs'];
  return { template: body.placeOf(pointer), inputs, sources, overlay: null, written: null };
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
  return { template: null, inputs: [], sources: [], overlay: null, written: manifest.placeOf(inFile) };
}

/** Every leaf of the document with its origin. */
function leavesOf(final: Final, origins: Origins, source: TraceSource): Origins {
  const keyed = toKeyed(final.generated.id.kind, final.document);
  return new Map(leafPointers(keyed, '').map((pointer) => [pointer, originAt(final, origins, { source, pointer })]));
}

/** Where leaves come from, after overlays; also what patches took away. */
function originsOf(final: Final, source: TraceSource): Origins {
  const { generated, done } = final;
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
  const { body, pointer: item } = generated;
  const made: Provenance = { ...NOTHING, template: body.placeOf(item) };
  // What was there keeps its line, and gains the patch; lines of single inputs say nothing of a whole.
  return afterPatches(leaves, done, ({ place }, { own, inside = made }) => ({
    ...(own ?? { ...inside, inputs: [], sources: [] }),
    overlay: place(),
  }));
}

/** What the renderer writes itself: it comes from the item, the org and the template's version. */
function injected(final: Final, source: TraceSource): readonly (readonly [string, Provenance])[] {
  const { body, pointer, id } = final.generated;
  const nothing: Provenance = { ...NOTHING, template: body.placeOf(pointer) };
  const version: Provenance = { ...nothing, template: source.template.placeOf('/metadata/name') };
  return [
    ['/apiVersion', nothing],
    [
      '/metadata/org',
      { ...nothing, inputs: [source.organization.placeOf('/metadata/org')], sources: ['/metadata/org'] },
    ],
    ...(id.kind === 'Policy' ? ([['/spec/document/pack/version', version]] as const) : []),
  ];
}

function leafPointers(value: Json, pointer: string): readonly string[] {
  const children = Array.isArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : [];
  if (children.length === 0) return [pointer];
  return children.flatMap(([key, child]) => leafPointers(child as Json, `${pointer}/${pointerStep(String(key))}`));
}
