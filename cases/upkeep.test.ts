import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { pruneAll, refreshAll } from '../src/flows/index.ts';
import { digest, enrol, escalationOf } from '../src/io/store/worlds.testkit.ts';
import type { Publisher } from '../src/ports/index.ts';
import {
  ALDER,
  BIRCH,
  buildCli,
  createAppliedFleet,
  createFleet,
  forgetAppliedFleet,
  HOUR_MS,
  type OpenFleet,
  publishedFiles,
  ROOT,
  runCli,
  START_MS,
  type TestFleet,
} from './fleet.testkit.ts';

// What keeps published files fresh and few, over a whole fleet.

const DAY_MS = 24 * HOUR_MS;

let fleet: TestFleet;
let open: OpenFleet;
let nowMs = START_MS;

beforeEach(async () => {
  nowMs = START_MS;
  fleet = await createAppliedFleet();
  open = await fleet.open({ nowMs: () => nowMs });
});
afterEach(() => {
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

describe('refreshing', () => {
  it('signs one timestamp for each org that is due, and says by whose key', async () => {
    const parts = await open.parts();
    expect(await refreshAll(parts)).toMatchObject({ orgs: 0 });
    nowMs += 2 * HOUR_MS;
    const signatures = { root: 0, targets: 0, snapshot: 0, timestamp: 3 };
    expect(await refreshAll(parts)).toEqual({ orgs: 3, signatures, findings: [] });
    expect(await refreshAll(parts)).toMatchObject({ orgs: 0 });
    nowMs += 16 * DAY_MS;
    const all = { root: 0, targets: 3, snapshot: 3, timestamp: 3 };
    const refreshed = await refreshAll(parts);
    expect(refreshed).toMatchObject({ orgs: 3, signatures: all });
    // Nobody signed for sixteen days, or the clock is wrong: that is said, and nothing else.
    expect(refreshed.findings.map(({ code }) => code)).toEqual(['PUBLISH_CLOCK']);
  });

  it('says which org stands still, and goes on with the others', async () => {
    const parts = await open.parts();
    const uid = await open.uidOf(ALDER);
    const busy: Publisher = {
      ...parts.publisher,
      async putMutable(org, path, bytes, over) {
        if (org === uid) throw Object.assign(new Error('status 503'), { code: 'PUBLISH_UNREACHABLE' });
        await parts.publisher.putMutable(org, path, bytes, over);
      },
    };
    nowMs += 2 * HOUR_MS;
    const refreshed = await refreshAll({ ...parts, publisher: busy });
    expect(refreshed).toMatchObject({ orgs: 2, findings: [{ code: 'PUBLISH_UNREACHABLE', org: ALDER }] });
    expect(await refreshAll(parts)).toMatchObject({ orgs: 1, findings: [] });
  });
});

describe('pruning', () => {
  const filesOf = (uid: string): number => publishedFiles(fleet).filter((path) => path.includes(uid)).length;

  it('keeps the number of files bounded however often an org changes, and touches no other org', async () => {
    const parts = await open.parts();
    const [uid, other] = [await open.uidOf(ALDER), await open.uidOf(BIRCH)];
    const counts: number[] = [];
    const before = filesOf(other);
    for (let change = 1; change <= 6; change += 1) {
      fleet.edit(`orgs/${ALDER}/org.yaml`, `limit: '${99 + change}.00'`, `limit: '${100 + change}.00'`);
      await fleet.save(`change ${change}`);
      nowMs += 60_000;
      expect(await open.apply()).toMatchObject({ ok: true });
      await pruneAll(parts, { versions: 2 });
      counts.push(filesOf(uid));
    }
    expect(new Set(counts.slice(1)).size).toBe(1);
    expect(filesOf(other)).toBe(before);
    expect(await open.apply()).toMatchObject({ ok: true, published: [] });
  });

  it('and refreshing answer as a command, one org in trouble or not', async () => {
    buildCli();
    open.close();
    fleet.destroy();
    // By the clock of the command, so that nothing is signed ahead of it.
    fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * DAY_MS) });
    expect(fleet.run(['apply', '--yes']).status).toBe(0);
    const quiet = runCli(['publish', '--refresh', '--prune', '--format', 'json', '-C', fleet.dir]);
    expect(quiet.status).toBe(0);
    expect(JSON.parse(quiet.stdout)).toMatchObject({ schema: 'tenantry/publish/v1', published: [], findings: [] });
    const targets = publishedFiles(fleet).find((path) => path.endsWith('1.targets.json')) ?? '';
    rmSync(join(fleet.dir, '.tenantry/published', targets));
    const told = runCli(['publish', '--prune', '--format', 'json', '-C', fleet.dir]);
    expect([told.status, JSON.parse(told.stdout)]).toMatchObject([
      1,
      { refreshed: null, pruned: { findings: [{ code: 'PUBLISH_DAMAGED' }] }, findings: [{ code: 'PUBLISH_DAMAGED' }] },
    ]);
    const damaged = runCli(['publish', '--prune', '-C', fleet.dir]);
    expect(damaged.status).toBe(1);
    expect(damaged.stderr).toContain('PUBLISH_DAMAGED');
    open = await fleet.open({ nowMs: () => nowMs });
  });
});

describe('a running controller', () => {
  it('takes out of the queue what was decided 91 days ago, and leaves what was decided 89 days ago', async () => {
    buildCli();
    const { runtime } = await open.parts();
    await enrol(runtime, ALDER, 'main');
    for (const [index, days] of [91, 89].entries()) {
      const id = `of-${days}`;
      const atMs = Date.now() - days * DAY_MS;
      const request = { gateway: 'main', sequence: index + 1, bodyDigest: digest(id) };
      await runtime.once(ALDER, request, async (tx) => {
        await tx.putEscalation(escalationOf(id, atMs));
        return {};
      });
      const move = { id, by: 'ann', key: null, note: null, nowMs: atMs };
      await runtime.moveEscalation(ALDER, { ...move, verb: 'claim' });
      await runtime.moveEscalation(ALDER, { ...move, verb: 'resolve', outcome: 'approved' });
    }
    const queued = async () => (await runtime.escalations(ALDER, { limit: 9 })).map(({ id }) => id);
    expect(await queued()).toEqual(['of-89', 'of-91']);
    const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
    const controller = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, CI: '1' } });
    const ended = new Promise((resolve) => controller.once('exit', resolve));
    try {
      await expect.poll(queued, { timeout: 30_000 }).toEqual(['of-89']);
    } finally {
      controller.kill('SIGTERM');
      await ended;
    }
  });
});
