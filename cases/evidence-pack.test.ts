import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalJson from '@tufjs/canonical-json';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalText } from '../src/core/bundle/index.ts';
import { type Json, type JsonObject, parseJson } from '../src/core/model/index.ts';
import type { EvidencePack } from '../src/core/report/index.ts';
import { deny, issueToken, makePack, type PackVerdict, verifyPack } from '../src/flows/index.ts';
import { appliedNow } from '../src/flows/pack/standing.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { openNewFolder, openReadFolder } from '../src/io/folder/index.ts';
import { evidenceSigner, signEvidence } from '../src/trust/index.ts';
import { wireRepository } from '../src/wire.ts';
import { proveAnswer } from './answers.testkit.ts';
import {
  answered,
  decisionOf,
  endOf,
  entryOf,
  gatewayAt,
  intentOf,
  questionOf,
  refusedOf,
} from './evidence.testkit.ts';
import {
  ALDER,
  ANA,
  BIRCH,
  buildCli,
  CLOVE,
  createFleet,
  type OpenFleet,
  ORGS,
  OTTO,
  type TestFleet,
} from './fleet.testkit.ts';

// A fleet that was applied twice, with the traffic of one org, and what is told of a span of it to somebody outside.

const DAY_MS = 86_400_000;
/** Past, so that commands may tell of all of it. */
const FIRST_MS = Date.parse('2026-11-03T09:00:00Z');
const SECOND_MS = FIRST_MS + 5 * DAY_MS;
const EPOCHS = { root: 1, targets: 1, snapshot: 1, timestamp: 1 };
const SPAN = { fromMs: FIRST_MS - DAY_MS, toMs: FIRST_MS + 20 * DAY_MS };

let nowMs = FIRST_MS;
const clock = { nowMs: () => nowMs };
let fleet: TestFleet;
let open: OpenFleet;
/** The commit of Otto's that a merge of somebody else brought. */
let asked = '';

beforeAll(async () => {
  buildCli();
  nowMs = FIRST_MS;
  fleet = await createFleet();
  const { repository, write } = await wireRepository(fleet.dir);
  const issuing = { tree: repository.workTree(), write, clock, random: nodeRandom };
  expect(await issueToken(issuing, ALDER, 'app', () => undefined)).toMatchObject({ ok: true });
  fleet.commit('a secret for the app');
  open = await fleet.open(clock);
  expect(await open.apply()).toMatchObject({ ok: true });
  const desk = await gatewayAt(open.state.runtime, ALDER, 'desk-production');
  const wide = { nowMs: FIRST_MS, expiresAt: SECOND_MS };
  await desk.lease('s1', wide);
  const at = (minutes: number) => FIRST_MS + minutes * 60_000;
  const steps = [
    { policy: 'pii-detector', phase: 'input', verdict: 'redact', redactions: 2, durationMicros: 9 },
    { policy: 'dlp-filter', phase: 'input', verdict: 'allow', durationMicros: 4 },
  ] as const;
  await desk.ship(
    refusedOf('early', { at: FIRST_MS - 9 * DAY_MS }),
    intentOf('a', [entryOf(0)], at(1)),
    decisionOf('a', { at: at(1), steps, verdict: 'redact', reasonCode: 'pii.detected', wallets: [entryOf(60)] }),
    // A clock that was wrong for one request: its line stands between others of the span.
    refusedOf('odd', { at: FIRST_MS - 30 * DAY_MS, reasonCode: 'dlp.detected' }),
    refusedOf('b', { at: at(3), reasonCode: 'prompt_injection.detected' }),
    questionOf('c', { at: at(4) }),
  );
  await answered(open.state.runtime, ALDER, 'c', 'approved');
  await desk.ship(
    { ...endOf('c', 'approved'), at: at(6) },
    intentOf('c', [entryOf(0)], at(6)),
    decisionOf('c', { at: at(6), generation: 2, wallets: [entryOf(5, { excessMicros: 2 })] }),
  );
  nowMs = SECOND_MS - DAY_MS;
  fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '110.00'");
  await fleet.save('raise the wallet of alder');
  fleet.edit('orgs/birch/org.yaml', "limit: '100.00'", "limit: '90.00'");
  await fleet.save('Lower what Birch Trading may spend');
  expect(await open.apply()).toMatchObject({ ok: true });
  const accepted = {
    code: 'TOKEN_EXPIRES_FAR',
    object: 'Token/app',
    found: ['2099-01-01T00:00:00Z'],
    owner: '@msp/desk',
  };
  const spec = { ...accepted, approvers: ['@msp/platform'], reason: 'As with Birch.', expires: '2027-01-31T00:00:00Z' };
  const waiver = { apiVersion: 'tenantry/v1', kind: 'Waiver', metadata: { org: 'alder', name: 'far' }, spec };
  fleet.write('orgs/alder/waivers/far.yaml', JSON.stringify(waiver));
  await fleet.save('accept a token that lasts');
  expect(await open.apply()).toMatchObject({ ok: true });
  nowMs = SECOND_MS;
  fleet.git('checkout', '-q', '-b', 'topic');
  fleet.edit('orgs/alder/org.yaml', "limit: '110.00'", "limit: '120.00'");
  asked = await fleet.save('As the desk asked', OTTO);
  fleet.git('checkout', '-q', 'main');
  fleet.git('merge', '-q', '--no-ff', '-m', 'raise the wallet', 'topic');
  expect(await open.apply()).toMatchObject({ ok: true });
  const denial = { org: ALDER, name: 'token/app', actor: 'ops', reason: 'it leaked into a chat' };
  expect(await deny(await open.parts(), denial)).toMatchObject({ ok: true });
  await desk.ship(refusedOf('late', { at: FIRST_MS + 40 * DAY_MS }));
  nowMs = FIRST_MS + 21 * DAY_MS;
});
afterAll(() => {
  open.close();
  fleet.destroy();
});

