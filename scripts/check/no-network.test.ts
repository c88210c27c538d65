import dgram from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLoopback } from './no-network.ts';

// 192.0.2.1 is reserved for documentation: nothing answers there, and no packet may leave for it.
const OUTSIDE = '192.0.2.1';
const refused = /Tests run without network/;

const failureOf = (socket: net.Socket): Promise<Error> => new Promise((resolve) => socket.once('error', resolve));

describe('tests stay on this machine', () => {
  const server = http.createServer((_, response) => response.end('here'));
  const port = (): number => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  test('loopback is reached, by address and by name', async () => {
    expect(await (await fetch(`http://127.0.0.1:${port()}/`)).text()).toBe('here');
    expect(await (await fetch(`http://localhost:${port()}/`)).text()).toBe('here');
  });

  test('sockets to elsewhere fail in every form of connect', async () => {
    expect((await failureOf(net.connect(80, OUTSIDE))).message).toMatch(refused);
    expect((await failureOf(net.connect({ port: 80, host: OUTSIDE }))).message).toMatch(refused);
    expect((await failureOf(new net.Socket().connect(80, OUTSIDE))).message).toMatch(refused);
    expect((await failureOf(tls.connect({ port: 443, host: OUTSIDE }))).message).toMatch(refused);
  });

  test('fetch and http fail', async () => {
    const error = await fetch(`http://${OUTSIDE}/`).catch((reason: unknown) => reason);
    expect(String((error as Error).cause)).toMatch(refused);
    const named = await fetch('http://provider.example/').catch((reason: unknown) => reason);
    expect(String((named as Error).cause)).toMatch(refused);
    const [reason] = await once(http.get(`http://${OUTSIDE}/`), 'error').catch((caught: unknown) => [caught]);
    expect(String(reason)).toMatch(refused);
  });

  test('names are not looked up', async () => {
    await expect(dns.promises.lookup('provider.example')).rejects.toThrow(refused);
    const error = await new Promise((resolve) => dns.lookup('provider.example', resolve));
    expect(String(error)).toMatch(refused);
  });

  test('datagrams are not sent', () => {
    const socket = dgram.createSocket('udp4');
    expect(() => socket.send('x', 53, OUTSIDE)).toThrow(refused);
    socket.close();
  });

  test.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', undefined])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  test.each(['0.0.0.0', '10.0.0.1', '127.0.0.1.example', 'example', '1270.0.0.1'])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
