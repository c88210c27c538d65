import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';

// The contract: every JSON output has a `schema` field and a published JSON Schema. What `cases` has commands print is
// compared with these by cases/answers.testkit.ts.

type Node = { readonly [keyword: string]: unknown };

const ROOT = new URL('../../../', import.meta.url);
const FOLDER = 'src/core/report/schemas/';
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Source files of a folder and those below it. */
function sources(folder: string): readonly string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|testkit)\.ts$/.test(name))
    .map((name) => `${folder}${name}`);
}

const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/'tenantry\/([^'\s/]+\/v[0-9]+)'/g)].map(([, name = '']) => name);

/** Every `schema` that something answers with; core/report/read names those that it takes. */
const answers: ReadonlySet<string> = new Set([
  ...[...sources('src/cli/'), ...sources('src/core/report/').filter((path) => !path.includes('/read/'))].flatMap(
    (path) => namesIn(read(path)),
  ),
  ...sources('gateway/').flatMap((path) =>
    read(path)
      .split('\n')
      .filter((line) => line.includes('schema:'))
      .flatMap(namesIn),
  ),
]);
const files = readdirSync(new URL(FOLDER, ROOT));
const schemaOf = (file: string): Node => JSON.parse(read(`${FOLDER}${file}`)) as Node;

test('every answer has a published schema, and every published schema an answer', () => {
  expect(answers.size).toBeGreaterThan(40);
  expect(files.map((file) => file.replace(/\.schema\.json$/, '/v1')).toSorted()).toEqual([...answers].toSorted());
});

/** A schema and every one inside it. */
function nodesOf(value: unknown): readonly Node[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value as Node]), ...Object.values(value).flatMap(nodesOf)];
}

test.each(files)('%s says whose it is, is closed, and compiles', (file) => {
  const schema = schemaOf(file);
  const name = `tenantry/${file.replace(/\.schema\.json$/, '')}/v1`;
  expect([schema['$schema'], schema['title']]).toEqual(['http://json-schema.org/draft-07/schema#', name]);
  expect(schema['description']).toMatch(/`tenantry .*\.$/s);
  const nodes = nodesOf(schema);
  const consts = nodes.flatMap(({ const: one }) =>
    typeof one === 'string' && one.startsWith('tenantry/') ? [one] : [],
  );
  expect([...new Set(consts)]).toEqual([name]);
  // Of an object is said whether it has other fields; inside `oneOf` the whole has said it.
  const open = nodes.filter(({ type, properties, additionalProperties }) => {
    const isObject = Array.isArray(type) ? type.includes('object') : type === 'object';
    return isObject && properties !== undefined && additionalProperties === undefined;
  });
  expect(open).toEqual([]);
  new Ajv({ strict: true }).compile(schema);
});
