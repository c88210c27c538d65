import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrgSlug } from '../../core/model/index.ts';
import type { Adjustment, OrgTransaction, RuntimeTransaction } from '../../ports/index.ts';
import { overrideOf, releaseOf, rolloutOf } from './contract-delivery.testkit.ts';
import {
  ACME,
  digest,
  enrol,
  entryOf,
  escalationOf,
  headOf,
  lineOf,
  type OpenStore,
  objectOf,
  publicationOf,
  queueOf,
  type StoreUnderTest,
  settlementOf,
  slug,
  termsOf,
  uid,
  versionOf,
  ZEROS,
  ZULU,
} from './worlds.testkit.ts';

/** Every method with what it gives, as an act of one org. Ids are the same in all orgs, so a forgotten org would hit. */
type Act = (store: StoreUnderTest, org: OrgSlug) => Promise<unknown>;

const inside =
  (work: (tx: OrgTransaction, org: OrgSlug) => Promise<unknown>): Act =>
  (store, org) =>
    store.orgs.transact(org, (tx) => work(tx, org));

const asked =
  (work: (tx: RuntimeTransaction) => Promise<unknown>): Act =>
  async ({ runtime }, org) => {
    const sequence = ((await runtime.gateway(org, 'main'))?.sequence ?? 0) + 1;
    const outcome: unknown[] = [];
    await runtime.once(org, { gateway: 'main', sequence, bodyDigest: digest(`${sequence}`) }, async (tx) => {
      outcome.push(await work(tx));
      return {};
    });
    return outcome;
  };

const page = { limit: 50 };

