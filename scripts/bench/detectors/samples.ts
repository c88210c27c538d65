// What detectors are measured by: made-up texts, each with what is to be found in it. Numbers are test numbers of their issuers or
// made by their check digits; secrets are drawn at random and put together here, so that no scanner takes this file for a leak.

import type { Detector } from '../../../src/core/policy/detect/detector.ts';
import { BANK, NATIONAL } from '../../../src/core/policy/detect/identity.ts';
import { PAYMENT, PERSONAL } from '../../../src/core/policy/detect/personal.ts';
import { MARKINGS, SECRETS } from '../../../src/core/policy/detect/secrets.ts';

/** A text, and what stands in it that must be found, each once. */
export type Sample = readonly [text: string, ...found: readonly string[]];

export interface SampleSet {
  readonly name: string;
  readonly detectors: readonly Detector[];
  readonly samples: readonly Sample[];
}

const of = (detectors: readonly Detector[], type: string): readonly Detector[] =>
  detectors.filter((detector) => detector.type === type);

const cards: readonly Sample[] = [
  ['My card is 4111 1111 1111 1111, thanks.', '4111 1111 1111 1111'],
  ['pay with 5555555555554444', '5555555555554444'],
  ['Amex 3782-822463-10005, the same as 378282246310005.', '3782-822463-10005', '378282246310005'],
  ['6011111111111117 and 2221000000000009', '6011111111111117', '2221000000000009'],
  ['4539-8765-4321-0129', '4539-8765-4321-0129'],
  ['Card:4111.1111.1111.1111', '4111.1111.1111.1111'],
  ['3782.822463.10005 on file', '3782.822463.10005'],
  ['one digit off: 4111 1111 1111 1112'],
  ['41.05304368833366, 4.111111111111111'],
  ['{"score":0.4111111111111111,"loss":0.378282246310005}'],
  ['order 5555555555554445 was sent'],
  ['tracking 9400110200881234567890'],
  ['IBAN-like 4111111111111111111111'],
  ['timestamp 20261128175543123'],
  ['1234 5678 9012 3456'],
  ['serial 6011000000000001'],
  ['4444 3333 2222 1110 is the part number'],
];

const ibans: readonly Sample[] = [
  ['Please pay to DE89370400440532013000.', 'DE89370400440532013000'],
  ['DE89 3704 0044 0532 0130 00', 'DE89 3704 0044 0532 0130 00'],
  ['IBAN: GB29 NWBK 6016 1331 9268 19', 'GB29 NWBK 6016 1331 9268 19'],
  ['FR14 2004 1010 0505 0001 3M02 606 (Paris)', 'FR14 2004 1010 0505 0001 3M02 606'],
  ['NO9386011117947 or NL91ABNA0417164300', 'NO9386011117947', 'NL91ABNA0417164300'],
  ['it60x0542811101000000123456', 'it60x0542811101000000123456'],
  ['MT84MALT011000012345MTLCAST001S', 'MT84MALT011000012345MTLCAST001S'],
  ['ES91 2100 0418 4502 0005 1332, please', 'ES91 2100 0418 4502 0005 1332'],
  ['my account DE89 3704 0044 0532 0130 00 is at the bank', 'DE89 3704 0044 0532 0130 00'],
  ['DE88370400440532013000'],
  ['DE8937040044053201300'],
  ['XX89370400440532013000'],
  ['AB12CDEF34567890GHIJ'],
  ['build AA11BB22CC33DD44'],
  ['GB29 NWBK 6016 1331 9268 18'],
];

