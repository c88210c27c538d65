import type { ModelGroup as WrittenGroup } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { ModelGroup, Target } from '../types.ts';

interface Ground {
  readonly targets: readonly Target[];
  /** Whether fallback is on: without it no group follows another. */
  readonly fallsBack: boolean;
}

/** The groups by every name and alias; reports names that are not unique, targets and groups that do not exist, and circles. */
export function compileGroups(
  written: readonly WrittenGroup[],
  ground: Ground,
  report: Report,
): ReadonlyMap<string, ModelGroup> {
  const groups = new Map<string, ModelGroup>();
  for (const [index, group] of written.entries()) {
    const pointer = `/providers/model_groups/${index}`;
    const made: ModelGroup = { name: group.name, targets: group.targets, fallback: group.fallback_group ?? null };
    const names = [
      [group.name, `${pointer}/name`],
      ...(group.aliases ?? []).map((name, at) => [name, `${pointer}/aliases/${at}`]),
    ];
    for (const [name = '', place = ''] of names) {
      if (groups.has(name))
        wrong(report, place, {
          message: 'Two groups have this name.',
          expected: 'every name and alias once',
          found: name,
        });
      groups.set(name, made);
    }
    checkTargets(group, pointer, { ...ground, report });
  }
  for (const [index, group] of written.entries()) {
    checkNext(group, `/providers/model_groups/${index}/fallback_group`, {
      written,
      fallsBack: ground.fallsBack,
      report,
    });
  }
  return groups;
}

interface Wrong {
  readonly message: string;
  readonly expected: string;
  readonly found: string;
}

function wrong(report: Report, pointer: string, facts: Wrong): void {
  report('POLICY_MODEL_GROUP', pointer, facts);
}

function checkTargets(
  group: WrittenGroup,
  pointer: string,
  { targets, report }: Ground & { readonly report: Report },
): void {
  for (const [index, id] of group.targets.entries()) {
    if (targets.some((target) => target.id === id)) continue;
    wrong(report, `${pointer}/targets/${index}`, {
      message: `Group ${group.name} names a target that does not exist.`,
      expected: `one of ${targets.map((target) => target.id).join(', ')}`,
      found: id,
    });
  }
  const left = targets.filter(({ id, excludedBy }) => group.targets.includes(id) && excludedBy === null);
  if (left.length > 0 || !targets.some(({ excludedBy }) => excludedBy === null)) return;
  if (!group.targets.some((id) => targets.some((target) => target.id === id))) return;
  wrong(report, `${pointer}/targets`, {
    message: `Routing leaves no target of group ${group.name}.`,
    expected: 'at least one target that is left',
    found: group.targets.join(', '),
  });
}

interface Next {
  readonly written: readonly WrittenGroup[];
  readonly fallsBack: boolean;
  readonly report: Report;
}

function checkNext(group: WrittenGroup, pointer: string, { written, fallsBack, report }: Next): void {
  const next = group.fallback_group;
  if (next === undefined) return;
  if (!fallsBack) {
    wrong(report, pointer, {
      message: 'fallback_group would have no effect.',
      expected: 'fallback.enabled: true',
      found: 'no fallback',
    });
  }
  // Only the canonical name: an alias is for callers.
  const byName = new Map(written.map((item) => [item.name, item]));
  const seen = new Set([group.name]);
  for (let name: string | undefined = next; name !== undefined; name = byName.get(name)?.fallback_group) {
    if (!byName.has(name)) {
      // A later group that is missing is reported where it is named.
      if (name === next) {
        wrong(report, pointer, { message: 'There is no such group.', expected: 'the name of a group', found: name });
      }
      return;
    }
    if (seen.has(name)) {
      wrong(report, pointer, { message: 'The groups follow each other in a circle.', expected: 'an end', found: name });
      return;
    }
    seen.add(name);
  }
}
