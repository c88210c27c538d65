import { describe, expect, it } from 'vitest';
import { SECRETS } from './secrets.ts';

const HEAD = `-----BEGIN ${'RSA PRIVATE'} KEY-----`;
const END = `-----END ${'RSA PRIVATE'} KEY-----`;
const line = (length: number): string => 'MIIEpAIBAAKCAQEA7bq9'.repeat(Math.ceil(length / 20)).slice(0, length);
const lines = (count: number, between: string): string => Array(count).fill(line(64)).join(between);

/** What the detectors of secrets find first. */
const found = (text: string): string | null => {
  const matches = SECRETS.flatMap((detector) => detector.find(text, 0) ?? []);
  const [first] = matches.sort((a, b) => a.start - b.start);
  return first === undefined ? null : text.slice(first.valueStart, first.end);
};

describe('a secret by the prefix of its issuer', () => {
  // Letters and digits of no issuer; each is put together here, so that no scanner takes this file for a leak.
  const drawn = (length: number): string => 'a1B2c3D4e5F6g7H8'.repeat(20).slice(0, length);

  it.each([
    ['AK', `IA${'Q2W3E4R5T6Y7U2I3'}`],
    ['gh', `p_${drawn(36)}`],
    ['github_', `pat_${drawn(22)}_${drawn(59)}`],
    ['gl', `pat-${drawn(24)}`],
    ['xo', `xb-${drawn(30)}`],
    ['sk', `_live_${drawn(24)}`],
    ['sk', `-${drawn(40)}`],
    ['AI', `za${drawn(35)}`],
    ['np', `m_${drawn(36)}`],
    ['py', `pi-${drawn(60)}`],
    ['S', `G.${drawn(22)}.${drawn(43)}`],
    ['h', `f_${drawn(34)}`],
    ['dop', `_v1_${'0123456789abcdef'.repeat(4)}`],
    ['tnt', `_support-app_${drawn(43)}_${drawn(6)}`],
    ['ey', `J${drawn(20)}.eyJ${drawn(40)}.${drawn(43)}`],
    ['gl', `rt-${drawn(24)}`],
    ['xa', `pp-1-${drawn(30)}`],
    ['wh', `sec_${drawn(32)}`],
    ['gs', `k_${drawn(52)}`],
    ['xa', `i-${drawn(80)}`],
    ['pp', `lx-${drawn(48)}`],
    ['r', `8_${drawn(37)}`],
    ['GOC', `SPX-${drawn(28)}`],
    ['ya', `29.${drawn(100)}`],
    ['dckr', `_pat_${drawn(27)}`],
    ['hv', `s.${drawn(90)}`],
    ['da', `pi${'0123456789abcdef'.repeat(2)}`],
    ['shp', `at_${'0123456789ABCDEF'.repeat(2)}`],
  ])('%s… is found whole, and not as the end of a longer word', (prefix, rest) => {
    const secret = `${prefix}${rest}`;
    expect(found(`Use ${secret}, please`)).toBe(secret);
    expect(found(`Use x${secret}, please`)).toBeNull();
  });
});

describe('a private key', () => {
  it.each([
    ['in lines', `${HEAD}\n${lines(26, '\n')}\n${END}`],
    ['in JSON', `${HEAD}\\n${lines(26, '\\n')}\\n${END}`],
    ['in one line', `${HEAD}${line(1_700)}${END}`],
    [
      'of OpenPGP',
      `${HEAD.replace('RSA PRIVATE KEY', `PGP ${'PRIVATE'} KEY BLOCK`)}\nVersion: GnuPG v2.4 (GNU/Linux)\n\n${lines(9, '\n')}\n=a1B2\n${END.replace('RSA PRIVATE KEY', `PGP ${'PRIVATE'} KEY BLOCK`)}`,
    ],
    ['with its headers', `${HEAD}\nProc-Type: 4,ENCRYPTED\n\n${lines(26, '\n')}\n${END}`],
  ])('%s is found to its end', (_, key) => {
    expect(found(`Here: ${key}. Thank you`)).toBe(key);
  });

  it.each([
    ['after its head', HEAD],
    ['in a line', `${HEAD}\n${lines(3, '\n')}\n${line(20)}`],
    ['in JSON', `${HEAD}\\n${lines(3, '\\n')}\\n${line(20)}`],
    ['in CRLF', `${HEAD}\r\n${lines(3, '\r\n')}\r\n${line(20)}`],
    ['of 8,192 bits', `${HEAD}\n${lines(100, '\n')}`],
  ])('that is cut off %s is found as far as its Base64 goes', (_, key) => {
    expect(found(`Here: ${key}`)).toBe(key);
    expect(found(`Here: ${key}\nThank you.`)).toBe(key);
  });

  it('is never longer than its reach says', () => {
    const most = Math.max(...SECRETS.map(({ reach }) => reach));
    expect(found(`${HEAD}${`\\n\\n\\n\\n${line(16)}`.repeat(800)}`)?.length).toBeLessThan(most);
    expect(found(`${HEAD}${line(9_000)}`)?.length).toBeLessThan(most);
    expect(found(`-----BEGIN ${'OPENSSHXX EC'} ${'PRIVATE'} KEY-----${line(8_000)}${END}`)?.length).toBeLessThan(most);
  });
});

