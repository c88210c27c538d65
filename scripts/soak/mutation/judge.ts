// A process inside a changed copy of the checkout: one vitest that stays, and runs the tests that it is asked to, one file
// after the other, until one fails. Speaks with the soak over the channel of child processes.

import { join } from 'node:path';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';

export interface Question {
  /** Filters of test files, the likeliest to fail first. */
  readonly tests: readonly string[];
  /** The file that is changed, from the root; null: none is. */
  readonly changed: string | null;
}

/** The first test file that failed, from the root, and null when all passed. */
export interface Verdict {
  readonly failed: string | null;
  /** How many test files there were to ask. */
  readonly files: number;
}

const ROOT = process.cwd();
const TEST_LIMIT_MS = 120_000;
/** Per set of filters: what failed last stands first. */
const orders = new Map<string, TestSpecification[]>();
let changedBefore: string | null = null;

const specificationsOf = async (vitest: Vitest, tests: readonly string[]): Promise<TestSpecification[]> => {
  const key = tests.join();
  const known = orders.get(key);
  if (known !== undefined) return known;
  const found: TestSpecification[] = [];
  for (const filter of tests) found.push(...(await vitest.globTestSpecifications([filter])));
  const order = [...new Map(found.map((specification) => [specification.moduleId, specification])).values()];
  orders.set(key, order);
  return order;
};

const fails = async (vitest: Vitest, specification: TestSpecification): Promise<boolean> => {
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  vitest.state.filesMap.clear();
  vitest.state.errorsSet.clear();
  return unhandledErrors.length > 0 || testModules.length === 0 || testModules.some((module) => !module.ok());
};

const judge = async (vitest: Vitest, { tests, changed }: Question): Promise<Verdict> => {
  for (const file of [changedBefore, changed]) if (file !== null) vitest.invalidateFile(join(ROOT, file));
  changedBefore = changed;
  const order = await specificationsOf(vitest, tests);
  for (const specification of order) {
    if (!(await fails(vitest, specification))) continue;
    orders.set(tests.join(), [specification, ...order.filter((other) => other !== specification)]);
    return { failed: specification.moduleId.slice(ROOT.length + 1), files: order.length };
  }
  return { failed: null, files: order.length };
};

const main = async (): Promise<void> => {
  const vitest = await createVitest({
    watch: false,
    bail: 1,
    cache: false,
    maxWorkers: 1,
    // What a process has imported is the file as it was.
    isolate: true,
    // A busy machine must not pass for a test that noticed.
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: TEST_LIMIT_MS,
    reporters: [{}],
    root: ROOT,
  });
  await vitest.standalone();
  process.on('message', (question: Question) => {
    judge(vitest, question).then(
      (verdict) => process.send?.(verdict),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.send?.('ready');
};

process.on('disconnect', () => process.exit(0));
await main();
