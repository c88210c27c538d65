import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { drift } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { openVerifier, readRoot } from '../src/trust/index.ts';
import { buildCli, createFleet, ORGS, ROOT, type TestFleet } from './fleet.testkit.ts';

// `tenantry apply` is killed at a random moment and run again. The soak does the same many more times.

let fleet: TestFleet;

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
});
afterAll(() => fleet.destroy());

/** Starts apply and kills it after `delayMs`; true when it was still running. */
function killedAfter(delayMs: number): Promise<boolean> {
  const entry = join(ROOT, 'dist/tenantry.mjs');
  const child = spawn(process.execPath, [entry, 'apply', '--yes', '-C', fleet.dir], { stdio: 'ignore' });
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    child.on('close', (_status, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

it('kill -9 during apply leaves nothing to repair: the next run completes it', async () => {
  // How long a whole run takes here and now, so that the kills fall inside of it.
  const startedMs = performance.now();
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
  const wholeMs = performance.now() - startedMs;
  const killed: boolean[] = [];
  for (const share of [0.45, 0.65, 0.85]) {
    const round = killed.length;
    for (const org of ORGS) fleet.edit(`orgs/${org}/org.yaml`, "orgLimit: '", "orgLimit: '1");
    await fleet.save(`round ${round}`);
    killed.push(await killedAfter(wholeMs * (share + (Math.random() - 0.5) * 0.2)));

    const again = fleet.run(['apply', '--yes']);
    expect([again.status, again.stderr]).toEqual([0, expect.not.stringContaining('BUG')]);
    const open = await fleet.open({ nowMs: () => Date.now() });
    try {
      for (const org of ORGS) {
        const head = await open.headOf(org);
        expect([org, head.generation, head.commit]).toEqual([org, round + 2, fleet.head()]);
        expect(await open.state.store.verifyHistory(org)).toBeNull();
        expect((await open.state.store.publication(org))?.generation).toBe(head.generation);
        const root = await readRoot(open.state.publisher, head.uid, 1);
        if (root === undefined) throw new Error('expected a root');
        const verifier = await openVerifier({
          stateDir: join(fleet.dir, '.tenantry/verifier', org),
          identity: { fleet: 'test-fleet', orgUid: head.uid, gateway: 'desk-production' },
          root: root.bytes,
          fetcher: {
            async get(path) {
              const bytes = await open.state.publisher.get(head.uid, path);
              return bytes === undefined ? { status: 404 } : { status: 200, bytes, etag: null };
            },
          },
          nowMs: () => Date.now(),
          hash: nodeHash,
        });
        const polled = await verifier.poll();
        expect(polled).toMatchObject({ kind: 'candidate', target: { custom: { generation: head.generation } } });
        if (polled.kind === 'candidate') await polled.commit();
      }
      expect((await drift(await open.parts(), { orgs: null, heal: null })).drifts).toEqual([]);
      expect(await open.apply()).toMatchObject({ ok: true, orgs: [], published: [] });
    } finally {
      open.close();
    }
  }
  expect(killed).toContain(true);
});
