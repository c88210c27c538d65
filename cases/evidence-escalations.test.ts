import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OrgSlug, orgSlug } from '../src/core/model/index.ts';
import { verifyEvidence } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { openSqliteStore, type SqliteStore } from '../src/io/store/index.ts';
import {
  answered,
  decisionOf,
  endOf,
  gatewayAt,
  intentOf,
  questionOf,
  refusedOf,
  type TestGateway,
} from './evidence.testkit.ts';

// What stored evidence proves of questions to people, over the real store with its queue and its log.

const ACME = orgSlug('acme') as OrgSlug;
let folder = '';
let store: SqliteStore;
let desk: TestGateway;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-evidence-'));
  store = openSqliteStore({ path: join(folder, 'store.db'), hash: nodeHash });
  desk = await gatewayAt(store.runtime, ACME, 'desk');
});
afterEach(() => {
  store.orgs.close();
  rmSync(folder, { recursive: true, force: true });
});

const faults = async () => (await verifyEvidence({ runtime: store.runtime, hash: nodeHash }, ACME)).faults;
const codes = async () => (await faults()).map(({ code, sequence }) => `${code} ${sequence ?? ''}`.trim());
const answer = (requestId: string, outcome: 'approved' | 'denied') => answered(store.runtime, ACME, requestId, outcome);

describe('what waits for people', () => {
  it('goes out when it is approved and not when it is denied; an answer may wait, and so may what is not decided', async () => {
    await desk.ship(questionOf('p'), questionOf('q'));
    await answer('p', 'approved');
    await answer('q', 'denied');
    await desk.ship(endOf('p', 'approved'), intentOf('p'), decisionOf('p'));
    await desk.ship(endOf('q', 'denied'), refusedOf('q', { verdict: 'escalate' }));
    await desk.ship(questionOf('o'));
    await answer('o', 'approved');
    await desk.ship(endOf('o', 'overtaken'), refusedOf('o', { verdict: 'block', status: 401 }));
    const waiting = questionOf('r', { phase: 'output' });
    await desk.ship(intentOf('r'), waiting, decisionOf('r', { verdict: 'escalate', status: 202 }), endOf('r', 'lost'));
    await desk.ship(questionOf('s'), questionOf('s'));
    expect(await codes()).toEqual([]);
  });

  it('is found where it went out without the approval that it waited for, or against it', async () => {
    await desk.ship(questionOf('p'), intentOf('p'), questionOf('q'));
    await answer('q', 'denied');
    await desk.ship(endOf('q', 'denied'), intentOf('q'), questionOf('r'));
    await answer('r', 'approved');
    const money = questionOf('r', { id: 'esc_r.wallet', phase: 'wallet' });
    await desk.ship(endOf('r', 'approved'), money, intentOf('r'), questionOf('o'));
    await answer('o', 'approved');
    await desk.ship(endOf('o', 'overtaken'), intentOf('o'));
    expect(await codes()).toEqual([2, 5, 9, 12].map((sequence) => `EVENT_ESCALATION_BYPASSED ${sequence}`));
  });

  it('may be shown to the service of a policy meanwhile, which is no going out', async () => {
    const shown = { ...intentOf('p'), id: 'int-p.q0', target: 'external-moderation', policy: 'external-moderation' };
    await desk.ship(questionOf('p'), shown);
    await answer('p', 'approved');
    await desk.ship(endOf('p', 'approved'), intentOf('p'), decisionOf('p', { attempts: 2 }));
    expect(await codes()).toEqual([]);
  });

  it('ends once, after it was asked, for its own request', async () => {
    await desk.ship(endOf('p', 'lost'), questionOf('q'));
    await answer('q', 'denied');
    await desk.ship({ ...endOf('q', 'denied'), requestId: 'p' }, endOf('q', 'denied'), endOf('q', 'lost'));
    expect(await codes()).toEqual([1, 3, 5].map((sequence) => `EVENT_ESCALATION_UNASKED ${sequence}`));
  });
});

describe('what a gateway says that people answered', () => {
  it.each([
    ['approved', 'denied'],
    ['denied', 'approved'],
  ] as const)('is found as %s where they said %s, also when it has left the queue', async (said, meant) => {
    await desk.ship(questionOf('q'));
    await answer('q', meant);
    await desk.ship(endOf('q', said), ...(said === 'approved' ? [intentOf('q'), decisionOf('q')] : [refusedOf('q')]));
    const expected = [{ code: 'EVENT_ESCALATION_CONTRADICTED', gateway: 'desk', chain: 1, sequence: 2 }];
    expect(await faults()).toMatchObject(expected);
    expect(await store.runtime.forgetEscalations(ACME, 10_000)).toBe(1);
    expect((await faults())[0]?.message).toBe(
      `the gateway says that esc_q is ${said}, expected ${meant} as token rev said`,
    );
  });

  it('is found where nobody said anything, where nothing was asked, and where another gateway had asked', async () => {
    await desk.ship(questionOf('p'), endOf('p', 'approved'));
    await desk.keep(questionOf('q'));
    await desk.keep(endOf('q', 'denied'));
    await desk.ship(questionOf('r'));
    await answer('r', 'approved');
    const side = await gatewayAt(store.runtime, ACME, 'side');
    await side.ship(questionOf('r'), endOf('r', 'approved'));
    expect((await faults()).map(({ gateway, message }) => `${gateway}: ${message}`)).toEqual([
      'desk: the gateway says that esc_p is approved, expected an answer in the log of escalations, found none',
      'desk: the gateway says that esc_q is denied, expected the question in the log of escalations, found none',
      'side: the gateway says that esc_r is approved, expected its own question in the log of escalations, found one of gateway desk',
    ]);
  });

  it('may be what the queue says where nobody answers, either way', async () => {
    await desk.ship(questionOf('p'), questionOf('q', { policy: 'lenient' }));
    expect(await store.runtime.expireEscalations(ACME, 9_000_000)).toHaveLength(2);
    await desk.ship(endOf('p', 'expired'), refusedOf('p'), endOf('q', 'approved'), intentOf('q'), decisionOf('q'));
    expect(await codes()).toEqual([]);
  });

  it('is nothing where the gateway ended it by itself, whatever they said: their clock, a caller that left, a restart', async () => {
    const asked = ['p', 'q', 'r', 's', 't', 'u'];
    await desk.ship(...asked.map((id) => questionOf(id)));
    for (const id of ['r', 's']) await answer(id, 'approved');
    for (const id of ['t', 'u']) await answer(id, 'denied');
    for (const [index, id] of asked.entries())
      await desk.ship(endOf(id, index % 2 === 0 ? 'expired' : 'lost'), refusedOf(id));
    expect(await codes()).toEqual([]);
  });

  it('is found among more questions than the log has on a page', async () => {
    const many = Array.from({ length: 700 }, (_, index) => `m${String(index).padStart(3, '0')}`);
    await desk.ship(...many.map((id) => questionOf(id)));
    await answer('m699', 'denied');
    await desk.ship(...many.slice(0, 699).map((id) => endOf(id, 'lost')), endOf('m699', 'approved'));
    await desk.ship(...many.map((id) => refusedOf(id)));
    expect(await codes()).toEqual(['EVENT_ESCALATION_CONTRADICTED 1400']);
  });
});
