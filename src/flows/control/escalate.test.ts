import { describe, expect, it } from 'vitest';
import type { JournalLine, OrgSlug, OrgUid } from '../../core/model/index.ts';
import type { NewEscalation, RuntimeTransaction } from '../../ports/index.ts';
import type { AuthenticatedGateway, TenantSession } from './authenticate.ts';
import type { ControlPlane } from './context.ts';
import { escalationAnswer, escalationKeeper } from './escalate.ts';
import { listEscalations } from './escalations.ts';
import { escalationIn } from './shapes.ts';

// What is told well, and what becomes of it; over the real store and HTTP it is shown in cases/reviews.test.ts.

const told = {
  ...{ type: 'escalation', id: 'esc_1', at: 1000, requestId: 'req_1', phase: 'output', policy: 'human-oversight' },
  ...{ reasonCode: 'high-risk', token: 'bot', team: 'support', model: 'small', timeoutMs: null },
};
const TOOL = { server: 'docs', tool: 'search', argumentsDigest: 'a'.repeat(64) };
const ended = { type: 'escalation-end', id: 'esc_1', at: 2000, requestId: 'req_1', outcome: 'lost' };

describe('an escalation that a line tells of', () => {
  it.each([
    [true, told],
    [true, { ...told, phase: 'wallet', token: null, team: null, model: null, timeoutMs: 0 }],
    [false, { ...told, phase: 'elsewhere' }],
    [false, { ...told, id: 'e1' }],
    [false, { ...told, id: 'esc_a/b' }],
    [false, { ...told, id: `esc_${'a'.repeat(121)}` }],
    [false, { ...told, requestId: '' }],
    [false, { ...told, policy: null }],
    [false, { ...told, reasonCode: 7 }],
    [false, { ...told, model: 7 }],
    [false, { ...told, timeoutMs: -1 }],
    [true, { ...told, tool: TOOL }],
    [false, { ...told, tool: null }],
    [false, { ...told, tool: { ...TOOL, arguments: {} } }],
    [false, { ...told, tool: { ...TOOL, server: '' } }],
    [false, { ...told, tool: { ...TOOL, tool: 7 } }],
    [false, { ...told, tool: { ...TOOL, argumentsDigest: 'none' } }],
    [false, { ...told, text: 'what was asked' }],
    [true, ended],
    [false, { ...ended, outcome: 'resolved' }],
    [false, { ...ended, id: 'esc_' }],
    [false, { ...ended, requestId: 1 }],
    [false, { ...ended, note: 'more' }],
    [false, { ...ended, reasonCode: 'gateway.token_invalid' }],
    [true, { ...ended, outcome: 'overtaken', reasonCode: 'gateway.token_invalid' }],
    [false, { ...ended, outcome: 'overtaken' }],
    [false, { ...ended, outcome: 'overtaken', reasonCode: 7 }],
    [false, { ...told, type: 'intent' }],
    [false, { ...told, type: 'decision', verdict: 'escalate' }],
  ])('is read (%s) from %j', (isRead, event) => {
    const line = { sequence: 1, previous: '0', event } as unknown as JournalLine;
    expect(escalationIn(line)).toEqual(isRead ? event : undefined);
  });
});

describe('who is answered', () => {
  const session = { head: { org: 'acme', uid: 'u' }, token: 'console', team: 'desk' } as unknown as TenantSession;
  const planeWith = (row: object | null): ControlPlane =>
    ({
      orgs: { observe: async () => ({ objects: [] }) },
      runtime: {
        expireEscalations: async () => [],
        escalation: async () => (row === null ? undefined : { row, log: [], notifications: [] }),
      },
      clock: { nowMs: () => 5000 },
      decisions: { wake: () => undefined },
    }) as unknown as ControlPlane;

  it('is the gateway that told it, and no other of its org', async () => {
    const row = { id: 'esc_1', gateway: 'desk', state: 'resolved', outcome: 'denied', reason: 'timeout', dueAt: 1 };
    const ask = (gateway: string) =>
      escalationAnswer(
        planeWith(row),
        { head: { org: 'acme', uid: 'u' }, row: { gateway } } as unknown as AuthenticatedGateway,
        { id: 'esc_1', waitMs: 0, signal: new AbortController().signal, away: (wait) => wait() },
      );
    expect(await ask('desk')).toMatchObject({ ok: true, body: { state: 'resolved' } });
    expect(await ask('lobby')).toMatchObject({ ok: false, status: 404 });
  });

  it('is nobody in an org without a Review', async () => {
    const listed = await listEscalations(planeWith(null), session, {
      page: { limit: undefined, cursor: undefined },
      state: undefined,
    });
    expect(listed).toMatchObject({ ok: false, status: 403, code: 'ESCALATION_NO_REVIEW' });
  });
});

