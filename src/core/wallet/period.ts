import type { WalletPeriod, ZoneOffset } from '../model/index.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** One period of a wallet: `id` goes into ledgers and slices; the end is exclusive, null for a wallet that never turns over. */
export interface Period {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number | null;
}

/** A day of the proleptic Gregorian calendar, counted from 1970-01-01. */
type DayNumber = number;

/**
 * The period that holds the instant. Periods are computed, never reset (ai-gateways 7, rule 11): a period starts at the
 * first instant whose local time has reached midnight of its first day, so every instant is in exactly one period
 * whatever daylight saving does. An unknown zone counts as UTC: `check` refuses it (WALLET_ZONE),
 * and a host that knows fewer zones than the one that checked still has periods.
 */
export function periodOf(period: WalletPeriod, epochMs: number, zoneOffset: ZoneOffset): Period {
  if (period.kind === 'total') return { id: 'total', startMs: 0, endMs: null };
  const startOf = (day: DayNumber): number => startOfDay(day, period.timeZone, zoneOffset);
  const local = epochMs + offsetMs(period.timeZone, epochMs, zoneOffset);
  let first = firstDay(period, Math.floor(local / DAY_MS));
  while (startOf(first) > epochMs) first = firstDay(period, first - 1);
  let next = nextFirstDay(period, first);
  while (startOf(next) <= epochMs) {
    first = next;
    next = nextFirstDay(period, first);
  }
  return { id: `${period.kind}-${dayText(first)}`, startMs: startOf(first), endMs: startOf(next) };
}

/** The first day of the period that holds `day`. */
function firstDay(period: WalletPeriod, day: DayNumber): DayNumber {
  switch (period.kind) {
    case 'day':
    case 'total':
      return day;
    case 'week': {
      // 1970-01-01 was a Thursday, ISO day 4.
      const isoDay = modulo(day + 3, 7) + 1;
      return day - modulo(isoDay - period.anchorDay, 7);
    }
    case 'month': {
      const { year, month, dayOfMonth } = civil(day);
      return dayOfMonth >= period.anchorDay
        ? dayNumber(year, month, period.anchorDay)
        : dayNumber(month === 1 ? year - 1 : year, month === 1 ? 12 : month - 1, period.anchorDay);
    }
  }
}

function nextFirstDay(period: WalletPeriod, first: DayNumber): DayNumber {
  switch (period.kind) {
    case 'day':
    case 'total':
      return first + 1;
    case 'week':
      return first + 7;
    case 'month': {
      const { year, month } = civil(first);
      return dayNumber(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, period.anchorDay);
    }
  }
}

/** The first instant at which local time in the zone has reached midnight of the day. */
function startOfDay(day: DayNumber, zone: string, zoneOffset: ZoneOffset): number {
  const localMs = day * DAY_MS;
  const [before, after] = [localMs - DAY_MS, localMs + DAY_MS];
  const [offsetBefore, offsetAfter] = [offsetMs(zone, before, zoneOffset), offsetMs(zone, after, zoneOffset)];
  if (offsetBefore === offsetAfter) return localMs - offsetBefore;
  const change = firstChange(before, after, (at) => offsetMs(zone, at, zoneOffset) !== offsetBefore);
  return localMs - offsetBefore < change ? localMs - offsetBefore : Math.max(change, localMs - offsetAfter);
}

/** The first instant in (low, high] at which `changed` holds, given that it does not at `low` and does at `high`. */
function firstChange(low: number, high: number, changed: (at: number) => boolean): number {
  let [without, within] = [low, high];
  while (within - without > 1) {
    const middle = Math.floor((without + within) / 2);
    if (changed(middle)) within = middle;
    else without = middle;
  }
  return within;
}

function offsetMs(zone: string, epochMs: number, zoneOffset: ZoneOffset): number {
  return (zoneOffset(zone, epochMs) ?? 0) * MINUTE_MS;
}

/** Days since 1970-01-01 of a civil date; March-based years make leap days the last day of a year. */
function dayNumber(year: number, month: number, dayOfMonth: number): DayNumber {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civil(day: DayNumber): { readonly year: number; readonly month: number; readonly dayOfMonth: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, dayOfMonth: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1 };
}

function dayText(day: DayNumber): string {
  const { year, month, dayOfMonth } = civil(day);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