const national: readonly Sample[] = [
  ['DNI 12345678Z', '12345678Z'],
  ['mi NIE es X1234567L.', 'X1234567L'],
  ['48223910-V', '48223910-V'],
  ['C.F. RSSMRA85T10A562S', 'RSSMRA85T10A562S'],
  ['codice VRDGPP13R10B293P', 'VRDGPP13R10B293P'],
  ['codice fiscale rssmra85t10a562s', 'rssmra85t10a562s'],
  ['mi dni es 12345678z', '12345678z'],
  ['CPF n\u00ba 39053344705', '39053344705'],
  ['CPF 529.982.247-25', '529.982.247-25'],
  ['cpf: 39053344705', '39053344705'],
  ['NIR 1 85 05 78 006 084 91', '1 85 05 78 006 084 91'],
  ['269054958815780', '269054958815780'],
  ['personnummer 811218-9876', '811218-9876'],
  ['19640823-3234', '19640823-3234'],
  ['National Insurance: AB 12 34 56 C', 'AB 12 34 56 C'],
  ['JG103759A', 'JG103759A'],
  ['Steuer-ID: 86 095 742 719', '86 095 742 719'],
  ['Meine Steueridentifikationsnummer ist 47036892816', '47036892816'],
  ['PESEL 44051401359', '44051401359'],
  ['BSN: 111222333', '111222333'],
  ['SIN 046-454-286', '046-454-286'],
  ['Aadhaar number: 2341 2341 2346', '2341 2341 2346'],
  ['DNI 12345678A'],
  ['hash 12345678a, blob 1234567890abcdef'],
  ['RSSMRA85T10A562T'],
  ['529.982.247-26'],
  ['111.111.111-11'],
  ['185057800608492'],
  ['811218-9875'],
  ['loss 4.253560478876768, 42.168468104557235'],
  ['order 811342-9876'],
  ['BG 12 34 56 C'],
  ['Steuer-ID: 86 095 742 718'],
  ['PESEL 44051401358'],
  ['BSN: 111222334'],
  ['SIN 046-454-287'],
  ['Aadhaar number: 2341 2341 2347'],
  ['ticket 86095742719 is open'],
  ['part 111222333'],
  ['version 044.454.286-12'],
];

const emails: readonly Sample[] = [
  ['Write to ana.long@acme.example', 'ana.long@acme.example'],
  ['<o\u2019neil@mail.example>, "billing+eu@shop.co.example"', 'neil@mail.example', 'billing+eu@shop.co.example'],
  ['mailto:support@müller.example', 'support@müller.example'],
  ['A_B-C%d@sub.sub2.domain.example.', 'A_B-C%d@sub.sub2.domain.example'],
  ['CONTACT: INFO@ACME.EXAMPLE', 'INFO@ACME.EXAMPLE'],
  ['ion@firma.md', 'ion@firma.md'],
  ['icon@2x.png and lodash@4.17.21.tgz'],
  ['see notes@1.2.md, report@final.pdf'],
  ['follow @acme on the network'],
  ['npm i @types/node@24'],
  ['a @ b . c'],
  ['user@localhost'],
  ['5 @ 3.50 each'],
  ['git@'],
];

const phones: readonly Sample[] = [
  ['Call (212) 555-0147 now', '(212) 555-0147'],
  ['212-555-0147 or 1-212-555-0199', '212-555-0147', '1-212-555-0199'],
  ['+1 212 555 0147', '+1 212 555 0147'],
  ['+49 30 1234567', '+49 30 1234567'],
  ['+44 (0)20 7946 0958', '+44 (0)20 7946 0958'],
  ['fax: 212.555.0147', '212.555.0147'],
  ['+81-3-1234-5678', '+81-3-1234-5678'],
  ['+7.495.123.45.67', '+7.495.123.45.67'],
  ['moved by +1.23456789 or +4.5678912'],
  ['a range 2010-2020'],
  ['invoice 2125550147'],
  ['date 2026-11-28'],
  ['1.2.3-4567'],
  ['112-555-0147'],
  ['score 212-55-0147-9'],
  ['x+49301234567'],
];

