import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeTestHost } from './host.testkit.ts';
import { startPlane, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { runManaged } from './run.ts';
import { echo, sendJson, startUpstream, until } from './upstream.testkit.ts';

// Sinks that a bundle names, at a gateway that is enrolled: from what is published to what a receiver gets.

test('the sinks of a bundle get the decisions of its gateway, signed, until a bundle names them no more', async () => {
  const [upstream, receiver] = await Promise.all([startUpstream(), startUpstream()]);
  const host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  host.variables.set('SINK_KEY', 'whsec-sink');
  const plane = await startPlane(host.nowMs);
  upstream.script = echo;
  receiver.script = (_, response) => sendJson(response, 200, {});
  const publish = (version: string, sinks: object) =>
    plane.publish(
      documentOf({ targets: [{}], document: { pack: { name: 'p', version, enabled: true } } }, [upstream.url]),
      sinks,
    );
  await publish('1.0.0', { sinks: [{ name: 'siem', url: `${receiver.url}/in`, secret: { env: 'SINK_KEY' } }] });
  const stateDir = plane.enrolledState();
  const running = await runManaged({ stateDir, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 }, host);
  const ask = async () => {
    const body = JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${running.url}/v1/chat/completions`, { method: 'POST', headers, body });
    await response.text();
    return response.headers.get('x-request-id');
  };
  try {
    await until(() => running.service.snapshot !== null, 'the bundle');
    const id = await ask();
    await until(() => receiver.received.length > 0, 'a delivery');
    const [got] = receiver.received;
    expect(got?.path).toBe('/in');
    expect(got?.body).toMatchObject({ gateway: 'desk', events: [{ event: { type: 'decision', requestId: id } }] });
    const { 'webhook-id': message, 'webhook-timestamp': at, 'webhook-signature': signature } = got?.headers ?? {};
    const mac = createHmac('sha256', 'whsec-sink').update(`${message}.${at}.${got?.raw}`).digest('base64');
    expect(signature).toBe(`v1,${mac}`);
    await publish('1.0.1', {});
    await until(() => running.service.snapshot?.policy.pack.version === '1.0.1', 'the next bundle');
    await ask();
    expect(await running.service.sinks.drain()).toBe(true);
    expect(receiver.received).toHaveLength(1);
    expect(running.service.sinks.families()).toEqual([]);
  } finally {
    await running.stop(500);
    await Promise.all([plane.close(), upstream.close(), receiver.close()]);
    rmSync(stateDir, { recursive: true, force: true });
  }
});
