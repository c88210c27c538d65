import type { Report } from './kind.ts';

const GLOB = /[*?[\]{}]/;

interface NameList {
  readonly names: readonly string[];
  /** Of the list, relative to the document. */
  readonly pointer: string;
  readonly report: Report;
  /** Whether `*` stands for all tools there. */
  readonly hasAll: boolean;
}

/** Reports each name that looks like a pattern: names are compared as they are, so it would match nothing. */
export function reportPatterns({ names, pointer, report, hasAll }: NameList): void {
  for (const [index, name] of names.entries()) {
    if (!GLOB.test(name) || (hasAll && name === '*')) continue;
    report('POLICY_TOOL_PATTERN', `${pointer}/${index}`, {
      message: 'A tool is named by a pattern.',
      expected: hasAll ? 'the exact name of one tool, or * for all' : 'the exact name of one tool',
      found: name,
    });
  }
}
