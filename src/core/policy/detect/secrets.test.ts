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

describe('a private key', () => {
  it.each([
    ['in lines', `${HEAD}\n${lines(26, '\n')}\n${END}`],
    ['in JSON', `${HEAD}\\n${lines(26, '\\n')}\\n${END}`],
    ['in one line', `${HEAD}${line(1_700)}${END}`],
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
