import { writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import type { Json } from '../../src/core/model/index.ts';
import schema from '../../src/core/policy/document.schema.json' with { type: 'json' };
import { DOCUMENT_PROBES } from './document.testkit.ts';
import { PLAYED_ELSEWHERE, SECTIONS_ELSEWHERE } from './elsewhere.testkit.ts';
import { observeDocument } from './gateway.testkit.ts';
import { LIMIT_PROBES } from './limits.testkit.ts';
import { fieldsOf } from './probe.testkit.ts';

// Every field of a document beside the settings of policies: another value of it changes what a gateway does. `npm run soak --
// fields` plays all of them, `npm test` every sixth.

const REPORT = process.env['TENANTRY_FIELDS_REPORT'];
const EVERY = REPORT === undefined ? 6 : 1;
const PROBES = [...DOCUMENT_PROBES, ...LIMIT_PROBES];
const unchanged: string[] = [];
let played = 0;

afterAll(() => {
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify({ fields: played, unchanged }));
});

it('has a probe of each field of the document', () => {
  const known = new Set([...PROBES.map(({ field }) => field), ...PLAYED_ELSEWHERE.keys()]);
  const fields = fieldsOf(schema as unknown as Json).map(({ path }) => path);
  const open = fields.filter((path) => !known.has(path) && !SECTIONS_ELSEWHERE.some((name) => path.startsWith(name)));
  expect(open).toEqual([]);
});

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
