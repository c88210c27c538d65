import { references } from '../kinds/index.ts';
import { byCodeUnit, type Change, type ObjectSide } from '../model/index.ts';

/**
 * Changes in the order of execution: creates, updates and renames with what is referenced before what refers to it,
 * then deletes the other way round. The org itself comes first and goes last. Equal ranks go by object key; a cycle of
 * references (a team and its wallet name each other) is cut at the edge that would close it.
 */
export function inExecutionOrder(changes: readonly WholeChange[]): readonly WholeChange[] {
  const deletes = changes.filter((change) => change.kind === 'delete');
  const writes = changes.filter((change) => change.kind !== 'delete');
  return [...referencedFirst(writes), ...referencedFirst(deletes).reverse()];
}

/** A change while its documents are at hand. */
export type WholeChange = Change<ObjectSide>;

/** The side of a change whose references count: what will be there, or what was there. */
export function sideOf(change: WholeChange): ObjectSide {
  return change.kind === 'delete' ? change.before : change.after;
}

interface Visit {
  readonly change: WholeChange;
  readonly targets: readonly WholeChange[];
  next: number;
}

function referencedFirst(changes: readonly WholeChange[]): WholeChange[] {
  const sorted = [...changes].sort((a, b) => rank(a) - rank(b) || byCodeUnit(a.key, b.key));
  const targetsOf = targetFinder(sorted);
  const seen = new Set<WholeChange>();
  const ordered: WholeChange[] = [];
  for (const root of sorted) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack: Visit[] = [{ change: root, targets: targetsOf(root), next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const target = top.targets[top.next];
      top.next += 1;
      if (target === undefined) {
        ordered.push(top.change);
        stack.pop();
      } else if (!seen.has(target)) {
        seen.add(target);
        stack.push({ change: target, targets: targetsOf(target), next: 0 });
      }
    }
  }
  return ordered;
}

function rank(change: WholeChange): number {
  const kind = sideOf(change).id.kind;
  return kind === 'Fleet' || kind === 'Organization' ? 0 : 1;
}

/** Finds the changes that a change refers to; a reference has no environment, so all objects of that name count. */
function targetFinder(changes: readonly WholeChange[]): (change: WholeChange) => readonly WholeChange[] {
  const byName = new Map<string, WholeChange[]>();
  for (const change of changes) {
    const { kind, name } = sideOf(change).id;
    const same = byName.get(`${kind}/${name}`);
    if (same === undefined) byName.set(`${kind}/${name}`, [change]);
    else same.push(change);
  }
  return (change) => {
    const side = sideOf(change);
    const names = references(side.id.kind, side.document).map((reference) => `${reference.kind}/${reference.name}`);
    return [...new Set(names)].sort(byCodeUnit).flatMap((name) => byName.get(name) ?? []);
  };
}
