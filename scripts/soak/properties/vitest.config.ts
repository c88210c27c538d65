// The tests as `npm test` runs them, with more cases for each property and time for them.

import { defineConfig, mergeConfig } from 'vitest/config';
import tests from '../../../vitest.config.ts';

const HOUR_MS = 3_600_000;

export default mergeConfig(
  tests,
  defineConfig({
    test: {
      root: '.',
      setupFiles: ['scripts/soak/properties/many-cases.ts'],
      testTimeout: HOUR_MS,
      hookTimeout: HOUR_MS,
    },
  }),
);