let made = '';
let count = 0;
beforeEach(() => {
  count += 1;
  made = join(fleet.dir, '.tenantry', `pack-${count}`);
});
afterEach(() => rmSync(made, { recursive: true, force: true }));

async function pack(span = SPAN, org = ALDER, of = open): Promise<EvidencePack> {
  const folder = await openNewFolder(made);
  if (folder === undefined) throw new Error(`expected nothing at ${made}`);
  const applying = await of.parts();
  const parts = { ...applying, priceBook: 'default', program: 'tenantry test', cache: null, threads: null };
  const done = await makePack(parts, { org, ...span }, folder);
  if (!done.ok) throw new Error(done.message);
  await folder.keep();
  return parseJson(read('pack.json')) as unknown as EvidencePack;
}

const read = (name: string): string => readFileSync(join(made, name), 'utf8');
const rows = (name: string): readonly JsonObject[] =>
  read(name)
    .split('\n')
    .slice(0, -1)
    .map((line) => parseJson(line) as JsonObject);
const verdictOf = (org = ALDER, folder = made) => verifyPack({ folder: openReadFolder(folder), hash: nodeHash }, org);

describe('a pack', () => {
  it('tells what happened in the org within the span', async () => {
    const told = await pack();
    expect(told.period).toEqual({ from: '2026-11-02T09:00:00Z', to: '2026-11-23T09:00:00Z' });
    expect(told.scope).toMatchObject({
      ...{ displayName: 'alder Trading', template: 'msp-standard@1.0.0', isolation: 'dedicated' },
      gateways: [{ gateway: 'desk-production', upstreams: [{ id: 'main', provider: 'openai gpt-4o-mini' }] }],
      used: [{ provider: 'openai', target: 'main', model: 'gpt-4o-mini', requests: 2, inputTokens: 20 }],
    });
    expect(told.enforcement).toMatchObject({
      ...{ requests: 3, wentOut: 2, unread: 0, verdicts: { allow: 1, block: 1, redact: 1, escalate: 0 } },
      policies: [
        { policy: 'dlp-filter', phase: 'input', ran: 1, allow: 1 },
        { policy: 'pii-detector', phase: 'input', ran: 1, redact: 1, redactions: 2 },
      ],
      reasons: [
        { reasonCode: 'pii.detected', requests: 1 },
        { reasonCode: 'prompt_injection.detected', requests: 1 },
      ],
    });
    expect(told.oversight).toMatchObject({ queued: 1, approved: 1, open: 0 });
    expect(told.oversight.escalations).toMatchObject([
      { id: 'esc_c', gateway: 'desk-production', policy: 'safety-filter', by: 'token rev', ended: 'approved' },
    ]);
    expect(told.incidents).toMatchObject([{ what: 'deny', actor: 'ops', words: expect.stringContaining('leaked') }]);
    expect(told.identity.revocations).toMatchObject([{ token: 'app', by: 'deny', actor: 'ops' }]);
    expect(told.identity.tokens.map(({ token }) => token)).toContain('app');
    expect(told.integrity).toMatchObject({ ok: true, history: { brokenAt: null } });
  });

  it('has each version of a policy that was in force, what was changed, and what gateways ran', async () => {
    const { changes, policies, inEffect } = (await pack()).configuration;
    expect(changes.map(({ action, actor }) => [action, actor])).toEqual(
      expect.arrayContaining([
        ['apply', ANA],
        ['deny', 'ops'],
      ]),
    );
    const raised = changes.find(({ subject }) => subject === 'raise the wallet');
    expect(raised).toMatchObject({ at: '2026-11-08T09:00:00Z', commit: fleet.head() });
    expect(raised?.actor).not.toBe(OTTO);
    expect(raised?.merged).toEqual({ commit: asked, author: OTTO, subject: 'As the desk asked' });
    expect(read('report.html')).toContain(
      `merges ${asked.slice(0, 12)} of Otto Owner &lt;otto@msp.example&gt;: As the desk asked`,
    );
    expect(changes.filter(({ merged }) => merged !== null)).toEqual([raised]);
    expect(raised?.committedAt).toMatch(/^\d{4}-/);
    expect(raised?.words).toEqual([expect.stringContaining('110.00 -> 120.00')]);
    expect(policies).toMatchObject([{ name: 'standard', version: 1, since: '2026-11-03T09:00:00Z', until: null }]);
    expect(inEffect.map(({ generation, firstDecisionAt }) => [generation, firstDecisionAt])).toEqual([
      [1, '2026-11-03T09:01:00Z'],
      [2, '2026-11-03T09:06:00Z'],
    ]);
    const before = await (async () => {
      rmSync(made, { recursive: true });
      return pack({ fromMs: SECOND_MS - 1, toMs: SECOND_MS + 1 });
    })();
    expect(before.configuration.changes.map(({ subject }) => subject)).toContain('raise the wallet');
    expect(before.configuration.changes.some(({ at }) => at < '2026-11-08')).toBe(false);
    expect(before.configuration.policies).toHaveLength(1);
    expect(before.enforcement.requests).toBe(0);
  });

  it('copies every line between the first and the last of the span, so that each follows the one before', async () => {
    const { integrity } = await pack();
    expect(integrity.copied).toEqual([{ gateway: 'desk-production', journal: 1, from: 2, through: 9 }]);
    const lines = rows('events.ndjson').map(({ line }) => (line as JsonObject)['sequence']);
    expect(lines).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(integrity.events.lines).toBe(10);
    expect(rows('history.ndjson').map(({ sequence }) => sequence)).toEqual(
      rows('history.ndjson').map((_, index) => index + 1),
    );
  });

  it('books money as the ledger does: what was settled, and what went over the hold', async () => {
    const { spend } = await pack({ fromMs: 0, toMs: SPAN.toMs });
    expect(spend.accounts).toEqual([
      {
        ...{ wallet: 'desk', period: 'month-2027-01-01', currency: 'USD', settled: '0.000065', excess: '0.000002' },
        ...{ presumed: '0', credited: '0', charged: '0', added: '0' },
      },
    ]);
    expect(rows('ledger.ndjson').map(({ reason }) => reason)).toEqual(['lease', 'settle', 'settle', 'excess']);
    expect(spend.limits).toContainEqual(expect.objectContaining({ wallet: 'desk', limit: '120.00' }));
    expect(read('charges.csv').split('\r\n')[1]).toMatch(/^0\.000067,/);
  });

  it('tells nothing that lies outside of its span', async () => {
    const { enforcement, oversight, spend, identity, incidents, integrity } = await pack({ fromMs: 0, toMs: 1 });
    expect([enforcement.requests, oversight.queued, spend.accounts, identity.gatewayKeys]).toEqual([0, 0, [], []]);
    expect([identity.actors, incidents, integrity.copied]).toEqual([[], [], []]);
    for (const name of ['events', 'history', 'ledger', 'escalations']) expect(rows(`${name}.ndjson`)).toEqual([]);
    expect(read('charges.csv').trimEnd().split('\r\n')).toHaveLength(1);
    expect(await verdictOf()).toMatchObject({ ok: true, value: { lines: 0, entries: 0, faults: [] } });
  });

  it('names nobody who changed something outside of its span, though the entry stands between two of it', async () => {
    const other = await createFleet();
    const beside = await other.open(clock);
    const before = nowMs;
    try {
      for (const [day, limit, author] of [
        [0, '101.00', ANA],
        [-30, '102.00', OTTO],
        [1, '103.00', ANA],
      ] as const) {
        nowMs = FIRST_MS + day * DAY_MS;
        other.write('orgs/alder/org.yaml', other.read('orgs/alder/org.yaml').replace(/'10\d\.00'/, `'${limit}'`));
        await other.save('another limit', author);
        expect(await beside.apply()).toMatchObject({ ok: true });
      }
      const { identity, configuration } = await pack(SPAN, ALDER, beside);
      const entries = rows('history.ndjson').filter(({ action }) => action === 'apply');
      expect(entries.map(({ actor }) => actor)).toEqual([ANA, OTTO, ANA]);
      expect(configuration.changes.filter(({ actor }) => actor === OTTO)).toEqual([]);
      expect(identity.actors.map(({ actor }) => actor)).not.toContain(OTTO);
    } finally {
      nowMs = before;
      beside.close();
      other.destroy();
    }
  });

  it('has head and objects of one generation, also where an apply comes between reading the two', async () => {
    const other = await createFleet();
    const beside = await other.open(clock);
    try {
      expect(await beside.apply()).toMatchObject({ ok: true });
      other.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '110.00'");
      await other.save('another limit');
      const { store } = beside.state;
      const [before] = (await store.heads()).filter(({ org }) => org === ALDER);
      const heads = async () => {
        const read = await store.heads();
        await beside.apply();
        return read;
      };
      const { head, objects } = await appliedNow({ heads, observe: (org) => store.observe(org) }, ALDER);
      expect(head?.generation).toBe((before?.generation ?? 0) + 1);
      expect(JSON.stringify(objects)).toContain('"110.00"');
    } finally {
      beside.close();
      other.destroy();
    }
  });

  it('knows what was simulated, and when each content came into effect, in whatever order clocks stand', async () => {
    const desk = await gatewayAt(open.state.runtime, CLOVE, 'desk-production');
    const [at, simulated] = [FIRST_MS + 60_000, true];
    await desk.ship(
      intentOf('x', [], at),
      decisionOf('x', { at, simulated }),
      intentOf('y', [], at - 1000),
      decisionOf('y', { at: at - 1000 }),
    );
    const { enforcement, scope, configuration } = await pack(SPAN, CLOVE);
    expect(enforcement).toMatchObject({ requests: 2, wentOut: 2, simulated: 1 });
    expect(scope.used.map((row) => [row.simulated, row.requests])).toEqual([
      [false, 1],
      [true, 1],
    ]);
    expect(configuration.inEffect).toMatchObject([{ firstDecisionAt: '2026-11-03T09:00:59Z', requests: 2 }]);
  });

  it('says of each check of the isolation catalogue what it came to, and of what cannot be told here that', async () => {
    const { isolation } = await pack();
    const of = (id: string) => isolation.checks.find((check) => check.id === id)?.verdict;
    expect([of('I-01'), of('I-09'), of('I-14')]).toEqual(['held', 'impossible', 'elsewhere']);
    expect(isolation.checks.length).toBeGreaterThan(50);
    expect(isolation.commit).toBe(fleet.head());
  });

  it('calls a check broken for every org that a setting of the fleet breaks, and for the org whose own it is', async () => {
    const other = await createFleet({ spec: { publisher: { driver: 'files', path: '.tenantry' } } });
    const beside = await other.open(clock);
    try {
      // The settings are held; the orgs are not judged by them.
      expect(await beside.apply()).toMatchObject({ ok: false });
      const { isolation } = await pack(SPAN, BIRCH, beside);
      expect(isolation.checks.filter(({ verdict }) => verdict === 'broken').map(({ id }) => id)).toEqual(['I-26']);
    } finally {
      beside.close();
      other.destroy();
    }
  });

  it('holds nothing of another org, in no file', async () => {
    const common = {
      wallet: 'desk',
      period: 'month-2027-01-01',
      currency: 'USD',
      kind: 'charge',
      author: 'ops',
    } as const;
    const adjust = (id: string, note: string) =>
      open.state.runtime.adjust(ALDER, { ...common, id, amountMicros: 7, note, at: SECOND_MS });
    expect(await adjust('one', 'as Birch was charged')).toMatchObject({ ok: true });
    expect(await adjust('two', 'a day without a price')).toMatchObject({ ok: true });
    const { spend, isolation } = await pack();
    const notes = ['not told here: it names somebody else', 'a day without a price'];
    expect(spend.adjustments.map(({ note }) => note)).toEqual(notes);
    expect(isolation.waivers.map(({ reason }) => reason)).toEqual([notes[0]]);
    expect(rows('ledger.ndjson').flatMap(({ note }) => note ?? [])).toEqual(notes);
    for (const note of notes) expect(read('charges.csv')).toContain(`,${note},`);
    for (const name of readdirSync(made))
      for (const org of ORGS.filter((one) => one !== ALDER)) expect(read(name).toLowerCase()).not.toContain(org);
  });

  it('has what was applied with words that speak of another org, without those', async () => {
    const { configuration, integrity } = await pack();
    expect(integrity.history.withheld).toBe(2);
    const told = configuration.changes.filter(({ at, action }) => at === '2026-11-07T09:00:00Z' && action === 'apply');
    expect(told).toMatchObject([
      { subject: null, words: [expect.stringContaining('100.00 -> 110.00')] },
      { subject: null, words: ['create Waiver/far: not told here: it names somebody else'] },
    ]);
    const kept = rows('history.ndjson').filter((row) => 'withheld' in row);
    expect(kept.map(({ withheld, sequence }) => [withheld, sequence])).toEqual(
      told.map(({ sequence }) => ['detail', sequence]),
    );
    for (const entry of kept) expect(entry).not.toHaveProperty('detail');
    expect(read('report.html')).toContain('2 of them are here without their words');
    expect(await verdictOf()).toMatchObject({ ok: true, value: { faults: [], withheld: 2, isWhole: true } });
  });

  it('fits its published schema, and is signed so that openssl and sha256sum can tell', async () => {
    await pack();
    proveAnswer(read('pack.json'), 'pack.json');
    const key = createPublicKey(read('signing-key.pem'));
    const sums = readFileSync(join(made, 'SHA256SUMS'));
    expect(verify(null, sums, key, readFileSync(join(made, 'SHA256SUMS.sig')))).toBe(true);
    // As `sha256sum -c` reads it.
    const [comment, ...listed] = sums.toString().trimEnd().split('\n');
    expect(comment).toMatch(
      /^# tenantry\/evidence-pack\/v1 alder alder0{14}1 2026-11-02T09:00:00Z 2026-11-23T09:00:00Z$/,
    );
    const names = readdirSync(made).filter((name) => !name.startsWith('SHA256SUMS'));
    expect(listed).toEqual(names.map((name) => `${nodeHash.sha256(readFileSync(join(made, name)))}  ${name}`));
  });

  it('is refused for an org that is not applied, and leaves nothing', async () => {
    const folder = await openNewFolder(made);
    if (folder === undefined) throw new Error('expected a new folder');
    const parts = { ...(await open.parts()), priceBook: null, program: 'test', cache: null, threads: null };
    expect(await makePack(parts, { org: 'nobody' as never, ...SPAN }, folder)).toMatchObject({ code: 'ORG_UNKNOWN' });
    folder.drop();
    expect(readdirSync(join(fleet.dir, '.tenantry')).filter((name) => name.includes('pack-'))).toEqual([]);
  });
});

