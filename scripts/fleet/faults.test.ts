import { expect, it } from 'vitest';
import { codeEntry } from '../../src/core/model/index.ts';
import { rules } from '../../src/core/validate/index.ts';
import { drawFrom } from '../soak/draw.ts';
import { changes, faults, type PlantResult, plantAll } from './index.ts';

/** About 27 s of processor time; `npm run soak -- faults` does it with 20 seeds. */
const ORGS = 1_000;
const SEED = 11;
const LIMIT_MS = 300_000;

it(
  `finds each fault where it stands in a clean fleet of ${ORGS} orgs, and nothing critical beside it`,
  async () => {
    const results: PlantResult[] = [];
    for await (const result of plantAll({ orgs: ORGS, seed: SEED, draw: drawFrom(SEED) })) results.push(result);
    expect(results.filter(({ complaints }) => complaints.length > 0)).toEqual([]);
    expect(results).toHaveLength(faults.length + changes.length + 1);
  },
  LIMIT_MS,
);

it('has a fault for every rule', () => {
  const planted = new Set([...faults, ...changes].map(({ code }) => code));
  expect(rules.filter(({ code }) => !planted.has(code)).map(({ code }) => code)).toEqual([]);
  for (const code of planted) expect(codeEntry(code)).toBeDefined();
});
