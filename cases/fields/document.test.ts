import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import type { Json } from '../../src/core/model/index.ts';
import schema from '../../src/core/policy/document.schema.json' with { type: 'json' };
import { fieldsOf } from '../../src/core/policy/fields.ts';
import { DOCUMENT_PROBES } from './document.testkit.ts';
import { PLAYED_ELSEWHERE } from './elsewhere.testkit.ts';
import { ENGINE_PROBES, observeEngine } from './engine.testkit.ts';
import { observeDocument } from './gateway.testkit.ts';
import { LIMIT_PROBES } from './limits.testkit.ts';
import { changedFields } from './probe.testkit.ts';
import { SERVICE_PROBES } from './services.testkit.ts';

// Every field of a document beside the settings of policies: another value of it changes what a gateway or a check does. `npm
// run soak -- fields` plays all of them; of those that need a gateway `npm test` plays every sixth.

const REPORT = process.env['TENANTRY_FIELDS_REPORT'];
const EVERY = REPORT === undefined ? 6 : 1;
const PROBES = [...DOCUMENT_PROBES, ...LIMIT_PROBES, ...SERVICE_PROBES];
const FIELDS = fieldsOf(schema as unknown as Json);
const unchanged: string[] = [];
let played = 0;

afterAll(() => {
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify({ fields: played, unchanged }));
});

/** The fields that docs/policy-compatibility.md lists as those of a document. */
function documented(): readonly string[] {
  const page = readFileSync('docs/policy-compatibility.md', 'utf8');
  const [, section = ''] = /\n## Every field\n([\s\S]*?)\n## /.exec(page) ?? [];
  return [...section.matchAll(/^- `(\w+)`: (.*)$/gm)].flatMap(([, name, list = '']) =>
    [...list.matchAll(/`([^`]+)`/g)].map(([, path]) => `${name}${path === '' ? '' : path}`),
  );
}

it('has a probe of each field that the documentation lists', () => {
  const known = new Set([...[...PROBES, ...ENGINE_PROBES].map(({ field }) => field), ...PLAYED_ELSEWHERE.keys()]);
  const fields = documented();
  expect(fields.length).toBeGreaterThan(100);
  expect(fields.filter((path) => !known.has(path))).toEqual([]);
  expect([...known].filter((path) => !fields.includes(path))).toEqual([]);
});

it.each(['callbacks[].url', 'tool_servers[].id', 'tool_servers[].tool_digests.*', 'providers.routing.order'])(
  'what is observed of one document is the same twice: %s',
  async (field) => {
    const one = PROBES.find((probe) => probe.field === field);
    if (one === undefined) throw new Error(`expected a probe of ${field}`);
    expect(await observeDocument(one.to, one.acts)).toEqual(await observeDocument(one.to, one.acts));
  },
);

it.each(ENGINE_PROBES.map((one) => [one.field, one] as const))(
  '%s changes what is said or becomes of a request',
  (field, { from, to, facts }) => {
    played += 1;
    // A scope and its teams go together.
    expect(changedFields(from, to, FIELDS)).toContain(field);
    expect(observeEngine(to, facts)).not.toEqual(observeEngine(from, facts));
  },
);

it.each(PROBES.filter((_, index) => index % EVERY === 0).map((one) => [one.field, one] as const))(
  '%s changes what a gateway does',
  async (field, { from, to, acts }) => {
    const [before, after] = [await observeDocument(from, acts), await observeDocument(to, acts)];
    played += 1;
    if (JSON.stringify(before) === JSON.stringify(after)) unchanged.push(field);
    expect(before).toHaveProperty('outcomes');
    expect(after).toHaveProperty('outcomes');
    expect(after).not.toEqual(before);
  },
);