const ACTS: { readonly [method: string]: Act } = {
  heads: async ({ orgs }, org) => (await orgs.heads()).filter((head) => head.org === org),
  observe: ({ orgs }, org) => orgs.observe(org),
  publication: ({ orgs }, org) => orgs.publication(org),
  publishedGenerations: async ({ orgs }, org) => (await orgs.publishedGenerations()).get(org),
  history: ({ orgs }, org) => orgs.history(org, page),
  verifyHistory: ({ orgs }, org) => orgs.verifyHistory(org),
  policyVersions: ({ orgs }, org) => orgs.policyVersions(org, page),
  policyVersionsAfter: ({ orgs }, org) => orgs.policyVersions(org, { ...page, after: 'production/main/2' }),
  unpublished: async ({ orgs }, org) => (await orgs.unpublished()).filter((item) => item === org),
  unsettled: async ({ orgs }, org) => (await orgs.unsettled()).filter((item) => item === org),
  delivery: ({ orgs }, org) => orgs.delivery(org),
  activeOverrides: ({ orgs }, org) => orgs.activeOverrides(org),
  content: ({ orgs }, org) => orgs.content(org, 'main', digest('kept')),
  rollouts: ({ orgs }, org) => orgs.rollouts(org, page),
  overrides: ({ orgs }, org) => orgs.overrides(org, page),
  traffic: ({ runtime }, org) => runtime.traffic(org),
  'tx.delivery': inside((tx) => tx.delivery()),
  'tx.allocateGeneration': inside((tx) => tx.allocateGeneration()),
  'tx.putRollout': inside((tx) => tx.putRollout(rolloutOf(2, { state: 'done', endedAt: 5 }))),
  'tx.putOverride': inside((tx) => tx.putOverride(overrideOf('held', 2, { endedAt: 5 }))),
  'tx.putReleases': inside(async (tx) => {
    for (let generation = 4; generation < 30; generation += 1)
      await tx.putReleases(generation, [releaseOf(`acme-mark ${generation}`)]);
  }),
  'tx.revokeGateway': inside((tx) => tx.revokeGateway('main', 77)),
  'tx.observe': inside((tx) => tx.observe()),
  'tx.putObject': inside((tx) => tx.putObject(objectOf('Team', 'support', 'changed'), 9)),
  'tx.deleteObject': inside((tx) => tx.deleteObject(objectOf('Policy', 'main', '').id)),
  'tx.highestGeneration': inside((tx) => tx.highestGeneration(uid('shared'))),
  'tx.putHead': inside((tx, org) => tx.putHead(headOf(org, 9, { uid: uid('shared') }))),
  'tx.deleteHead': inside(async (tx) => {
    for (const object of (await tx.observe())?.objects ?? []) await tx.deleteObject(object.id);
    await tx.deleteHead();
  }),
  'tx.appendHistory': inside((tx) => tx.appendHistory(entryOf(9))),
  'tx.addPolicyVersion': inside((tx) => tx.addPolicyVersion(versionOf('main', 'changed'))),
  'tx.publication': inside((tx) => tx.publication()),
  'tx.putPublication': inside((tx) => tx.putPublication(publicationOf(9))),
  acquireLease: ({ orgs }, org) => orgs.acquireLease(`of ${org}`, 'me', 1, 5),
  renewLease: ({ orgs }, org) => orgs.renewLease({ name: `of ${org}`, fence: 1 }, 1, 5),
  releaseLease: ({ orgs }, org) => orgs.releaseLease({ name: `of ${org}`, fence: 1 }),
  putEnrolmentCode: ({ runtime }, org) =>
    runtime.putEnrolmentCode(org, { gateway: 'side', codeHash: digest('replaced'), expiresAt: 99 }),
  judgeEnrolmentCode: ({ runtime }, org) =>
    runtime.judgeEnrolmentCode(org, { codeHash: digest('open'), publicKey: 'taken', nowMs: 1 }),
  redeemEnrolmentCode: ({ runtime }, org) =>
    runtime.redeemEnrolmentCode(org, { codeHash: digest('open'), publicKey: 'taken', nowMs: 1 }),
  gateways: ({ runtime }, org) => runtime.gateways(org),
  gateway: ({ runtime }, org) => runtime.gateway(org, 'main'),
  revokeGateway: ({ runtime }, org) => runtime.revokeGateway(org, 'main', 77),
  reenrol: ({ runtime }, org) => enrol(runtime, org, 'main', 'changed'),
  repeat: ({ runtime }, org) =>
    runtime.once(org, { gateway: 'main', sequence: 1, bodyDigest: digest('1') }, async () => ({})),
  'tx.putAck': asked((tx) =>
    tx.putAck({ gateway: 'main', generation: 9, contentDigest: null, state: 'stale', code: null, at: 1 }, 1, 9),
  ),
  'tx.appendEvents': asked((tx) => {
    const first = lineOf(1, ZEROS, 'acme-mark');
    return tx.appendEvents('main', [first, lineOf(2, first.hash)]);
  }),
  many: async (store, org) => {
    const again = asked(async () => 'again');
    for (let times = 0; times < 66; times += 1) await again(store, org);
  },
  'tx.putEscalation': asked((tx) => tx.putEscalation(escalationOf('e', 10, { review: null }))),
  'tx.putEscalation new': asked((tx) => tx.putEscalation(escalationOf('new', 10, { review: null }))),
  'tx.endEscalation': asked((tx) => tx.endEscalation('main', { id: 'e', outcome: 'lost', at: 9, nowMs: 20 })),
  'tx.lease': asked((tx) => tx.lease(termsOf('s2'))),
  'tx.settle': asked((tx) => tx.settle('main', [settlementOf('y', 's1')], ['s1', 's2'], 80)),
  'tx.expiredSlices': asked((tx) => tx.expiredSlices('main')),
  'tx.settle again': asked((tx) => tx.settle('main', [settlementOf('x', 's1', { model: 'acme-mark' })], [], 80)),
  enrolments: ({ runtime }, org) => runtime.enrolments(org),
  acks: ({ runtime }, org) => runtime.acks(org),
  events: ({ runtime }, org) => runtime.events(org, page),
  noteRefusal: ({ runtime }, org) =>
    runtime.noteRefusal(org, 'main', {
      code: 'SEQUENCE_USED',
      at: 5,
      sequence: 1,
      through: { sequence: 9, hash: digest('acme-mark') },
    }),
  refusals: ({ runtime }, org) => runtime.refusals(org),
  chains: ({ runtime }, org) => runtime.chains(org),
  lines: ({ runtime }, org) => runtime.lines(org, page),
  evidenceEnd: ({ runtime }, org) => runtime.evidenceEnd(org),
  crossings: ({ runtime }, org) => runtime.crossings(org, { wallet: 'team', period: '2026-11', currency: 'EUR' }),
  adjustment: ({ runtime }, org) => runtime.adjustment(org, 'topped'),
  adjust: ({ runtime }, org) => runtime.adjust(org, topUp('again', 'acme-mark')),
  'adjust again': ({ runtime }, org) => runtime.adjust(org, topUp('topped', 'acme-mark')),
  'adjust presumed': ({ runtime }, org) =>
    runtime.adjust(org, { ...topUp('credited', 'acme-mark'), kind: 'credit', amountMicros: 7 }),
  escalations: ({ runtime }, org) => runtime.escalations(org, page),
  escalation: ({ runtime }, org) => runtime.escalation(org, 'e'),
  escalationLog: ({ runtime }, org) => runtime.escalationLog(org, page),
  moveEscalation: ({ runtime }, org) =>
    runtime.moveEscalation(org, { id: 'e', verb: 'claim', by: 'ann', key: 'once', note: 'acme-mark', nowMs: 13 }),
  'resolve escalation': ({ runtime }, org) =>
    runtime.moveEscalation(org, {
      ...{ id: 'e', verb: 'resolve', outcome: 'approved', by: 'ann', key: 'twice', note: null, nowMs: 14 },
    }),
  releaseClaims: ({ runtime }, org) => runtime.releaseClaims(org, { reviewers: new Set(['ann-mark']), nowMs: 13 }),
  expireEscalations: ({ runtime }, org) => runtime.expireEscalations(org, 10_000),
  overdueEscalations: async ({ runtime }, org) => (await runtime.overdueEscalations(10_000)).includes(org),
  forgettableEscalations: async ({ runtime }, org) => (await runtime.forgettableEscalations(10_000)).includes(org),
  forgetEscalations: ({ runtime }, org) => runtime.forgetEscalations(org, 10_000),
  dueNotifications: async ({ runtime }, org) =>
    (await runtime.dueNotifications(10_000, 100)).filter((row) => row.org === org),
  endNotification: ({ runtime }, org) =>
    runtime.endNotification(org, { position: 1, attempts: 0 }, { state: 'failed', error: 'acme-mark' }),
  escalationsOfState: ({ runtime }, org) => runtime.escalations(org, page, 'claimed'),
  escalationsOpen: ({ runtime }, org) => runtime.escalations(org, page, 'open'),
  escalationsAfter: ({ runtime }, org) => runtime.escalations(org, { ...page, after: 'e' }),
  balances: ({ runtime }, org) => runtime.balances(org),
  ledger: ({ runtime }, org) => runtime.ledger(org, page),
  expireSlices: ({ runtime }, org) => runtime.expireSlices(org, 10_000),
  nextTimestamp: ({ runtime }, org) => runtime.nextTimestamp(org, 9_000),
};

