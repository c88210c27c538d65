// npm run generate [-- --check]: types and validators from the JSON Schemas of src/core.

import { parseArgs } from 'node:util';
import { findStale, writeStale } from './generate/files.ts';
import { generate } from './generate/generate.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const files = await generate('.');
const stale = findStale('.', files);

if (!values.check) {
  writeStale('.', files, stale);
  console.log(`${files.size} generated files, ${stale.length} changed`);
} else if (stale.length > 0) {
  console.error(stale.map(({ path, why }) => `${path}: ${why}`).join('\n'));
  console.error('Generated files are stale: run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
} else {
  console.log(`${files.size} generated files are fresh`);
}
