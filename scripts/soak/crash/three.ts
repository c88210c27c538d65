// Three gateways pay from one wallet while they and the controller are killed at random, the clocks of all of them jump, and
// the limit is lowered midway.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Listening, ROOT, startListening } from '../../bench/processes.ts';
import {
  enrolGateway,
  type LoadFleet,
  openLoadFleet,
  startController,
  startGateway,
  untilReady,
} from '../../bench/world.ts';
import { git } from '../../fleet/index.ts';
import { type Draw, drawFrom } from '../draw.ts';
import type { SoakOptions } from '../soak.ts';
import { type Clock, openClock } from './clock.ts';
import { faultsOfEvidence, type LimitFrom, replayed, spentBy, type Told } from './money.ts';
import { type Known, openKnown } from './state.ts';
import { pause, type Tally, verified } from './tally.ts';

const REQUESTS = 2_000;
/** For `--runs`, which counts kills of the others. */
const REQUESTS_A_RUN = 40;
const MORE = ['load-b', 'load-c'];
const CALLERS_EACH = 3;
const LATENCY_MS = 100;
interface Limit {
  readonly text: string;
  readonly micros: number;
}
const MUCH: Limit = { text: '0.030000', micros: 30_000 };
const LITTLE: Limit = { text: '0.012000', micros: 12_000 };
/** At the end, so that every gateway can pay again and tells what it keeps. */
const PLENTY: Limit = { text: '9.000000', micros: 9_000_000 };
const DELIVERED_WITHIN_MS = 90_000;
const LONGEST_LIFE_MS = 1_500;

const MINUTE_MS = 60_000;
/** How far from the right time: within what signatures allow, beyond it, beyond a lease, far beyond. */
const JUMPS_MINUTES = [0, 0.5, 10, 46, 600];
const JUMPS_SHARE = 0.4;
/** Longer than a slice that was leased while the controller was ahead by the most. */
const AFTER_ALL_LEASES_MINUTES = 660;

interface Member {
  readonly state: string;
  readonly clock: Clock;
  running: Listening;
}

interface World {
  readonly fleet: LoadFleet;
  readonly upstream: Listening;
  readonly members: readonly Member[];
  readonly clock: Clock;
  controller: Listening;
  limits: readonly LimitFrom[];
}

/** What callers got, by status; 0: the connection broke. */
interface Asked {
  readonly answered: string[];
  readonly statuses: Map<number, number>;
  left: number;
}

const kill = (process_: Listening): void => {
  process.kill(process_.pid, 'SIGKILL');
};

const open = async (stops: (() => Promise<void> | void)[]): Promise<World> => {
  const fleet = await openLoadFleet({ wallet: { limit: MUCH.text, thresholds: [] }, moreGateways: MORE });
  stops.push(fleet.remove);
  const upstream = await startListening([join(ROOT, 'scripts/simulator.ts'), '--recorded', '1000000']);
  stops.push(upstream.stop);
  const body = JSON.stringify({ script: { latencyMs: LATENCY_MS } });
  await fetch(`${upstream.url}/control/script`, { method: 'POST', body });
  const clockOf = (name: string): Clock => openClock(join(fleet.dir, `../clock-${name}`));
  const clock = clockOf('controller');
  const controller = await startController(fleet.dir, '127.0.0.1:0', clock.env);
  const members: Member[] = [];
  const limits = [{ sequence: 0, limitMicros: MUCH.micros }];
  const world: World = { fleet, upstream, members, clock, controller, limits };
  stops.push(async () => {
    for (const { running } of members) await running.stop();
    await world.controller.stop();
  });
  for (const name of [fleet.gateway, ...MORE]) {
    const state = join(fleet.dir, `../${name}`);
    enrolGateway(fleet, controller.url, state, name);
    const own = clockOf(name);
    members.push({ state, clock: own, running: await startGateway(state, upstream.url, own.env) });
  }
  for (const { running } of members) await untilReady(running.url);
  return world;
};

