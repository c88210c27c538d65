import { describe, expect, it } from 'vitest';
import { type Json, type OrgSlug, type OrgUid, orgSlug, orgUid } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import { encodeSecret } from '../../trust/index.ts';
import type { AuthenticatedGateway } from './authenticate.ts';
import type { Answer, ControlPlane } from './context.ts';
import { acknowledge, bundleFile, enrolGateway, storeEvents } from './gateway.ts';
import { leaseWallet, settleWallets } from './wallets.ts';

// What gateways may not do. What they may is shown over the real store in cases/control-plane.test.ts.

const UID = orgUid('aaaabbbbccccddddeeee') as OrgUid;
const ACME = orgSlug('acme') as OrgSlug;
const ROOT = new TextEncoder().encode('{}');

interface Holds {
  readonly root?: Uint8Array;
  readonly redeemed?: boolean;
  readonly isNewSequence?: boolean;
  /** Names of gateways. */
  readonly applied?: readonly string[];
}

const warned: string[] = [];
const refused: unknown[] = [];

const codeOf = (isGood: boolean) => (isGood ? { ok: true, gateway: 'desk' } : { ok: false, reason: 'used' });

/** A plane of one org; what it takes is what the case says that it takes. */
const planeOf = ({ root, redeemed = false, isNewSequence = true, applied = ['desk'] }: Holds = {}): ControlPlane =>
  ({
    log: { warn: (text: string) => void warned.push(text) },
    fleet: 'example',
    hash: nodeHash,
    clock: { nowMs: () => 0 },
    directory: { byUid: async (uid: string) => (uid === UID ? { org: ACME, uid } : undefined) },
    publisher: { get: async () => root },
    orgs: {
      observe: async () => ({ objects: applied.map((name) => ({ id: { kind: 'Gateway', name } })) }),
      activeOverrides: async () => [],
      publication: async () => ({ roots: { 1: { sha256: nodeHash.sha256(ROOT) } } }),
    },
    runtime: {
      judgeEnrolmentCode: async () => codeOf(redeemed),
      redeemEnrolmentCode: async () => codeOf(redeemed),
      noteRefusal: async (...given: readonly unknown[]) => void refused.push(given),
      once: async () => (isNewSequence ? { ok: true, answer: {} } : { ok: false, reason: 'replayed' }),
    },
  }) as unknown as ControlPlane;

const shown = (given: Answer<unknown>): string => (given.ok ? 'done' : `${given.status} ${given.code}`);

describe('an enrolment', () => {
  const asked = {
    orgUid: UID as string,
    gateway: 'desk',
    code: encodeSecret(new Uint8Array(32)),
    publicKey: 'ab'.repeat(32),
  };

  it.each([
    ['done', {}, { root: ROOT, redeemed: true }],
    ['401 ENROL_CODE_REFUSED', {}, { root: ROOT, redeemed: false }],
    ['401 ENROL_CODE_REFUSED', {}, { root: ROOT, redeemed: true, applied: ['other'] }],
    ['401 ENROL_CODE_REFUSED', { orgUid: 'zzzzbbbbccccddddeeee' }, { root: ROOT, redeemed: true }],
    ['409 NOT_PUBLISHED', {}, { redeemed: true }],
    ['409 PUBLISH_ROOT_CHANGED', {}, { root: new TextEncoder().encode('{"by":"others"}'), redeemed: true }],
    ['422 MALFORMED_BODY', { more: 1 }, { root: ROOT, redeemed: true }],
    ['422 MALFORMED_BODY', { publicKey: 'none' }, { root: ROOT, redeemed: true }],
  ])('%s for %j', async (expected, change, holds) => {
    expect(shown(await enrolGateway(planeOf(holds), { ...asked, ...change }))).toBe(expected);
  });

  it.each([
    ['a code', { redeemed: false }],
    ['a gateway', { redeemed: true, applied: ['other'] }],
  ])('asks the place of published files for nothing where %s is none', async (_what, holds) => {
    const reads: unknown[] = [];
    const publisher = { get: async (...given: readonly unknown[]) => void reads.push(given) };
    const plane = { ...planeOf(holds), publisher } as unknown as ControlPlane;
    expect(shown(await enrolGateway(plane, asked))).toBe('401 ENROL_CODE_REFUSED');
    expect(reads).toEqual([]);
  });
});

