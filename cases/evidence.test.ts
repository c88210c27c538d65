import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OrgSlug, orgSlug } from '../src/core/model/index.ts';
import { boundedSettlement } from '../src/core/wallet/index.ts';
import { FOCUS_COLUMNS, type FocusRow, focusCsv, focusRows, verifyEvidence } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { openSqliteStore, type SqliteStore } from '../src/io/store/index.ts';
import {
  decisionOf,
  entryOf,
  gatewayAt,
  intentOf,
  questionOf,
  refusedOf,
  type TestGateway,
} from './evidence.testkit.ts';

// What stored evidence proves and what it costs, over the real store; who has the file changes rows behind its back.

const ACME = orgSlug('acme') as OrgSlug;
let folder = '';
let store: SqliteStore;
let desk: TestGateway;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-evidence-'));
  store = openSqliteStore({ path: join(folder, 'store.db'), hash: nodeHash });
  desk = await gatewayAt(store.runtime, ACME, 'desk');
  await desk.lease('s1');
});
afterEach(() => {
  store.orgs.close();
  rmSync(folder, { recursive: true, force: true });
});

const verified = () => verifyEvidence({ runtime: store.runtime, hash: nodeHash }, ACME);
const codes = async () => (await verified()).faults.map(({ code, sequence }) => `${code} ${sequence ?? ''}`.trim());

function behindItsBack(...statements: readonly string[]): void {
  const database = new DatabaseSync(join(folder, 'store.db'));
  database.exec('DROP TRIGGER events_keep; DROP TRIGGER ledger_keeps; DROP TRIGGER ledger_stays');
  for (const statement of statements) database.exec(statement);
  database.close();
}

