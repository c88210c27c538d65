import {
  type Finding,
  finding,
  type JsonObject,
  type Manifest,
  type ObjectKey,
  type Overlay,
  objectKey,
  type RenderedObject,
  type RepoPath,
  type Result,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import { type ConflictItem, judgePatches, type Patch, type Verdict } from '../core/plan/index.ts';
import { editYaml, type YamlEdit } from '../core/render/index.ts';
import { type Decisions, sidesOf } from './upgrade-conflicts.ts';

/** One patch of an overlay with what an upgrade makes of it. */
export interface JudgedPatch {
  readonly overlay: Manifest;
  readonly index: number;
  readonly object: ObjectKey;
  readonly patch: Patch;
  readonly verdict: Verdict;
}

/** The generated manifests of an org without overlays, by object. */
export type Generated = ReadonlyMap<ObjectKey, JsonObject>;

export function generatedOf(objects: readonly RenderedObject[]): Generated {
  const own = objects.filter((object) => object.origin === 'generated');
  return new Map(own.map((object) => [objectKey(object.id), object.document]));
}

/** Every patch of an org judged, overlays in the order in which they apply. */
export function judgeOverlays(
  overlays: readonly Manifest[],
  sides: { readonly base: Generated; readonly theirs: Generated },
  decided: Decisions,
): readonly JudgedPatch[] {
  const ordered = [...overlays].sort((a, b) => (a.file < b.file ? -1 : 1));
  const all = ordered.flatMap((overlay) =>
    specOf(overlay).patches.map((patch, index) => ({ overlay, index, patch, object: targetOf(overlay) })),
  );
  const targets = [...new Set(all.map(({ object }) => object))];
  return targets.flatMap((object) => {
    const own = all.filter((item) => item.object === object);
    const kind = specOf(own[0]?.overlay).target.kind;
    const verdicts = judgePatches({
      kind,
      base: sides.base.get(object) ?? {},
      theirs: sides.theirs.get(object) ?? null,
      patches: own.map(({ patch }) => patch),
      decided: (index, conflict) => {
        const item = own[index];
        return item === undefined
          ? null
          : decided(conflictItem({ ...item, verdict: { type: 'conflict', ...conflict } }));
      },
    });
    return own.flatMap((item, index) => {
      const verdict = verdicts[index];
      return verdict === undefined ? [] : [{ ...item, verdict }];
    });
  });
}

function specOf(overlay: Manifest | undefined): Overlay['spec'] {
  return overlay?.spec as unknown as Overlay['spec'];
}

function targetOf(overlay: Manifest): ObjectKey {
  const { target } = specOf(overlay);
  return objectKey({ kind: target.kind, environment: target.environment ?? null, name: target.name });
}

export const FLOOR_WORDS = 'a floor of the new template does not let an org say this';

/** The item of a conflict file for a patch in conflict. */
export function conflictItem(judged: JudgedPatch): ConflictItem {
  const { verdict, overlay, patch, object } = judged;
  const about = { file: overlay.file.split('/').slice(2).join('/'), path: patch.path, object };
  if (verdict.type !== 'conflict') {
    const sides = verdict.type === 'unnecessary' ? {} : sidesOf(verdict.sides);
    return { ...about, cause: 'floor', words: FLOOR_WORDS, ...sides, suggestion: { take: 'theirs' } };
  }
  const { cause, words, suggestion } = verdict;
  return { ...about, cause, words, ...sidesOf(verdict), suggestion };
}

/** What a person decided about a patch that a floor of the new template refused; other patches stay as they are. */
export function decideFloors(patches: readonly JudgedPatch[], decided: Decisions): readonly JudgedPatch[] {
  return patches.map((judged) => {
    const { verdict } = judged;
    if (verdict.type !== 'unchanged' && verdict.type !== 'refreshed') return judged;
    const choice = decided(conflictItem(judged));
    if (choice?.take === 'theirs') return { ...judged, verdict: { type: 'unnecessary' } };
    if (choice?.take !== 'value' || choice.value === undefined) return judged;
    const made = verdict.type === 'refreshed' ? verdict.patch : judged.patch;
    return {
      ...judged,
      verdict: { ...verdict, type: 'refreshed', patch: { ...made, value: choice.value }, hides: true },
    };
  });
}

export interface UpgradedOverlays {
  /** Those that are left. */
  readonly overlays: readonly Manifest[];
  /** Texts of those that changed; null for one that has no patch left. */
  readonly files: ReadonlyMap<RepoPath, string | null>;
}

/** The overlays with their patches as judged, edited in place. UPGRADE_UNEDITABLE where a text does not let itself. */
export function editOverlays(
  overlays: readonly Manifest[],
  patches: readonly JudgedPatch[],
  texts: ReadonlyMap<RepoPath, string>,
): Result<UpgradedOverlays> {
  const files = new Map<RepoPath, string | null>();
  const kept: Manifest[] = [];
  const findings: Finding[] = [];
  for (const overlay of overlays) {
    const own = patches.filter((item) => item.overlay === overlay);
    const edits = [...own].sort((a, b) => b.index - a.index).flatMap(editsOf);
    if (edits.length === 0) {
      kept.push(overlay);
      continue;
    }
    if (own.every(({ verdict }) => verdict.type === 'unnecessary')) {
      files.set(overlay.file, null);
      continue;
    }
    const text = editYaml(texts.get(overlay.file) ?? '', edits);
    const parsed = text === undefined ? undefined : parseManifest(text, overlay.file, { mode: 'strict' });
    if (text === undefined || parsed?.ok !== true) findings.push(uneditable(overlay));
    else {
      files.set(overlay.file, text);
      kept.push(parsed.value);
    }
  }
  if (findings.length > 0) return { ok: false, findings };
  return { ok: true, value: { overlays: kept, files }, findings: [] };
}

/** Last patches first, so that the places of those before them stay. */
function editsOf({ verdict, patch, index }: JudgedPatch): readonly YamlEdit[] {
  const at = `/spec/patches/${index}`;
  if (verdict.type === 'unnecessary') return [{ op: 'remove', path: at }];
  if (verdict.type !== 'refreshed') return [];
  const { op, was, value } = verdict.patch;
  return [
    ...(op === patch.op ? [] : [{ op: 'set', path: `${at}/op`, value: op } as const]),
    ...(value === undefined || value === patch.value
      ? []
      : [{ op: 'set', path: `${at}/value`, value: value as string } as const]),
    ...(was !== undefined ? [{ op: 'set', path: `${at}/was`, value: was as string } as const] : []),
    ...(was === undefined && patch.was !== undefined ? [{ op: 'remove', path: `${at}/was` } as const] : []),
  ];
}

function uneditable(overlay: Manifest): Finding {
  return finding('UPGRADE_UNEDITABLE', {
    org: overlay.org,
    place: overlay.placeOf('/spec/patches'),
    message: `${overlay.file} cannot be edited in place`,
    expected: 'patches in a layout in which one can be changed alone',
    found: 'another layout',
  });
}
