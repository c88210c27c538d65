import type { Change, FieldChange, Hazard } from '../../model/index.ts';
import { type HazardRule, objectHazard } from './context.ts';

/** Fields of fleet.yaml that protect every customer, and which change of them loosens that. */
const PROTECTED: readonly (readonly [pointer: string, loosens: (field: FieldChange) => boolean])[] = [
  ['/spec/owners', () => true],
  ['/spec/signingKeys', () => true],
  ['/spec/staff', (field) => field.after !== undefined],
  ['/spec/staffTokens', (field) => field.after !== undefined],
  ['/spec/ci', (field) => field.after !== undefined],
  ['/spec/limits', (field) => Number(field.after) > Number(field.before)],
  ['/spec/freeze', (field) => field.before !== undefined],
  ['/spec/retiredOrgs', (field) => field.before !== undefined],
  ['/spec/runtimes', (field) => field.path.includes('/refused') && field.before !== undefined],
  ['/spec/onExpired', (field) => field.after === 'keep-serving'],
];

export const platformAccess: HazardRule = {
  code: 'PLATFORM_ACCESS',
  decide: ({ changes }) => changes.flatMap(fleetHazards),
};

function fleetHazards(change: Change): readonly Hazard[] {
  if (change.kind === 'create') return [];
  if (change.before.id.kind !== 'Fleet') return [];
  if (change.kind !== 'update') return [objectHazard('PLATFORM_ACCESS', change.key, 'the fleet itself is removed')];
  const loosened = change.fields.filter((field) => isLoosened(field));
  if (loosened.length === 0) return [];
  return [objectHazard('PLATFORM_ACCESS', change.key, loosened.map((field) => field.words).join('; '))];
}

function isLoosened(field: FieldChange): boolean {
  return PROTECTED.some(
    ([pointer, loosens]) => (field.path === pointer || field.path.startsWith(`${pointer}/`)) && loosens(field),
  );
}
