import { expect, it } from 'vitest';
import { codeEntry } from '../../src/core/model/index.ts';
import { rules } from '../../src/core/validate/index.ts';
import { drawFrom } from '../soak/draw.ts';
import { faults, type PlantResult, plantAll } from './index.ts';

/** About 17 s of processor time; `npm run soak -- faults` does it with 20 seeds. */
const ORGS = 1_000;
const SEED = 11;
const LIMIT_MS = 300_000;

it(
  `finds each fault where it stands in a clean fleet of ${ORGS} orgs, and nothing critical beside it`,
  async () => {
    const results: PlantResult[] = [];
    for await (const result of plantAll({ orgs: ORGS, seed: SEED, draw: drawFrom(SEED) })) results.push(result);
    expect(results.filter(({ complaints }) => complaints.length > 0)).toEqual([]);
    expect(results).toHaveLength(faults.length + 1);
  },
  LIMIT_MS,
);

it('has a fault for every rule that looks at a whole org or fleet', () => {
  const planted = new Set(faults.map(({ code }) => code));
  const missing = rules.filter(({ code, needs }) => needs !== 'change' && !planted.has(code)).map(({ code }) => code);
  // Rules about one object alone, for which their tables are enough; and I-24, which the floors of the template forbid.
  expect(missing.sort()).toEqual([
    'CREDENTIALS_EXPIRED',
    'CREDENTIALS_ID_DUPLICATE',
    'CREDENTIALS_UNKNOWN_TOKEN',
    'GATEWAY_NAME_DUPLICATE',
    'GATEWAY_POLICY_ENVIRONMENT',
    'ISO_I24_LIMIT_BY_CLIENT_HEADER',
    'ISO_I26_STORE_IS_PUBLISHED',
    'POLICY_SHAPE',
    'UPSTREAM_MISMATCH',
    'WAIVER_UNKNOWN_CODE',
  ]);
  for (const code of planted) expect(codeEntry(code)).toBeDefined();
});
