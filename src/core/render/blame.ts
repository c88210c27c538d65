import { documentPointer, keyedPointer } from '../kinds/index.ts';
import type { Place } from '../model/index.ts';
import { type Generation, generate } from './generate.ts';
import { afterPatches, type DonePatch, isWithin } from './overlay.ts';
import type { Final, RenderInput } from './render-input.ts';
import { nearestEntry, type Provenance, provenanceOf } from './trace.ts';

/** Where a person looks first for a wrong value, and where else. Pointers may be in keyed form or the document's own. */
export type Blame = (final: Final, pointer: string) => { readonly place: Place; readonly related: readonly Place[] };

/** Finds the patch, the input or the template line that a value comes from; traces the org once, and only when asked. */
export function createBlame(input: RenderInput): Blame {
  let traced: Generation | null = null;
  return (final, pointer) => {
    traced ??= generate(input.organization, input.template, true);
    const { generated } = final;
    const keyed = keyedPointer(generated.id.kind, final.document, pointer);
    const patched = patchOf(final, keyed);
    if (patched !== undefined) return { place: patched.place(), related: [generated.body.placeOf(generated.pointer)] };
    const found = originOf(input, traced, final, keyed);
    if (found === null) return { place: generated.body.placeOf(generated.pointer), related: [] };
    const [first, ...rest] = found.inputs;
    const template = found.template === null ? [] : [found.template];
    return first === undefined
      ? { place: found.template ?? generated.body.placeOf(generated.pointer), related: [] }
      : { place: first, related: [...template, ...rest] };
  };
}

/** The last patch that was done at the pointer (keyed form), below it or above it. */
export function patchOf({ done }: Pick<Final, 'done'>, pointer: string): DonePatch | undefined {
  const patches = afterPatches(new Map<string, DonePatch>(), done, (patch) => patch);
  return [...patches].filter(([path]) => isWithin(pointer, path)).at(-1)?.[1];
}

function originOf(input: RenderInput, traced: Generation, final: Final, keyed: string): Provenance | null {
  const { body, index, id, document } = final.generated;
  const twin = traced.documents.find((item) => item.body === body && item.index === index);
  const leaves = twin?.leaves ?? new Map();
  const own = documentPointer(id.kind, document, keyed);
  const leaf = nearestEntry(leaves, `/${index}${own}`);
  if (leaf === undefined) return null;
  return provenanceOf(leaf, body, { ...input, fallbacks: traced.fallbacks });
}
