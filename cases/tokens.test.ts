import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { instantText, type OrgUid, ofKind } from '../src/core/model/index.ts';
import {
  check,
  type IssuedToken,
  issueToken,
  listTokens,
  type Outcome,
  revokeToken,
  rotateToken,
  type TokenParts,
} from '../src/flows/index.ts';
import { nodeRandom } from '../src/host/index.ts';
import { parseToken, tokenDigest } from '../src/trust/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, createFleet, HOUR_MS, START_MS, type TestFleet } from './fleet.testkit.ts';

// Secrets in credentials.yaml, as the commands write them.

const PATH = 'orgs/alder/credentials.yaml';
const OVERLAP_MS = 48 * HOUR_MS;
let fleet: TestFleet;
let nowMs = START_MS;

beforeAll(async () => {
  fleet = await createFleet();
});
beforeEach(() => {
  nowMs = START_MS;
  fleet.remove(PATH);
});
afterAll(() => fleet.destroy());

async function parts(): Promise<TokenParts> {
  const { repository, write } = await wireRepository(fleet.dir);
  return { tree: repository.workTree(), write, random: nodeRandom, clock: { nowMs: () => nowMs } };
}

async function done<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const made = await outcome;
  if (!made.ok) throw new Error(made.message);
  return made.value;
}

const issue = async (): Promise<IssuedToken> => done(issueToken(await parts(), ALDER, 'app'));
const rotate = async (): Promise<IssuedToken> => done(rotateToken(await parts(), ALDER, 'app'));
const held = async () =>
  (await done(listTokens(await parts(), ALDER))).find(({ token }) => token === 'app')?.credentials ?? [];

const ends = async () => Object.fromEntries((await held()).map(({ id, notAfter }) => [id, notAfter]));

test('the repository gets the digest of a secret, and nothing that opens anything', async () => {
  const { id, secret } = await issue();
  const [entry] = await held();
  const parsed = parseToken(secret);
  expect(parsed?.id).toBe(id);
  expect(entry).toMatchObject({ token: 'app', id, notBefore: instantText(START_MS) });
  expect(entry?.digest).toBe(tokenDigest('alder000000000000001' as OrgUid, id, parsed?.secret ?? new Uint8Array()));
  expect(fleet.read(PATH)).not.toContain(secret.split('_')[2]);
});

test('a rotation lets the old secret run out after the overlap, and removes it when it has', async () => {
  const first = await issue();
  nowMs += HOUR_MS;
  const second = await rotate();
  const end = instantText(nowMs + OVERLAP_MS);
  expect(await ends()).toEqual({ [first.id]: end, [second.id]: second.notAfter });
  // Again within the overlap: the first ends no later than it did.
  nowMs += HOUR_MS;
  const third = await rotate();
  expect(await ends()).toEqual({
    [first.id]: end,
    [second.id]: instantText(nowMs + OVERLAP_MS),
    [third.id]: third.notAfter,
  });
  nowMs += 2 * OVERLAP_MS;
  const fourth = await rotate();
  expect(Object.keys(await ends()).sort()).toEqual([third.id, fourth.id].sort());
});

test('one secret is taken away, or those that have run out, or all', async () => {
  const [first, second, third] = [await issue(), await issue(), await issue()];
  const revoke = async (which?: Parameters<typeof revokeToken>[3]) => revokeToken(await parts(), ALDER, 'app', which);
  expect(await revoke({ id: second.id })).toEqual({ ok: true, value: 1 });
  expect(Object.keys(await ends()).sort()).toEqual([first.id, third.id].sort());
  expect(await revoke({ id: second.id })).toMatchObject({ ok: false, code: 'TOKEN_UNKNOWN' });
  expect(await revoke('expired')).toEqual({ ok: true, value: 0 });
  const fourth = await rotate();
  nowMs += OVERLAP_MS;
  expect(await revoke('expired')).toEqual({ ok: true, value: 2 });
  expect((await held()).map(({ id }) => id)).toEqual([fourth.id]);
  expect(await revoke()).toEqual({ ok: true, value: 1 });
  expect(await held()).toEqual([]);
});

