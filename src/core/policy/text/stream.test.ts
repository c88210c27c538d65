import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Detector, type LiveScan, MOST_STEPS } from '../detect/detector.ts';
import { fuzzyDetector } from '../detect/fuzzy.ts';
import { SAFE_HARBOR } from '../detect/health.ts';
import { BANK, NATIONAL } from '../detect/identity.ts';
import { compilePattern, patternDetector, type UserPattern } from '../detect/pattern.ts';
import { HEALTH, PAYMENT, PERSONAL } from '../detect/personal.ts';
import { MARKINGS, SECRETS } from '../detect/secrets.ts';
import { termDetector, termDetectors } from '../detect/terms.ts';
import { type DetectorFilter, filterText } from './filter.ts';
import { streamFilter } from './stream.ts';

const user = (source: string): Detector => patternDetector(compilePattern(source, false) as UserPattern, 'CUSTOM');

const detectors: readonly Detector[] = [
  ...PERSONAL,
  ...PAYMENT,
  ...HEALTH,
  ...BANK,
  ...NATIONAL,
  ...MARKINGS,
  ...SECRETS,
  ...SAFE_HARBOR,
  termDetector('Project Larkspur', 'TERM'),
  termDetector('straße', 'TERM'),
  ...termDetectors(['Larkspur', 'spur', 'ana', 'Nordw', 'x@', 'code b', '4111', 'unicode', 'ssn'], 'LIST'),
  fuzzyDetector(['Nordwind Trading', 'begin', 'patient name'], 'NEAR', 2),
  user('ACM-[0-9]{8}'),
  user('\\bcode [a-z]{1,5}\\b'),
  user('[0-9]{3}-x(?:-[0-9]{2}){0,3}$'),
  user('(?m)^begin [a-z]{1,8}'),
];
/** It may begin at almost every character, and goes on in many ways. */
const ambiguous = user('(?:[a-z1-9]{1,4} ?){1,4}(?:-34|@|\\.\\B)');

const filter = (action: DetectorFilter['action'], some: readonly Detector[] = detectors): DetectorFilter => ({
  detectors: some,
  action,
  // What was matched stands in the marker, so that two results are equal only if the same text was found.
  render: (type, matched) => `<${type}:${matched.length}>`,
});

function streamed(pieces: readonly string[], action: DetectorFilter['action'] = 'redact'): string | null {
  const stream = streamFilter(filter(action));
  let out = '';
  for (const piece of pieces) {
    const emitted = stream.push(piece);
    if (emitted === null) return null;
    out += emitted;
  }
  const rest = stream.end();
  return rest === null ? null : out + rest;
}

const secrets = [
  '536-22-1234',
  'ssn 536221234',
  '(212) 555-0147',
  '+49 30 1234567',
  'ana.long+billing@mail.acme.example',
  `${'x'.repeat(64)}@${`${'y'.repeat(63)}.`.repeat(4)}example`,
  '192.168.10.254',
  '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
  '4111 1111 1111 1111',
  '4111\u202f1111\u202f1111\u202f1111',
  '４１１１　１１１１　１１１１　１１１１',
  'bob＠example．com',
  '536\u200b22\u200b1234',
  'cvv: 123',
  'Cardholder: Ana María Long',
  'MRN: 00123456',
  'project LARKSPUR',
  'STRASSE und straße',
  'ACM-20419833',
  'code alpha',
  'patient name: Ana María Long',
  '3/14/1980',
  'March 14th, 1980',
  '94 years old',
  'TX 75001-1234',
  'https://clinic.example/p/8812?x=1',
  'account no. 88-120-441',
  "driver's license: D1234567",
  'device serial # AX-99812',
  '1HGCM82633A004352',
  'license plate 7ABC123',
  'DE89 3704 0044 0532 0130 00',
  'DE89370400440532013000',
  '12345678Z',
  'RSSMRA85T10A562S',
  '529.982.247-25',
  '1 85 05 78 006 084 91',
  '811218-9876',
  'AB 12 34 56 C',
  'Aadhaar number: 2341 2341 2346',
  `AK${'IA'}4SYWB5WKH7DNSIPZ`,
  `sk${'-'}Z63fFKcZjR4I0b3jRtaW`,
  'password = Z63fFKcZjR4I0b3jRtaW',
  `-----BEGIN ${'PRIVATE'} KEY-----\nZ63fFKcZjR4I0b3jRtaW\n-----END ${'PRIVATE'} KEY-----`,
  'TOP SECRET//NOFORN',
];

const cut = (text: string, offsets: readonly number[]): readonly string[] => {
  const edges = [...new Set(offsets.map((offset) => offset % (text.length + 1)))].sort((a, b) => a - b);
  return [...edges, text.length].map((edge, index) => text.slice(index === 0 ? 0 : edges[index - 1], edge));
};

