import type { Change, FieldChange, Hazard, Kind } from '../../model/index.ts';
import { type HazardRule, objectHazard } from './context.ts';

/** Fields of an org that say what happens when nobody answers, with the value that lets requests through. */
const OPEN: readonly (readonly [kind: Kind, path: string, open: string])[] = [
  ['Organization', '/spec/onExpired', 'keep-serving'],
  ['Review', '/spec/onTimeout', 'approve'],
];

/** What refused while nobody answers lets through instead: told of an org as PLATFORM_ACCESS tells it of the fleet. */
export const failOpen: HazardRule = {
  code: 'FAIL_OPEN',
  decide: ({ changes }) => changes.flatMap(openedBy),
};

function openedBy(change: Change): readonly Hazard[] {
  if (change.kind !== 'update') return [];
  const opened = change.fields.filter((field) => isOpened(change.after.id.kind, field));
  if (opened.length === 0) return [];
  return [objectHazard('FAIL_OPEN', change.key, opened.map((field) => field.words).join('; '))];
}

function isOpened(kind: Kind, { path, after }: FieldChange): boolean {
  return OPEN.some(([of, field, open]) => of === kind && field === path && after === open);
}
