import { finding, type Json, type JsonObject, type Manifest, type Result } from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import { type ConflictItem, sameJson } from '../core/plan/index.ts';
import {
  edited,
  editYaml,
  type InputFault,
  inputFaults,
  type Migrations,
  migrateInputs,
  type TakenPlace,
  type YamlEdit,
} from '../core/render/index.ts';
import type { LoadedTemplate } from './frame.ts';
import { type Decisions, sidesOf } from './upgrade-conflicts.ts';

const INPUTS = '/spec/inputs';

export interface InputUpgrade {
  readonly organization: Manifest;
  readonly text: string;
  /** The versions walked, oldest first. */
  readonly steps: readonly Migrations[];
  readonly to: { readonly pin: string; readonly template: LoadedTemplate };
  readonly decided: Decisions;
}

export interface UpgradedInputs {
  readonly organization: Manifest;
  readonly text: string;
  /** What a person must decide; the rest is empty talk until then. */
  readonly items: readonly ConflictItem[];
}

/**
 * org.yaml at the new version: migrations of each version in between, decisions of a person, the pin. The text is edited in
 * place, read again, and must say exactly what the edits mean (UPGRADE_UNEDITABLE else).
 */
export function upgradeInputs(work: InputUpgrade): Result<UpgradedInputs> {
  const { organization, text, to } = work;
  const before = (organization.spec['inputs'] ?? {}) as JsonObject;
  const migrated = migrateAll(before, work);
  const judged = decideFaults(migrated.inputs, work);
  const edits = [...migrated.edits, ...judged.edits].map(below);
  const items = [...migrated.items, ...judged.items];
  const next = editYaml(text, [...edits, { op: 'set', path: '/spec/template', value: to.pin }]);
  const parsed = next === undefined ? undefined : parseManifest(next, organization.file, { mode: 'strict' });
  const wanted = { ...organization.spec, template: to.pin, inputs: judged.inputs };
  if (next === undefined || parsed?.ok !== true || !sameJson(parsed.value.spec, wanted)) {
    return { ok: false, findings: [uneditable(organization, edits)] };
  }
  return { ok: true, value: { organization: parsed.value, text: next, items }, findings: [] };
}

interface Stage {
  readonly inputs: JsonObject;
  readonly edits: readonly YamlEdit[];
  readonly items: readonly ConflictItem[];
}

function migrateAll(before: JsonObject, { steps, decided }: InputUpgrade): Stage {
  let inputs = before;
  const edits: YamlEdit[] = [];
  const items: ConflictItem[] = [];
  for (const step of steps) {
    const result = migrateInputs(inputs, step, (place) => {
      const choice = decided(takenItem(place));
      if (choice === null) return null;
      return choice.take === 'ours' ? 'moved' : 'there';
    });
    inputs = result.inputs;
    edits.push(...result.edits);
    items.push(...result.taken.map(takenItem));
  }
  return { inputs, edits, items };
}

function takenItem({ from, to, moved, there }: TakenPlace): ConflictItem {
  return {
    file: 'org.yaml',
    path: INPUTS + to,
    cause: 'input-moved-twice',
    words: `the input ${from} moves here, where the org has another value`,
    ...sidesOf({ base: undefined, ours: moved, theirs: there }),
    suggestion: { take: 'ours' },
  };
}

/** Follows decisions about what the new template refuses, then says what it still refuses. */
function decideFaults(before: JsonObject, { to, decided }: InputUpgrade): Stage {
  const { compiled, manifest } = to.template;
  if (compiled === null || manifest === null) return { inputs: before, edits: [], items: [] };
  const faults = inputFaults(compiled, manifest, before);
  const edits = faults.flatMap((fault) => editOf(fault, decided));
  const inputs = edits.reduce(edited, before);
  const items = inputFaults(compiled, manifest, inputs).map(faultItem);
  return { inputs, edits, items };
}

function editOf(fault: InputFault, decided: Decisions): readonly YamlEdit[] {
  const choice = decided(faultItem(fault));
  if (choice?.take === 'value' && choice.value !== undefined)
    return [{ op: 'set', path: fault.pointer, value: choice.value as Json }];
  return choice?.take === 'theirs' && fault.found !== undefined ? [{ op: 'remove', path: fault.pointer }] : [];
}

function faultItem({ cause, pointer, words, found, example }: InputFault): ConflictItem {
  const take: ConflictItem['suggestion'] =
    example === undefined
      ? { take: cause === 'input-unknown' ? 'theirs' : 'value' }
      : { take: 'value', value: example as string };
  return {
    file: 'org.yaml',
    path: pointer === '' ? INPUTS : INPUTS + pointer,
    cause,
    words: words.slice(0, 1000),
    ...sidesOf({ base: undefined, ours: found, theirs: undefined }),
    suggestion: take,
  };
}

function below(edit: YamlEdit): YamlEdit {
  if (edit.op === 'move') return { op: 'move', from: INPUTS + edit.from, to: INPUTS + edit.to };
  return { ...edit, path: INPUTS + edit.path };
}

function uneditable(organization: Manifest, edits: readonly YamlEdit[]) {
  const places = edits.map((edit) => (edit.op === 'move' ? `${edit.from} to ${edit.to}` : edit.path));
  return finding('UPGRADE_UNEDITABLE', {
    org: organization.org,
    place: organization.placeOf(INPUTS),
    message: `${organization.file} cannot be edited in place (${places.join(', ') || 'its pin'})`,
    expected: 'a layout in which each moved field can be cut out and put elsewhere',
    found: 'another layout',
  });
}