// Pieces of secrets and of what looks like them, so that overlaps, near misses and borders come up often.
const fragment = fc.oneof(
  fc.constantFrom(...secrets),
  fc.constantFrom(
    ' ',
    '. ',
    '\n',
    '-',
    '@',
    'a',
    '1',
    '4111',
    '536-22-',
    'x@',
    'begin ',
    'patient: ',
    'age ',
    'Nordw',
    '14 ',
    '1980',
    'https://',
    'code ',
    '212-555-',
    '::',
    'é',
    '😀',
    '12-x-34',
  ),
  fc.string({ maxLength: 12 }),
  fc.tuple(fc.constantFrom(...secrets), fc.nat()).map(([secret, at]) => secret.slice(0, at % secret.length)),
);
const text = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(''));
const offsets = fc.array(fc.nat({ max: 2000 }), { maxLength: 12 });

describe('a filtered stream', () => {
  it('gives what filtering the whole text gives, however it is cut', () => {
    fc.assert(
      fc.property(text, offsets, (whole, edges) => {
        expect(streamed(cut(whole, edges))).toBe(filterText(filter('redact'), whole).text);
      }),
      { numRuns: 800 },
    );
  });

  it('does so with any few detectors, whose reach is short, and never cuts a character in two', () => {
    const few = fc.subarray([...detectors, ambiguous, ambiguous, ambiguous], { minLength: 1, maxLength: 3 });
    const long = fc.array(fc.oneof(fragment, fc.constantFrom('word ', 'x'.repeat(20), '😀😀😀', 'unicode ', 'a+49')), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(few, long, (some, parts) => {
        const whole = parts.join('');
        const stream = streamFilter(filter('redact', some));
        const pieces = [...[...whole].map((letter) => stream.push(letter) ?? ''), stream.end() ?? ''];
        expect(pieces.join('')).toBe(filterText(filter('redact', some), whole).text);
        if (whole.isWellFormed()) expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same character by character', () => {
    fc.assert(
      fc.property(text, (whole) => {
        expect(streamed([...whole])).toBe(filterText(filter('redact'), whole).text);
      }),
      { numRuns: 30 },
    );
  });

  it.each(secrets)('never sends a character of %j, cut at every offset', (secret) => {
    const before = 'Dear customer, ';
    const whole = `${before}${secret} is what we have.`;
    const clean = filterText(filter('redact'), whole).text;
    expect(clean).not.toContain(secret);
    for (let at = 0; at <= whole.length; at++) {
      const stream = streamFilter(filter('redact'));
      const first = stream.push(whole.slice(0, at)) ?? '';
      expect(clean.startsWith(first)).toBe(true);
      expect(first + (stream.push(whole.slice(at)) ?? '') + (stream.end() ?? '')).toBe(clean);
    }
  });

  it('blocks exactly when the whole text would be, and sends nothing of the match before', () => {
    fc.assert(
      fc.property(text, offsets, (whole, edges) => {
        const blocked = streamed(cut(whole, edges), 'block') === null;
        expect(blocked).toBe(filterText(filter('block'), whole).matches > 0);
      }),
      { numRuns: 300 },
    );
  });

  it('holds back at most the reach of its longest detector', () => {
    const most = Math.max(...detectors.map((detector) => detector.reach - 1));
    fc.assert(
      fc.property(text, offsets, (whole, edges) => {
        const stream = streamFilter({ ...filter('redact'), render: (_, matched) => matched });
        let sent = 0;
        let given = 0;
        for (const piece of cut(whole, edges)) {
          given += piece.length;
          sent += stream.push(piece)?.length ?? 0;
          // A pair of surrogates is never cut.
          expect(given - sent).toBeLessThanOrEqual(most + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ...['card holder: Ann Lee', 'Cardholder name is Ann Lee', 'CARDHOLDER NAME: Ann', 'Name on the card: Ann Lee'],
    ...['ssn 123456789', 'Social Security number 123456789', 'cvv 123', 'CVC2: 1234', 'card security code 123'],
    ...['card verification value 123', 'mrn 12345678', 'medical record number 12345678', 'npi 1234567893'],
    ...['national provider identifier 1234567893', 'insurance id 12345678', 'member id AB123456'],
    ...['subscriber number 12345678', 'policy number AB123456', 'medicare id 12345678', 'Medicaid id 12345678'],
    ...['zip code 12345', 'license plate AB 1234', 'licence plate: AB1234', 'aged 95', 'age of 101'],
    ...['Patient: Ann Lee', 'PATIENT NAME: Ann', 'DE89 3704 0044 0532 0130 00', 'GB82 WEST 1234 5698 7654 32'],
    ...['pesel 44051401359', 'bsn 111222333', 'burgerservicenummer 111222333', 'sin 046 454 286'],
    ...['social insurance 046454286', 'cpf 52998224725', 'Steuer-ID 36 574 261 809', 'IdNr. 36574261809'],
  ])('by one detector alone, nothing of %j goes out before it is whole, wherever it is cut', (found) => {
    const text = `of ${found}.`;
    const finders = detectors.filter((detector) => detector.find(text, 0) !== null);
    expect(finders).not.toHaveLength(0);
    for (const finder of finders) {
      const whole = filterText(filter('redact', [finder]), text).text;
      for (let cut = 1; cut < text.length; cut += 1) {
        const stream = streamFilter(filter('redact', [finder]));
        const sent = `${stream.push(text.slice(0, cut))}${stream.push(text.slice(cut))}${stream.end()}`;
        expect(sent, `${finder.type} cut at ${cut}`).toBe(whole);
      }
    }
  });

  it.each([
    ['words of no interest', 'plain words of no interest ', 12],
    ['words that lead to nothing here', 'my card, your name, an old policy of my age: ', 12],
    ['numbers that are none of these', 'it took 12 people 4.5 hours, 1,200 times in 2024; ', 12],
    ['what looks like a beginning', 'a patient, an account-based code 9 by North and Lark ', 16],
  ])('%s are held no longer than a match may still begin in them', (_, piece, most) => {
    const stream = streamFilter(filter('redact'));
    let [whole, sent, held] = ['', '', 0];
    for (const letter of piece.repeat(20)) {
      whole += letter;
      sent += stream.push(letter) ?? '';
      held = Math.max(held, whole.length - sent.length);
    }
    expect(held).toBeLessThanOrEqual(most);
    expect(sent + (stream.end() ?? '')).toBe(whole);
  });

  it('spends no more on one piece than one budget, however many patterns have many ways, and finds the same', () => {
    const many = Array.from({ length: 20 }, (_, at) => user(`(?:[a-z]{1,20} ?){1,20}x${at}`));
    let spent = 0;
    const counted = many.map(
      (detector): Detector => ({
        ...detector,
        live: () => {
          const scan = detector.live?.();
          const push: LiveScan['push'] = (piece, budget) => {
            const before = budget.steps;
            const live = scan?.push(piece, budget) ?? 0;
            spent += before - budget.steps;
            return live;
          };
          return { push };
        },
      }),
    );
    const some = filter('redact', counted);
    const whole = `The ${'quick brown fox jumps over '.repeat(8)}x12, ${'lazy dogs '.repeat(4)}x7. ${'😀'.repeat(100)}`;
    const stream = streamFilter(some);
    let [sent, most] = ['', 0];
    for (const piece of whole.match(/.{1,9}/gsu) ?? []) {
      spent = 0;
      sent += stream.push(piece) ?? '';
      most = Math.max(most, spent);
    }
    expect(most).toBeGreaterThan(MOST_STEPS / 2);
    // The last character that is read may need what is left and once the ways through one program.
    expect(most).toBeLessThan(MOST_STEPS + 3_000);
    expect(sent + stream.end()).toBe(filterText(some, whole).text);
  });

  it('cuts no character in two where a pattern is held by its length alone', () => {
    const detector = user('[^a]{3}!');
    const starved: Detector = {
      ...detector,
      reach: detector.reach + 1,
      live: () => {
        const scan = detector.live?.();
        return { push: (piece) => (scan?.push(piece, { steps: 0 }) ?? 0) - 1 };
      },
    };
    const some = filter('redact', [starved]);
    const whole = '😀 and 😀😀😀😀😀😀😀😀! 😀😀😀😀😀😀😀 is not 😀😀😀😀😀';
    const stream = streamFilter(some);
    const pieces = [...[...whole].map((letter) => stream.push(letter) ?? ''), stream.end() ?? ''];
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('')).toBe(filterText(some, whole).text);
  });

  it('waits for the second half of a character before anybody looks at it', () => {
    const whole = 'on March 14𐐨, of Nordwind Trading𐐨, code alpha𐐨; March 14.';
    const stream = streamFilter(filter('redact'));
    const sent = whole.split('').map((unit) => stream.push(unit));
    expect(sent.join('') + stream.end()).toBe(filterText(filter('redact'), whole).text);
    const half = streamFilter(filter('redact'));
    expect(half.push('ok, \ud83d')).toBe('ok, ');
    expect(half.holdsText()).toBe(true);
    expect(half.end()).toBe('\ud83d');
    expect(half.holdsText()).toBe(false);
  });

  it('lets ordinary text out at once but for its last words', () => {
    const stream = streamFilter({
      ...filter('redact'),
      detectors: PERSONAL.filter((detector) => detector.type === 'EMAIL'),
    });
    expect(stream.push('We are open on Saturday from nine to')).toBe('We are open on Saturday from nine ');
    expect(stream.holdsText()).toBe(true);
    expect(stream.end()).toBe('to');
    expect(stream.holdsText()).toBe(false);
  });
});