describe('verifying', () => {
  beforeEach(async () => {
    await desk.ship(intentOf('a', [entryOf(0)]), decisionOf('a', { wallets: [entryOf(60)] }), intentOf('b'));
    const side = await gatewayAt(store.runtime, ACME, 'side');
    await side.ship(refusedOf('c'));
    await desk.ship(intentOf('b'), decisionOf('b', { wallets: [entryOf(5, { excessMicros: 2 })] }), intentOf('d'));
  });

  it('says of each journal what it has, and what is still open, which is no fault', async () => {
    const report = await verified();
    expect(report).toMatchObject({
      ok: true,
      lines: 7,
      faults: [],
      moreFaults: 0,
      chains: [
        { gateway: 'desk', chain: 1, isNewest: true, lines: 6, last: { sequence: 6 }, intents: 4, decisions: 2 },
        { gateway: 'side', lines: 1, intents: 0, decisions: 1, open: [] },
      ],
    });
    expect(report.chains[0]?.open).toEqual([{ requestId: 'd', sequence: 6, at: 1000 }]);
  });

  it.each([
    [
      'a changed text',
      `UPDATE events SET line = replace(line, '"status":200', '"status":409') WHERE sequence = 2`,
      'EVENT_LINE_CHANGED 2, EVENT_CHAIN_BROKEN 3',
    ],
    [
      'a text that is none',
      `UPDATE events SET line = 'gone' WHERE sequence = 3`,
      'EVENT_LINE_CHANGED 3, EVENT_LINE_CHANGED 3, EVENT_CHAIN_BROKEN 4',
    ],
    [
      'a text and its hash',
      `UPDATE events SET line = '{}', hash = '${nodeHash.sha256('{}')}' WHERE sequence = 3`,
      'EVENT_LINE_CHANGED 3, EVENT_CHAIN_BROKEN 4',
    ],
    ['a removed line', `DELETE FROM events WHERE gateway = 'desk' AND sequence = 3`, 'EVENT_LINES_MISSING 4'],
    ['a removed beginning', `DELETE FROM events WHERE gateway = 'desk' AND sequence = 1`, 'EVENT_LINES_MISSING 2'],
    ['a cut end', `DELETE FROM events WHERE gateway = 'desk' AND sequence > 4`, 'EVENT_LINES_MISSING 6'],
    ['a journal that is gone', `DELETE FROM events WHERE gateway = 'side'`, 'EVENT_LINES_MISSING 1'],
    [
      'a last line that was rewritten with its hash',
      `UPDATE events SET line = replace(line, '"at":1000', '"at":1001'), hash = 'of it' WHERE gateway = 'side'`,
      'EVENT_CHAIN_BROKEN 1',
    ],
    [
      'lines in another order',
      `UPDATE events SET position = 100 WHERE gateway = 'desk' AND sequence = 3`,
      'EVENT_LINES_MISSING 4, EVENT_CHAIN_BROKEN 3',
    ],
    [
      'another sum in the ledger',
      `UPDATE ledger SET amount_micros = 61 WHERE reason = 'settle' AND amount_micros = 60`,
      'EVENT_LEDGER_DIFFERS',
    ],
    ['a booking that is gone', `DELETE FROM ledger WHERE reason = 'excess'`, 'EVENT_LEDGER_DIFFERS'],
  ])('finds %s', async (_, statement, expected) => {
    behindItsBack(statement);
    const found = await codes();
    for (const fault of expected.split(', ')) expect(found).toContain(fault);
    expect((await verified()).ok).toBe(false);
  });

  it('finds a second decision, and a request that goes out after its decision', async () => {
    await desk.ship(decisionOf('a', { id: 'evt-other' }), intentOf('a'));
    expect(await codes()).toEqual(['EVENT_DECISION_TWICE 7', 'EVENT_DECISION_TWICE 8']);
  });

  it('names what is not of its shape, and judges of it what can be', async () => {
    await desk.keep({ type: 'decision', id: 'evt', at: 9e15, requestId: 'd' } as never);
    await desk.keep({ type: 'intent', requestId: 'p' } as never);
    await desk.keep({ type: 'of tomorrow', requestId: 'q' } as never);
    const { faults, chains } = await verified();
    expect(faults.map(({ code, sequence, message }) => [code, sequence, message])).toEqual([
      ['EVENT_MISSHAPEN', 7, 'expected an integer from 0 to 253402300799999 at /at, found 9000000000000000'],
      ['EVENT_MISSHAPEN', 8, 'expected the field id at the root, found none'],
      [
        'EVENT_MISSHAPEN',
        9,
        'expected one of decision, intent, escalation, escalation-end at /type, found "of tomorrow"',
      ],
    ]);
    expect(chains[0]?.open).toEqual([{ requestId: 'p', sequence: 8, at: 0 }]);
  });

  it('misses a journal of a former enrolment, and what was cut off where the gateway goes on', async () => {
    await desk.restart();
    await desk.ship(refusedOf('e'), refusedOf('f'));
    behindItsBack(`DELETE FROM events WHERE gateway = 'desk' AND (chain = 1 OR sequence = 2)`);
    await desk.ship(refusedOf('g'));
    const { faults, chains } = await verified();
    const lost = faults.filter(({ code }) => code === 'EVENT_LINES_MISSING');
    expect(lost.map(({ chain, sequence, message }) => [chain, sequence, message])).toEqual([
      [2, 3, 'expected line 2, found 3'],
      [1, 6, 'expected lines through 6, found none'],
    ]);
    expect(chains.map(({ gateway, chain, lines }) => [gateway, chain, lines])).toEqual([
      ['desk', 1, 0],
      ['desk', 2, 2],
      ['side', 1, 1],
    ]);
  });

  it('does not miss what is delivered while it reads', async () => {
    const { runtime } = store;
    const lines: typeof runtime.lines = async (org, page) => {
      const read = await runtime.lines(org, page);
      if (page.after === '0') await desk.ship(refusedOf('late'));
      return read;
    };
    expect(await verifyEvidence({ runtime: { ...runtime, lines }, hash: nodeHash }, ACME)).toMatchObject({ ok: true });
  });

  it('holds lines and ledger of one moment against each other, whatever is delivered and booked while it reads', async () => {
    const { runtime } = store;
    let late = 0;
    const ship = async (): Promise<void> => {
      late += 1;
      const id = `late-${late}`;
      await desk.ship(intentOf(id, [entryOf(0)]), decisionOf(id, { wallets: [entryOf(7)] }));
    };
    const lines: typeof runtime.lines = async (...asked) => {
      await ship();
      return runtime.lines(...asked);
    };
    const ledger: typeof runtime.ledger = async (...asked) => {
      await ship();
      return runtime.ledger(...asked);
    };
    const report = await verifyEvidence({ runtime: { ...runtime, lines, ledger }, hash: nodeHash }, ACME);
    expect(report).toMatchObject({ ok: true, lines: 7, faults: [] });
    expect(late).toBeGreaterThan(1);
    expect(await verified()).toMatchObject({ ok: true, lines: 7 + 2 * late });
  });

  it('finds a second decision and a second way out in another journal, or at another gateway', async () => {
    await desk.restart();
    await desk.ship(intentOf('a', [], 2000), refusedOf('a', { attempts: 1, at: 2001 }));
    const third = await gatewayAt(store.runtime, ACME, 'third');
    await third.ship(intentOf('c'), decisionOf('c'), intentOf('e'), decisionOf('e'));
    const twice = (await verified()).faults.filter(({ code }) => code === 'EVENT_DECISION_TWICE');
    expect(twice.map(({ gateway, chain, sequence }) => [gateway, chain, sequence])).toEqual([
      ['desk', 2, 1],
      ['desk', 2, 2],
      ['third', 1, 1],
      ['third', 1, 2],
    ]);
  });

  it('misses lines that were refused, until those very lines are there', async () => {
    const lost = { sequence: 7, hash: nodeHash.sha256('elsewhere') };
    const refusal = { code: 'SEQUENCE_USED', at: 1000, sequence: 3 } as const;
    await store.runtime.noteRefusal(ACME, 'side', { ...refusal, through: null });
    expect(await codes()).toEqual([]);
    await store.runtime.noteRefusal(ACME, 'desk', { ...refusal, through: lost });
    const sideHash = (await store.runtime.chains(ACME))[1]?.hash ?? lost.hash;
    await desk.ship(refusedOf('later'));
    const [fault] = (await verified()).faults;
    expect(fault).toMatchObject({ code: 'EVENT_DELIVERY_REFUSED', gateway: 'desk', chain: 1, sequence: 7 });
    expect(fault?.message).toContain(
      `SEQUENCE_USED at 1970-01-01T00:00:01Z, expected lines through 7 with hash ${lost.hash}`,
    );
    // Another one that was refused and taken after that is not those lines.
    const [kept] = await store.runtime.chains(ACME);
    const taken = { sequence: kept?.sequence ?? 0, hash: kept?.hash ?? lost.hash };
    await store.runtime.noteRefusal(ACME, 'desk', { ...refusal, through: taken });
    expect(await codes()).toEqual(['EVENT_DELIVERY_REFUSED 7']);
    await store.runtime.noteRefusal(ACME, 'side', { ...refusal, through: { sequence: 1, hash: sideHash } });
    expect(await codes()).toEqual(['EVENT_DELIVERY_REFUSED 7']);
  });

  it('finds what went out more often than its intents say, and what was paid for or used without any', async () => {
    await desk.ship(intentOf('p'), intentOf('p'), decisionOf('p', { attempts: 2 }));
    await desk.ship(intentOf('q'), decisionOf('q', { attempts: 2 }), decisionOf('r'));
    const unsaid = { attempts: 0, inputTokens: 0, outputTokens: 0 };
    await desk.ship(refusedOf('s', { inputTokens: 1 }), refusedOf('t', { outputTokens: 1 }), refusedOf('u'));
    await desk.ship(decisionOf('v', { ...unsaid, wallets: [entryOf(1)] }), decisionOf('w', unsaid));
    const { attempts: _none, ...before } = refusedOf('x');
    await desk.ship(before as never, intentOf('y'), decisionOf('y', { attempts: 0 }));
    expect(await codes()).toEqual([11, 12, 13, 14, 16].map((sequence) => `EVENT_INTENT_MISSING ${sequence}`));
    expect((await verified()).faults[0]?.message).toBe(
      'request q went out 2 times, expected as many intents before its decision, found 1',
    );
  });

  it('finds a decision that can never come, because the gateway began another journal', async () => {
    await desk.restart();
    await desk.ship(refusedOf('e'));
    const report = await verified();
    expect(report.faults).toMatchObject([{ code: 'EVENT_DECISION_MISSING', gateway: 'desk', chain: 1, sequence: 6 }]);
    expect(report.chains.map(({ chain, isNewest }) => [chain, isNewest])).toEqual([
      [1, false],
      [2, true],
      [1, true],
    ]);
  });

  it('compares an absurd amount by what of it is booked', async () => {
    await desk.ship(intentOf('f'));
    await desk.keep(decisionOf('f', { wallets: [entryOf(9, { excessMicros: 9e15 })] }));
    const absurd = {
      ...entryOf(9),
      id: 'evt-f:s1',
      requestId: 'f',
      model: 'm',
      inputTokens: 1,
      outputTokens: 1,
      at: 1,
    };
    await desk.settle(boundedSettlement({ ...absurd, sliceId: 's1', excessMicros: 9e15 }));
    expect(await codes()).toEqual([]);
  });

  it('finds a settlement that the ledger did not take', async () => {
    await desk.ship(intentOf('f'), decisionOf('f', { wallets: [entryOf(9, { sliceId: 'unknown' })] }));
    const [fault] = (await verified()).faults;
    expect(fault?.message).toBe('desk month-2027-01-01 USD: decisions settled 0.000076, the ledger booked 0.000067');
  });

  it('finds a request that waited and was never decided, because the gateway began another journal', async () => {
    await desk.ship(questionOf('p'));
    await desk.restart();
    expect(await codes()).toEqual(expect.not.arrayContaining(['EVENT_DECISION_MISSING 7']));
    await desk.ship(refusedOf('e'));
    expect(await codes()).toEqual(['EVENT_DECISION_MISSING 6', 'EVENT_DECISION_MISSING 7']);
  });

  it('lists a thousand faults and counts the rest', async () => {
    await desk.ship(...Array.from({ length: 1010 }, (_, index) => decisionOf('a', { id: `again-${index}` })));
    const report = await verified();
    expect([report.faults.length, report.moreFaults]).toEqual([1000, 10]);
  });
});

