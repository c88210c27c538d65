import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { BundleData } from '../../src/core/model/index.ts';
import { forTest, type Published, startEnrolled } from './enrolled.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { sendJson, startUpstream, until } from './upstream.testkit.ts';

// Sinks that a bundle names, at a gateway that is enrolled: from what is published to what a receiver gets.

const published = (version: string, data: Partial<BundleData>): Published => ({
  policy: documentOf({ targets: [{}], document: { pack: { name: 'p', version, enabled: true } } }),
  data,
});

test('the sinks of a bundle get the decisions of its gateway, signed, until a bundle names them no more', async () => {
  const receiver = forTest(await startUpstream());
  receiver.script = (_, response) => sendJson(response, 200, {});
  const sinks = [{ name: 'siem', url: `${receiver.url}/in`, secret: { env: 'SINK_KEY' } }];
  const gateway = await startEnrolled({ ...published('1.0.0', { sinks }), variables: { SINK_KEY: 'whsec-sink' } });
  const ask = async (): Promise<string | null> => {
    const response = await gateway.ask();
    await response.text();
    return response.headers.get('x-request-id');
  };
  const id = await ask();
  await until(() => receiver.received.length > 0, 'a delivery');
  const [got] = receiver.received;
  expect(got?.path).toBe('/in');
  expect(got?.body).toMatchObject({ gateway: 'desk', events: [{ event: { type: 'decision', requestId: id } }] });
  const { 'webhook-id': message, 'webhook-timestamp': at, 'webhook-signature': signature } = got?.headers ?? {};
  const mac = createHmac('sha256', 'whsec-sink').update(`${message}.${at}.${got?.raw}`).digest('base64');
  expect(signature).toBe(`v1,${mac}`);
  await gateway.change(published('1.0.1', {}));
  await ask();
  expect(await gateway.running().service.sinks.drain()).toBe(true);
  expect(receiver.received).toHaveLength(1);
  expect(gateway.running().service.sinks.families()).toEqual([]);
});
