import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WalletPeriod, ZoneOffset } from '../model/index.ts';
import { periodOf } from './period.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
/** An independent source of offsets: what Intl says the wall clock shows. */
const zoneOffset: ZoneOffset = (zone, epochMs) => {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(epochMs).map((part) => [part.type, Number(part.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Math.round(
    (Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(epochMs / 1000) * 1000) / 60_000,
  );
};

const period = (kind: WalletPeriod['kind'], timeZone = 'UTC', anchorDay = 1): WalletPeriod => ({
  kind,
  timeZone,
  anchorDay,
});
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

describe('periodOf', () => {
  test.each([
    [
      'a month from its anchor day',
      period('month', 'UTC', 15),
      '2026-02-14T23:59:59Z',
      'month-2026-01-15',
      '2026-02-15T00:00:00.000Z',
    ],
    [
      'a month over a year end',
      period('month', 'UTC', 28),
      '2026-01-05T00:00:00Z',
      'month-2025-12-28',
      '2026-01-28T00:00:00.000Z',
    ],
    [
      'an ISO week that starts on Sunday',
      period('week', 'UTC', 7),
      '2026-11-23T12:00:00Z',
      'week-2026-11-22',
      '2026-11-29T00:00:00.000Z',
    ],
    ['a leap day', period('day'), '2028-02-29T10:00:00Z', 'day-2028-02-29', '2028-03-01T00:00:00.000Z'],
    [
      'a day of 23 hours',
      period('day', 'Europe/Berlin'),
      '2026-03-29T10:00:00Z',
      'day-2026-03-29',
      '2026-03-29T22:00:00.000Z',
    ],
    [
      'a day of 25 hours',
      period('day', 'Europe/Berlin'),
      '2026-10-25T10:00:00Z',
      'day-2026-10-25',
      '2026-10-25T23:00:00.000Z',
    ],
    [
      'a day without midnight',
      period('day', 'Africa/Cairo'),
      '2026-04-24T12:00:00Z',
      'day-2026-04-24',
      '2026-04-24T21:00:00.000Z',
    ],
    [
      'a day whose midnight comes twice',
      period('day', 'America/Havana'),
      '2026-11-01T04:30:00Z',
      'day-2026-11-01',
      '2026-11-02T05:00:00.000Z',
    ],
    ['a wallet that never turns over', period('total'), '2026-01-01T00:00:00Z', 'total', null],
    [
      'an unknown zone as UTC',
      period('day', 'No/Where'),
      '2026-01-01T23:00:00Z',
      'day-2026-01-01',
      '2026-01-02T00:00:00.000Z',
    ],
  ] as const)('%s', (...[, given, instant, id, end]) => {
    const offset: ZoneOffset = (zone, ms) => (zone === 'No/Where' ? undefined : zoneOffset(zone, ms));
    const found = periodOf(given, at(instant), offset);
    expect(found.id).toBe(id);
    expect(iso(found.endMs)).toBe(end);
  });

  test('every instant is in exactly one period, and periods follow each other without gap or overlap', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Africa/Cairo',
      'America/Havana',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Australia/Lord_Howe',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom<WalletPeriod['kind']>('day', 'week', 'month'),
        fc.constantFrom(...zones),
        fc.integer({ min: 1, max: 28 }),
        fc.integer({ min: at('2009-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
        (kind, zone, anchor, instant) => {
          const given = period(kind, zone, kind === 'week' ? ((anchor - 1) % 7) + 1 : anchor);
          const found = periodOf(given, instant, zoneOffset);
          const end = found.endMs ?? Number.NaN;
          expect(found.startMs).toBeLessThanOrEqual(instant);
          expect(end).toBeGreaterThan(instant);
          expect(periodOf(given, found.startMs, zoneOffset)).toEqual(found);
          expect(periodOf(given, end - 1, zoneOffset)).toEqual(found);
          const next = periodOf(given, end, zoneOffset);
          expect(next.startMs).toBe(end);
          expect(next.id).not.toBe(found.id);
        },
      ),
      { numRuns: 150 },
    );
  });
});