const CHANGED = (words: string) => ({
  ...{ ok: false, code: 'EVIDENCE_PACK_CHANGED', message: expect.stringContaining(words) },
});

describe('verifying a folder', () => {
  beforeEach(async () => {
    await pack();
  });

  /** Writes the checksums of what lies there anew and signs them as the org would. */
  async function signAgain(edited: (text: string) => string = (text) => text): Promise<void> {
    const [first = ''] = read('SHA256SUMS').split('\n');
    const names = readdirSync(made).filter((name) => !name.startsWith('SHA256SUMS'));
    const sums = names.sort().map((name) => `${nodeHash.sha256(readFileSync(join(made, name)))}  ${name}\n`);
    const text = edited(`${first}\n${sums.join('')}`);
    const uid = await open.uidOf(ALDER);
    writeFileSync(join(made, 'SHA256SUMS'), text);
    const signature = await open.state.signer.sign('targets', uid, 1, new TextEncoder().encode(text));
    writeFileSync(join(made, 'SHA256SUMS.sig'), signature);
  }

  async function faults(): Promise<readonly string[]> {
    const verdict = await verdictOf();
    if (!verdict.ok) throw new Error(verdict.message);
    return verdict.value.faults;
  }

  const change = (name: string, from: string | RegExp, to: string): void => {
    const text = read(name);
    if (text.replace(from, to) === text) throw new Error(`expected ${from} in ${name}`);
    writeFileSync(join(made, name), text.replace(from, to));
  };

  it('says who signed it, and follows every line and entry', async () => {
    const verdict = (await verdictOf()) as { readonly ok: true; readonly value: PackVerdict };
    expect(verdict).toMatchObject({ ok: true, value: { org: ALDER, lines: 8, faults: [], isWhole: true } });
    const root = nodeHash.sha256(readFileSync(join(made, '1.root.json')));
    expect(verdict.value.signer.firstRoot.sha256).toBe(root);
    expect(verdict.value.entries).toBe(rows('history.ndjson').length);
  });

  it.each(['pack.json', 'report.html', 'events.ndjson', 'history.ndjson', 'ledger.ndjson', 'charges.csv'])(
    'refuses another byte in %s',
    async (name) => {
      writeFileSync(join(made, name), `${read(name)} `);
      expect(await verdictOf()).toMatchObject({ ok: false, code: 'EVIDENCE_PACK_CHANGED' });
    },
  );

  it('refuses a file that is gone, a link in its place, and one that was added', async () => {
    const away = join(made, '../kept.ndjson');
    cpSync(join(made, 'events.ndjson'), away);
    rmSync(join(made, 'events.ndjson'));
    expect(await verdictOf()).toMatchObject({ code: 'EVIDENCE_PACK_CHANGED' });
    symlinkSync(away, join(made, 'events.ndjson'));
    expect(await verdictOf()).toMatchObject({ code: 'EVIDENCE_PACK_CHANGED' });
    rmSync(join(made, 'events.ndjson'));
    cpSync(away, join(made, 'events.ndjson'));
    expect(await verdictOf()).toMatchObject({ ok: true });
    mkdirSync(join(made, 'more'));
    expect(await verdictOf()).toMatchObject({ code: 'EVIDENCE_PACK_CHANGED' });
    rmSync(away);
  });

  it('refuses checksums that were not signed, and signatures of other keys and roots', async () => {
    const sums = read('SHA256SUMS');
    change('SHA256SUMS', '2026-11-23', '2026-11-24');
    expect(await verdictOf()).toEqual(CHANGED('by the targets key that root 1'));
    writeFileSync(join(made, 'SHA256SUMS'), sums);
    const bytes = new TextEncoder().encode(sums);
    for (const [role, org] of [
      ['timestamp', ALDER],
      ['targets', BIRCH],
    ] as const) {
      const other = await open.state.signer.sign(role, await open.uidOf(org), 1, bytes);
      writeFileSync(join(made, 'SHA256SUMS.sig'), other);
      expect(await verdictOf()).toEqual(CHANGED('by the targets key that root 1'));
    }
    rmSync(join(made, 'SHA256SUMS.sig'));
    expect(await verdictOf()).toEqual(CHANGED('by the targets key that root 1'));
    const theirs = await open.state.publisher.get(await open.uidOf(BIRCH), '1.root.json');
    writeFileSync(join(made, '1.root.json'), theirs ?? '');
    expect(await verdictOf()).toEqual(CHANGED('found another root'));
    rmSync(join(made, '1.root.json'));
    expect(await verdictOf()).toEqual(CHANGED('found none'));
  });

  it('takes no signed metadata for checksums, and signs no checksums that could be metadata', async () => {
    const uid = await open.uidOf(ALDER);
    const bytes = (await open.state.publisher.get(uid, '1.targets.json')) ?? new Uint8Array();
    const metadata = parseJson(new TextDecoder().decode(bytes)) as {
      readonly signed: JsonObject;
      readonly signatures: readonly { readonly sig: string }[];
    };
    const sums = Buffer.from(canonicalJson.canonicalize(metadata.signed));
    const signature = Buffer.from(metadata.signatures[0]?.sig ?? '', 'hex');
    const key = createPublicKey(read('signing-key.pem'));
    expect(verify(null, sums, key, signature)).toBe(true);
    const roots = [readFileSync(join(made, '1.root.json'))];
    const signer = evidenceSigner(uid, roots, { sums, signature });
    await expect(signer).rejects.toThrow('expected a signature by the targets key');
    const signing = signEvidence({ signer: open.state.signer, org: uid }, { epochs: EPOCHS }, sums.toString());
    await expect(signing).rejects.toThrow('expected a list of checksums');
  });

  it.each([
    ['ed25519', '00'],
    ['rsa', 'ab'.repeat(32)],
    ['ecdsa', '-----BEGIN PUBLIC KEY-----'],
  ])('takes no signature of a key that is none of its own kind: %s with %s', async (keytype, text) => {
    const own = generateKeyPairSync('ed25519');
    const { x = '' } = own.publicKey.export({ format: 'jwk' });
    const keyOf = (type: string, hex: string) => ({ keytype: type, scheme: type, keyval: { public: hex } });
    const idOf = (key: object) => nodeHash.sha256(canonicalJson.canonicalize(key));
    const good = keyOf('ed25519', Buffer.from(x, 'base64url').toString('hex'));
    const other = keyOf(keytype, text);
    const { signed } = parseJson(read('1.root.json')) as { readonly signed: JsonObject };
    const by = (key: object) => ({ keyids: [idOf(key)], threshold: 1 });
    const roles = { root: by(good), targets: by(other), snapshot: by(good), timestamp: by(good) };
    const root = { ...signed, keys: { [idOf(good)]: good, [idOf(other)]: other }, roles };
    const sig = sign(null, Buffer.from(canonicalJson.canonicalize(root)), own.privateKey).toString('hex');
    writeFileSync(
      join(made, '1.root.json'),
      JSON.stringify({ signed: root, signatures: [{ keyid: idOf(good), sig }] }),
    );
    expect(await verdictOf()).toEqual(CHANGED('by the targets key that root 1'));
  });

  it('reads no further root than the first that does not hold, however many there are', async () => {
    writeFileSync(join(made, '2.root.json'), ' '.repeat(1 << 20));
    const asked: string[] = [];
    const folder = openReadFolder(made);
    const bytes: typeof folder.bytes = (name, most) => {
      asked.push(name);
      return folder.bytes(name === '3.root.json' ? '2.root.json' : name, most);
    };
    expect(await verifyPack({ folder: { ...folder, bytes }, hash: nodeHash }, ALDER)).toEqual(
      CHANGED('expected a root file as it was published, found 1048576 bytes'),
    );
    expect(asked).toEqual(['SHA256SUMS', 'SHA256SUMS.sig', '1.root.json', '2.root.json']);
  });

  it('refuses what is no pack, and the pack of another org', async () => {
    expect(await verdictOf(BIRCH)).toMatchObject({ code: 'EVIDENCE_PACK_MISSING' });
    change('SHA256SUMS', /^# /, '');
    expect(await verdictOf()).toMatchObject({ code: 'EVIDENCE_PACK_MISSING' });
    expect(await verdictOf(ALDER, fleet.dir)).toMatchObject({ code: 'EVIDENCE_PACK_MISSING' });
  });

  it.each([
    ['a uid that is none', (text: string) => text.replace('alder000000000000001', 'Alder')],
    ['a uid that is too short', (text: string) => text.replace('alder000000000000001', 'alder')],
    ['a line that is no checksum', (text: string) => `${text}note\n`],
    ['a file twice', (text: string) => `${text}${text.split('\n')[1] ?? ''}\n`],
    ['a path', (text: string) => `${text}${'0'.repeat(64)}  ../store.db\n`],
    ['no end of the last line', (text: string) => text.trimEnd()],
    ['a period that a terminal would run', (text: string) => text.replace('2026-11-23T', '\u001b[2J')],
  ])('takes no list with %s, whoever signed it', async (_, edited) => {
    await signAgain();
    expect(await verdictOf()).toMatchObject({ ok: true });
    await signAgain(edited);
    expect(await verdictOf()).toMatchObject({ code: 'EVIDENCE_PACK_MISSING' });
  });

  it.each([
    ['nothing', () => ''],
    ['no map', () => '[]'],
    ['nothing that is JSON', () => '{'],
    ['null', () => 'null'],
    ['another beginning', (text: string) => text.replace('"from": "2026-11-02', '"from": "2026-11-01')],
    ['no pack', (text: string) => text.replace('evidence-pack/v1', 'evidence-pack/v2')],
    ['no word of what is whole', (text: string) => text.replace('"integrity"', '"other"')],
    ['the pack of another org', (text: string) => text.replace('"org": "alder"', '"org": "birch"')],
    ['the pack of another uid', (text: string) => text.replace('alder000000000000001', 'birch000000000000002')],
    ['another period', (text: string) => text.replace('"to": "2026-11-23', '"to": "2026-11-24')],
    ['no period', (text: string) => text.replace('"period"', '"other"')],
    ['a word in place of what is whole', (text: string) => text.replace('"ok": true', '"ok": "true"')],
    ['no list of copied lines', (text: string) => text.replace('"copied"', '"other"')],
    ['copied lines of nothing', (text: string) => text.replace(/"copied": \[[^\]]*\]/, '"copied": [null]')],
    ['no number of entries without words', (text: string) => text.replace(/"withheld": \d+/, '"withheld": null')],
    ['no number of entries', (text: string) => text.replace(/"entries": \d+/, '"entries": null')],
  ])('takes no pack.json with %s, whoever signed it', async (_, edited) => {
    const text = read('pack.json');
    expect(edited(text)).not.toBe(text);
    writeFileSync(join(made, 'pack.json'), edited(text));
    await signAgain();
    expect(await verdictOf()).toMatchObject({
      code: 'EVIDENCE_PACK_CHANGED',
      message: expect.stringContaining('found another'),
    });
  });

  it.each([
    ['"gateway":"desk-production"', '"gateway":5'],
    ['"chain":1', '"chain":"1"'],
    [/"hash":"[0-9a-f]{64}","line"/, '"hash":7,"line"'],
    [/"line":.*/, '"line":{}}'],
    ['{', '['],
  ])('calls a line with %s as %s no line of a journal', async (from, to) => {
    const lines = read('events.ndjson').split('\n');
    const other = lines[0]?.replace(from, to) ?? '';
    expect(other).not.toBe(lines[0]);
    writeFileSync(join(made, 'events.ndjson'), lines.with(0, other).join('\n'));
    await signAgain();
    expect((await faults())[0]).toBe('events.ndjson line 1: expected a line of a journal, found another text');
  });

  it('finds a line that was changed, taken out or moved, also where all of it was signed again', async () => {
    const whole = read('events.ndjson').split('\n');
    const write = async (lines: readonly (string | undefined)[]): Promise<readonly string[]> => {
      writeFileSync(join(made, 'events.ndjson'), lines.join('\n'));
      await signAgain();
      return faults();
    };
    expect(await write(whole)).toEqual([]);
    const changed = whole.with(2, whole[2]?.replace('"status":409', '"status":200') ?? '');
    expect(await write(changed)).toEqual([expect.stringMatching(/line 4: expected the text whose hash is/)]);
    expect(await write(whole.toSpliced(2, 1))).toEqual([expect.stringMatching(/line 5: expected line 4 after/)]);
    expect(await write(whole.slice(1))).toEqual([expect.stringMatching(/expected lines 2 to 9, found 3 to 9/)]);
    expect(await write([])).toEqual([expect.stringMatching(/expected lines 2 to 9, found none to none$/)]);
    expect((await write(whole.with(1, 'x'))).length).toBeGreaterThan(0);
    const other = whole[0]?.replace('"desk-production"', '"\\u001b[2J"') ?? '';
    const more = 'journal 1: expected none of its lines, found 2 to 2';
    expect(await write([other, ...whole])).toEqual([`\u001b[2J, ${more}`]);
    const shown = fleet.run(['evidence', 'alder', '--verify', made]).stdout;
    expect(shown).toContain(more);
    expect(shown).not.toContain('\u001b');
    const theirs = whole.with(0, whole[0]?.replace('"org":"alder"', '"org":"birch"') ?? '');
    expect((await write(theirs)).length).toBeGreaterThan(0);
  });

  it('finds an entry of the history that was changed or taken out, also where all of it was signed again', async () => {
    const whole = read('history.ndjson').split('\n');
    const write = async (lines: readonly string[]): Promise<number> => {
      writeFileSync(join(made, 'history.ndjson'), lines.join('\n'));
      await signAgain();
      return (await faults()).length;
    };
    expect(whole.length).toBeGreaterThan(3);
    expect(await write(whole)).toBe(0);
    // That the next one does not follow, that one is missing, and one without its words; of the last one, that it is missing.
    expect(whole[1]).toContain('"withheld"');
    expect(await write(whole.toSpliced(1, 1))).toBe(3);
    expect(await write(whole.toSpliced(-2, 1))).toBe(1);
    expect(await write(whole.with(0, whole[0]?.replace('Ana Author', 'Eve Author') ?? ''))).toBe(1);
    // One without its words has to stand between the same others.
    const silent = whole.findIndex((line) => line.includes('"withheld"'));
    expect(await write(whole.with(silent, whole[silent]?.replace(/"hash":"./, '"hash":"x') ?? ''))).toBe(1);
    const first = parseJson(whole[0] ?? '') as JsonObject;
    const { detail: _words, ...wordless } = first;
    expect(await write(whole.with(0, JSON.stringify({ ...wordless, withheld: 'detail' })))).toBe(1);
    // With the hash that it has now: the next one does not follow it any more.
    const { hash: _, ...entry } = { ...first, actor: 'Eve' } as JsonObject;
    const forged = JSON.stringify({ ...entry, hash: nodeHash.sha256(canonicalText(entry)) });
    expect(await write(whole.with(0, forged))).toBe(1);
  });
});

describe('the command', () => {
  const run = (...args: readonly string[]) => fleet.run(['evidence', ...args]);
  const out = () => ['--out', made];

  it('writes a pack that it finds whole, and not over anything', async () => {
    const first = run('alder', '--from', '2026-11-01', '--to', '2026-11-20', ...out(), '--format', 'json');
    expect([first.status, first.stderr]).toEqual([0, expect.stringContaining('reading the lines of alder')]);
    const { folder, ok, files, from } = parseJson(first.stdout) as JsonObject;
    expect([folder, ok, from, (files as readonly unknown[]).length]).toEqual([made, true, '2026-11-01T00:00:00Z', 9]);
    expect(existsSync(join(made, 'report.html'))).toBe(true);
    const judged = run('alder', '--verify', made, '--format', 'json');
    expect([judged.status, parseJson(judged.stdout)]).toMatchObject([0, { ok: true, faults: [], isWhole: true }]);
    const again = run('alder', ...out());
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('EVIDENCE_PACK_EXISTS')]);
    writeFileSync(join(made, 'charges.csv'), 'x');
    const changed = run('alder', '--verify', made);
    expect([changed.status, changed.stderr]).toEqual([1, expect.stringContaining('EVIDENCE_PACK_CHANGED')]);
  });

  it('lays out what it wrote and what it judged for people', () => {
    const written = run('alder', '--from', '2026-11-01', '--to', '2026-11-20', ...out());
    expect(written.stdout).toMatch(/^FILE +BYTES\n1\.root\.json +\d+\n/);
    expect(written.stdout).toContain('Evidence of alder, 2026-11-01T00:00:00Z to 2026-11-20T00:00:00Z: 3 requests.');
    expect(run('alder', '--verify', made).stdout).toMatch(/8 lines of journals and \d+ entries of the history follow/);
  });

  it('keeps it below the folder that no commit has, by org and period', () => {
    const kept = join(fleet.dir, '.tenantry/evidence/alder/2026-11-01_2026-11-20');
    expect(run('alder', '--from', '2026-11-01', '--to', '2026-11-20').status).toBe(0);
    expect(readdirSync(kept)).toContain('SHA256SUMS.sig');
    rmSync(join(fleet.dir, '.tenantry/evidence'), { recursive: true });
  });

  it.each([
    [['alder', '--from', '2099-01-01'], 64, 'expected --from to be past'],
    [['alder', '--from', '2026-11-02', '--to', '2026-11-01'], 64, 'expected --to to be after --from'],
    [['alder', '--verify', 'x', '--from', '2026-11-01'], 64, 'expected --verify alone, found --from beside it'],
    [['nobody'], 1, 'ORG_UNKNOWN'],
    [['alder', '--verify', 'nowhere'], 1, 'EVIDENCE_PACK_MISSING'],
  ] as const)('refuses %j', (args, status, words) => {
    const done = run(...args);
    expect([done.status, done.stderr]).toEqual([status, expect.stringContaining(words)]);
    expect(existsSync(join(fleet.dir, '.tenantry/evidence/nobody'))).toBe(false);
  });

  it('leaves nothing where the key is not at hand', () => {
    const done = fleet.run(['evidence', 'alder', ...out()], { env: { TENANTRY_KEYS_DIR: '/nowhere' } });
    expect([done.status, done.stderr]).toEqual([expect.any(Number), expect.stringContaining('SIGNER_SEED_MISSING')]);
    expect(readdirSync(join(fleet.dir, '.tenantry')).filter((name) => name.includes('pack-'))).toEqual([]);
  });

  /** The command in a process of its own; `said` hears what it says. */
  async function running(said: (text: string, child: ChildProcess) => void = () => undefined) {
    const child = spawn(process.execPath, [buildCli(), 'evidence', 'alder', ...out()], { cwd: fleet.dir });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      errors += data;
      said(errors, child);
    });
    const [status, signal] = await once(child, 'close');
    return { status, signal, errors };
  }
  const lying = () => readdirSync(join(fleet.dir, '.tenantry')).filter((name) => name.includes('pack-'));

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing where %s stops it midway', async (signal) => {
    let sent = false;
    const done = await running((text, child) => {
      if (sent || !text.includes('reading the lines')) return;
      expect(lying()).toHaveLength(1);
      sent = child.kill(signal);
    });
    expect([done.status, done.signal]).toEqual([null, signal]);
    expect(lying()).toEqual([]);
  });

  it('names what a killed run left beside it', async () => {
    const done = await running((text, child) => {
      if (text.includes('reading the lines')) child.kill('SIGKILL');
    });
    expect(done.signal).toBe('SIGKILL');
    const [left = ''] = lying();
    const after = run('alder', ...out());
    expect([after.status, after.stderr]).toEqual([
      0,
      expect.stringContaining(`${left} was begun and not ended; remove it`),
    ]);
    rmSync(join(fleet.dir, '.tenantry', left), { recursive: true });
  });

  it('makes one where several are to be made in one place at once, and says so to the others', async () => {
    const all = await Promise.all([running(), running(), running()]);
    expect(all.map(({ status }) => status).sort()).toEqual([0, 1, 1]);
    for (const { status, errors } of all) expect(errors.includes('EVIDENCE_PACK_EXISTS')).toBe(status === 1);
    expect(lying()).toHaveLength(1);
    expect(await verdictOf()).toMatchObject({ ok: true });
  });

  it('ends with the last whole second, so that whoever counts what came before finds as many', async () => {
    const desk = await gatewayAt(open.state.runtime, BIRCH, 'desk-production');
    const nowIsh = Date.now();
    const every = Array.from({ length: 600 }, (_, step) => nowIsh + step * 10);
    await desk.ship(...every.map((at) => refusedOf(`now-${at}`, { at })));
    const done = run('birch', ...out(), '--format', 'json');
    const { to } = parseJson(done.stdout) as JsonObject;
    const before = every.filter((at) => at < Date.parse(String(to)));
    expect(parseJson(read('pack.json'))).toMatchObject({ period: { to }, enforcement: { requests: before.length } });
  });

  it('says of a history that is broken that this is what is not whole', () => {
    open.sql('DROP TRIGGER history_keeps');
    open.sql(`UPDATE history SET actor = 'Eve' WHERE org = 'clove' AND sequence = 1`);
    const done = run('clove', ...out());
    expect([done.status, done.stdout]).toEqual([
      1,
      expect.stringContaining('NOT WHOLE: the history is broken at entry 1;'),
    ]);
    expect(read('report.html')).toContain('<li>the history is broken at entry 1</li>');
  });

  it('makes one of evidence that is not whole too, which says so, and answers 1', () => {
    open.sql('DROP TRIGGER events_keep');
    open.sql(`UPDATE events SET line = replace(line, '"status":409', '"status":200') WHERE sequence = 5`);
    const done = run('alder', '--to', '2026-11-20', ...out());
    expect([done.status, done.stdout]).toEqual([1, expect.stringContaining('NOT WHOLE: 2 faults')]);
    expect(read('report.html')).toContain('Not whole: 2 faults');
    const judged = run('alder', '--verify', made);
    expect([judged.status, judged.stdout]).toEqual([1, expect.stringContaining('the evidence was not whole')]);
    open.sql(`UPDATE events SET line = replace(line, '"status":200', '"status":409') WHERE sequence = 5`);
  });

  it('follows the roots of keys that were rotated, each signed by the one before', async () => {
    expect(fleet.run(['keys', 'rotate', '--role', 'root']).status).toBe(0);
    expect(run('alder', '--to', '2026-11-20', ...out()).status).toBe(0);
    const [first, second] = [read('1.root.json'), read('2.root.json')];
    expect(await verdictOf()).toMatchObject({ ok: true, value: { signer: { rootVersion: 2 } } });
    const { signatures, signed } = parseJson(second) as { readonly signatures: JsonObject[]; readonly signed: Json };
    for (const { keyid = null } of signatures) {
      const others = signatures.map((one) => (one['keyid'] === keyid ? { keyid, sig: '0'.repeat(128) } : one));
      writeFileSync(join(made, '2.root.json'), JSON.stringify({ signatures: others, signed }));
      expect(await verdictOf()).toEqual(CHANGED('found other signatures'));
    }
    writeFileSync(join(made, '2.root.json'), first);
    expect(await verdictOf()).toEqual(CHANGED('found another root'));
    writeFileSync(join(made, '1.root.json'), second);
    rmSync(join(made, '2.root.json'));
    expect(await verdictOf()).toEqual(CHANGED('found another root'));
  });

  it('verifies without a fleet, in any folder', () => {
    run('alder', '--to', '2026-11-20', ...out());
    const done = spawnSync(process.execPath, [buildCli(), 'evidence', 'alder', '--verify', made], {
      cwd: '/',
      encoding: 'utf8',
    });
    expect([done.status, done.stderr]).toEqual([0, '']);
  });
});