/** One caller at one gateway, wherever it is now, until all requests are made. */
const call = async (member: Member, token: string, asked: Asked): Promise<void> => {
  while (asked.left > 0) {
    asked.left -= 1;
    const done = await fetch(`${member.running.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] }),
    }).catch(() => undefined);
    const text = await done?.text().catch(() => undefined);
    const status = text === undefined ? 0 : (done?.status ?? 0);
    asked.statuses.set(status, (asked.statuses.get(status) ?? 0) + 1);
    if (status === 200) asked.answered.push(done?.headers.get('x-request-id') ?? '');
    // Nobody is there, or there is no money: asking at once again would only use up the requests.
    if (status !== 200) await pause(LATENCY_MS);
  }
};

/** The wallet's limit in the repository; in force when the controller starts. */
const write = (fleet: LoadFleet, from: Limit, to: Limit): void => {
  const file = join(fleet.dir, 'templates/load/1.0.0/wallets.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(`"limit": "${from.text}"`, `"limit": "${to.text}"`));
  fleet.tenantry('render', '--write', '--quiet');
  git(fleet.dir, 'commit', '-q', '-a', '-m', `Set the limit to ${to.text}`);
};

/** Kills the controller and starts it again where gateways look for it, with another limit where there is one. */
const killController = async (
  world: World,
  known: Known,
  change?: readonly [from: Limit, to: Limit],
): Promise<void> => {
  kill(world.controller);
  await pause(100);
  if (change !== undefined) {
    write(world.fleet, ...change);
    const sequence = ((await known.ledger()).at(-1)?.sequence ?? 0) + 1;
    world.limits = [...world.limits, { sequence, limitMicros: change[1].micros }];
  }
  world.controller = await startController(world.fleet.dir, new URL(world.controller.url).host, world.clock.env);
};

/**
 * Moves one clock. That of the controller is never behind the right time: what a slice has left that was leased before its
 * gateway enrolled counts as spent for good. It goes back to it all the same.
 */
const jump = ({ members, clock }: World, draw: Draw): void => {
  const whose = Math.floor(draw() * (members.length + 1));
  const minutes = JUMPS_MINUTES[Math.floor(draw() * JUMPS_MINUTES.length)] ?? 0;
  const isBack = draw() < 0.5;
  const own = members[whose]?.clock;
  if (own === undefined) clock.set(minutes * MINUTE_MS);
  else own.set((isBack ? -minutes : minutes) * MINUTE_MS);
};

const setAll = ({ members, clock }: World, minutes: number): void => {
  for (const one of [clock, ...members.map((member) => member.clock)]) one.set(minutes * MINUTE_MS);
};

/** Kills one after the other until nobody asks any more. */
const killAround = async (world: World, tally: Tally, asked: Asked, draw: Draw): Promise<void> => {
  const [total, known] = [asked.left, openKnown(world.fleet)];
  while (asked.left > 0) {
    await pause(draw() * LONGEST_LIFE_MS);
    if (draw() < JUMPS_SHARE) {
      jump(world, draw);
      verified(tally, 'jumps of a clock');
      continue;
    }
    const victim = world.members[Math.floor(draw() * (world.members.length + 1))];
    tally.killed += 1;
    const isTurn = asked.left < total / 2 && world.limits.length === 1;
    if (victim === undefined || isTurn) {
      await killController(world, known, isTurn ? [MUCH, LITTLE] : undefined);
      continue;
    }
    kill(victim.running);
    victim.running = await startGateway(victim.state, world.upstream.url, victim.clock.env);
  }
};

/** The request ids that the upstream got, of all gateways. */
const sentTo = async (upstream: Listening): Promise<readonly string[]> => {
  const { received } = (await (await fetch(`${upstream.url}/control/requests`)).json()) as {
    readonly received: readonly { readonly headers: Readonly<Record<string, string>> }[];
  };
  return received.map(({ headers }) => headers['x-request-id'] ?? '');
};

/** What is wrong now; undefined once everything has been delivered and agrees. */
const faultNow = async (world: World, known: Known, told: Told): Promise<string | undefined> => {
  const rows = await known.eventsAfter(0);
  const [fault] = faultsOfEvidence(rows, told);
  if (fault !== undefined) return fault;
  const { end, faults } = replayed(await known.ledger(), world.limits);
  if (faults.length > 0) return faults.join('; ');
  const [stated, decided] = [await known.spentMicros(), spentBy(rows)];
  return end.spentMicros === stated && stated === decided
    ? undefined
    : `decisions spent ${decided}, the ledger's entries ${end.spentMicros}, its balances ${stated} micro-units`;
};

const faultAtTheEnd = async (world: World, tally: Tally, told: Told): Promise<string | undefined> => {
  const known = openKnown(world.fleet);
  const end = performance.now() + DELIVERED_WITHIN_MS;
  for (;;) {
    const fault = await faultNow(world, known, told);
    if (fault === undefined) break;
    if (performance.now() > end) return fault;
    await pause(1_000);
  }
  verified(tally, 'requests at the upstream that were intended', told.sent.length);
  verified(tally, 'answers decided once', told.answered.length);
  verified(tally, 'micro-units in decisions, entries and balances alike', await known.spentMicros());
  verified(
    tally,
    'grants within the limit in force',
    (await known.ledger()).filter(({ reason }) => reason === 'lease').length,
  );
  const proof = JSON.parse(world.fleet.tenantry('events', 'verify', '--org', world.fleet.org, '--format', 'json'));
  if (proof.ok !== true) return `events verify found faults: ${JSON.stringify(proof).slice(0, 500)}`;
  verified(tally, 'lines proved by events verify', Number(proof.lines));
  return undefined;
};

/**
 * All clocks right; then, after every lease has run out, a slice for each gateway, and again after that: with its end the
 * gateway says what it keeps, and what a crash or a lost answer forgot comes back.
 */
const settleAll = async (world: World, asked: Asked): Promise<void> => {
  setAll(world, 0);
  for (const { running } of world.members) await untilReady(running.url);
  await killController(world, openKnown(world.fleet), [LITTLE, PLENTY]);
  setAll(world, AFTER_ALL_LEASES_MINUTES);
  for (const member of world.members) {
    const end = performance.now() + DELIVERED_WITHIN_MS;
    const before = asked.answered.length;
    while (asked.answered.length === before && performance.now() < end) {
      asked.left = 1;
      await call(member, world.fleet.token, asked);
    }
  }
  setAll(world, 2 * AFTER_ALL_LEASES_MINUTES);
};

/** Plays it once; the tally holds what was killed, checked and wrong. */
export const crashThree = async ({ seed, runs, say }: SoakOptions): Promise<Tally> => {
  const stops: (() => Promise<void> | void)[] = [];
  const tally: Tally = { what: 'three gateways', runs: 1, killed: 0, checked: new Map(), failures: [] };
  const left = runs === undefined ? REQUESTS : runs * REQUESTS_A_RUN;
  const asked: Asked = { answered: [], statuses: new Map(), left };
  try {
    const world = await open(stops);
    const { members, fleet, upstream } = world;
    const callers = members.flatMap((member) =>
      Array.from({ length: CALLERS_EACH }, () => call(member, fleet.token, asked)),
    );
    await Promise.all([...callers, killAround(world, tally, asked, drawFrom(seed + 2))]);
    const isLowered = world.limits.length > 1;
    await settleAll(world, asked);
    const words = [...asked.statuses].map(([status, count]) => `${status === 0 ? 'broken' : status}: ${count}`);
    say(`three gateways: ${words.join(', ')}; ${tally.killed} killed`);
    for (const [status, count] of asked.statuses)
      verified(tally, `answers with ${status === 0 ? 'no status' : status}`, count);
    if (!isLowered) tally.failures.push('the limit was never lowered');
    const fault = await faultAtTheEnd(world, tally, { sent: await sentTo(upstream), answered: asked.answered });
    if (fault !== undefined) tally.failures.push(fault);
    return tally;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};
