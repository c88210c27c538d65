const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const DAY_MS = 86_400_000;

/**
 * Unix milliseconds of a strict RFC 3339 UTC instant with whole seconds (`2026-01-31T00:00:00Z`), or undefined.
 * The calendar is proleptic Gregorian; a date that does not exist (30 February, second 60) is refused.
 */
export function instantMs(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return daysFromEpoch(year, month, day) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000;
}

/** As `instantMs`; a day (`2026-01-31`) is its end in UTC, so that what ends then holds all through it. */
export function endMs(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return instantMs(text);
  const midnight = instantMs(`${text}T00:00:00Z`);
  return midnight === undefined ? undefined : midnight + DAY_MS;
}

/** As `instantMs`, of a document whose shape was checked: its schema refuses what no calendar has. */
export function checkedInstantMs(text: string): number {
  const time = instantMs(text);
  if (time === undefined) throw new RangeError(`expected an instant that the schema accepts, found ${text}`);
  return time;
}

/** Whether a time is from one instant on (null: always) and before another; text that is no instant bounds nothing in. */
export function isBetween(timeMs: number, from: string | null, until: string): boolean {
  const [fromMs, untilMs] = [from === null ? timeMs : instantMs(from), instantMs(until)];
  return fromMs !== undefined && untilMs !== undefined && fromMs <= timeMs && timeMs < untilMs;
}

/** The instant as text, whole seconds, rounded down: the way back from `instantMs` for the years 0 to 9999. */
export function instantText(epochMs: number): string {
  const days = Math.floor(epochMs / DAY_MS);
  const seconds = Math.floor((epochMs - days * DAY_MS) / 1000);
  const [year, month, day] = dateOfDay(days);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`;
}

/** The number of the digits from one offset to another. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) value = value * 10 + text.charCodeAt(index) - 0x30;
  return value;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01; years start in March, so that the leap day is the last day of a year. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function dateOfDay(days: number): readonly [number, number, number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}
