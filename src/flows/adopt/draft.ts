import { emit, fromKeyed, toKeyed } from '../../core/kinds/index.ts';
import {
  type Finding,
  isJsonObject,
  type JsonObject,
  type Manifest,
  type ObjectKey,
  objectKey,
  type RenderedOrg,
  type RepoPath,
  valueAt,
} from '../../core/model/index.ts';
import { parseManifest } from '../../core/parse/index.ts';
import { edited, type RenderInput } from '../../core/render/index.ts';
import type { Frame } from '../frame.ts';
import { LABELS, type Wanted } from './wanted.ts';

/** An org as it would be with some of its files written: none of them is yet. */
export interface Draft {
  readonly input: RenderInput;
  readonly desired: RenderedOrg;
  /** Texts of files that people and commands write, by path: those that were read, and those that would be written. */
  readonly texts: ReadonlyMap<RepoPath, string>;
  /** The paths among them that would be written; null removes one. */
  readonly files: ReadonlyMap<RepoPath, string | null>;
}

/** One file that would say it, as text; null: the file goes. */
export interface Proposal {
  readonly file: RepoPath;
  /** undefined: the text does not let itself be edited there. */
  readonly text: string | null | undefined;
}

/** What became of a proposal: the draft with it, or why not. `elsewhere`: it says more than this one value. */
export type Tried = { readonly draft: Draft } | { readonly refused: string; readonly elsewhere: boolean };

const refuse = (refused: string): Tried => ({ refused, elsewhere: false });

/** The texts of all objects of the org where `wanted` is said and nothing else differs. */
function expectedOf(draft: Draft, wanted: Wanted): Map<ObjectKey, string> {
  const texts = new Map(draft.desired.objects.map((object) => [objectKey(object.id), object.text]));
  return texts.set(wanted.key, emit(documentOf(draft, wanted)));
}

/** The document of the object with what is wanted of it. */
export function documentOf({ desired }: Draft, { id, key, pointer, value }: Wanted): JsonObject {
  if (pointer === '') return value as JsonObject;
  const object = desired.objects.find((item) => objectKey(item.id) === key);
  const keyed = toKeyed(id.kind, object?.document ?? {});
  const next = edited(
    keyed,
    value === undefined ? { op: 'remove', path: pointer } : { op: 'set', path: pointer, value },
  );
  // An object without labels has no map of them.
  const labels = valueAt(next, LABELS);
  const isBare = isJsonObject(labels) && Object.keys(labels).length === 0;
  return fromKeyed(id.kind, isBare ? edited(next, { op: 'remove', path: LABELS }) : next);
}

/** Renders the org with the proposal in it: a draft only where the value is as wanted and no object differs beside it. */
export function tried(
  frame: Frame,
  draft: Draft,
  { proposal: { file, text }, wanted }: { readonly proposal: Proposal; readonly wanted: Wanted },
): Tried {
  if (text === undefined) return refuse(`${file} cannot be edited in place there`);
  const parsed = text === null ? null : parseManifest(text, file, { mode: 'strict' });
  if (parsed?.ok === false) return refuse(wordsOf(parsed.findings));
  const input = withFile(draft.input, file, parsed?.value ?? null);
  const rendered = frame.renderer?.renderOrg(input);
  if (rendered?.ok !== true) return refuse(wordsOf(rendered?.findings ?? []));
  const { objects } = rendered.value;
  const expected = expectedOf(draft, wanted);
  const made = new Map(objects.map((object) => [objectKey(object.id), object.text]));
  const beside = [...new Set([...expected.keys(), ...made.keys()])].filter(
    (key) => expected.get(key) !== made.get(key),
  );
  if (beside.length > 0)
    return { refused: `said in ${file}, it would change ${beside.slice(0, 3).join(', ')} otherwise`, elsewhere: true };
  const texts = new Map(draft.texts);
  if (text === null) texts.delete(file);
  else texts.set(file, text);
  return { draft: { input, desired: rendered.value, texts, files: new Map(draft.files).set(file, text) } };
}

function wordsOf(findings: readonly Finding[]): string {
  const [first] = findings;
  return first === undefined ? 'the org does not render' : `${first.code}: ${first.message}`;
}

function withFile(input: RenderInput, file: RepoPath, manifest: Manifest | null): RenderInput {
  if (file === input.organization.file) return manifest === null ? input : { ...input, organization: manifest };
  const replaced = (list: readonly Manifest[]): readonly Manifest[] => [
    ...list.filter((item) => item.file !== file),
    ...(manifest === null ? [] : [manifest]),
  ];
  const isOverlay =
    manifest === null ? input.overlays.some((item) => item.file === file) : manifest.id.kind === 'Overlay';
  return isOverlay ? { ...input, overlays: replaced(input.overlays) } : { ...input, custom: replaced(input.custom) };
}
