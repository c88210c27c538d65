import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'gateway/**/*.test.ts', 'scripts/**/*.test.ts', 'cases/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'scripts/check/fixtures/**'],
    pool: 'threads',
    // One for each core; the runner itself waits most of the time, and would else keep one of two for itself.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    setupFiles: ['scripts/check/no-network.ts', 'scripts/check/fixed-seed.ts'],
    passWithNoTests: false,
  },
});
