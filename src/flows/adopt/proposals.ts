import { documentPointer, emit, idOfPath, toKeyed } from '../../core/kinds/index.ts';
import {
  isName,
  type Json,
  type JsonObject,
  type Manifest,
  type ObjectId,
  type Overlay,
  objectKey,
  pointerStep,
  pointerSteps,
  type RepoPath,
  repoPath,
  valueAt,
} from '../../core/model/index.ts';
import { editYaml, type OrgTrace, patchesByTarget, traceOrg, type YamlEdit } from '../../core/render/index.ts';
import { type Draft, documentOf, type Proposal } from './draft.ts';
import type { Wanted } from './wanted.ts';

/**
 * The files that could say what is wanted, the closest to where it comes from first: the hand-written manifest; the overlay that
 * says it now; the input that it is made of; an overlay that says it from now on.
 */
export function proposals(draft: Draft, wanted: Wanted, reason: string): readonly Proposal[] {
  const { key, pointer } = wanted;
  if (pointer === '') return [customOf(draft, wanted)];
  const object = draft.desired.objects.find((item) => objectKey(item.id) === key);
  if (object === undefined) return [];
  const target: Target = { wanted, before: object.document, after: documentOf(draft, wanted) };
  if (object.origin === 'written') return inManifest(draft, target, object.path);
  const trace = traceOrg(draft.input);
  return [
    ...inOverlays(draft, target),
    ...(trace.ok ? inInputs(draft, target, trace.value) : []),
    inNewOverlay(draft, target, reason),
  ];
}

