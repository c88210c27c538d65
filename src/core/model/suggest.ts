const LONGEST = 80;

/** The candidate that is most like a misspelt `word` (at most a third of it differs), or undefined; the first of equals. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const target = word.slice(0, LONGEST).toLowerCase();
  let best: string | undefined;
  let bound = (target.length < 2 ? 0 : Math.max(1, Math.floor(target.length / 3))) + 1;
  for (const candidate of candidates) {
    const cost = editDistance(target, candidate.slice(0, LONGEST).toLowerCase(), bound);
    if (cost < bound) [best, bound] = [candidate, cost];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours between two texts; `bound` where it is that or more. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          (last[column] ?? bound) + 1,
          (current[column - 1] ?? bound) + 1,
          (last[column - 1] ?? bound) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? bound) + 1 : bound,
        ),
      );
    }
    [before, last] = [last, current];
  }
  return Math.min(bound, last[b.length] ?? bound);
}
