import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'gateway/**/*.test.ts', 'scripts/**/*.test.ts', 'cases/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'scripts/check/fixtures/**'],
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    setupFiles: ['scripts/check/no-network.ts', 'scripts/check/fixed-seed.ts'],
    passWithNoTests: false,
  },
});
