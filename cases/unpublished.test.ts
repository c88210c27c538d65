import { chmodSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { type ApplyParts, advanceAll, issueToken, type OperatorAsk, operate, operatorAsk } from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { wireKeys, wireRepository } from '../src/wire.ts';
import { ALDER, BIRCH, HOUR_MS } from './fleet.testkit.ts';
import { openRolloutWorld, type RolloutWorld } from './rollout.testkit.ts';

// What is decided while nothing can be signed or written out: recorded, said to be unpublished, and brought by the next try.

const DAY_MS = 24 * HOUR_MS;
let world: RolloutWorld;
beforeAll(async () => {
  world = await openRolloutWorld({ environments: 1, gateways: 1 });
  for (const org of [ALDER, BIRCH]) await issue(org);
});
afterAll(() => world.close());

async function issue(org: typeof ALDER): Promise<void> {
  const { repository, write } = await wireRepository(world.fleet.dir);
  const clock = { nowMs: () => world.nowMs };
  const parts = { tree: repository.workTree(), write, hash: nodeHash, random: nodeRandom, clock };
  const made = await issueToken(parts, org, 'app');
  if (!made.ok) throw new Error(made.message);
  await world.change(() => undefined);
}

interface Told {
  readonly override: { readonly id: string; readonly endedWhy: string | null };
  readonly taken: string;
  readonly published: { readonly generation: number; readonly findings: readonly { readonly code: string }[] };
}

/** With keys as they lie there now: a signer that has read a seed keeps it. */
async function parts(): Promise<ApplyParts> {
  const { custody } = await wireKeys(world.fleet.dir, {});
  return { ...(await world.parts()), signer: custody.signer };
}

async function told(ask: OperatorAsk): Promise<Told> {
  const done = await operate(await parts(), ask, 'staff ana');
  if (!done.ok) throw new Error(`${done.code}: ${done.message}`);
  return done.body as Told;
}
const codesOf = ({ published }: Told): readonly string[] => published.findings.map(({ code }) => code);
const look = async () => (await advanceAll(await parts())).find(({ org }) => org === ALDER);
const active = async () => (await world.open.state.store.activeOverrides(ALDER)).map(({ id }) => id);
const denial = { org: ALDER, do: 'deny', name: 'app', reason: 'leaked' } as const;

function setMode(mode: number): void {
  const dir = join(world.fleet.dir, '.tenantry/keys');
  for (const name of readdirSync(dir)) chmodSync(join(dir, name), mode);
}
const published = (): string => join(world.fleet.dir, '.tenantry/published');

describe.each([
  [
    'SIGNER_SEED_UNUSABLE',
    {
      was: "limit: '100.00'",
      becomes: "limit: '110.00'",
      spoil: () => setMode(0o644),
      mend: () => setMode(0o600),
    },
  ],
  [
    'PUBLISH_FOLDER',
    {
      was: "limit: '110.00'",
      becomes: "limit: '120.00'",
      spoil: () => {
        renameSync(published(), `${published()}.away`);
        writeFileSync(published(), 'no folder');
      },
      mend: () => {
        rmSync(published());
        renameSync(`${published()}.away`, published());
      },
    },
  ],
])('while %s', (code, { was, becomes, spoil, mend }) => {
  it('a denial, its end and a rollback are recorded once, and are published by the next look', async () => {
    spoil();
    const first = await told(denial);
    expect([first.taken, first.published.generation, codesOf(first)]).toEqual(['now', 0, [code]]);
    const again = await told({ ...denial, reason: 'leaked, again' });
    expect([again.taken, again.override.id, codesOf(again)]).toEqual(['before', first.override.id, [code]]);
    expect(await active()).toEqual([first.override.id]);
    expect(await look()).toMatchObject({ isMoved: false, findings: [{ code }] });
    mend();
    expect(await look()).toMatchObject({ isMoved: true, findings: [] });
    expect((await told(denial)).published.generation).toBeGreaterThan(0);

    spoil();
    const ended = await told({ org: ALDER, do: 'end', id: first.override.id, reason: 'another one' });
    expect([ended.taken, ended.published.generation, codesOf(ended)]).toEqual(['now', 0, [code]]);
    const expiresAt = world.nowMs + DAY_MS;
    const back = await told({ org: ALDER, do: 'rollback', to: 1, reason: 'no orders', expiresAt });
    expect([back.taken, codesOf(back)]).toEqual(['now', [code]]);
    mend();
    expect(await look()).toMatchObject({ isMoved: true, findings: [] });
    expect(await active()).toEqual([back.override.id]);
    await told({ org: ALDER, do: 'end', id: back.override.id, reason: 'over' });
  });

  it('every org is applied, and each says why it is not published', async () => {
    spoil();
    for (const org of [ALDER, BIRCH]) world.fleet.edit(`orgs/${org}/org.yaml`, was, becomes);
    await world.fleet.save('a change');
    const report = await world.open.apply({ parts: await parts() });
    mend();
    expect(report.ok).toBe(false);
    const outcomes = report.orgs.map(({ org, outcome }) => [org, outcome]);
    expect(outcomes).toEqual([ALDER, BIRCH].map((org) => [org, 'applied']));
    expect(report.published.map(({ org, findings }) => [org, findings[0]?.code])).toEqual(
      [ALDER, BIRCH].map((org) => [org, code]),
    );
    await world.change(() => undefined);
  });
});

describe('a denial that stands makes another one needless', () => {
  it('unless that one would last longer, or a secret came after it', async () => {
    const first = await told(denial);
    expect((await told({ ...denial, expiresAt: world.nowMs + DAY_MS })).override.id).toBe(first.override.id);
    const longer = await told({ ...denial, expiresAt: world.nowMs + 60 * DAY_MS });
    expect(longer.taken).toBe('now');
    world.nowMs += HOUR_MS;
    await issue(ALDER);
    // What it denies leaves the repository before this secret does.
    const since = await told({ ...denial, expiresAt: world.nowMs + DAY_MS });
    expect([since.taken, since.override.id === longer.override.id]).toEqual(['now', false]);
    for (const id of await active()) await told({ org: ALDER, do: 'end', id, reason: 'over' });
  });
});

describe('an ask that is not as expected', () => {
  const base = { org: 'alder', do: 'deny', name: 'app', reason: 'leaked' };
  it.each([
    [undefined, '`org`: the name of an org, found none'],
    [{ ...base, org: 'Alder' }, '`org`: the name of an org, found "Alder"'],
    [{ ...base, do: 'toString' }, '`do`: one of deny, rollback, end, pause, resume, skip, abort, found "toString"'],
    [{ ...base, id: 'deny-1' }, 'no fields of deny but org, do, reason, name, expires, found "id"'],
    [{ ...base, reason: 'x' }, 'a reason of 3 to 1000 characters, found 1'],
    [{ ...base, reason: undefined }, 'a reason of 3 to 1000 characters, found none'],
    [{ ...base, name: 'No Name' }, 'with or without token/ or gateway/ before it, found "No Name"'],
    [
      { ...base, expires: 'soon' },
      'an end such as 2027-01-31T00:00:00Z, or a day, at whose end in UTC it ends, found "soon"',
    ],
    [{ ...base, expires: '2027-02-30' }, 'found "2027-02-30"'],
    [{ ...base, name: 'x'.repeat(500) }, `found "${'x'.repeat(79)}…`],
    [{ org: 'alder', do: 'rollback', reason: 'why not', to: 'four' }, 'a generation, from 1 up, found "four"'],
    [
      { org: 'alder', do: 'rollback', reason: 'why not', to: 1, gateway: 7 },
      'a gateway, a name of a-z, 0-9 and hyphens, found 7',
    ],
    [
      { org: 'alder', do: 'end', reason: 'why not' },
      'the id of an override, a name of a-z, 0-9 and hyphens, found none',
    ],
  ])('is refused by its field: %j', (body, message) => {
    expect(operatorAsk(body)).toEqual({ ok: false, message: expect.stringContaining(message) });
  });

  it('takes an instant, or a day, which holds all through', () => {
    const ends = ['2027-01-31T12:00:00Z', '2027-01-31'].map((expires) => operatorAsk({ ...base, expires }));
    expect(ends.map((ask) => ask.ok && 'expiresAt' in ask.value && instantText(ask.value.expiresAt ?? 0))).toEqual([
      '2027-01-31T12:00:00Z',
      '2027-02-01T00:00:00Z',
    ]);
    expect(operatorAsk(base)).toEqual({ ok: true, value: base });
  });
});
