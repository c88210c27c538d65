import { describe, expect, it } from 'vitest';
import { found } from './detect.testkit.ts';
import { SAFE_HARBOR } from './health.ts';

const positive: readonly (readonly [string, string])[] = [
  ['Patient: Ana María Long, room 4', 'PATIENT_NAME:Ana María Long'],
  ["patient's name: Bob O'Neil", "PATIENT_NAME:Bob O'Neil"],
  ['PATIENT NAME = ANA LONG', 'PATIENT_NAME:ANA LONG'],
  ['the patient name is Ana Long', 'PATIENT_NAME:Ana Long'],
  ['born 3/14/1980 in', 'DATE:3/14/1980'],
  ['born 14/03/80.', 'DATE:14/03/80'],
  ['on 1980-03-14T10:00', 'DATE:1980-03-14'],
  ['am 14.3.1980 um', 'DATE:14.3.1980'],
  ['admitted 03-14-2021', 'DATE:03-14-2021'],
  ['seen March 14th, 1980 again', 'DATE:March 14th, 1980'],
  ['seen on 14 Mar 1980', 'DATE:14 Mar 1980'],
  ['next visit Sept. 3', 'DATE:Sept. 3'],
  ['DOB 1980/03/14', 'DATE:1980/03/14'],
  ['born 1980\u201103\u201114.', 'DATE:1980\u201103\u201114'],
  ['the 14th of March 1980', 'DATE:14th of March 1980'],
  ['92 yo F with', 'AGE:92'],
  ['a 103yo man', 'AGE:103'],
  ['94 y.o. woman', 'AGE:94'],
  ['aged 93', 'AGE:93'],
  ['age: 101', 'AGE:101'],
  ['a 94-year-old man', 'AGE:94'],
  ['104 yrs', 'AGE:104'],
  ['Dallas, TX 75001', 'ZIP_CODE:75001'],
  ['Boston MA, 02110-1234', 'ZIP_CODE:02110-1234'],
  ['zip code: 75001', 'ZIP_CODE:75001'],
  ['see https://clinic.example/p/8812?x=1 now', 'URL:https://clinic.example/p/8812?x=1'],
  ['account number: 88-120-4412', 'ACCOUNT_NUMBER:88-120-4412'],
  ['acct # A00123', 'ACCOUNT_NUMBER:A00123'],
  ["driver's license D1234567", 'LICENSE_NUMBER:D1234567'],
  ['DEA number: AB1234563', 'LICENSE_NUMBER:AB1234563'],
  ['pacemaker serial no. PX-99812', 'DEVICE_ID:PX-99812'],
  ['vin 1HGCM82633A004352.', 'VEHICLE_ID:1HGCM82633A004352'],
  ['license plate 7ABC123', 'VEHICLE_ID:7ABC123'],
];

const negative: readonly string[] = [
  'the patient is stable and was Fine',
  'Patients Love It',
  'in 1980 and 2021',
  'version 1.2.30, build 4.5.6',
  'ratio 3/4 and 13/14/2020 and 1980-13-40',
  'may contain 3 nuts; marching 5 miles',
  'aged 45 years, page 93 of 120',
  'a 45-year-old man waited 12 years',
  '95 yogurts, 99 York Street, 100 yo-yos, 45 yo',
  'see 2020/13/01, 2020/0101, a/2020/01',
  'order 75001, TXT 75001',
  'ftp://host/file and https:// alone',
  'account pending, my account of 2021',
  'license agreement, certificate of 1999',
  'serial killers, device ids',
  '1HGCM82633A004353',
  'ABCDEFGHJKLMNPRST',
  'license plate missing',
];

describe('identifiers of Safe Harbor', () => {
  it.each(positive)('finds in %j %s', (text, expected) => {
    expect(found(SAFE_HARBOR, text)).toContain(expected);
  });

  it.each(negative)('finds nothing in %j', (text) => {
    expect(found(SAFE_HARBOR, text)).toEqual([]);
  });

  // The longest text each pattern can take, written out by hand from the pattern: none may exceed the declared reach.
  const longest: readonly (readonly [string, string])[] = [
    ['PATIENT_NAME', `Patient's Name  :  ${Array.from({ length: 4 }, () => `A${'b'.repeat(24)}`).join(' ')}`],
    ['DATE', '30th September., 1980'.replace('.,', '.,')],
    ['AGE', 'age is  101'],
    ['ZIP_CODE', `zip code${':'.repeat(4)}75001-1234`],
    ['URL', `https://${'a'.repeat(2000)}`],
    ['ACCOUNT_NUMBER', `account identifier${':'.repeat(5)}is 111${'1'.repeat(21)}`],
    ['LICENSE_NUMBER', `drivers license identifier${':'.repeat(5)}is 111${'1'.repeat(21)}`],
    ['DEVICE_ID', `pacemaker serial identifier${':'.repeat(5)}is 111${'1'.repeat(21)}`],
    ['VEHICLE_ID', `license plate number${':'.repeat(5)}is 7ABC 123 A`],
  ];
  it.each(longest)('bounds %s', (type, text) => {
    const lengths = SAFE_HARBOR.filter((detector) => detector.type === type).map((detector) => {
      const match = detector.find(text, 0);
      if (match !== null) expect(match.end - match.start).toBeLessThan(detector.reach);
      return match === null ? 0 : match.end - match.start;
    });
    expect(Math.max(...lengths)).toBe(text.length);
  });
});
