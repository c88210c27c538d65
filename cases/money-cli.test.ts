import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { proveOutput } from './answers.testkit.ts';
import { decisionOf, entryOf, gatewayAt, intentOf, refusedOf, type TestGateway } from './evidence.testkit.ts';
import { ALDER, buildCli, createFleet, type OpenFleet, ROOT, type TestFleet } from './fleet.testkit.ts';

// `events`, `wallet` and `history` as whole processes, beside the store and through a running controller.

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 120_000;
let fleet: TestFleet;
let open: OpenFleet;
let desk: TestGateway;
beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * DAY_MS) });
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
  open = await fleet.open({ nowMs: Date.now });
  desk = await gatewayAt(open.state.runtime, ALDER, 'desk-production');
  const period = JSON.parse(fleet.run(['wallet', 'show', '--org', 'alder', '--format', 'json']).stdout).wallets[0]
    .period;
  await desk.lease('s1', { period, limitMicros: 12_000 });
  const paid = (micros: number) => entryOf(micros, { period });
  await desk.ship(
    ...[intentOf('a', [paid(0)]), decisionOf('a', { wallets: [paid(9_000)], model: STEERING })],
    ...[intentOf('b', [paid(0)]), decisionOf('b', { wallets: [paid(1_000)], reasonCode: 'B', at: Date.now() })],
  );
}, TIMEOUT_MS);
afterAll(() => {
  open.close();
  fleet.destroy();
});

const STEERING = 'gpt\u001b]0;x\u0007\r2026';

/** Runs with `--format json`; `runCli` compares the answer with its published schema, and this, that it is the one of `name`. */
function answered(name: string, ...args: readonly string[]): { readonly [key: string]: unknown } {
  const ran = fleet.run([...args, '--format', 'json']);
  expect([args, ran.stderr.includes('BUG'), ran.status]).toEqual([args, false, 0]);
  const answer = JSON.parse(ran.stdout) as { readonly [key: string]: unknown };
  expect(answer['schema']).toBe(`tenantry/${name}/v1`);
  return answer;
}

const refused = (...args: readonly string[]): string => {
  const { status, stderr } = fleet.run(args);
  return `${status} ${/[A-Z_]{5,}/.exec(stderr)?.[0] ?? ''}`;
};

it(
  'events are shown, followed, copied and proved',
  async () => {
    expect(answered('events', 'events', 'tail', '--org', 'alder', '--limit', '1')).toMatchObject({
      events: [{ sequence: 4, event: { requestId: 'b' } }],
    });
    const shown = fleet.run(['events', 'tail', '--org', 'alder']).stdout;
    expect(shown).toMatch(/ 2 +app[\s\S]* 4 +app .* B$/m);
    // What a caller names as a model is shown, and does nothing.
    expect(shown).toContain('gpt\\u{1b}]0;x\\u{7}\\u{d}2026');
    expect([shown.trim().split('\n').length, /[^\P{Cc}\n]/u.test(shown)]).toEqual([3, false]);

    const exported = fleet.run(['events', 'export', '--org', 'alder']).stdout.trim().split('\n');
    expect(exported).toHaveLength(4);
    for (const text of exported) {
      const { hash, line, gateway } = JSON.parse(text);
      const raw = text.slice(text.indexOf('"line":') + '"line":'.length, -1);
      expect([JSON.parse(raw), gateway]).toEqual([line, 'desk-production']);
      expect(createHash('sha256').update(raw).digest('hex')).toBe(hash);
    }
    const today = new Date().toISOString().slice(0, 10);
    expect(fleet.run(['events', 'export', '--org', 'alder', '--from', today]).stdout).toContain('evt-b');
    expect(fleet.run(['events', 'export', '--org', 'alder', '--to', today]).stdout).not.toContain('evt-b');

    expect(answered('events-verify', 'events', 'verify', '--org', 'alder')).toMatchObject({ ok: true, lines: 4 });
    expect(fleet.run(['events', 'verify', '--org', 'alder']).stdout).toContain('4 lines of alder are whole');

    const followed = ['events', 'tail', '--org', 'alder', '--follow', '--format', 'json'];
    const following = spawn(process.execPath, [join(ROOT, 'dist/tenantry.mjs'), ...followed], {
      cwd: fleet.dir,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    const heard = (what: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!said.includes(what)) return;
          following.stdout.off('data', look);
          resolve();
        };
        following.stdout.on('data', look);
        look();
      });
    following.stdout.on('data', (part: Buffer) => {
      said += part.toString('utf8');
    });
    const ended = new Promise((resolve) => following.once('exit', resolve));
    await heard('evt-b');
    const left = spawn(process.execPath, [join(ROOT, 'dist/tenantry.mjs'), ...followed], {
      cwd: fleet.dir,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const alone = new Promise((resolve) => left.once('exit', resolve));
    await new Promise((resolve) => left.stdout.once('data', resolve));
    left.stdout.destroy();
    await desk.ship(refusedOf('c'));
    // It has written to nobody.
    expect(await alone).toBe(0);
    await heard('evt-c');
    following.kill('SIGTERM');
    expect(await ended).toBe(0);
    proveOutput(followed, said);
    expect(
      said
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).sequence),
    ).toEqual([2, 4, 5]);

    expect(refused('events', 'verify', '--org', 'nobody')).toBe('1 ORG_UNKNOWN');
    expect(refused('events', 'tail')).toBe('64 USAGE');
    expect(refused('events', 'export', '--org', 'alder', '--from', 'yesterday')).toBe('64 USAGE');
  },
  TIMEOUT_MS,
);

