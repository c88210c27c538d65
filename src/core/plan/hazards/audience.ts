import { type Change, type FieldChange, type Hazard, type ObjectSide, objectKey, ofKind } from '../../model/index.ts';
import { type HazardContext, type HazardRule, objectHazard } from './context.ts';

const IDENTITY = ['/spec/uid', '/spec/isolation', '/spec/domains'];

export const audienceChanged: HazardRule = {
  code: 'AUDIENCE_CHANGED',
  decide: (context) => [...context.changes.flatMap(identityHazards), ...movedGateways(context)],
};

function identityHazards(change: Change): readonly Hazard[] {
  if (change.kind !== 'update' || change.after.id.kind !== 'Organization') return [];
  const fields = change.fields.filter((field) => isIdentity(field));
  if (fields.length === 0) return [];
  return [objectHazard('AUDIENCE_CHANGED', change.key, fields.map((field) => field.words).join('; '))];
}

function isIdentity({ path }: FieldChange): boolean {
  return IDENTITY.some((pointer) => path === pointer || path.startsWith(`${pointer}/`));
}

/** Gateways whose environment changes: the name keeps its enrolled identity, the lineage becomes another. */
function movedGateways({ base, head }: HazardContext): readonly Hazard[] {
  const before = environments(base);
  return ofKind(head ?? [], 'Gateway').flatMap(({ id }): Hazard[] => {
    const was = before.get(id.name);
    if (was === undefined || was.includes(id.environment ?? '')) return [];
    const message = `gateway ${id.name} moves from environment ${was.join(', ')} to ${id.environment}`;
    return [objectHazard('AUDIENCE_CHANGED', objectKey(id), message)];
  });
}

function environments(sides: readonly ObjectSide[] | null): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id } of ofKind(sides ?? [], 'Gateway')) {
    found.set(id.name, [...(found.get(id.name) ?? []), id.environment ?? '']);
  }
  return found;
}
