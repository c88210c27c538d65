// Retry-After of a provider (RFC 9110 10.2.3): seconds, or an instant in one of the three forms of a date (5.6.7).

/** No header keeps anybody waiting for longer: what is more is cut to a day. */
export const MOST_RETRY_AFTER_SECONDS = 86_400;

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '(?<hour>[01][0-9]|2[0-3]):(?<minute>[0-5][0-9]):(?<second>[0-5][0-9]|60)';
const FORMS: readonly RegExp[] = [
  new RegExp(`^${DAY}, (?<day>[0-9]{2}) ${MONTH} (?<year>[0-9]{4}) ${TIME} GMT$`),
  new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>[0-9]{2})-${MONTH}-(?<year>[0-9]{2}) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[0-9 ][0-9]) ${TIME} (?<year>[0-9]{4})$`),
];

/** For how many seconds a provider wants to be left alone, whole ones up to a day; null where its header says nothing of it. */
export function retryAfterSeconds(text: string, nowMs: number): number | null {
  const seconds = /^[0-9]+$/.test(text) ? Number(text) : secondsUntil(text, nowMs);
  return seconds === null ? null : Math.min(MOST_RETRY_AFTER_SECONDS, Math.max(0, seconds));
}

function secondsUntil(text: string, nowMs: number): number | null {
  for (const form of FORMS) {
    const found = text.length > 40 ? undefined : form.exec(text)?.groups;
    if (found !== undefined) return Math.ceil((instantOf(found, nowMs) - nowMs) / 1000);
  }
  return null;
}

function instantOf(found: { readonly [name: string]: string }, nowMs: number): number {
  const { year = '', month = '', day = '', hour, minute, second } = found;
  const at = (written: number): number =>
    Date.UTC(written, MONTHS.indexOf(month) / 3, Number(day), Number(hour), Number(minute), Number(second));
  if (year.length === 4) return at(Number(year));
  // Two digits are of this century, and of the last one where that lies more than 50 years ahead.
  const now = new Date(nowMs).getUTCFullYear();
  const written = now - (now % 100) + Number(year);
  return written > now + 50 ? at(written - 100) : at(written);
}
