import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// The planted tree is linted in a copy outside the repository, because biome.json leaves the planted files out.
const FIXTURES = 'scripts/check/fixtures/lint';
const EXPECTED: Readonly<Record<string, string>> = {
  'src/core/plan/date.ts': 'lint/style/noRestrictedGlobals',
  'src/core/plan/new-date.ts': 'lint/style/noRestrictedGlobals',
  'src/core/plan/math-random.ts': 'lint/nursery/noJsRestrictedProperties',
  'src/core/plan/math-random-taken-apart.ts': 'lint/nursery/noJsRestrictedProperties',
  'src/core/plan/intl.ts': 'lint/style/noRestrictedGlobals',
  'src/core/plan/locale-compare.ts': 'lint/nursery/noJsRestrictedProperties',
  'src/core/plan/console.ts': 'lint/style/noRestrictedGlobals',
  'src/core/plan/process.ts': 'lint/style/noRestrictedGlobals',
  'src/core/plan/global-this.ts': 'lint/style/noRestrictedGlobals',
  'gateway/core/date.ts': 'lint/style/noRestrictedGlobals',
  'src/any.ts': 'lint/suspicious/noExplicitAny',
  'src/non-null.ts': 'lint/style/noNonNullAssertion',
  'src/default-export.ts': 'lint/style/noDefaultExport',
  'src/enum.ts': 'lint/style/noEnum',
  'src/switch.ts': 'lint/nursery/useExhaustiveSwitchCases',
  'src/floating-promise.ts': 'lint/nursery/noFloatingPromises',
  'src/unused-import.ts': 'lint/correctness/noUnusedImports',
  'src/unused-variable.ts': 'lint/correctness/noUnusedVariables',
  'src/five-parameters.ts': 'lint/complexity/useMaxParams',
};
const ALLOWED = ['src/allowed-date.ts', 'src/core/plan/allowed.test.ts'];

interface Report {
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: unknown } }[];
}

const lint = (directory: string): Report => {
  const biome = join(createRequire(import.meta.url).resolve('@biomejs/biome/package.json'), '../bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=200', '.'];
  try {
    return JSON.parse(execFileSync(process.execPath, args, { cwd: directory, encoding: 'utf8', stdio: 'pipe' }));
  } catch (error) {
    // Biome ends with 1 when it found something, which is what is wanted here.
    const { stdout } = error as { stdout: string };
    return JSON.parse(stdout);
  }
};

const pathOf = (location: unknown): string => {
  const path = typeof location === 'string' ? location : (location as { file: string }).file;
  return path.replace(/^\.\//, '');
};

describe('the linter refuses each planted offender', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tenantry-lint-'));
  const found = new Map<string, Set<string>>();

  beforeAll(() => {
    cpSync(FIXTURES, directory, { recursive: true });
    cpSync(resolve('biome.json'), join(directory, 'biome.json'));
    for (const { category, location } of lint(directory).diagnostics) {
      const path = pathOf(location.path);
      found.set(path, (found.get(path) ?? new Set()).add(category));
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each(Object.entries(EXPECTED))('%s: %s', (file, rule) => {
    expect([...(found.get(file) ?? [])]).toContain(rule);
  });

  test.each(ALLOWED)('%s is accepted', (file) => {
    expect([...(found.get(file) ?? [])]).toEqual([]);
  });
});
