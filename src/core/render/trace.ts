import { isJsonObject, type Json, type Manifest, type Place, pointerStep } from '../model/index.ts';
import type { Fallbacks } from './inputs.ts';
import { type Path, pointerBelow, type Recorder } from './scope.ts';
import type { CompiledBody, CompiledTemplate } from './template.ts';

/** Where one value comes from. */
export interface Provenance {
  /** The line of the template; null for a file that a person wrote. */
  readonly template: Place | null;
  /** The lines of org.yaml that were read for it, or of the default in template.yaml where org.yaml says nothing. */
  readonly inputs: readonly Place[];
  /** The pointers in org.yaml of what was read for it, whether org.yaml says it or a default does. */
  readonly sources: readonly string[];
  /** The patch that won. */
  readonly overlay: Place | null;
  /** The line of the hand-written manifest. */
  readonly written: Place | null;
}

/** A leaf as it was recorded: pointers, not places yet, since most are never asked for. */
interface RawLeaf {
  readonly template: string;
  readonly sources: readonly string[];
}

/** The leaves of one rendered body, by their pointer in the list of its documents: `/3/spec/limit`. */
export type RawLeaves = ReadonlyMap<string, RawLeaf>;

const ORG_POINTERS: { readonly [name: string]: string } = {
  slug: '/metadata/org',
  uid: '/spec/uid',
  displayName: '/spec/displayName',
  isolation: '/spec/isolation',
  domains: '/spec/domains',
};

/** A recorder of one body, and the leaves it has heard of. */
export function createRecorder(): { readonly recorder: Recorder; readonly leaves: RawLeaves } {
  const pointers: string[] = [''];
  const leaves = new Map<string, RawLeaf>();
  const origins: string[] = ['', '/spec/inputs'];
  const originOf = (path: Path): string => {
    const [first = '', ...rest] = path.keys;
    if (path.slot > 0) return (origins[path.slot] ?? '') + pointerBelow(path);
    return (ORG_POINTERS[first] ?? '') + rest.map((key) => `/${pointerStep(key)}`).join('');
  };
  const record = (template: string, sources: readonly string[], value: Json, below: string): void => {
    const children = Array.isArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : [];
    if (children.length === 0) {
      leaves.set((pointers.at(-1) ?? '') + below, { template, sources });
    }
    for (const [key, child] of children) {
      const step = `/${pointerStep(String(key))}`;
      record(template, sources.length === 1 ? [sources[0] + step] : sources, child as Json, below + step);
    }
  };
  const recorder: Recorder = {
    enter: (step) => {
      pointers.push(`${pointers.at(-1) ?? ''}/${pointerStep(step)}`);
    },
    leave: () => {
      pointers.pop();
    },
    leaf: (template, sources, value) => record(template, [...new Set(sources.map(originOf))], value, ''),
    bind: (slot, path, index) => {
      origins[slot] = `${originOf(path)}/${index}`;
    },
  };
  return { recorder, leaves };
}

/** What turns recorded pointers into places. */
export interface TraceSource {
  readonly template: CompiledTemplate;
  readonly organization: Manifest;
  readonly fallbacks: Fallbacks;
}

/** The provenance of one recorded leaf. */
export function provenanceOf(leaf: RawLeaf, body: CompiledBody, source: TraceSource): Provenance {
  return {
    template: body.placeOf(leaf.template),
    inputs: leaf.sources.map((pointer) => inputPlace(pointer, source)),
    sources: leaf.sources,
    overlay: null,
    written: null,
  };
}

/** The line of org.yaml, or of the default that stands in for it. */
function inputPlace(pointer: string, source: TraceSource): Place {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const fallback = source.fallbacks.get(at);
    if (fallback !== undefined) return source.template.placeOf(fallback);
  }
  return source.organization.placeOf(pointer);
}

/** The entry of the nearest ancestor of `pointer`, itself included. */
export function nearestEntry<T>(entries: ReadonlyMap<string, T>, pointer: string): T | undefined {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const entry = entries.get(at);
    if (entry !== undefined || at === '') return entry;
  }
}