describe('a signed request', () => {
  const caller = {
    head: { org: ACME, uid: UID },
    row: { gateway: 'desk', sequence: 7 },
    claim: { sequence: 7 },
  } as unknown as AuthenticatedGateway;
  const bytes = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);

  const ack = { gateway: 'desk', generation: 1, contentDigest: null, state: 'active', code: null, at: 0 };
  const line = { sequence: 1, previous: '0'.repeat(64), event: { type: 'intent', id: 'one', at: 0 } };
  const written = JSON.stringify(line);

  it.each([
    ['done', acknowledge, ack],
    ['422 MALFORMED_BODY', acknowledge, { ...ack, gateway: 'other' }],
    ['422 MALFORMED_BODY', acknowledge, {}],
    ['422 MALFORMED_BODY', leaseWallet, { wallet: 'org' }],
    ['422 MALFORMED_BODY', settleWallets, { settlements: [] }],
  ] as const)('%s: %o with %j', async (expected, flow, body) => {
    expect(shown(await flow(planeOf(), caller, bytes(body)))).toBe(expected);
  });

  it.each([
    ['done', ''],
    ['done', `${written}\n`],
    ['done', `${written}\n${written}\n`],
    ['done', `${JSON.stringify({ ...line, event: {} })}\n`],
    ['done', `${JSON.stringify({ ...line, event: { type: 'of tomorrow', at: -1 } })}\n`],
    ['422 MALFORMED_BODY', `${JSON.stringify({ ...line, event: [] })}\n`],
    ['422 MALFORMED_BODY', written],
    ['422 MALFORMED_BODY', `${written}\n\n`],
    ['422 MALFORMED_BODY', `${written.slice(0, -2)}\n`],
    ['422 MALFORMED_BODY', `\ufeff${written}\n`],
    ['422 MALFORMED_BODY', `${JSON.stringify({ ...line, more: 1 })}\n`],
    ['422 MALFORMED_BODY', `${JSON.stringify({ ...line, previous: 'none' })}\n`],
    ['422 MALFORMED_BODY', `${written}\n`.repeat(4001)],
  ])('%s: events as the lines %j', async (expected, lines) => {
    expect(shown(await storeEvents(planeOf(), caller, text(lines)))).toBe(expected);
  });

  it('gives each line to the store as the text it came as, with its hash', async () => {
    const odd = written.replace('{"type"', '{ "type"');
    const given: unknown[] = [];
    const plane = planeOf();
    const once = async (_org: unknown, _key: unknown, work: (tx: unknown) => Promise<unknown>) => {
      const tx = { appendEvents: async (...args: unknown[]) => given.push(...args) };
      return { ok: true, answer: await work(tx) };
    };
    const told = { ...plane, runtime: { ...plane.runtime, once } } as unknown as ControlPlane;
    await storeEvents(told, caller, text(`${odd}\n`));
    expect(given).toEqual(['desk', [{ line, text: odd, hash: nodeHash.sha256(odd) }]]);
    // It is told in the log that the event has not its shape, once for a batch.
    expect(warned.splice(0)).toEqual([
      'acme: line 1 of gateway desk is kept and not of its shape: expected the field requestId at the root, found none',
    ]);
    await storeEvents(told, caller, text(`${odd}\n${odd}\n`));
    expect(warned).toEqual([
      expect.stringContaining('line 1 of gateway desk is kept and not of its shape, and 1 more'),
    ]);
  });

  it('is told the last of the lines that it sent, though more of its journal are stored', async () => {
    const given = planeOf();
    const tx = { appendEvents: async () => 9 };
    const once = async (_org: unknown, _key: unknown, work: (with_: unknown) => Promise<unknown>) => ({
      ok: true,
      answer: await work(tx),
    });
    const told = { ...given, runtime: { ...given.runtime, once } } as unknown as ControlPlane;
    expect(await storeEvents(told, caller, text(`${written}\n`))).toMatchObject({ body: { through: 1 } });
    expect(await storeEvents(told, caller, text(''))).toMatchObject({ body: { through: 9 } });
  });

  it('for a file that is not there is told so', async () => {
    const file = { org: UID, path: '1.root.json' };
    expect(await bundleFile(planeOf(), file)).toMatchObject({ status: 404 });
    expect(await bundleFile(planeOf({ root: ROOT }), file)).toMatchObject({ body: { etag: nodeHash.sha256(ROOT) } });
  });

  it('with a sequence that was used is refused', async () => {
    const plane = planeOf({ isNewSequence: false });
    expect(shown(await acknowledge(plane, caller, bytes(ack)))).toBe('409 SEQUENCE_USED');
    expect(shown(await storeEvents(plane, caller, text(`${written}\n`)))).toBe('409 SEQUENCE_USED');
    const [first, of] = [{ code: 'SEQUENCE_USED', at: 0, sequence: 7 }, [ACME, 'desk']];
    expect(refused.splice(0)).toEqual([
      [...of, { ...first, through: null }],
      [...of, { ...first, through: { sequence: 1, hash: nodeHash.sha256(written) } }],
    ]);
  });

  it("whose lines do not follow is refused, and kept on record; other trouble is nobody else's", async () => {
    const plane = planeOf();
    const failing = (code: string): ControlPlane => {
      const once = () => Promise.reject(Object.assign(new Error('no'), { code }));
      return { ...plane, runtime: { ...plane.runtime, once } } as unknown as ControlPlane;
    };
    await expect(storeEvents(failing('STORE_BUSY'), caller, text(`${written}\n`))).rejects.toThrow('no');
    expect(refused).toEqual([]);
    const answered = await storeEvents(failing('EVENT_CHAIN_BROKEN'), caller, text(`${written}\n`));
    expect(answered).toMatchObject({ ok: false, status: 409, code: 'EVENT_CHAIN_BROKEN' });
    expect(refused).toMatchObject([[ACME, 'desk', { code: 'EVENT_CHAIN_BROKEN', through: { sequence: 1 } }]]);
  });
});
