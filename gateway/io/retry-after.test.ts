import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_RETRY_AFTER_SECONDS, retryAfterSeconds } from './retry-after.ts';

const NOW_MS = Date.UTC(2026, 10, 6, 8, 49, 7);
const DAYS = ['Sun', 'Mon', 'Tues', 'Wednes', 'Thurs', 'Fri', 'Satur'];

/** The three forms of one instant, in whole seconds. */
function formsOf(atMs: number): readonly string[] {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(atMs).toUTCString().split(/,? /);
  return [
    `${day}, ${date} ${month} ${year} ${time} GMT`,
    `${DAYS[new Date(atMs).getUTCDay()]}day, ${date}-${month}-${year.slice(2)} ${time} GMT`,
    `${day} ${month} ${String(Number(date)).padStart(2, ' ')} ${time} ${year}`,
  ];
}

describe('when to ask again', () => {
  test('law: is the same in seconds and in each form of a date, by the clock that is given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (seconds) => {
        const most = Math.min(seconds, MOST_RETRY_AFTER_SECONDS);
        expect(retryAfterSeconds(String(seconds), NOW_MS)).toBe(most);
        for (const text of formsOf(NOW_MS + seconds * 1000))
          expect([text, retryAfterSeconds(text, NOW_MS)]).toEqual([text, most]);
      }),
    );
  });

  test('is what the examples of RFC 9110 say', () => {
    const nowMs = Date.UTC(1994, 10, 6, 8, 49, 7);
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      expect(retryAfterSeconds(text, nowMs)).toBe(30);
      // An instant that is past is now.
      expect(retryAfterSeconds(text, NOW_MS)).toBe(0);
    }
    // More than 50 years ahead is of the century before.
    expect(retryAfterSeconds('Sunday, 06-Nov-77 08:49:37 GMT', NOW_MS)).toBe(0);
    expect(retryAfterSeconds('Friday, 06-Nov-76 08:49:37 GMT', NOW_MS)).toBe(MOST_RETRY_AFTER_SECONDS);
    // A part of a second more is a second more.
    expect(retryAfterSeconds('Sun, 06 Nov 1994 08:49:37 GMT', nowMs + 1)).toBe(30);
  });

  test('is at most a day, and nothing for what says nothing', () => {
    for (const text of ['86401', '9999999', '9'.repeat(500), 'Thu, 31 Dec 9999 23:59:59 GMT'])
      expect(retryAfterSeconds(text, NOW_MS)).toBe(MOST_RETRY_AFTER_SECONDS);
    const none = ['', '-5', '1.5', '1e3', '0x10', ' 5', '5,5', 'soon', 'Infinity'];
    const noDates = [
      '2026-11-06T08:50:00Z',
      'Fri, 06 Nov 2026 08:50:00',
      'Fri, 6 Nov 2026 08:50:00 GMT',
      'Fri, 06 nov 2026 08:50:00 GMT',
      'Fri, 06 Nov 2026 24:50:00 GMT',
      'Fri, 06 Nov 2026 08:50:00 +0200',
    ];
    for (const text of [...none, ...noDates]) expect([text, retryAfterSeconds(text, NOW_MS)]).toEqual([text, null]);
  });
});
