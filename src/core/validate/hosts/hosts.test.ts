import { describe, expect, test } from 'vitest';
import { bucketOfHost, canonicalHost, mailHost, namesAbove, urlParts } from './host.ts';
import { privateHost } from './private.ts';
import { asciiLabel } from './punycode.ts';

describe('hosts', () => {
  test.each([
    ['API.OpenAI.com', 'api.openai.com'],
    ['api.openai.com.:443', 'api.openai.com'],
    ['müller。example', 'xn--mller-kva.example'],
    ['ＢＲＡＶＯ.example', 'bravo.example'],
    ['[::ffff:10.0.0.1]:80', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:DB8::443', '2001:db8:0:0:0:0:0:443'],
    ['10.0.0.1:443', '10.0.0.1'],
    ['127.1', '127.1'],
    ['localhost', 'localhost'],
  ])('%s is %s', (written, canonical) => expect(canonicalHost(written)).toBe(canonical));

  // Node's own URL parser is the reference.
  test.each([
    'bücher',
    'straße',
    '例え',
    'пример',
    'mañana',
    'ü',
    'faß',
    'abc',
    'ليهمابتكلموشعربي',
    '他们为什么不说中文',
  ])('the label %s as a browser writes it', (label) => {
    const expected = new URL(`http://${label}.example`).hostname.replace(/\.example$/, '');
    expect(asciiLabel(label)).toBe(expected);
  });

  test('parts of URLs', () => {
    expect(urlParts('https://User:pw@Logs.example:443/a//b/./c/../d?x#y')).toEqual({
      host: 'logs.example',
      port: '',
      path: '/a/b/d',
    });
    expect(urlParts('http://[::1]:8080')).toEqual({ host: '0:0:0:0:0:0:0:1', port: '8080', path: '' });
    expect(urlParts('ana@acme.example')).toBeNull();
    expect(mailHost('Ana@ACME.example')).toBe('acme.example');
    expect(mailHost('group:acme')).toBeNull();
  });

  test('names above and buckets', () => {
    expect(namesAbove('a.b.example')).toEqual(['a.b.example', 'b.example', 'example']);
    expect(['a.b.example', 'b.example', 'example'].map(bucketOfHost)).toEqual(['b.example', 'b.example', 'example']);
  });

  test.each(['8.8.8.8', '172.32.0.1', '11.0.0.1', '[2606:4700::1111]', 'api.openai.com', 'internal.example'])(
    '%s is public',
    (host) => expect(privateHost(canonicalHost(host))).toBeNull(),
  );

  // As the gateway judges what a name leads to: what it would refuse is found before.
  test.each([
    ['10.0.0.1', 'private'],
    ['0x7f000001', 'loopback'],
    ['017700000001', 'loopback'],
    ['127.1', 'loopback'],
    ['169.254.169.254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['224.0.0.1', 'multicast'],
    ['203.0.113.5', 'reserved'],
    ['[::1]', 'loopback'],
    ['[fd00::1]', 'private'],
    ['[fe80::1]', 'link-local'],
    ['[fd00:ec2::254]', 'metadata'],
    ['[2001:db8::1]', 'reserved'],
    ['[::ffff:0:10.0.0.1]', 'IPv4 address written as IPv6'],
    ['[64:ff9b::a00:1]', 'private'],
    ['[2606:4700::5efe:a00:1]', 'private'],
    ['[2002:a00:1::]', 'reserved'],
    ['[::]', 'every address'],
    ['0.0.0.0', 'every address'],
    ['printer.lan', 'a name inside'],
    ['metadata', 'a name inside'],
  ])('%s is %s', (host, what) => expect(privateHost(canonicalHost(host))).toContain(what));
});