function topUp(id: string, note: string): Adjustment {
  const { wallet, period, currency } = termsOf('');
  return { id, wallet, period, currency, kind: 'top-up', amountMicros: 5, author: 'ann', note, at: 90 };
}

/** Neighbours that sort before and after and were there before and after: a statement without its org meets one first. */
const OLDER = slug('aaa');
const NEIGHBOURS = [OLDER, ZULU];

/** Something in every table, marked with `mark` wherever a text is free, and with `size` where a number is. */
async function fill(store: StoreUnderTest, org: OrgSlug, mark: string, size: number): Promise<void> {
  const { orgs, runtime } = store;
  await orgs.transact(org, async (tx) => {
    await tx.putObject(objectOf('Team', 'support', mark), 3);
    await tx.putObject(objectOf('Policy', 'main', mark), 3);
    await tx.putHead(headOf(org, size, { uid: uid('shared'), template: mark }));
    await tx.appendHistory(entryOf(3, { actor: mark }));
    if (size > 3) await tx.addPolicyVersion(versionOf('other', mark));
    for (const content of [`${mark} 1`, `${mark} 2`]) await tx.addPolicyVersion(versionOf('main', content));
    await tx.putPublication(publicationOf(size));
    await tx.putRollout(
      rolloutOf(2, { reason: { code: 'ROLLOUT_OPERATOR', ring: null, words: mark, by: mark, at: 1 } }),
    );
    await tx.putOverride(overrideOf('held', 2, { reason: mark }));
    await tx.putReleases(3, [{ ...releaseOf('kept'), files: { mark } }]);
  });
  await enrol(runtime, org, 'main', `key ${mark}`);
  await runtime.putEnrolmentCode(org, { gateway: 'side', codeHash: digest('open'), expiresAt: 99 });
  await runtime.once(org, { gateway: 'main', sequence: 1, bodyDigest: digest('1') }, async (tx) => {
    await tx.putAck({ gateway: 'main', generation: 3, contentDigest: null, state: 'active', code: mark, at: 1 }, 1, 2);
    await tx.appendEvents('main', [lineOf(1, ZEROS, mark)]);
    await tx.putEscalation(
      escalationOf('e', size, {
        policy: mark,
        review: queueOf({ name: mark, channels: [{ kind: 'webhook', to: mark }] }),
      }),
    );
    await tx.lease(termsOf('s1', { limitMicros: 150 * size, needMicros: 100 * size }));
    await tx.settle('main', [settlementOf('x', 's1', { model: mark, settledMicros: 100 * size })], [], 60);
    await tx.lease(termsOf('s3', { limitMicros: 150 * size, expiresAt: 400 }));
    return { mark };
  });
  await runtime.expireSlices(org, 450);
  await runtime.adjust(org, topUp('topped', mark));
}

