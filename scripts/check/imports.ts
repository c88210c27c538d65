import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import type { Check } from './check.ts';
import { importRules } from './import-rules.ts';

const FOLDERS = ['src', 'gateway', 'scripts', 'cases'];
const RULES = importRules.forbidden;

/** One broken import rule: who imports what, and why that is refused. */
export interface BrokenRule {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly comment: string;
}

/** The names of all import rules, in the order in which they are written. */
export const importRuleNames = (): string[] => RULES.map((rule) => rule.name ?? '');

/** Every import in the tree at `baseDir` that breaks a rule of scripts/check/import-rules.ts. */
export const brokenRules = async (baseDir: string): Promise<readonly BrokenRule[]> => {
  const base = resolve(baseDir);
  const folders = FOLDERS.filter((folder) => existsSync(resolve(base, folder)));
  if (folders.length === 0) return [];
  const options = { ...importRules.options, validate: true, ruleSet: { forbidden: RULES }, baseDir: base };
  const { output } = await cruise(folders, options);
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to, cycle }) => ({
    rule: rule.name,
    from,
    to: cycle === undefined ? to : cycle.map((step) => step.name).join(' → '),
    comment: RULES.find((candidate) => candidate.name === rule.name)?.comment ?? '',
  }));
};

const describe = (broken: BrokenRule): string => `${broken.rule}: ${broken.from} → ${broken.to}\n    ${broken.comment}`;

/** The import rules of the real tree. */
export const imports: Check = {
  name: 'import rules',
  run: async () => {
    const broken = await brokenRules('.');
    return { ok: broken.length === 0, output: broken.map(describe).join('\n') };
  },
};
