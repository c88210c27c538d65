// Set up before the test files of the soak: every property is tried with so many times the cases that it asks for.

import type * as fastCheck from 'fast-check';
import { vi } from 'vitest';

/** Cases of a property that names no number of its own. */
const USUAL_RUNS = 100;

type Assert = (property: unknown, parameters?: { readonly numRuns?: number }) => unknown;

vi.mock('fast-check', async (importOriginal) => {
  const times = Number(process.env['TENANTRY_PROPERTY_TIMES'] ?? 1);
  const original = await importOriginal<typeof fastCheck>();
  const real = original.assert as Assert;
  const assert: Assert = (property, parameters) =>
    real(property, { ...parameters, numRuns: (parameters?.numRuns ?? USUAL_RUNS) * times });
  return { ...original, assert, default: { ...original.default, assert } };
});
