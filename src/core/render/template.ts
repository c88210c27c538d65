import { descriptorOf, descriptors } from '../kinds/index.ts';
import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Kind,
  type Manifest,
  type PlaceOf,
  type RepoPath,
  type Result,
  startOf,
  type Template,
} from '../model/index.ts';
import { type CompiledFloor, compileFloors } from './floors.ts';
import { readInputSchema } from './input-schema.ts';
import { type CheckInputs, compileInputCheck } from './inputs.ts';
import { complain, type Report } from './report.ts';
import type { Scope } from './scope.ts';
import { ORG_SHAPE, type Shape } from './shape.ts';
import { compileItem, type Spread } from './structure.ts';

/** One file of a template version beside template.yaml, as it was read. */
export interface TemplateBody {
  readonly file: RepoPath;
  readonly value: Json;
  readonly placeOf: PlaceOf;
}

export interface TemplateInput {
  readonly name: string;
  /** Three numbers. */
  readonly version: string;
  /** template.yaml; shape already checked. */
  readonly manifest: Manifest;
  readonly bodies: readonly TemplateBody[];
}

/** A template version, compiled once: closures over checked paths. Opaque outside this folder. */
export interface CompiledTemplate {
  readonly name: string;
  readonly version: string;
  readonly placeOf: PlaceOf;
  readonly inputs: Shape;
  readonly checkInputs: CheckInputs;
  readonly bodies: readonly CompiledBody[];
  readonly floors: readonly CompiledFloor[];
}

export interface CompiledBody {
  readonly kind: Kind;
  readonly file: RepoPath;
  readonly placeOf: PlaceOf;
  readonly items: readonly { readonly pointer: string; readonly spread: Spread }[];
}

/** Kinds that templates generate, by the name of their body file: `teams.yaml` to Team. */
const BODY_KINDS: ReadonlyMap<string, Kind> = new Map(
  descriptors.flatMap(({ kind, origin, layout }) =>
    origin === 'generated' && layout.type === 'named' ? [[`${layout.folder}.yaml`, kind] as const] : [],
  ),
);

/** Kinds that a person may write by hand under custom/: those that templates generate. */
export function isGeneratedKind(kind: Kind): boolean {
  return descriptorOf(kind).origin === 'generated';
}

/**
 * Checks a template version as a whole and compiles it: input schema, every expression of every body against that
 * schema, floors. Nothing of any org is needed, so a fault shows before the first org is rendered.
 */
export function compileTemplate(input: TemplateInput): Result<CompiledTemplate> {
  const { name, version, manifest, bodies } = input;
  const findings: Finding[] = [];
  const spec = manifest.spec as unknown as Template['spec'];
  const schema = readInputSchema(spec.inputs as JsonObject, manifest.placeOf, findings);
  const checkInputs = findings.length === 0 ? compileInputCheck(schema, manifest.placeOf, findings) : () => null;
  const floors = compileFloors(spec.floors, { findings, placeOf: manifest.placeOf });
  const scope: Scope = {
    names: new Map([
      ['org', { slot: 0, shape: ORG_SHAPE }],
      ['inputs', { slot: 1, shape: schema.shape }],
    ]),
    present: new Set(),
  };
  const sorted = [...bodies].sort((a, b) => (a.file < b.file ? -1 : 1));
  const compiled = sorted.flatMap((body) => compileBody(body, scope, findings) ?? []);
  if (findings.length > 0) return { ok: false, findings };
  const value = {
    name,
    version,
    placeOf: manifest.placeOf,
    inputs: schema.shape,
    checkInputs,
    bodies: compiled,
    floors,
  };
  return { ok: true, value, findings: [] };
}

function compileBody(body: TemplateBody, scope: Scope, findings: Finding[]): CompiledBody | null {
  const report: Report = { findings, placeOf: body.placeOf };
  const base = body.file.slice(body.file.lastIndexOf('/') + 1);
  const kind = BODY_KINDS.get(base);
  if (kind === undefined) {
    const expected = `one of ${[...BODY_KINDS.keys()].join(', ')}`;
    complain({ findings, placeOf: () => startOf(body.file) }, 'TEMPLATE_BODY', {
      pointer: '',
      message: 'no kind of manifest is generated from a file of this name',
      expected,
      found: base,
    });
    return null;
  }
  const list = isJsonObject(body.value) ? body.value['manifests'] : undefined;
  if (!isJsonObject(body.value) || !Array.isArray(list) || Object.keys(body.value).length !== 1) {
    const expected = 'a map with the one key manifests, a list';
    complain(report, 'TEMPLATE_BODY', { pointer: '', message: 'this is no body', expected, found: 'another value' });
    return null;
  }
  const items = list.map((value: Json, index) => {
    const pointer = `/manifests/${index}`;
    checkKind(value, kind, pointer, report);
    return { pointer, spread: compileItem({ value, pointer, scope, report }) };
  });
  return { kind, file: body.file, placeOf: body.placeOf, items };
}

const TOP_KEYS = new Set(['apiVersion', 'kind', 'metadata', 'spec', '$each', '$as', '$if']);

/** Every manifest of a body states the kind of its file, in words and not by expression. */
function checkKind(value: Json, kind: Kind, pointer: string, report: Report): void {
  if (!isJsonObject(value)) {
    complain(report, 'TEMPLATE_BODY', {
      pointer,
      message: 'this is no manifest',
      expected: 'a map',
      found: 'another value',
    });
    return;
  }
  const inner = value['$items'];
  if (Array.isArray(inner)) {
    inner.forEach((item: Json, index) => {
      checkKind(item, kind, `${pointer}/$items/${index}`, report);
    });
    return;
  }
  const odd = Object.keys(value).find((key) => !TOP_KEYS.has(key));
  if (odd !== undefined) {
    const expected = 'kind, metadata and spec, with $each, $as and $if';
    complain(report, 'TEMPLATE_BODY', { pointer, message: `a manifest has no ${odd}`, expected, found: odd });
  }
  if (value['kind'] === kind) return;
  const found = typeof value['kind'] === 'string' ? value['kind'] : 'none';
  complain(report, 'TEMPLATE_BODY', {
    pointer: `${pointer}/kind`,
    message: 'the kind is not that of the file',
    expected: kind,
    found,
  });
}
