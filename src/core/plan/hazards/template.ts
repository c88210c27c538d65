import { fieldFacts } from '../../kinds/index.ts';
import { type Change, type FieldChange, type Hazard, type ObjectSide, ofKind } from '../../model/index.ts';
import { type HazardContext, type HazardRule, objectHazard } from './context.ts';

export const templateDowngrade: HazardRule = {
  code: 'TEMPLATE_DOWNGRADE',
  decide(context) {
    const move = downwardMove(context);
    if (move === null) return [];
    const message = `template ${move.from} -> ${move.to}: ${move.sameName ? 'an older version' : 'another template'}`;
    return [objectHazard('TEMPLATE_DOWNGRADE', `Organization/${context.org}` as Hazard['object'] & string, message)];
  },
};

export const templateLoosens: HazardRule = {
  code: 'TEMPLATE_LOOSENS',
  decide(context) {
    if (downwardMove(context) === null) return [];
    return context.changes.flatMap((change): Hazard[] => {
      const loosened = change.kind === 'update' ? change.fields.filter((field) => isLooser(change, field)) : [];
      if (loosened.length === 0) return [];
      return [objectHazard('TEMPLATE_LOOSENS', change.key, loosened.map((field) => field.words).join('; '))];
    });
  },
};

interface Move {
  readonly from: string;
  readonly to: string;
  readonly sameName: boolean;
}

/** The move of an org's pin to another template or to an older version; null for anything else. */
function downwardMove({ base, head }: HazardContext): Move | null {
  const [from, to] = [pinOf(base), pinOf(head)];
  if (from === null || to === null || from === to) return null;
  const [before, after] = [pinParts(from), pinParts(to)];
  const sameName = before.name === after.name;
  return sameName && !isOlder(after.version, before.version) ? null : { from, to, sameName };
}

function pinOf(sides: readonly ObjectSide[] | null): string | null {
  return ofKind(sides ?? [], 'Organization')[0]?.document.spec.template ?? null;
}

function pinParts(pin: string): { readonly name: string; readonly version: readonly number[] } {
  const [name = '', version = ''] = pin.split('@');
  return { name, version: version.split('.').map(Number) };
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const differs = version.findIndex((part, index) => part !== than[index]);
  return differs >= 0 && (version[differs] ?? 0) < (than[differs] ?? 0);
}

function isLooser(change: Change, field: FieldChange): boolean {
  const kind = change.kind === 'delete' ? change.before.id.kind : change.after.id.kind;
  const { floor } = fieldFacts(kind, field.path);
  const { before, after } = field;
  if (floor === null || before === undefined) return false;
  if (after === undefined) return true;
  const rise = compareValues(after, before);
  return floor === 'max' ? rise > 0 : rise < 0;
}

/** Numbers and decimal strings by value, instants (RFC 3339 UTC) by text. */
function compareValues(a: FieldChange['after'], b: FieldChange['before']): number {
  const [left, right] = [Number(a), Number(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  const [first, second] = [String(a), String(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
