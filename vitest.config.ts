import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './scripts/check/long-first.ts';

const NONE = ['**/node_modules/**', '**/dist/**', 'scripts/check/fixtures/**'];
/** Starts a check of a whole fleet for each kind of fault, as the files of cases do. */
const FLEET = 'scripts/fleet/faults.test.ts';

export default defineConfig({
  test: {
    projects: [
      // Start whole programs, each file in a process of its own.
      { extends: true, test: { name: 'whole', include: ['cases/**/*.test.ts', FLEET] } },
      // Files of one process share the modules that they import, which takes half of the time.
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['src/**/*.test.ts', 'gateway/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...NONE, FLEET],
          isolate: false,
        },
      },
    ],
    exclude: NONE,
    sequence: { sequencer: LongFirst },
    // Tests start git and other programs by the thousand. A start copies the page tables of who starts: of one process for all
    // tests, which grows to a gigabyte, that took most of the time.
    pool: 'forks',
    // One for each core; the runner itself waits most of the time, and would else keep one of two for itself.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ['scripts/check/scratch.ts'],
    env: {
      // What git would look after in the background of each commit of a test is a program more.
      ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'maintenance.auto', GIT_CONFIG_VALUE_0: 'false' },
      // Programs that tests start need a quarter of the time when Node need not read the same sources anew.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)),
    },
    setupFiles: ['scripts/check/no-network.ts', 'scripts/check/fixed-seed.ts'],
    passWithNoTests: false,
  },
});