const addresses: readonly Sample[] = [
  ['from 192.168.10.254', '192.168.10.254'],
  ['203.0.113.7:8080 refused', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:0db8:85a3:0000:0000:8a2e:0370:7334]', '2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
  ['fe80::1ff:fe23:4567:890a', 'fe80::1ff:fe23:4567:890a'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1', '10.0.0.1'],
  ['list[1::2], a[10::2, 3]'],
  ['add::f32 A::B1 (a)::(b)'],
  ['10:20:30:40:50:60:70:80'],
  ['version 1.2.3'],
  ['256.1.1.1'],
  ['1.2.3.4.5'],
  ['at 12:30:45'],
  ['std::vector a::b'],
  ['ratio 1:2:3'],
  ['00:1a:2b:3c:4d:5e'],
];

const social: readonly Sample[] = [
  ['SSN 536-22-1234', '536-22-1234'],
  ['my ssn is 536221234', '536221234'],
  ['social security number: 536 22 1234', '536 22 1234'],
  ['536.22.1234', '536.22.1234'],
  ['ref x-536-22-1234-', '536-22-1234'],
  ['536-22-1234-5'],
  ['1-536-22-1234'],
  ['000-22-1234'],
  ['666-22-1234'],
  ['936-22-1234'],
  ['536-00-1234'],
  ['536-22-0000'],
  ['1536-22-1234'],
  ['part 536221234'],
];

const drawn = {
  letters16: '4SYWB5WKH7DNSIPZ',
  text20: 'Z63fFKcZjR4I0b3jRtaW',
  text24: 'klZDOCj2ISaJiHkTj0rLGlko',
  text35: 'faC9qEwjky40UVsWmflzdE1F8ResqEDusTp',
  text36: 'U8JZpDE0iGXlD6gNCFbaEPFjbD0kH8Oool8D',
  text43: '83rzjZZZZGeoZDMENcKHVmDGAkJiG8XnBE3NnYJoQ9W',
  text48: 'MXGjtEkDnNfribxUdl7dXTPyLsxPFkThf4VucSmEHgaKwVJ7',
};
const aws = `AK${'IA'}${drawn.letters16}`;
const github = `gh${'p_'}${drawn.text36}`;
const slack = `xo${'xb'}-2410${'-'}${drawn.text24}`;
const stripe = `sk${'_live_'}${drawn.text24}`;
const openai = `sk${'-proj-'}${drawn.text48}`;
const google = `AI${'za'}${drawn.text35}`;
const mail = `SG${'.'}${drawn.text24.slice(0, 22)}.${drawn.text43}`;
const token = `ey${'J'}hbGciOiJIUzI1NiJ9.ey${'J'}zdWIiOiIxMjM0NTY3ODkwIn0.${drawn.text43}`;
const pem = `-----BEGIN ${'PRIVATE'} KEY-----\n${drawn.text48}\n${drawn.text48}\n-----END ${'PRIVATE'} KEY-----`;

const secrets: readonly Sample[] = [
  [`export AWS=${aws}`, aws],
  [`clone with ${github}.`, github],
  [`"${slack}"`, slack],
  [`STRIPE: ${stripe}`, stripe],
  [`Use ${openai} for now`, openai],
  [`maps?key=${google}&x`, google],
  [`(${mail})`, mail],
  [`Authorization: Bearer ${token}`, token],
  [`here:\n${pem}\nthanks, this is all`, pem],
  [`password = ${drawn.text20}`, drawn.text20],
  [`"api_key": "${drawn.text24}"`, drawn.text24],
  [`DB_PASSWORD=${drawn.text20}`, drawn.text20],
  [`the token is ${drawn.text24}`, drawn.text24],
  [`client secret: ${drawn.text36}`, drawn.text36],
  [`password=${drawn.text20}==`, `${drawn.text20}==`],
  [`GET /cb?token=${drawn.text24}&user=1`, drawn.text24],
  [`AWS_SECRET_ACCESS_KEY=${drawn.text20}/${drawn.text20}`, `${drawn.text20}/${drawn.text20}`],
  [`MY_APP_DB_PASSWORD: ${drawn.text20}`, drawn.text20],
  [`secretKey = "${drawn.text24}"`, drawn.text24],
  [`curl -H 'Authorization: Bearer ${drawn.text36}'`, drawn.text36],
  [`<api-key>${drawn.text24}</api-key>`, drawn.text24],
  ['postgres://app:hunter2@db.internal:5432/app', 'hunter2'],
  ['https://user:password@example.com'],
  ['http://localhost:8080/@scope/package'],
  ['a basic understanding of keys and tokens in 2026'],
  ['the primary key is user_id_2026_v12_final'],
  ['bearer of good news since 1999'],
  ['password: correcthorsebatterystaple'],
  ['set the token max_tokens=4096'],
  ['the secret of a good soup is time'],
  ['password reset instructions for 2026'],
  ['token: aaaaaaaaaaaaaaaa1111'],
  ['api key rotation policy v2'],
  [`commit ${'9f86d081884c7d659a2feaa0c55ad015'}`],
  ['sk-learn pipelines are used'],
  ['task-forces and desk-organisers everywhere'],
  ['-----BEGIN CERTIFICATE----- MIIB'],
  [`build ${drawn.text24}`],
  ['AKIA is a prefix'],
  ['max_tokens: 4096, temperature: 0.2'],
];

const markings: readonly Sample[] = [
  ['CONFIDENTIAL: do not forward', 'CONFIDENTIAL'],
  ['STRICTLY CONFIDENTIAL', 'STRICTLY CONFIDENTIAL'],
  ['(TOP SECRET//NOFORN)', 'TOP SECRET//NOFORN'],
  ['SECRET//REL only', 'SECRET//REL'],
  ['FOR INTERNAL USE ONLY', 'FOR INTERNAL USE ONLY'],
  ['Confidential advice is free'],
  ['the SECRET of success'],
  ['a restricted area'],
  ['INTERNAL SERVER ERROR'],
  ['UNRESTRICTED use'],
];

/** Ordinary texts in which nothing is to be found, read by every detector. */
export const ORDINARY: readonly string[] = [
  'The meeting on 28 November 2026 at 14:30 is in room 12.4; please bring version 2.10.0 of the plan.',
  'Invoice 2026-004512 over 1,234.50 EUR is due in 30 days. Order 99-1234-5678 ships on 2026-12-01.',
  'for (let i = 0; i < 1000000; i++) total += data[i]; // O(n), see RFC 7231 section 6.5.1',
  'SELECT id, name FROM users WHERE created_at > 1700000000 AND score >= 12345678 LIMIT 100;',
  'The train leaves at 10:05:30 from platform 7 and takes 3 h 45 min; seats 12A to 14C are reserved.',
  '{"id":"c1f0d9a2","created":1764350000,"usage":{"prompt_tokens":1532,"completion_tokens":210},"ratio":0.1370}',
  'sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae of the archive',
  'Chapter 12, verses 1-14; pages 201-240; ISBN 978-3-16-148410-0; DOI 10.1000/182.',
  'Die Rechnung Nr. 4711-0815 vom 01.12.2026 beträgt 99,95 Euro, zahlbar bis 31.12.2026.',
  'El pedido 20261128 llegará en 5 a 7 días; su código es A12-B34-C56.',
];

/** Every set, by what it is about. */
export const SETS: readonly SampleSet[] = [
  { name: 'card', detectors: of(PAYMENT, 'CREDIT_CARD'), samples: cards },
  { name: 'iban', detectors: BANK, samples: ibans },
  { name: 'national_id', detectors: NATIONAL, samples: national },
  { name: 'email', detectors: of(PERSONAL, 'EMAIL'), samples: emails },
  { name: 'phone', detectors: of(PERSONAL, 'PHONE'), samples: phones },
  { name: 'ip', detectors: of(PERSONAL, 'IP_ADDRESS'), samples: addresses },
  { name: 'ssn', detectors: of(PERSONAL, 'SSN'), samples: social },
  { name: 'secret', detectors: SECRETS, samples: secrets },
  { name: 'marking', detectors: MARKINGS, samples: markings },
];