test('what a token left behind is removed without its manifest; a token that never was is unknown', async () => {
  await issue();
  fleet.edit(PATH, 'token: app', 'token: former');
  expect(await revokeToken(await parts(), ALDER, 'former')).toEqual({ ok: true, value: 1 });
  expect(await revokeToken(await parts(), ALDER, 'former')).toMatchObject({ ok: false, code: 'TOKEN_UNKNOWN' });
});

const OVERLAY = `apiVersion: tenantry/v1
kind: Overlay
metadata:
  org: alder
  name: app-at-home
spec:
  target: { kind: Token, name: app }
  reason: The application calls from the office alone, and from one host.
  patches:
    - { op: add, path: /spec/addresses, value: [192.0.2.0/24, '2001:db8::7'] }
    - { op: add, path: /spec/paths, value: [/v1/chat/completions] }
    - { op: add, path: /spec/limits, value: { requestsPerMinute: 60, concurrentRequests: 4 } }
`;

test('an overlay binds a token, the diff says so in words, and check knows a network that there is not', async () => {
  const base = fleet.head();
  fleet.write('orgs/alder/overlays/app-at-home.yaml', OVERLAY);
  const head = await fleet.save('only from home');
  const open = await fleet.open();
  const { orgs } = await open.diff(base, head);
  const words = orgs.flatMap(({ changes }) =>
    changes.filter(({ key }) => key === 'Token/app').flatMap(({ fields }) => fields),
  );
  expect(words.map((field) => field.words)).toEqual([
    'may now call only from 192.0.2.0/24, 2001:db8::7',
    'limits set to requestsPerMinute 60, concurrentRequests 4',
    'may now call only the paths /v1/chat/completions',
  ]);
  fleet.edit('orgs/alder/overlays/app-at-home.yaml', '192.0.2.0/24', '192.0.2.1/24');
  await fleet.render();
  const parts = await open.parts();
  const tree = parts.repository.workTree();
  const { findings } = await check({ ...parts, cache: null, threads: null }, { tree, touched: null, orgs: [ALDER] });
  expect(findings.map(({ code }) => code)).toContain('TOKEN_ADDRESS_INVALID');
  open.close();
  fleet.remove('orgs/alder/overlays/app-at-home.yaml');
  await fleet.save('from anywhere again');
});

test('no secret is made that would never work', async () => {
  nowMs = Date.parse('2027-09-30T00:00:00Z');
  for (const make of [issueToken, rotateToken]) {
    expect(await make(await parts(), ALDER, 'app')).toMatchObject({ ok: false, code: 'TOKEN_PAST_EXPIRY' });
  }
  nowMs -= 1000;
  expect(await issueToken(await parts(), ALDER, 'app')).toMatchObject({ ok: true });
});

test('a rotation that is merged after the overlap cuts nobody off by itself: it is held until a person accepts it', async () => {
  const present = { nowMs: () => Date.now() };
  const late = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 24 * HOUR_MS) });
  const open = await late.open(present);
  const change = async (how: typeof issueToken, hoursAgo: number) => {
    const { repository, write } = await wireRepository(late.dir);
    const clock = { nowMs: () => Date.now() - hoursAgo * HOUR_MS };
    return done(how({ tree: repository.workTree(), write, random: nodeRandom, clock }, ALDER, 'app'));
  };
  const applied = async () => {
    const objects = (await open.state.store.observe(ALDER))?.objects ?? [];
    return ofKind(objects, 'Credentials').flatMap(({ document }) => document.spec.tokens.map((one) => one.id));
  };
  const { id } = await change(issueToken, 100);
  await late.save('a secret');
  expect(await open.apply()).toMatchObject({ ok: true });
  // 48 hours of overlap: merged two days and an hour after the command.
  await change(rotateToken, 49);
  await late.save('rotated');
  const [planned] = (await open.plan()).fleet.plans;
  expect(planned?.hazards.map((hazard) => hazard.id)).toEqual(['ROTATION_WITHOUT_OVERLAP:Token/app']);
  expect(await open.apply()).toMatchObject({ ok: false });
  expect(await applied()).toEqual([id]);
  open.close();
  late.destroy();
});
