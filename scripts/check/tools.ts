import type { Check } from './check.ts';
import { runTool } from './processes.ts';

/** Formatting and lint of everything that people write. */
export const lint: Check = {
  name: 'format and lint',
  run: () =>
    runTool(
      'node_modules/@biomejs/biome/bin/biome',
      'ci',
      '--colors=off',
      '--error-on-warnings',
      '--max-diagnostics=50',
      '.',
    ),
};

/** The whole tree, as strict as TypeScript goes. */
export const types: Check = {
  name: 'types',
  run: () => runTool('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--pretty', 'false'),
};

/** Files, exports and packages that nothing uses. */
export const unused: Check = {
  name: 'unused code',
  run: () => runTool('node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'),
};

/** Generated files are what the schemas give. */
export const generated: Check = {
  name: 'generated files',
  run: () => runTool('node_modules/tsx/dist/cli.mjs', 'scripts/generate.ts', '--check'),
};
