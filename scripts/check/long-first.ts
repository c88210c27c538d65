// The order of test files: the few that take longest begin first, since the other cores would wait for one that begins last.
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Below the root, each a minute or so on one core. Vitest goes by the size of files it does not know, which says little. */
export const LONG_FILES = ['scripts/fleet/faults.test.ts', 'cases/cli.test.ts'];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const long = LONG_FILES.map((file) => join(this.ctx.config.root, file));
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(long.includes(b.moduleId)) - Number(long.includes(a.moduleId)));
  }
}
