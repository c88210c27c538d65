import { type Finding, type JsonObject, type Manifest, pointerSteps, type Template } from '../model/index.ts';
import { readInputSchema } from './input-schema.ts';
import { complain, type Report } from './report.ts';
import type { Shape } from './shape.ts';
import type { CompiledTemplate } from './template.ts';

/** A version with its template.yaml, and that of the version before; null where that one is not there to be compared with. */
export interface MigrationPaths {
  readonly template: Pick<CompiledTemplate, 'name' | 'version' | 'inputs'>;
  readonly manifest: Manifest;
  readonly before: Manifest | null;
}

/**
 * Pointers of `spec.migrations` that name nothing: the source of a move must be an input of the version before, its target
 * and the place of a default one of this version, and both sides of a move have as many `*`. A misspelt one would move
 * nothing, for any org. Findings are TEMPLATE_MIGRATION at the place of the pointer.
 */
export function migrationFindings({ template, manifest, before }: MigrationPaths): readonly Finding[] {
  const { migrations } = manifest.spec as unknown as Template['spec'];
  if (migrations === undefined) return [];
  const report: Report = { findings: [], placeOf: manifest.placeOf };
  const older = before === null ? null : shapeOf(before);
  const here = { shape: template.inputs, where: `${template.name}@${template.version}` };
  const there = older === null ? null : { shape: older, where: `${template.name}@${migrations.from}` };
  migrations.moves.forEach(({ from, to }, index) => {
    const at = `/spec/migrations/moves/${index}`;
    if (there !== null) requirePath(report, `${at}/from`, { ...there, path: from });
    requirePath(report, `${at}/to`, { ...here, path: to });
    const [left, right] = [starsIn(from), starsIn(to)];
    if (left !== right)
      complain(report, 'TEMPLATE_MIGRATION', {
        pointer: `${at}/to`,
        message: 'both sides of a move stand for the same children',
        expected: `${left} times *, as in ${from}`,
        found: `${right} times * in ${to}`,
      });
  });
  (migrations.defaults ?? []).forEach(({ path }, index) => {
    requirePath(report, `/spec/migrations/defaults/${index}/path`, { ...here, path });
  });
  return report.findings;
}

/** The shape of another version's inputs; null when its schema cannot be read, which is a finding of that version. */
function shapeOf({ spec, placeOf }: Manifest): Shape | null {
  const findings: Finding[] = [];
  const { shape } = readInputSchema((spec as unknown as Template['spec']).inputs as JsonObject, placeOf, findings);
  return findings.length === 0 ? shape : null;
}

const starsIn = (pointer: string): number => pointerSteps(pointer).filter((step) => step === '*').length;

interface Named {
  readonly path: string;
  readonly shape: Shape;
  /** `name@version` */
  readonly where: string;
}

function requirePath(report: Report, pointer: string, { path, shape, where }: Named): void {
  let at: Shape = shape;
  for (const step of pointerSteps(path)) {
    const next = childOf(at, step);
    if (next === undefined) {
      complain(report, 'TEMPLATE_MIGRATION', {
        pointer,
        message: `${where} has no input ${path}`,
        expected: namesIn(at),
        found: step,
      });
      return;
    }
    at = next;
  }
}

function childOf(shape: Shape, step: string): Shape | undefined {
  switch (shape.type) {
    case 'map':
      return shape.fields.get(step)?.shape;
    case 'dict':
      return shape.values;
    case 'list':
      return step === '*' || /^\d+$/.test(step) ? shape.items : undefined;
    case 'scalar':
      return undefined;
  }
}

const SHOWN_NAMES = 20;

function namesIn(shape: Shape): string {
  switch (shape.type) {
    case 'map': {
      const names = [...shape.fields.keys()];
      return names.length === 0 ? 'nothing below it' : `one of ${names.slice(0, SHOWN_NAMES).join(', ')}`;
    }
    case 'list':
      return '* or a number: this is a list';
    case 'dict':
      return '* or a key';
    case 'scalar':
      return 'nothing below it';
  }
}
