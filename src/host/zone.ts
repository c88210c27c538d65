import type { ZoneOffset } from '../core/model/index.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CACHE_LIMIT = 4096;

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
const offsets = new Map<string, number>();

/**
 * Minutes that local time is ahead of UTC, from the system's IANA data; undefined for an unknown zone.
 * Cached per zone and UTC hour. Lord Howe, the only zone that shifts by half hours, does so on a full UTC hour or half
 * hour, so the half hour is in the key.
 */
export const nodeZoneOffset: ZoneOffset = (zone, epochMs) => {
  const format = formatOf(zone);
  if (format === undefined || !Number.isFinite(epochMs)) return undefined;
  const start = Math.floor(epochMs / (HOUR_MS / 2)) * (HOUR_MS / 2);
  const key = `${zone}\0${start}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = offsetAt(format, start);
  if (offsets.size >= CACHE_LIMIT) offsets.clear();
  offsets.set(key, offset);
  return offset;
};

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  if (formats.size >= CACHE_LIMIT) formats.clear();
  const format = newFormat(zone);
  formats.set(zone, format);
  return format;
}

/** Zone names are IANA names; an offset such as `+01:00` is not one, although Intl would take it. */
function newFormat(zone: string): Intl.DateTimeFormat | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

function offsetAt(format: Intl.DateTimeFormat, epochMs: number): number {
  const parts = new Map(format.formatToParts(epochMs).map((part) => [part.type, Number(part.value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((local - Math.floor(epochMs / 1000) * 1000) / MINUTE_MS);
}