describe('what is assigned to a keyword', () => {
  const value = 'Z63fFKcZjR4I0b3jRtaW';
  it.each([
    ['with the padding of Base64', 'password=QWxhZGRpbjpvcGVuIHNlc2FtZTEyMw==', 'QWxhZGRpbjpvcGVuIHNlc2FtZTEyMw=='],
    ['with one sign of padding', `api_key: "${value}="`, `${value}=`],
    ['in a query that goes on', `https://x.example/cb?token=${value}&user=1`, value],
    ['in a query that ends', `https://x.example/cb?token=${value}`, value],
    ['with equal signs in it', 'secret: "Z63fFK=cZjR4I0b3jRtaW=x"', 'Z63fFK=cZjR4I0b3jRtaW=x'],
    ['with an ampersand in it', 'password: Tr0ub&dor3&xYz', 'Tr0ub&dor3&xYz'],
    ['before the next name of a query', `token=${value}&page_size=20&x=y`, value],
    ['of AWS', `AWS_SECRET_ACCESS_KEY=wJalr/${value}+x`, `wJalr/${value}+x`],
    ['in a long name', `MY_APP_DB_PASSWORD=${value}`, value],
    ['in a name of humps', `"secretKey": "${value}"`, value],
    ['of a program', `const accessToken = '${value}'`, value],
    ['in an element', `<password>${value}</password>`, value],
    ['as a flag', `--passphrase ${value}`, value],
    ['as a private key', `private_key: ${value}`, value],
    ['for a bearer', `curl -H "Authorization: Bearer ${value}"`, value],
    ['for a bearer without its header', `send Bearer ${value}`, value],
    ['for a name and a password', `Authorization: Basic ${value}==`, `${value}==`],
    ['for a scheme of its own', `authorization: token ${value}`, value],
  ])('%s is found: %s', (_, text, expected) => {
    expect(found(text)).toBe(expected);
  });

  it.each([
    'set the token max_tokens=4096 and go on',
    'password=correcthorsebatterystaple==',
    'https://x.example/cb?token=short1&user=Z63fFKcZjR4I0b3jRtaW',
    'a basic understanding2 of tokenization4u2see',
    'the key Z63fFKcZjR4I0b3jRtaW of the row',
    'monkey: Z63fFKcZjR4I0b3jRtaW',
  ])('is nothing in %j', (text) => {
    expect(found(text)).toBeNull();
  });

  it.each([
    ['postgres://app:hunter2@db.internal:5432/app', 'hunter2'],
    ['see https://ana:p%40ss-w0rd@example.com/x?y=1', 'p%40ss-w0rd'],
    ['redis://:Tr0ub4dor@cache:6379', 'Tr0ub4dor'],
  ])('is not needed in a URL: %s', (text, password) => {
    expect(found(text)).toBe(password);
  });

  it.each([
    'https://user:password@example.com',
    'https://user:***@example.com',
    'postgres://user:<secret>@host/db',
    'http://localhost:8080/@scope/package',
    'https://example.com:443/a@b',
  ])('is nothing in the URL %s', (text) => {
    expect(found(text)).toBeNull();
  });

  it('is never longer than its reach says', () => {
    const [detector] = SECRETS.slice(-1);
    const assignment = `${'a'.repeat(20)}-credentials' is   :>   "${value.repeat(6).slice(0, 119)}`;
    const text = `${assignment}&${'d'.repeat(20)}=`;
    expect(detector?.find(text, 0)?.end).toBe(assignment.length);
    expect(text.length).toBeLessThan(detector?.reach ?? 0);
  });
});
