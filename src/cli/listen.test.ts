import { expect, it } from 'vitest';
import { listenAddress, simulatorOrigin, urlOf } from './listen.ts';

it.each([
  ['127.0.0.1:4100', '127.0.0.1', 4100, 'http://127.0.0.1:4100'],
  ['localhost:0', 'localhost', 0, 'http://localhost:0'],
  ['[::1]:4100', '::1', 4100, 'http://[::1]:4100'],
  ['[::ffff:127.0.0.1]:4100', '::ffff:127.0.0.1', 4100, 'http://[::ffff:127.0.0.1]:4100'],
])('%s is an address for a socket, and one for a URL', (text, host, port, url) => {
  const address = listenAddress(text, '--listen');
  expect([address, urlOf(address.host, address.port)]).toEqual([{ host, port }, url]);
});

it.each(['4100', ':4100', '::1:4100', '[::1]', '[::1:4100', '[]:4100', '127.0.0.1:65536', 'a b:1'])(
  '%s is none, and the message says where it stands',
  (text) => {
    expect(() => listenAddress(text, 'controlPlane.listen of fleet.yaml')).toThrow(
      `expected controlPlane.listen of fleet.yaml to be <host>:<port>, such as 127.0.0.1:4100 or [::1]:4100, found "${text}"`,
    );
  },
);

it.each(['http://127.0.0.1:4190', 'http://localhost:4190', 'http://[::1]:4190'])('%s may be a simulator', (text) => {
  expect(simulatorOrigin(`${text}/`)).toBe(text);
});

it.each(['notaurl', '127.0.0.1:4190', 'https://127.0.0.1:4190', 'http://192.0.2.1:4190', 'http://127.0.0.1.example'])(
  '%s is no simulator: gateways would refuse it, each time they are started',
  (text) => {
    expect(() => simulatorOrigin(text)).toThrow(
      `expected --simulator to be http://127.0.0.1:<port>, found ${JSON.stringify(text)}`,
    );
  },
);