/** What an act gives, or how it is refused. */
const outcomeOf = async (store: StoreUnderTest, act: Act | undefined, org: OrgSlug): Promise<unknown> => {
  try {
    return await act?.(store, org);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : error };
  }
};

export function isolationContract(open: OpenStore): void {
  describe('walls between orgs', () => {
    it('whatever one org does, another keeps every byte, and neither shows in what the other reads', async () => {
      const names = fc.shuffledSubarray(Object.keys(ACTS), { minLength: Object.keys(ACTS).length });
      await fc.assert(
        fc.asyncProperty(names, async (order) => {
          const alone = await open();
          const shared = await open();
          await fill(shared, OLDER, 'foreign-mark', 12);
          for (const store of [alone, shared]) await fill(store, ACME, 'acme-mark', 3);
          await fill(shared, ZULU, 'foreign-mark', 12);
          const neighbours = () => Promise.all(NEIGHBOURS.map((org) => shared.dump(org)));
          const before = await neighbours();
          for (const rows of before) expect(rows).toContain('foreign-mark');
          for (const name of order) {
            const outcome = await outcomeOf(shared, ACTS[name], ACME);
            expect(JSON.stringify(outcome) ?? '', name).not.toContain('foreign-mark');
            expect(outcome, name).toEqual(await outcomeOf(alone, ACTS[name], ACME));
            expect(await neighbours(), name).toEqual(before);
          }
          expect(await shared.dump(ACME)).toBe(await alone.dump(ACME));
          for (const { orgs } of [alone, shared]) orgs.close();
        }),
        { numRuns: 4 },
      );
    });

    it('has an act for every method of both ports', async () => {
      const { orgs, runtime } = await open();
      const methods = [...Object.keys(orgs), ...Object.keys(runtime)];
      const covered = new Set([...Object.keys(ACTS), 'close', 'transact', 'once']);
      expect(methods.filter((method) => !covered.has(method))).toEqual([]);
      await enrol(runtime, ACME, 'main');
      await orgs.transact(ACME, async (tx) => {
        expect(Object.keys(tx).filter((method) => !covered.has(`tx.${method}`))).toEqual([]);
      });
      await asked(async (tx) => {
        expect(Object.keys(tx).filter((method) => !covered.has(`tx.${method}`))).toEqual([]);
      })({ orgs, runtime } as StoreUnderTest, ACME);
    });
  });
}
