import { type FieldChange, LIVE_KINDS } from '../model/index.ts';
import { withSource } from './fields.ts';
import { sideOf, type WholeChange } from './order.ts';

const RETIRED = '/spec/retired';

/**
 * The same changes; where an org is retired, or is not any more, that field says in words what ends or begins with it. The
 * reviewer of the one line would otherwise have to count the changes below it.
 */
export function withRetirement(changes: readonly WholeChange[]): readonly WholeChange[] {
  return changes.map((change) => {
    if (change.kind !== 'update' || change.after.id.kind !== 'Organization') return change;
    return { ...change, fields: change.fields.map((field) => (field.path === RETIRED ? told(field, changes) : field)) };
  });
}

function told(field: FieldChange, changes: readonly WholeChange[]): FieldChange {
  const { path, before, after } = field;
  const values = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  const words = wordsOf(field, changes);
  return words === null ? field : withSource({ path, ...values, words }, () => field.source);
}

/** null where an org that was retired stays so. */
function wordsOf({ before, after }: FieldChange, changes: readonly WholeChange[]): string | null {
  if (before === undefined) return `the org is retired, ${String(after)}: ${liveText(changes, 'delete')} end`;
  if (after === undefined)
    return `the org is no longer retired: ${liveText(changes, 'create')} begin, without the secrets they had`;
  return null;
}

/** `2 gateways and 4 tokens`. */
function liveText(changes: readonly WholeChange[], how: 'create' | 'delete'): string {
  const counts = new Map([...LIVE_KINDS].map((kind) => [kind, 0]));
  for (const change of changes) {
    if (change.kind !== how) continue;
    const { kind } = sideOf(change).id;
    const count = counts.get(kind);
    if (count !== undefined) counts.set(kind, count + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind.toLowerCase()}${count === 1 ? '' : 's'}`).join(' and ');
}
