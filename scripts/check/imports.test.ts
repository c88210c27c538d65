import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { brokenRules, importRuleNames } from './imports.ts';

const FIXTURES = 'scripts/check/fixtures/imports';

describe('every import rule has one planted offender', () => {
  test('rules and planted trees are the same list', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(importRuleNames().sort());
  });

  test.each(importRuleNames())('%s', async (rule) => {
    const broken = await brokenRules(`${FIXTURES}/${rule}`);
    expect(new Set(broken.map((violation) => violation.rule))).toEqual(new Set([rule]));
  });
});

test('a tree that keeps the rules breaks none', async () => {
  expect(await brokenRules('scripts/check/fixtures/imports-allowed')).toEqual([]);
});
