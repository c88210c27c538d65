import { describe, expect, it } from 'vitest';
import { found } from './detect.testkit.ts';
import { SAFE_HARBOR } from './health.ts';
import { NATIONAL } from './identity.ts';
import { HEALTH, PAYMENT, PERSONAL, passesLuhn } from './personal.ts';

const ALL = [...PERSONAL, ...PAYMENT, ...HEALTH];

const positive: readonly (readonly [string, string])[] = [
  ['my ssn is 536-22-1234.', 'SSN:536-22-1234'],
  ['536 22 1234', 'SSN:536 22 1234'],
  ['(536–22–1234)', 'SSN:536–22–1234'],
  ['536-22-1234- on file', 'SSN:536-22-1234'],
  ['x-536-22-1234', 'SSN:536-22-1234'],
  ['--536-22-1234-x', 'SSN:536-22-1234'],
  ['SSN: 536221234', 'SSN:536221234'],
  ['social security number 536221234', 'SSN:536221234'],
  ['call 212-555-0147 today', 'PHONE:212-555-0147'],
  ['call (212) 555-0147', 'PHONE:(212) 555-0147'],
  ['call 212.555.0147', 'PHONE:212.555.0147'],
  ['call +1 212 555 0147', 'PHONE:+1 212 555 0147'],
  ['ruf +49 30 1234567 an', 'PHONE:+49 30 1234567'],
  ['+44 (0)20 7946 0958', 'PHONE:+44 (0)20 7946 0958'],
  ['+33123456789', 'PHONE:+33123456789'],
  ['+7.495.123.45.67', 'PHONE:+7.495.123.45.67'],
  ['+1.212.555.0147', 'PHONE:+1.212.555.0147'],
  ['write to ana.long+x@mail.acme.example now', 'EMAIL:ana.long+x@mail.acme.example'],
  ['<bob@acme.co.uk>', 'EMAIL:bob@acme.co.uk'],
  ["o'neil_7@a-b.io", "EMAIL:o'neil_7@a-b.io"],
  ['jürgen@müller.example', 'EMAIL:jürgen@müller.example'],
  ['ion@firma.md', 'EMAIL:ion@firma.md'],
  ['li@163.com', 'EMAIL:li@163.com'],
  ['ana@2xl.example', 'EMAIL:ana@2xl.example'],
  ['ana@js.example and ana@pdf.tools', 'EMAIL:ana@pdf.tools'],
  [`${'x'.repeat(64)}@acme.example`, `EMAIL:${'x'.repeat(64)}@acme.example`],
  ['from 192.168.10.254 port', 'IP_ADDRESS:192.168.10.254'],
  ['8.8.8.8', 'IP_ADDRESS:8.8.8.8'],
  ['fe80::1ff:fe23:4567:890a', 'IP_ADDRESS:fe80::1ff:fe23:4567:890a'],
  ['2001:0db8:85a3:0000:0000:8a2e:0370:7334', 'IP_ADDRESS:2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
  ['at fe80::1%eth0', 'IP_ADDRESS:fe80::1'],
  ['[2001:db8::1]:443', 'IP_ADDRESS:2001:db8::1'],
  ['2a02::7', 'IP_ADDRESS:2a02::7'],
  ['mapped ::ffff:10.0.0.1.', 'IP_ADDRESS:::ffff:10.0.0.1'],
  ['64:ff9b::192.0.2.33', 'IP_ADDRESS:64:ff9b::192.0.2.33'],
  ['card 4111 1111 1111 1111', 'CREDIT_CARD:4111 1111 1111 1111'],
  ['12 4111-1111-1111-1111 34', 'CREDIT_CARD:4111-1111-1111-1111'],
  ['4111111111111111', 'CREDIT_CARD:4111111111111111'],
  ['5555555555554444', 'CREDIT_CARD:5555555555554444'],
  ['2223003122003222', 'CREDIT_CARD:2223003122003222'],
  ['3782 822463 10005', 'CREDIT_CARD:3782 822463 10005'],
  ['3782.822463.10005', 'CREDIT_CARD:3782.822463.10005'],
  ['card:4111.1111.1111.1111.', 'CREDIT_CARD:4111.1111.1111.1111'],
  ['5 4111 1111-1111 1111', 'CREDIT_CARD:4111 1111-1111 1111'],
  ['6011111111111117', 'CREDIT_CARD:6011111111111117'],
  ...['\u00a0', '\u2009', '\u202f', '\u3000', '\t', '\u200b', '\u2060', '\u00ad', '\u2212', '－'].map(
    (between): readonly [string, string] => {
      const card = ['4111', '1111', '1111', '1111'].join(between);
      return [`my card ${card}, thanks`, `CREDIT_CARD:${card}`];
    },
  ),
  ['ｃａｒｄ：４１１１　１１１１　１１１１　１１１１。', 'CREDIT_CARD:４１１１　１１１１　１１１１　１１１１'],
  ['بطاقة ٤١١١١١١١١١١١١١١١', 'CREDIT_CARD:٤١١١١١١١١١١١١١١١'],
  ['کارت ۴۱۱۱-۱۱۱۱-۱۱۱۱-۱۱۱۱', 'CREDIT_CARD:۴۱۱۱-۱۱۱۱-۱۱۱۱-۱۱۱۱'],
  ['536\u202f22\u202f1234', 'SSN:536\u202f22\u202f1234'],
  ['536\u221222\u22121234', 'SSN:536\u221222\u22121234'],
  ['５３６－２２－１２３４', 'SSN:５３６－２２－１２３４'],
  ['social security\u00a0number 536221234', 'SSN:536221234'],
  ['call (212)\u202f555\u20120147', 'PHONE:(212)\u202f555\u20120147'],
  ['call—212-555-0147', 'PHONE:212-555-0147'],
  ['ruf +49\u200930\u200b1234567 an', 'PHONE:+49\u200930\u200b1234567'],
  ['write to bob＠example．com now', 'EMAIL:bob＠example．com'],
  ['ＣＶＶ：１２３', 'CVV:１２３'],
  ['１９２．168．10．254', 'IP_ADDRESS:１９２．168．10．254'],
  ['6445644564456445', 'CREDIT_CARD:6445644564456445'],
  ['cvv: 123', 'CVV:123'],
  ['CVC2 is 4321', 'CVV:4321'],
  ['card verification code = 987', 'CVV:987'],
  ['Cardholder: Ana María Long', 'CARDHOLDER_NAME:Ana María Long'],
  ["Name on card: BOB O'NEIL", "CARDHOLDER_NAME:BOB O'NEIL"],
  ['MRN: 00123456', 'MRN:00123456'],
  ['medical record number ab-1234567', 'MRN:ab-1234567'],
  ['NPI 1234567893', 'NPI:1234567893'],
  ['member id: XYZ123456789', 'INSURANCE_ID:XYZ123456789'],
  ['Medicare number 1EG4-TE5-MK73', 'INSURANCE_ID:1EG4-TE5-MK73'],
  ['her mbi is 1eg4te5mk73.', 'INSURANCE_ID:1eg4te5mk73'],
  ['Medicare Beneficiary Identifier: 1EG4TE5MK73', 'INSURANCE_ID:1EG4TE5MK73'],
  ['health plan beneficiary number 12345678', 'INSURANCE_ID:12345678'],
  ['insurance policy number is 4455-66778', 'INSURANCE_ID:4455-66778'],
];

const negative: readonly string[] = [
  'no numbers here at all',
  '000-12-3456 666-12-3456 912-12-3456 123-00-4567 123-45-0000',
  'part 1536-22-12345',
  '536-22-1234-5 and 1-536-22-1234 and 12536-22-1234',
  'order 20419833, total 12.50, room 212',
  'columns 217\t35\t1200 and 250\t300\t1500',
  '値段は１２，５００円、電話は０３－１２３４－５６７８',
  'between 2019-2021 and 10:30',
  '2026-11-23 and 23.11.2026',
  'version 1.2.3 of 10.20',
  '300.1.2.3 and 1.2.3.4.5 and 256.256.256.256',
  'a::b std::vector foo::bar 10:20:30',
  'list[1::2] a[10::2, 3] x[100::2] add::f32 A::B1 (a)::(b) f64::consts Ada::Cafe2',
  '12:34::56 and 10:20:30:40:50:60:70:80 and 00:1a:2b:3c:4d:5e:6f:70',
  'price @ 5 and @handle and user@localhost',
  'icon@2x.png logo@3x.jpeg ab@2x.example',
  'lodash@4.17.21.tgz notes@1.2.md app@3.zip report@final.pdf main@abc.JS',
  'a change of +1.23456789 and +4.5678912',
  '4111 1111 1111 1112',
  '41111111111111111',
  '1234 5678 9012 3456',
  '9999999999999995',
  'latitude 41.05304368833366, longitude 4.111111111111111',
  '0.4111111111111111 and 0.378282246310005',
  '3782822463.10005 and 4111.111111111111 and 41111111.1111.1111',
  'our cv is attached, 123 pages',
  'the security code review took 1234 minutes',
  'the cardholder was happy',
  'MRN pending',
  'NPI program of 2024',
  'insurance number pending, policy of 2024',
  'member since 2019',
];

describe('detectors of personal data', () => {
  it.each(positive)('finds in %j %s', (text, expected) => {
    expect(found(ALL, text)).toContain(expected);
  });

  it.each(negative)('finds nothing in %j', (text) => {
    expect(found(ALL, text)).toEqual([]);
  });

  it.each(positive)('has a reach that covers its match in %j', (text, expected) => {
    for (const detector of ALL.filter((candidate) => expected.startsWith(`${candidate.type}:`))) {
      for (let match = detector.find(text, 0); match !== null; match = detector.find(text, match.end)) {
        expect(match.end - match.start).toBeLessThan(detector.reach);
      }
    }
  });

  it.each([
    [0, 1],
    [4, 5],
    [30, 60],
  ])('takes no number from %i to %i, as it is printed, for one of a card, a person or a vehicle', (least, most) => {
    const detectors = [...PAYMENT, ...NATIONAL, ...SAFE_HARBOR].filter(({ type }) =>
      ['CREDIT_CARD', 'NATIONAL_ID', 'VEHICLE_ID'].includes(type),
    );
    const taken: string[] = [];
    for (let count = 1; count <= 100_000; count += 1) {
      // Evenly spread (Weyl), with all the digits that a number has.
      const printed = `is ${least + ((count * Math.SQRT2) % 1) * (most - least)}`;
      if (detectors.some((detector) => detector.find(printed, 0) !== null)) taken.push(printed);
    }
    expect(taken).toEqual([]);
  });

  it.each([
    'RSSMRA85T10A562S',
    'rssmra85t10a562s',
    '12345678z',
    'x1234567l',
    'CPF n\u00ba 39053344705',
    'cpf n\u00b0 39053344705',
  ])('finds a number of a person as people type it: %s', (text) => {
    expect(found(NATIONAL, text)).toEqual([`NATIONAL_ID:${text.replace(/^cpf \S+ /i, '')}`]);
  });

  it('takes no word after a number for the letter of a Spanish one', () => {
    const texts = Array.from({ length: 23 }, (_, more) =>
      [...'aeyo'].map((word) => `${12345678 + more} ${word} 2`),
    ).flat();
    expect(texts.filter((text) => found(NATIONAL, text).length > 0)).toEqual([]);
  });

  it('checks the Luhn formula', () => {
    expect(passesLuhn('4111 1111 1111 1111')).toBe(true);
    expect(passesLuhn('4111 1111 1111 1112')).toBe(false);
  });

  // The longest text each pattern can take, written out by hand from the pattern: none may exceed the declared reach.
  const longest: readonly (readonly [string, string])[] = [
    ['EMAIL', `${'a'.repeat(64)}@${`${'b'.repeat(63)}.`.repeat(4)}${'c'.repeat(24)}`],
    ['CREDIT_CARD', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'],
    ['PHONE', `+1${'  2'.repeat(14)}`],
    ['SSN', `social security number${' '.repeat(12)}536221234`],
    ['CVV', `card verification number${':'.repeat(16)}1234`],
    ['CARDHOLDER_NAME', `Card Holder's Name is  ${Array.from({ length: 4 }, () => `A${'b'.repeat(24)}`).join(' ')}`],
    ['IP_ADDRESS', '1111:1111:1111:1111:1111:1111::111.111.111.111'],
    ['MRN', `medical record number     is abc-123456789012`],
    ['NPI', `national provider identifier     is 1234567893`],
    ['INSURANCE_ID', `subscriber beneficiary number     is A${'1'.repeat(19)}`],
  ];
  it.each(longest)('bounds %s', (type, text) => {
    const lengths = ALL.filter((detector) => detector.type === type).map((detector) => {
      const match = detector.find(text, 0);
      if (match !== null) expect(match.end - match.start).toBeLessThan(detector.reach);
      return match === null ? 0 : match.end - match.start;
    });
    expect(Math.max(...lengths)).toBe(text.length);
  });
});
