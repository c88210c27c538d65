import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateGatewayKey } from '../../src/trust/index.ts';
import { createControlPlane } from './control.ts';
import { DEFAULT_PACE } from './pace.ts';
import { ORG } from './plane.testkit.ts';
import { openSequences } from './state.ts';

test('a disk that cannot reserve sequences stops no process: posts are not sent until there is room, under numbers that rise', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-control-'));
  const seen: number[] = [];
  const server = createServer((request, response) => {
    seen.push(Number(request.headers['tenantry-sequence']));
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state = join(folder, 'state');
  const control = createControlPlane({
    source: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    orgUid: ORG,
    gateway: 'desk',
    privateKey: generateGatewayKey().privateKey,
    sequences: openSequences(state),
    nowMs: Date.now,
    pace: DEFAULT_PACE,
  });
  try {
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await control.post('/api/v1/gateway/ack', '{}')).toMatchObject({ kind: 'away' });
    }
    expect(seen).toEqual([]);
    mkdirSync(state);
    expect(await control.post('/api/v1/gateway/ack', '{}')).toEqual({ kind: 'ok', body: {} });
    expect(openSequences(state).next()).toBeGreaterThan(seen[0] ?? Number.POSITIVE_INFINITY);
  } finally {
    await control.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
