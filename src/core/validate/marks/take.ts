import { inGroups } from '../buckets.ts';
import { wordsOf } from '../leaks/readings.ts';
import { leakValues } from '../leaks/values.ts';
import type { FleetFact, FleetRule } from '../rule.ts';
import { markOf, type OrgMarks } from './mark.ts';

/** The marks of one org: of its facts, and of the words of its objects. */
export function marksOfOrg(
  rules: readonly FleetRule[],
  facts: readonly FleetFact[],
  words: Iterable<string>,
): OrgMarks {
  const keys = new Set<number>();
  const uses = new Set<number>();
  const alone = new Set<number>();
  for (const rule of rules) {
    const joined = facts.filter(({ code }) => code === rule.code || code === rule.joins);
    for (const bucket of inGroups(joined, ({ value }) => value)) {
      if (bucket.every(({ code }) => code !== rule.code)) continue;
      const mark = bucketMark(rule, bucket[0]?.value ?? '');
      (bucket.some(rule.decisive ?? always) ? keys : uses).add(mark);
      if (rule.collisions(bucket).length > 0) {
        keys.add(mark);
        alone.add(mark);
      }
    }
  }
  const values = leakValues(facts).map(({ text }) => ({ mark: markOf(text), words: marksOfWords(wordsOf(text)) }));
  return { keys: [...keys, ...alone], uses: [...uses], words: marksOfWords(words), values };
}

/** The mark of each word once. */
export function marksOfWords(words: Iterable<string>): readonly number[] {
  return [...new Set(Array.from(words, markOf))];
}

/** A rule that joins has the bucket of what it joins. */
function bucketMark({ code, joins }: FleetRule, value: string): number {
  return markOf(`${joins ?? code} ${value}`);
}

const always = (): boolean => true;
