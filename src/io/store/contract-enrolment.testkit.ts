import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/model/index.ts';
import type { RuntimeStore, RuntimeTransaction } from '../../ports/index.ts';
import { ACME, digest, enrol, escalationOf, type OpenStore, settlementOf, termsOf, ZULU } from './worlds.testkit.ts';

const CODE = digest('code');
const ask = (
  runtime: RuntimeStore,
  sequence: number,
  body: string,
  answer: (tx: RuntimeTransaction) => Promise<JsonObject>,
) => runtime.once(ACME, { gateway: 'main', sequence, bodyDigest: digest(body) }, answer);

export function enrolmentContract(open: OpenStore): void {
  describe('enrolment codes', () => {
    it('enrol one gateway with one key, once', async () => {
      const { runtime } = await open();
      await runtime.putEnrolmentCode(ACME, { gateway: 'main', codeHash: CODE, expiresAt: 100 });
      const use = (publicKey: string) => runtime.redeemEnrolmentCode(ACME, { codeHash: CODE, publicKey, nowMs: 99 });
      expect(await use('key')).toEqual({ ok: true, gateway: 'main' });
      expect(await use('other')).toEqual({ ok: false, reason: 'used' });
      const enrolled = { org: ACME, gateway: 'main', publicKey: 'key', enrolledAt: 99, revokedAt: null, sequence: 0 };
      expect(await runtime.gateways(ACME)).toEqual([enrolled]);
      expect(await runtime.gateway(ACME, 'main')).toEqual(enrolled);
      expect(await runtime.gateway(ACME, 'other')).toBeUndefined();
    });

    it('may be repeated by the same key whose answer was lost, until it is revoked', async () => {
      const { runtime } = await open();
      await runtime.putEnrolmentCode(ACME, { gateway: 'main', codeHash: CODE, expiresAt: 100 });
      const use = { codeHash: CODE, publicKey: 'key', nowMs: 99 };
      await runtime.redeemEnrolmentCode(ACME, use);
      const enrolled = await runtime.gateways(ACME);
      const again = await runtime.redeemEnrolmentCode(ACME, { ...use, nowMs: 5000 });
      expect(again).toEqual({ ok: true, gateway: 'main' });
      expect(await runtime.gateways(ACME)).toEqual(enrolled);
      await runtime.revokeGateway(ACME, 'main', 200);
      expect(await runtime.redeemEnrolmentCode(ACME, use)).toEqual({ ok: false, reason: 'used' });
    });

    it('expire, are unknown in another org, and end when the gateway gets a new one', async () => {
      const { runtime } = await open();
      await runtime.putEnrolmentCode(ACME, { gateway: 'main', codeHash: CODE, expiresAt: 100 });
      const use = { codeHash: CODE, publicKey: 'key', nowMs: 100 };
      expect(await runtime.redeemEnrolmentCode(ACME, use)).toEqual({ ok: false, reason: 'expired' });
      const foreign = await runtime.redeemEnrolmentCode(ZULU, { ...use, nowMs: 1 });
      expect(foreign).toEqual({ ok: false, reason: 'unknown' });
      await runtime.putEnrolmentCode(ACME, { gateway: 'main', codeHash: digest('next'), expiresAt: 100 });
      expect(await runtime.redeemEnrolmentCode(ACME, { ...use, nowMs: 1 })).toEqual({ ok: false, reason: 'unknown' });
      expect(await runtime.gateways(ACME)).toEqual([]);
    });

    it('are judged as they would be redeemed, and stay as they are', async () => {
      const { runtime } = await open();
      await runtime.putEnrolmentCode(ACME, { gateway: 'main', codeHash: CODE, expiresAt: 100 });
      const use = { codeHash: CODE, gateway: 'main', publicKey: 'key', nowMs: 99 };
      const uses = [use, { ...use, publicKey: 'other' }, { ...use, nowMs: 100 }, { ...use, gateway: 'side' }];
      const both = async (asked: typeof use) => {
        const judged = await runtime.judgeEnrolmentCode(ACME, asked);
        expect(await runtime.gateways(ACME)).toEqual([]);
        return judged;
      };
      const judged: unknown[] = [];
      for (const asked of uses) judged.push(await both(asked));
      expect(judged).toEqual([
        { ok: true, gateway: 'main' },
        { ok: true, gateway: 'main' },
        { ok: false, reason: 'expired' },
        { ok: false, reason: 'unknown' },
      ]);
      await runtime.redeemEnrolmentCode(ACME, use);
      for (const asked of uses)
        expect(await runtime.judgeEnrolmentCode(ACME, asked)).toEqual(await runtime.redeemEnrolmentCode(ACME, asked));
      expect(await runtime.judgeEnrolmentCode(ZULU, use)).toEqual({ ok: false, reason: 'unknown' });
    });

    it('replace a former identity: its key is gone and its sequence starts again', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main', 'old');
      await ask(runtime, 7, 'body', async () => ({ answer: 'old' }));
      await enrol(runtime, ACME, 'main', 'new');
      expect(await runtime.gateways(ACME)).toMatchObject([{ publicKey: 'new', revokedAt: null, sequence: 0 }]);
      const first = await ask(runtime, 7, 'body', async () => ({ answer: 'new' }));
      expect(first).toEqual({ ok: true, answer: { answer: 'new' }, repeated: false });
    });

    it('revoke once, and a new code enrols again', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      expect(await runtime.revokeGateway(ACME, 'other', 20)).toBe(false);
      expect(await runtime.revokeGateway(ACME, 'main', 20)).toBe(true);
      expect(await runtime.revokeGateway(ACME, 'main', 30)).toBe(false);
      expect(await runtime.gateway(ACME, 'main')).toMatchObject({ revokedAt: 20 });
      await enrol(runtime, ACME, 'main', 'new');
      expect(await runtime.gateway(ACME, 'main')).toMatchObject({ publicKey: 'new', revokedAt: null });
    });

    it('end with what else a transaction of the org writes, or not at all', async () => {
      const { orgs, runtime } = await open();
      await enrol(runtime, ACME, 'main');
      await enrol(runtime, ZULU, 'main');
      const broken = orgs.transact(ACME, async (tx) => {
        expect(await tx.revokeGateway('main', 20)).toBe(true);
        throw new Error('and then');
      });
      await expect(broken).rejects.toThrow('and then');
      expect(await runtime.gateway(ACME, 'main')).toMatchObject({ revokedAt: null });
      expect(await orgs.transact(ACME, (tx) => tx.revokeGateway('main', 20))).toBe(true);
      expect(await orgs.transact(ACME, (tx) => tx.revokeGateway('main', 30))).toBe(false);
      expect(await runtime.gateway(ACME, 'main')).toMatchObject({ revokedAt: 20 });
      expect(await runtime.gateway(ZULU, 'main')).toMatchObject({ revokedAt: null });
    });
  });

  describe('a request of a gateway', () => {
    it('is answered once; the same bytes again get the same answer without running again', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      let runs = 0;
      const answer = async () => ({ runs: ++runs });
      expect(await ask(runtime, 1, 'body', answer)).toEqual({ ok: true, answer: { runs: 1 }, repeated: false });
      expect(await ask(runtime, 1, 'body', answer)).toEqual({ ok: true, answer: { runs: 1 }, repeated: true });
      expect(await ask(runtime, 5, 'body', answer)).toEqual({ ok: true, answer: { runs: 2 }, repeated: false });
      expect(await ask(runtime, 1, 'body', answer)).toEqual({ ok: true, answer: { runs: 1 }, repeated: true });
      expect(runs).toBe(2);
      expect((await runtime.gateway(ACME, 'main'))?.sequence).toBe(5);
    });

    it.each([
      ['another body under a used sequence', 5, 'other'],
      ['a sequence that was passed over', 4, 'body'],
      ['0, which no gateway starts with', 0, 'body'],
      ['a fraction', 5.5, 'body'],
      ['a negative number', -1, 'body'],
      ['no number', Number.NaN, 'body'],
    ])('is refused as replayed with %s', async (_, sequence, body) => {
      const { runtime, dump } = await open();
      await enrol(runtime, ACME, 'main');
      await ask(runtime, 5, 'body', async () => ({}));
      const before = await dump(ACME);
      const refused = await ask(runtime, sequence, body, async () => ({ answer: 'never' }));
      expect(refused).toEqual({ ok: false, reason: 'replayed' });
      expect(await dump(ACME)).toBe(before);
    });

    it('is refused from a gateway that is unknown or revoked', async () => {
      const { runtime } = await open();
      const never = async () => ({ answer: 'never' });
      expect(await ask(runtime, 1, 'body', never)).toEqual({ ok: false, reason: 'unknown' });
      await enrol(runtime, ACME, 'main');
      await ask(runtime, 1, 'body', async () => ({}));
      await runtime.revokeGateway(ACME, 'main', 20);
      expect(await ask(runtime, 2, 'body', never)).toEqual({ ok: false, reason: 'revoked' });
      expect(await ask(runtime, 1, 'body', never)).toEqual({ ok: false, reason: 'revoked' });
    });

    it('leaves nothing when its answer fails, and may come again under its sequence', async () => {
      const { runtime, dump } = await open();
      await enrol(runtime, ACME, 'main');
      const before = await dump(ACME);
      const failed = ask(runtime, 1, 'body', async (tx) => {
        await tx.lease(termsOf('s1'));
        throw new Error('the answer failed');
      });
      await expect(failed).rejects.toThrow('the answer failed');
      expect(await dump(ACME)).toBe(before);
      const again = await ask(runtime, 1, 'body', async (tx) => ({
        lease: (await tx.lease(termsOf('s1'))).answer.granted,
      }));
      expect(again).toEqual({ ok: true, answer: { lease: true }, repeated: false });
    });

    it('keeps the newest 64 answers of each gateway, whatever numbers they have', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      await enrol(runtime, ACME, 'side');
      await runtime.once(ACME, { gateway: 'side', sequence: 1, bodyDigest: digest('b') }, async () => ({ side: 1 }));
      const sequences = Array.from({ length: 66 }, (_, index) => 10 * (index + 1));
      for (const sequence of sequences) await ask(runtime, sequence, 'b', async () => ({ sequence }));
      const kept: number[] = [];
      for (const sequence of sequences) {
        const repeated = await ask(runtime, sequence, 'b', async () => ({}));
        if (repeated.ok) kept.push(sequence);
      }
      expect(kept).toEqual(sequences.slice(2));
      const side = { gateway: 'side', sequence: 1, bodyDigest: digest('b') };
      expect(await runtime.once(ACME, side, async () => ({}))).toMatchObject({ ok: true, repeated: true });
    });

    it('writes under the name of its gateway alone, and not after its end', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const foreign = { code: 'STORE_OTHER_GATEWAY', expected: 'main', found: 'side' };
      const kept: RuntimeTransaction[] = [];
      await ask(runtime, 1, 'body', async (tx) => {
        kept.push(tx);
        const ack = { gateway: 'side', generation: 1, contentDigest: null, state: 'stale', code: null, at: 1 } as const;
        await expect(tx.putAck(ack, 1, 1)).rejects.toMatchObject(foreign);
        await expect(tx.appendEvents('side', [])).rejects.toMatchObject(foreign);
        await expect(tx.putEscalation(escalationOf('e', 1, { gateway: 'side' }))).rejects.toMatchObject(foreign);
        await expect(tx.lease(termsOf('s', { gateway: 'side' }))).rejects.toMatchObject(foreign);
        await expect(tx.settle('side', [settlementOf('x', 's')], [], 1)).rejects.toMatchObject(foreign);
        return {};
      });
      for (const tx of kept) {
        await expect(tx.lease(termsOf('s'))).rejects.toMatchObject({ code: 'STORE_TRANSACTION_OVER' });
      }
      expect(await runtime.balances(ACME)).toEqual([]);
    });
  });
}