/** An object with what is wanted of it. */
interface Target {
  readonly wanted: Wanted;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

const edit = ({ texts }: Draft, file: RepoPath, edits: readonly YamlEdit[]): Proposal => ({
  file,
  text: editYaml(texts.get(file) ?? '', edits),
});

const setOrRemove = (path: string, value: Json | undefined): YamlEdit =>
  value === undefined ? { op: 'remove', path } : { op: 'set', path, value };

/** A manifest of its own for an object that nothing generates, under a name that is free. */
function customOf({ input }: Draft, { id, value }: Wanted): Proposal {
  const taken = new Set<string>(input.custom.map(({ file }) => file));
  const stem = [id.kind.toLowerCase(), id.environment, id.name].filter((part) => part !== null).join('-');
  const names = [id.name, stem, ...numbered(stem)];
  const paths = names.map((name) => repoPath(`orgs/${input.organization.org}/custom/${name}.yaml`));
  const file = paths.find((path) => path !== undefined && idOfPath(path) !== undefined && !taken.has(path));
  return { file: file ?? input.organization.file, text: file === undefined ? undefined : emit(value as JsonObject) };
}

const numbered = (stem: string): readonly string[] => Array.from({ length: 98 }, (_, at) => `${stem}-${at + 2}`);

/**
 * A hand-written manifest has its lists in an order of its own: a value in one is edited where it stands, else the list is. Files
 * that say who may do what (credentials, waivers, pins) are none of those that are edited.
 */
function inManifest(draft: Draft, target: Target, file: RepoPath): readonly Proposal[] {
  const { wanted, after } = target;
  const { organization, custom } = draft.input;
  const manifest = [organization, ...custom].find((item) => item.file === file);
  if (manifest === undefined) return [];
  const list = listAt(target);
  const whole = list ?? wanted.pointer;
  const inFile = documentPointer(wanted.id.kind, manifest.document, wanted.pointer);
  const isThere = pointerSteps(inFile).length === pointerSteps(wanted.pointer).length;
  const isScalar = wanted.value !== undefined && wanted.value !== true && typeof wanted.value !== 'object';
  return [
    ...(list !== undefined && isThere && isScalar ? [edit(draft, file, [setOrRemove(inFile, wanted.value)])] : []),
    edit(draft, file, [setOrRemove(whole, valueAt(after, whole))]),
  ];
}

/** The pointer, of both forms, of the outermost list on the way to what is wanted; undefined where there is none. */
function listAt({ wanted, before, after }: Target): string | undefined {
  let at = '';
  for (const step of pointerSteps(wanted.pointer)) {
    at += `/${pointerStep(step)}`;
    if (Array.isArray(valueAt(after, at)) || Array.isArray(valueAt(before, at))) return at;
  }
  return undefined;
}

/** What an overlay says already is said there; one that put something in, takes it back. */
function inOverlays(draft: Draft, { wanted, after }: Target): readonly Proposal[] {
  const { id, key, pointer, value } = wanted;
  const placed = patchesByTarget(draft.input.overlays).get(key) ?? [];
  const last = placed.findLast(({ patch }) => patch.path === pointer || pointer.startsWith(`${patch.path}/`));
  if (last === undefined) return [];
  const { overlay, patch } = last;
  const { patches } = overlay.spec as unknown as Overlay['spec'];
  const at = `/spec/patches/${patches.indexOf(patch)}`;
  if (value !== undefined || patch.path !== pointer) {
    const said = saidAt(id, after, patch.path);
    const op = patch.op === 'remove' ? 'replace' : patch.op;
    const edits = op === patch.op ? [] : [setOrRemove(`${at}/op`, op)];
    return said === undefined ? [] : [edit(draft, overlay.file, [...edits, setOrRemove(`${at}/value`, said)])];
  }
  if (patch.op === 'add' && patches.length === 1) return [{ file: overlay.file, text: null }];
  if (patch.op === 'add') return [edit(draft, overlay.file, [setOrRemove(at, undefined)])];
  return [edit(draft, overlay.file, [setOrRemove(`${at}/op`, 'remove'), setOrRemove(`${at}/value`, undefined)])];
}

/** The value at a pointer in keyed form as an overlay says it: lists as lists. */
function saidAt({ kind }: ObjectId, document: JsonObject, pointer: string): Json | undefined {
  const there = documentPointer(kind, document, pointer);
  const value = pointerSteps(there).length === pointerSteps(pointer).length ? valueAt(document, there) : undefined;
  return Array.isArray(value) ? value : valueAt(toKeyed(kind, document), pointer);
}

/** The one input that a value is, or the one list of values that a list is. */
function inInputs(draft: Draft, target: Target, trace: OrgTrace): readonly Proposal[] {
  const { wanted, after } = target;
  const { organization } = draft.input;
  const list = listAt(target);
  const read = (pointer: string): readonly string[] => trace.leaves(wanted.key)?.get(pointer)?.sources ?? [];
  if (list === undefined) {
    const [source, ...others] = read(wanted.pointer);
    if (source === undefined || others.length > 0) return [];
    return [edit(draft, organization.file, [setOrRemove(source, valueAt(after, wanted.pointer))])];
  }
  const leaves = [...(trace.leaves(wanted.key) ?? [])].filter(
    ([pointer]) => pointer === list || pointer.startsWith(`${list}/`),
  );
  const sources = new Set(
    leaves.map(([pointer, { sources: own }]) =>
      own.length !== 1 ? '' : pointer === list ? own[0] : listOf(own[0] ?? ''),
    ),
  );
  const [source = '', ...others] = sources;
  if (source === '' || others.length > 0) return [];
  return [edit(draft, organization.file, [setOrRemove(source, valueAt(after, list))])];
}

/** The list that an item is of; empty where the pointer is that of no item. */
function listOf(pointer: string): string {
  const at = pointer.lastIndexOf('/');
  return /^[0-9]+$/.test(pointer.slice(at + 1)) ? pointer.slice(0, at) : '';
}

const ADOPTED = 'adopted-';

function inNewOverlay(draft: Draft, { wanted, before, after }: Target, reason: string): Proposal {
  const { id, pointer } = wanted;
  const [was, value] = [saidAt(id, before, pointer), saidAt(id, after, pointer)];
  const patch: JsonObject = {
    path: pointer,
    op: was === undefined ? 'add' : value === undefined ? 'remove' : 'replace',
    ...(was === undefined ? {} : { was }),
    ...(value === undefined ? {} : { value }),
  };
  const { organization, overlays } = draft.input;
  const begun = overlays.find((item) => isOwn(item, id, draft));
  if (begun !== undefined) {
    const { patches } = begun.spec as unknown as Overlay['spec'];
    return edit(draft, begun.file, [setOrRemove(`/spec/patches/${patches.length}`, patch)]);
  }
  const { apiVersion } = organization.document;
  const stem = [`${ADOPTED}${id.kind.toLowerCase()}`, id.environment, id.name]
    .filter((part) => part !== null)
    .join('-');
  const taken = new Set(overlays.map((item) => item.metadata.name));
  const name = [stem, ...numbered(stem), ...numbered(`${ADOPTED}${id.kind.toLowerCase()}`)].find(
    (one) => isName(one) && !taken.has(one),
  );
  const file = repoPath(`orgs/${organization.org}/overlays/${name}.yaml`);
  const target = { kind: id.kind, ...(id.environment === null ? {} : { environment: id.environment }), name: id.name };
  const metadata = { org: organization.metadata.name, name: name ?? '' };
  const document: JsonObject = {
    apiVersion: apiVersion ?? '',
    kind: 'Overlay',
    metadata,
    spec: { target, reason, patches: [patch] },
  };
  return {
    file: file ?? organization.file,
    text: file === undefined || name === undefined ? undefined : emit(document),
  };
}

/** An overlay that this run has begun for the object. */
function isOwn({ file, spec, metadata }: Manifest, id: ObjectId, { files }: Draft): boolean {
  if (!files.has(file) || !metadata.name.startsWith(ADOPTED)) return false;
  const { target } = spec as unknown as Overlay['spec'];
  return target.kind === id.kind && target.name === id.name && (target.environment ?? null) === id.environment;
}
