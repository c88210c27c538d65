import { writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { seedOf } from '../../scripts/check/property-seed.ts';
import { drawFrom } from '../../scripts/soak/draw.ts';
import { kindOf } from '../../src/core/policy/kinds/index.ts';
import { POLICY_KINDS } from '../../src/core/policy/kinds/table.ts';
import { playOffsets } from './offsets.testkit.ts';
import { NOT_WHILE_IT_FLOWS, PLANTS } from './plants.testkit.ts';

// `npm run soak -- offsets` cuts at every offset.

const REPORT = process.env['TENANTRY_OFFSETS_REPORT'];
const IS_SMALL = REPORT === undefined;
const CUTS = IS_SMALL ? 2 : null;
const MOST_TEXTS = IS_SMALL ? 1 : Number.POSITIVE_INFINITY;

const draw = drawFrom(seedOf(process.env['TENANTRY_PROPERTY_SEED']));
const rows: object[] = [];

afterAll(() => {
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(rows));
});

it('every kind that has a part in answers is planted for', () => {
  const kinds = POLICY_KINDS.filter(({ kind, phases }) => kindOf(kind) !== undefined && phases.includes('output'));
  const known = new Set([...PLANTS.map(({ kind }) => kind), ...NOT_WHILE_IT_FLOWS.keys()]);
  expect(kinds.map(({ kind }) => kind).filter((kind) => !known.has(kind))).toEqual([]);
});

const ONLY = process.env['TENANTRY_OFFSETS_ONLY'] ?? '';

it.each(PLANTS.filter(({ kind }) => kind.includes(ONLY)).map((plant) => [plant.kind, plant.verdict, plant] as const))(
  '%s (%s): not one byte of a match comes out of a stream, wherever it is cut, and the rest exactly',
  async (kind, verdict, plant) => {
    const { streams, faults } = await playOffsets(
      { ...plant, texts: plant.texts.slice(0, MOST_TEXTS) },
      { draw, cuts: CUTS },
    );
    rows.push({ kind, verdict, streams, faults });
    expect(faults).toEqual([]);
    expect(streams).toBeGreaterThan(0);
  },
  3_600_000,
);
