import { byCodeUnit, type RepoPath } from '../../model/index.ts';
import type { TreeRule } from '../rule.ts';
import { fileFinding } from './tree-places.ts';

export const i47CaseCollision: TreeRule = {
  code: 'ISO_I47_CASE_COLLISION',
  needs: 'tree',
  decide: ({ entries }) => {
    const spellings = new Map<string, Map<string, RepoPath>>();
    for (const { path } of entries) {
      for (const prefix of prefixesOf(path)) {
        const folded = prefix.normalize('NFC').toLowerCase();
        const known = spellings.get(folded) ?? new Map<string, RepoPath>();
        if (!known.has(prefix)) known.set(prefix, path);
        spellings.set(folded, known);
      }
    }
    return [...spellings.values()].filter(isTopmost).flatMap((known) => {
      const names = [...known.keys()].sort(byCodeUnit);
      return names.map((name) =>
        fileFinding('ISO_I47_CASE_COLLISION', known.get(name) ?? (name as RepoPath), {
          message: `${name} and ${names.filter((other) => other !== name).join(', ')} are one path where case does not count`,
          expected: 'paths that differ in more than case',
          found: name,
        }),
      );
    });

    /** Only where two spellings part: below, everything collides with them. */
    function isTopmost(known: ReadonlyMap<string, RepoPath>): boolean {
      if (known.size < 2) return false;
      const parents = new Set([...known.keys()].map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))));
      return parents.size < known.size;
    }
  },
};

function prefixesOf(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'));
}
