import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codes, type JsonObject, type RepoPath } from '../model/index.ts';
import { readYaml } from '../parse/index.ts';
import { compileTemplate, renderOrg } from './index.ts';
import { manifest, mustBe, organization, renderInput } from './render.testkit.ts';

const text = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');
/** The example's blocks by the path above them. */
const blocks = new Map(
  [...text.matchAll(/\n`([^`\n]+)`[^\n]*\n\n```yaml\n([^`]+)```/g)].map(([, path = '', body = '']) => [path, body]),
);
const block = (path: string): string => blocks.get(path) ?? '';
const yaml = (path: string): JsonObject => mustBe(readYaml(block(path), path as RepoPath)).value;

test('the example of docs/templates.md renders to what the page shows', () => {
  const folder = 'templates/desk/1.0.0';
  const wallets = mustBe(readYaml(block(`${folder}/wallets.yaml`), `${folder}/wallets.yaml` as RepoPath));
  const template = mustBe(
    compileTemplate({
      name: 'desk',
      version: '1.0.0',
      manifest: manifest(`${folder}/template.yaml`, block(`${folder}/template.yaml`)),
      bodies: [{ file: `${folder}/wallets.yaml` as RepoPath, value: wallets.value, placeOf: wallets.placeOf }],
    }),
  );
  const org = organization(yaml('orgs/acme/org.yaml'), { template: 'desk@1.0.0' });
  const { objects } = mustBe(renderOrg(renderInput(template, { organization: org })));
  const shown = 'orgs/acme/wallets/support.yaml';
  expect(objects.find((object) => object.path === shown)?.text).toBe(block(shown));
  expect(objects.map((object) => object.id.name)).toEqual(['acme', 'all', 'support']);
});

test('every code that the page names exists', () => {
  const named = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code = '']) => code);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((code) => !Object.hasOwn(codes, code))).toEqual([]);
});