describe('chargeback', () => {
  const DAY_MS = 86_400_000;
  const NOON = Date.parse('2027-01-31T12:00:00Z');
  const warnings: string[] = [];
  const rows = async (span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }): Promise<readonly FocusRow[]> => {
    const orgs = { observe: async () => ({ uid: 'uid-of-acme', objects: [] }) as never };
    const log = { warn: (text: string) => void warnings.push(text) };
    warnings.length = 0;
    return (await focusRows({ fleet: 'example', orgs, runtime: store.runtime, log }, ACME, span)) ?? [];
  };
  const paid = async (...span: Parameters<typeof rows>): Promise<readonly unknown[]> =>
    (await rows(...span)).map((row) => `${row.x_Wallet} ${row.BilledCost} ${row.x_Requests}`);
  const ORG = { wallet: 'org', sliceId: 's2' };

  it('sums a day of one token, model and wallet, and keeps what nobody paid for without a cost', async () => {
    await desk.ship(
      decisionOf('a', { at: NOON, wallets: [entryOf(60)] }),
      decisionOf('b', { at: NOON + 1, wallets: [entryOf(5, { excessMicros: 2 })] }),
      decisionOf('c', { at: NOON, token: 'other', wallets: [] }),
      decisionOf('d', { at: NOON, verdict: 'block', inputTokens: 0, outputTokens: 0 }),
      decisionOf('e', { at: NOON + DAY_MS, wallets: [entryOf(1)] }),
    );
    const found = await rows();
    expect(found).toHaveLength(3);
    expect(found.map((row) => [row.BilledCost, row.x_Token, row.x_Requests, row.ConsumedQuantity])).toEqual([
      ['0.000067', 'app', 2, 30],
      [null, 'other', 1, 15],
      ['0.000001', 'app', 1, 15],
    ]);
    expect(found[1]).toMatchObject({ PricingQuantity: null, EffectiveCost: null, x_Wallet: null });
    expect(found[0]).toMatchObject({
      ChargePeriodStart: '2027-01-31T00:00:00Z',
      ChargePeriodEnd: '2027-02-01T00:00:00Z',
      BillingPeriodStart: '2027-01-01T00:00:00Z',
      BillingPeriodEnd: '2027-02-01T00:00:00Z',
      BillingAccountId: 'example',
      SubAccountId: 'uid-of-acme',
      SubAccountName: 'acme',
      BillingCurrency: 'USD',
      SkuId: 'gpt-4o-mini',
      ProviderName: 'main',
      ListCost: null,
      x_WalletPeriod: 'month-2027-01-01',
    });
    expect(Object.keys(found[0] ?? {}).sort()).toEqual([...FOCUS_COLUMNS].sort());
    expect(await rows({ fromMs: NOON + 1, toMs: NOON + DAY_MS })).toMatchObject([{ BilledCost: '0.000007' }]);
  });

  it('counts no tokens where nobody knows them, apart from those that are known', async () => {
    const unknown = { at: NOON, inputTokens: 0, outputTokens: 0, usageFlag: 'unknown' } as const;
    await desk.ship(
      decisionOf('a', { at: NOON, wallets: [entryOf(60)] }),
      decisionOf('b', { ...unknown, wallets: [entryOf(900)] }),
      decisionOf('c', { ...unknown, usageFlag: 'absurd', wallets: [entryOf(100)] }),
    );
    const [known, notKnown, ...more] = await rows();
    expect(known).toMatchObject({ BilledCost: '0.00006', ConsumedQuantity: 15, PricingQuantity: 15, x_Requests: 1 });
    expect(notKnown).toMatchObject({
      ...{ BilledCost: '0.001', x_Requests: 2, ConsumedQuantity: null, ConsumedUnit: null, PricingQuantity: null },
      ...{ PricingUnit: null, x_InputTokens: null, x_OutputTokens: null },
    });
    expect(more).toEqual([]);
  });

  it('charges of an absurd amount what the ledger booked of it, in however many entries it stands', async () => {
    const half = entryOf(0, { excessMicros: 9e11 });
    await desk.keep(intentOf('a', [entryOf(0)]));
    await desk.keep(decisionOf('a', { at: NOON, wallets: [half, half] }));
    await desk.settle(
      boundedSettlement({
        ...{ id: 'evt-a:s1', sliceId: 's1', requestId: 'a', settledMicros: 0, excessMicros: 18e11 },
        ...{ model: 'gpt-4o-mini', inputTokens: 10, outputTokens: 5, at: NOON },
      }),
    );
    expect(await codes()).toEqual([]);
    expect(await paid()).toEqual(['desk 1000000 1']);
  });

  it('charges an attempt once where all wallets of its chain must pay, whatever the rule is by now', async () => {
    const both = [entryOf(60), entryOf(60, ORG)];
    await desk.ship(intentOf('a', [entryOf(0), entryOf(0, ORG)]), decisionOf('a', { at: NOON, wallets: both }));
    expect(await paid()).toEqual(['desk 0.00006 1']);
  });

  it('charges each wallet that paid an attempt alone, also the same amount', async () => {
    await desk.ship(
      intentOf('a', [entryOf(0, ORG)]),
      { ...intentOf('a', [entryOf(0)]), ended: [entryOf(60, ORG)] },
      decisionOf('a', { at: NOON, wallets: [entryOf(60, ORG), entryOf(60)] }),
    );
    expect(await paid()).toEqual(['desk 0.00006 0', 'org 0.00006 1']);
  });

  it('tells attempts of one request apart where the rule changed between them', async () => {
    const ended = [entryOf(30), entryOf(30, { sliceId: 's3' }), entryOf(60, ORG)];
    await desk.ship(
      intentOf('a', [entryOf(0), entryOf(0, { sliceId: 's3' }), entryOf(0, ORG)]),
      { ...intentOf('a', [entryOf(0, ORG)]), ended },
      decisionOf('a', { at: NOON, wallets: [...ended, entryOf(7, ORG)] }),
    );
    expect(await paid()).toEqual(['desk 0.00006 1', 'org 0.000007 0']);
  });

  it('knows which wallets paid together also where that was said before the span', async () => {
    await desk.ship(intentOf('a', [entryOf(0), entryOf(0, ORG)], NOON - 1));
    await desk.ship(decisionOf('a', { at: NOON, wallets: [entryOf(60), entryOf(60, ORG)] }));
    expect(await paid({ fromMs: NOON, toMs: NOON + 1 })).toEqual(['desk 0.00006 1']);
  });

  it('leaves out, and tells of, decisions that say nothing that could be charged', async () => {
    const odd = [null, 'none', [null], [{ ...entryOf(1), settledMicros: '1' }], [{ ...entryOf(1), wallet: 7 }]];
    for (const [index, wallets] of odd.entries())
      await desk.keep({ ...decisionOf(`odd-${index}`, { at: NOON }), wallets: wallets as never });
    const facts = [
      ...[{ inputTokens: 'many' }, { outputTokens: -5 }, { model: { name: 'x' } }, { target: 1 }, { team: [] }],
      ...[{ token: true }, { configVersion: null }, { simulated: 'no' }],
    ];
    for (const [index, fact] of facts.entries())
      await desk.keep(decisionOf(`fact-${index}`, { at: NOON, wallets: [entryOf(1)], ...(fact as object) }));
    await desk.ship(decisionOf('a', { at: NOON, wallets: [entryOf(60)] }));
    expect(await paid()).toEqual(['desk 0.00006 1']);
    expect(warnings).toHaveLength(odd.length + facts.length);
    expect(warnings[0]).toBe('acme: line 1 of gateway desk is not in the export: it is no decision that can be read');
    await paid({ fromMs: 0, toMs: NOON });
    expect(warnings).toEqual([]);
  });

  it('has no credit of what was only presumed to be spent, because that was never charged', async () => {
    await desk.lease('s4', { expiresAt: 1000 });
    await store.runtime.expireSlices(ACME, 1000);
    const common = {
      wallet: 'desk',
      period: 'month-2027-01-01',
      currency: 'USD',
      author: 'ann',
      kind: 'credit',
    } as const;
    await desk.ship(decisionOf('a', { at: NOON, wallets: [entryOf(60)] }));
    for (const [id, amountMicros] of [
      ['x', 4_000],
      ['y', 6_050],
    ] as const)
      await store.runtime.adjust(ACME, { ...common, id, amountMicros, note: 'known', at: NOON });
    expect(await paid()).toEqual(['desk 0.00006 1', 'desk -0.00005 null']);
  });

  it('has credits and charges of people, with their reason, and no top-ups', async () => {
    await desk.ship(decisionOf('a', { at: NOON, wallets: [entryOf(60)] }));
    const common = { wallet: 'desk', period: 'month-2027-01-01', currency: 'USD', author: 'ann', at: NOON };
    for (const kind of ['top-up', 'credit', 'charge'] as const)
      await store.runtime.adjust(ACME, { ...common, id: kind, kind, amountMicros: 50, note: `=a ${kind}, "so"` });
    const found = (await rows()).filter((row) => row.ChargeCategory !== 'Usage');
    expect(found.map((row) => [row.ChargeCategory, row.BilledCost, row.x_Reason, row.x_Wallet])).toEqual([
      ['Credit', '-0.00005', '=a credit, "so"', 'desk'],
      ['Adjustment', '0.00005', '=a charge, "so"', 'desk'],
    ]);
    const csv = focusCsv(found).split('\r\n');
    expect(csv[0]).toBe(FOCUS_COLUMNS.join(','));
    // Quoted, no formula, the amount a number, an unknown empty.
    expect(csv[1]).toMatch(/^-0\.00005,example,USD,/);
    expect(csv[1]).toContain(`,"'=a credit, ""so""",`);
    expect(csv[1]).toContain(',,');
    expect(csv).toHaveLength(4);
  });
});
