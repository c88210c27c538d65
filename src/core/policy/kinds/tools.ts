import { pointerStep } from '../../model/index.ts';
import type { Report } from './kind.ts';

const GLOB = /[*?[\]{}]/;

/** The name of a tool and where it stands, relative to the document. */
interface NamePlace {
  readonly name: string;
  readonly pointer: string;
  readonly at: 'key' | 'value';
}

/** The places of a list of names at `pointer`. */
export const itemsOf = (names: readonly string[], pointer: string): readonly NamePlace[] =>
  names.map((name, index) => ({ name, pointer: `${pointer}/${index}`, at: 'value' }));

/** The places of the keys of an object at `pointer`. */
export const keysOf = (names: Iterable<string>, pointer: string): readonly NamePlace[] =>
  [...names].map((name) => ({ name, pointer: `${pointer}/${pointerStep(name)}`, at: 'key' }));

/** Reports each name that looks like a pattern: names are compared as they are, so it would match nothing. */
export function reportPatterns(places: readonly NamePlace[], report: Report): void {
  for (const { name, pointer, at } of places) {
    if (!GLOB.test(name)) continue;
    report('POLICY_TOOL_PATTERN', pointer, {
      message: 'A tool is named by a pattern.',
      expected: 'the exact name of one tool',
      found: name,
      at,
    });
  }
}
