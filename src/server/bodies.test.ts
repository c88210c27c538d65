import { expect, it } from 'vitest';
import { type OrgSlug, orgSlug } from '../core/model/index.ts';
import { type Bodies, openBodies, type ReadBody } from './bodies.ts';

const [ACME, ZULU] = ['acme', 'zulu'].map((name) => orgSlug(name) as OrgSlug) as [OrgSlug, OrgSlug];
const MOST = 50;

interface Sender {
  readonly body: Promise<ReadBody>;
  send(bytes: number): Promise<void>;
  end(): void;
  fail(): void;
  /** Whether nobody reads it any more. */
  readonly isLeft: () => boolean;
}

/** Somebody who sends a body piece by piece. */
function sender(bodies: Bodies, org: OrgSlug): Sender {
  let sending: ReadableStreamDefaultController<Uint8Array>;
  let left = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      sending = controller;
    },
    cancel: () => {
      left = true;
    },
  });
  return {
    body: bodies.read(org, stream, MOST),
    async send(bytes) {
      sending.enqueue(new Uint8Array(bytes).fill(bytes));
      await new Promise((resolve) => setImmediate(resolve));
    },
    end: () => sending.close(),
    fail: () => sending.error(new Error('gone')),
    isLeft: () => left,
  };
}

let nowMs = 0;
const opened = () => openBodies({ perOrg: 100, total: 150 }, () => nowMs);
const crowded = { ok: false, reason: 'crowded' };

it('reads a body whole, and none that is larger than it may be, or whose sender goes away', async () => {
  const bodies = opened();
  const whole = sender(bodies, ACME);
  await whole.send(2);
  await whole.send(1);
  whole.end();
  expect(await whole.body).toMatchObject({ ok: true, bytes: new Uint8Array([2, 2, 1]) });
  const large = sender(bodies, ACME);
  await large.send(MOST);
  await large.send(1);
  expect([await large.body, large.isLeft()]).toEqual([{ ok: false, reason: 'large' }, true]);
  const gone = sender(bodies, ACME);
  await gone.send(1);
  gone.fail();
  expect(await gone.body).toEqual({ ok: false, reason: 'aborted' });
  expect(await bodies.read(ACME, null, 0)).toMatchObject({ ok: true, bytes: new Uint8Array(0) });
});

it('the slowest of an org gives way to its others, and to no other org', async () => {
  const bodies = opened();
  const [still, other] = [sender(bodies, ACME), sender(bodies, ZULU)];
  await still.send(49);
  await other.send(10);
  nowMs += 1000;
  const [first, second] = [sender(bodies, ACME), sender(bodies, ACME)];
  await first.send(40);
  nowMs += 10;
  await second.send(20);
  expect([await still.body, still.isLeft(), other.isLeft()]).toEqual([crowded, true, false]);
  for (const one of [first, second, other]) one.end();
  expect(await Promise.all([first.body, second.body, other.body])).toMatchObject([
    { ok: true },
    { ok: true },
    { ok: true },
  ]);
});

it('bodies that are worked on count, and give way to nobody: who comes then is turned away', async () => {
  const bodies = opened();
  const whole = [sender(bodies, ACME), sender(bodies, ACME)];
  for (const one of whole) {
    await one.send(MOST);
    one.end();
  }
  const worked = await Promise.all(whole.map(({ body }) => body));
  const late = sender(bodies, ACME);
  await late.send(1);
  expect(await late.body).toEqual(crowded);
  for (const one of worked) if (one.ok) one.release();
  const next = sender(bodies, ACME);
  await next.send(MOST);
  next.end();
  expect(await next.body).toMatchObject({ ok: true });
});

it('of all orgs together the one that has most gives way', async () => {
  const bodies = opened();
  const most = [sender(bodies, ACME), sender(bodies, ACME)];
  for (const one of most) await one.send(45);
  nowMs += 10;
  const few = [sender(bodies, ZULU), sender(bodies, ZULU)];
  for (const one of few) await one.send(40);
  expect(most.filter(({ isLeft }) => isLeft())).toHaveLength(1);
  expect(few.map(({ isLeft }) => isLeft())).toEqual([false, false]);
});
