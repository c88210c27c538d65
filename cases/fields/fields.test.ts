import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/core/policy/fields.ts';
import { kindOf } from '../../src/core/policy/kinds/index.ts';
import { POLICY_KINDS } from '../../src/core/policy/kinds/table.ts';
import { ACCESS_PROBES } from './access.testkit.ts';
import { ASKING_PROBES } from './asking.testkit.ts';
import { KIND_FIELDS_FOR_PEOPLE } from './elsewhere.testkit.ts';
import { changedFields, observe } from './probe.testkit.ts';
import { REWRITER_PROBES } from './rewriters.testkit.ts';
import { TEXT_PROBES } from './texts.testkit.ts';

// Every field of every kind matters: another value of it changes what is observed. The fields are those of the schemas, which
// are what a document may say; a field without a probe fails.

const PROBES = { ...TEXT_PROBES, ...REWRITER_PROBES, ...ACCESS_PROBES, ...ASKING_PROBES };

const kinds = POLICY_KINDS.filter(({ supported }) => supported).map(({ kind }) => kind);

describe.each(kinds)('%s', (kind) => {
  const fields = fieldsOf(kindOf(kind)?.schema ?? {});
  const probes = PROBES[kind] ?? [];

  it('has a probe of each field', () => {
    const probed = new Set([...probes.map(({ field }) => field), ...(KIND_FIELDS_FOR_PEOPLE.get(kind) ?? [])]);
    expect(fields.map(({ path }) => path).filter((path) => !probed.has(path))).toEqual([]);
  });

  it.each(probes.map((one) => [one.field, one] as const))('%s changes what is observed', (path, one) => {
    const field = fields.find((known) => known.path === path);
    expect(changedFields(one.from, one.to, fields)).toEqual([field?.path]);
    const [before, after] = [observe(kind, one.from, one), observe(kind, one.to, one)];
    expect(before).toHaveProperty('outcomes');
    // Where there is one value alone, any other is refused by name.
    expect(after).toHaveProperty(field?.hasOneValue === true ? 'refused' : 'outcomes');
    expect(after).not.toEqual(before);
  });
});