it(
  'what was booked on a wallet that is gone, or in another currency, is put right there, and said again under its id',
  async () => {
    const added = { kind: 'top-up', amountMicros: 3_000_000, author: 'ann', note: 'a mistake', at: 1 } as const;
    for (const [wallet, period, currency] of [
      ['gone', 'month-2026-01-01', 'USD'],
      ['gone', 'month-2026-02-01', 'USD'],
      ['org', 'month-2026-02-01', 'GBP'],
    ] as const)
      await open.state.runtime.adjust(ALDER, { ...added, id: `${wallet}-${period}`, wallet, period, currency });
    const back = (wallet: string, ...args: readonly string[]) =>
      ['wallet', 'adjust', `alder/${wallet}`, '--take-back', '3', '--reason', 'a mistake', ...args] as const;
    const [january, pounds] = [
      back('gone', '--period', 'month-2026-01-01', '--id', 'january'),
      back('org', '--period', 'month-2026-02-01', '--currency', 'GBP', '--id', 'pounds'),
    ];
    const balance = { addedMicros: 0 };
    expect(answered('wallet-adjustment', ...january)).toMatchObject({ period: 'month-2026-01-01', balance });
    expect(answered('wallet-adjustment', ...pounds)).toMatchObject({ currency: 'GBP', balance });
    expect(answered('wallet-adjustment', ...back('gone', '--id', 'january'))).toMatchObject({
      ...{ repeated: true, period: 'month-2026-01-01', author: `${userInfo().username} at the store`, balance },
    });
    expect([refused(...back('gone')), refused(...back('org', '--currency', 'GBP'))]).toEqual([
      '1 WALLET_PERIOD_UNKNOWN',
      '1 WALLET_PERIOD_UNKNOWN',
    ]);
    expect(fleet.run(['events', 'verify', '--org', 'alder']).status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'wallets are shown, adjusted and exported',
  () => {
    const show = (): unknown => answered('wallets', 'wallet', 'show', '--org', 'alder');
    expect(show()).toMatchObject({
      wallets: [
        { wallet: 'desk', spent: '0.01', added: '0', thresholds: [{ percent: 80, reachedAt: 2000 }, {}] },
        { wallet: 'org' },
        { wallet: 'probe' },
      ],
    });
    expect(fleet.run(['wallet', 'show', '--org', 'alder']).stdout).toMatch(/REACHED\ndesk .*80 % at 1970/);

    const adjust = (...args: readonly string[]) => ['wallet', 'adjust', 'alder/desk', '--reason', 'as agreed', ...args];
    const booked = answered('wallet-adjustment', ...adjust('--top-up', '5.50', '--id', 'first'));
    expect(booked).toMatchObject({
      kind: 'top-up',
      amountMicros: 5_500_000,
      author: `${userInfo().username} at the store`,
    });
    expect(answered('wallet-adjustment', ...adjust('--top-up', '5.50', '--id', 'first'))).toMatchObject({
      repeated: true,
    });
    expect(fleet.run(adjust('--credit', '0.001')).stdout).toMatch(/^Booked: credit of 0\.001 USD on alder\/desk in /);
    expect(show()).toMatchObject({ wallets: [{ spent: '0.009', added: '5.5' }, {}, {}] });
    expect(refused(...adjust('--credit', '1'))).toBe('1 WALLET_ADJUST_TOO_MUCH');
    expect(refused(...adjust('--credit', '1', '--charge', '1'))).toBe('64 USAGE');
    const wrong = (...args: readonly string[]) => fleet.run(['wallet', 'adjust', 'alder/desk', ...args]);
    const amounts = 'an amount above 0 and below 1000000000, with at most six decimals';
    for (const [args, words] of [
      [['--charge', '0', '--reason', 'as agreed'], `${amounts}, found "0"`],
      [['--charge', '1000000000', '--reason', 'as agreed'], `${amounts}, found "1000000000"`],
      [['--charge', '0.0000001', '--reason', 'as agreed'], `${amounts}, found "0.0000001"`],
      [['--charge', '1'], 'a --reason of 3 to 1000 characters, found none'],
      [['--charge', '1', '--reason', 'ok'], 'a --reason of 3 to 1000 characters, found "ok"'],
      [['--charge', '1', '--reason', 'as agreed', '--id', 'a b'], 'an --id of at most 100 letters, digits and ._:-'],
      [['--charge', '1', '--reason', 'as agreed', '--currency', 'euro'], 'a --currency of three capital letters'],
      [['--charge', '1', '--reason', 'as agreed', '--period', '2027'], 'a --period as `tenantry wallet show` names it'],
    ] as const) {
      const { status, stderr } = wrong(...args);
      expect([status, stderr]).toEqual([64, expect.stringContaining(`USAGE: expected ${words}`)]);
    }

    const rows = answered('focus', 'wallet', 'export', '--org', 'alder')['rows'] as readonly object[];
    expect(rows).toContainEqual(expect.objectContaining({ ChargeCategory: 'Credit', BilledCost: '-0.001' }));
    const csv = fleet.run(['wallet', 'export', '--org', 'alder', '--format', 'csv']).stdout;
    expect(csv.split('\r\n').filter((line) => line.trim() !== '')).toHaveLength(rows.length + 1);
    expect(refused('wallet', 'export', '--org', 'nobody')).toBe('1 ORG_UNKNOWN');
    // Nothing would be charged of a span that holds no moment.
    for (const to of ['2026-12-01', '2027-01-01'])
      expect(refused('wallet', 'export', '--org', 'alder', '--from', '2027-01-01', '--to', to)).toBe('64 USAGE');
    expect(refused('wallet', 'show', '--org', 'nobody')).toBe('1 ORG_UNKNOWN');
    // What people book is no gateway's doing.
    expect(fleet.run(['events', 'verify', '--org', 'alder']).status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'an adjustment goes through a running controller, and a fault ends verify with 1',
  async () => {
    const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        child.stderr.on('data', (text: Buffer) => text.includes('control plane on') && resolve());
        child.once('exit', () => reject(new Error('the controller ended')));
      });
      const charge = ['wallet', 'adjust', 'alder/desk', '--charge', '0.2', '--reason', 'missed'];
      const author = `${userInfo().username} at the controller`;
      expect(answered('wallet-adjustment', ...charge)).toMatchObject({ author, kind: 'charge' });
      expect(refused('wallet', 'adjust', 'alder/nothing', '--charge', '1', '--reason', 'a test')).toBe(
        '1 WALLET_UNKNOWN',
      );
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
    open.sql('DROP TRIGGER events_keep');
    open.sql("UPDATE events SET line = replace(line, 'allow', 'block') WHERE sequence = 2");
    // Nothing that a row holds stops the page that it is on.
    await desk.keep({ type: 'decision', id: 'evt', at: 9e15, requestId: 'w', wallets: [] } as never);
    open.sql("UPDATE events SET line = 'gone' WHERE sequence = 4");
    const { events } = answered('events', 'events', 'tail', '--org', 'alder') as { events: readonly object[] };
    expect(events.slice(0, 4)).toMatchObject([
      { sequence: 6, misshapen: expect.stringContaining('/at'), event: { requestId: 'w' } },
      { sequence: 5, event: { type: 'decision' } },
      { sequence: 4, damaged: true },
      { sequence: 2 },
    ]);
    const tail = fleet.run(['events', 'tail', '--org', 'alder']);
    expect([tail.status, tail.stdout]).toEqual([0, expect.stringMatching(/ 4 .* damaged .*\n.*\n.* 6 .* misshapen /)]);
    const copies = fleet.run(['events', 'export', '--org', 'alder']).stdout.trim().split('\n');
    expect(copies.map((line) => Object.keys(JSON.parse(line) as object).at(-1))).toEqual([
      ...['line', 'line', 'line', 'damaged', 'line', 'line'],
    ]);
    expect(fleet.run(['wallet', 'export', '--org', 'alder']).status).toBe(0);
    const ran = fleet.run(['events', 'verify', '--org', 'alder', '--format', 'json']);
    expect(ran.status).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ schema: 'tenantry/events-verify/v1', ok: false });
    expect(fleet.run(['events', 'verify', '--org', 'alder']).stdout).toMatch(
      /EVENT_LINE_CHANGED: desk-production, chain 1, line 2/,
    );
  },
  TIMEOUT_MS,
);

it(
  'history shows as many entries as are asked for, also where those are thousands',
  async () => {
    const { store } = open.state;
    const [newest] = await store.history(ALDER, { limit: 1 });
    if (newest === undefined) throw new Error('expected a history');
    const { org: _org, sequence: _sequence, previous: _previous, hash: _hash, ...entry } = newest;
    await store.transact(ALDER, async (tx) => {
      for (let count = 0; count < 1100; count += 1) await tx.appendHistory({ ...entry, detail: { words: ['again'] } });
    });
    const shown = (limit: number) => {
      const { chain, entries } = answered('history', 'history', '--org', 'alder', '--limit', String(limit));
      const sequences = (entries as readonly { readonly sequence: number }[]).map(({ sequence }) => sequence);
      return [chain, sequences.length, sequences[0], sequences.at(-1)];
    };
    const last = newest.sequence + 1100;
    expect(shown(1050)).toEqual(['intact', 1050, last, last - 1049]);
    expect(shown(9000)).toEqual(['intact', last, last, 1]);
    expect(shown(3)).toEqual(['intact', 3, last, last - 2]);
  },
  TIMEOUT_MS,
);