describe('an escalation is queued', () => {
  const NOW = 5000;
  const spec = {
    queue: 'acme-queue',
    slaMinutes: 30,
    onTimeout: 'approve',
    notifications: [{ kind: 'email', to: 'a@b.c' }],
  };
  const review = { id: { kind: 'Review', name: 'desk' }, document: { kind: 'Review', spec } };
  const caller = {
    head: { org: 'acme' as OrgSlug, uid: 'u' as OrgUid },
    row: { gateway: 'desk' },
  } as AuthenticatedGateway;
  const put = async (change: object, objects: readonly unknown[] = [review]) => {
    const rows: NewEscalation[] = [];
    let looks = 0;
    const observe = async () => {
      looks += 1;
      return { objects };
    };
    const plane = { orgs: { observe }, clock: { nowMs: () => NOW } } as unknown as ControlPlane;
    const keep = await escalationKeeper(plane, caller, [{ ...told, ...change } as never]);
    const tx = {
      putEscalation: async (row: NewEscalation) => void rows.push(row),
      endEscalation: async () => true,
    } as unknown as RuntimeTransaction;
    await keep(tx);
    return { rows, looks };
  };

  it('with the terms of the review as they are then, and nothing of a time out of its place', async () => {
    const { type: _type, at: _at, timeoutMs: _timeoutMs, ...facts } = told;
    const queue = { name: 'acme-queue', dueAt: 1000 + 30 * 60_000, onTimeout: 'approve', channels: spec.notifications };
    const { rows, looks } = await put({});
    expect(rows).toEqual([{ ...facts, gateway: 'desk', createdAt: 1000, receivedAt: NOW, review: queue }]);
    expect(looks).toBe(1);
    expect((await put({ tool: TOOL })).rows).toMatchObject([{ tool: TOOL }]);
  });

  it.each([
    ['the policy waits less than the queue', { timeoutMs: 4700 }, NOW + 4700],
    ['the policy waits longer than the queue', { timeoutMs: 99 * 60_000 }, 1000 + 30 * 60_000],
    ['the clock of the gateway is ahead', { at: NOW + 1, timeoutMs: 10 }, NOW + 10],
  ])('until %s', async (_when, change, dueAt) => {
    expect((await put(change)).rows).toMatchObject([{ review: { dueAt } }]);
  });

  it.each([
    ['approve', 'a moment of its time is left', { timeoutMs: NOW - 1000 + 1 }, NOW + NOW - 1000 + 1],
    ['deny', 'its time is over', { timeoutMs: NOW - 1000 }, NOW + NOW - 1000],
    ['deny', 'it had none', { at: NOW, timeoutMs: 0 }, NOW],
    ['approve', 'five minutes are left', { at: NOW - 25 * 60_000 }, NOW + 5 * 60_000],
    ['approve', 'less is left', { at: NOW - 26 * 60_000 }, NOW + 5 * 60_000],
    ['deny', 'nothing is left for long', { at: NOW - 99 * 60_000 }, NOW + 5 * 60_000],
  ])('so that time may %s where it comes when %s', async (onTimeout, _when, change, dueAt) => {
    expect((await put(change)).rows).toMatchObject([{ review: { onTimeout, dueAt } }]);
  });

  it('for nobody in an org without a review', async () => {
    expect((await put({}, [])).rows).toMatchObject([{ review: null }]);
  });

  it('without a look at the objects of the org where one ends', async () => {
    expect(await put(ended)).toEqual({ rows: [], looks: 0 });
  });
});
