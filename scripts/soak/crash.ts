// Kills `apply` and a gateway at random moments and verifies, each time, that nothing is lost, doubled or half done.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, type Listening } from '../bench/processes.ts';
import {
  enrolGateway,
  type LoadFleet,
  openLoadFleet,
  startController,
  startGateway,
  startUpstream,
  untilReady,
} from '../bench/world.ts';
import { git } from '../fleet/index.ts';
import { drawFrom } from './draw.ts';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const RUNS = 50;
/** Kills fall anywhere in the first second of a process: before it reads, while it writes, after it is done. */
const LATEST_KILL_MS = 1_000;
const SHOWN_FAILURES = 5;

/** What one kind of crash did over all its runs. */
interface Tally {
  readonly what: string;
  killed: number;
  readonly failures: string[];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Change the wallet of the org, so that there is something to apply. */
const change = (fleet: LoadFleet, run: number): void => {
  const file = join(fleet.dir, 'templates/load/1.0.0/wallets.yaml');
  const text = readFileSync(file, 'utf8').replace(/"limit": "[0-9.]+"/, `"limit": "${800_000_000 + run}.00"`);
  writeFileSync(file, text);
  fleet.tenantry('render', '--write', '--quiet');
  git(fleet.dir, 'commit', '-q', '-a', '-m', `Change ${run}`);
};

/** Start an apply and kill it after `afterMs`; true when it was still running. */
const killApply = async (fleet: LoadFleet, afterMs: number): Promise<boolean> => {
  const child = spawn(process.execPath, [CLI, 'apply', '--yes', '--quiet'], { cwd: fleet.dir, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([pause(afterMs), ended]);
  const killed = child.kill('SIGKILL');
  await ended;
  return killed;
};

/** The next apply must finish the work, the one after it must find nothing to do, and the history must be whole. */
const verifyApplied = (fleet: LoadFleet): string | undefined => {
  fleet.tenantry('apply', '--yes', '--quiet');
  const again = JSON.parse(fleet.tenantry('apply', '--yes', '--format', 'json'));
  if (again.orgs.length > 0 || again.published.length > 0) return `a second apply changed ${JSON.stringify(again)}`;
  // Ends with an exit code above 0, which throws, when the store or what is published is not what was applied.
  fleet.tenantry('drift', '--quiet');
  return undefined;
};

const attempt = async (tally: Tally, run: number, work: () => Promise<string | undefined>): Promise<void> => {
  const failure = await work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (failure !== undefined) tally.failures.push(`run ${run}: ${failure}`);
};

const crashApply = async (fleet: LoadFleet, options: SoakOptions): Promise<Tally> => {
  const tally: Tally = { what: 'apply', killed: 0, failures: [] };
  const draw = drawFrom(options.seed);
  for (let run = 1; run <= (options.runs ?? RUNS); run += 1) {
    await attempt(tally, run, async () => {
      change(fleet, run);
      if (await killApply(fleet, draw() * LATEST_KILL_MS)) tally.killed += 1;
      return verifyApplied(fleet);
    });
    options.say(`apply, run ${run}: ${tally.failures.length} failures`);
  }
  return tally;
};

/** Ask the gateway until it is gone; gives the request ids of the whole answers with status 200. */
const askUntilGone = async (url: string, token: string): Promise<readonly string[]> => {
  const answered: string[] = [];
  for (;;) {
    const done = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] }),
    }).catch(() => undefined);
    const text = await done?.text().catch(() => undefined);
    if (done === undefined || text === undefined) return answered;
    if (done.status === 200) answered.push(done.headers.get('x-request-id') ?? '');
  }
};

interface World {
  readonly fleet: LoadFleet;
  readonly state: string;
  readonly upstream: Listening;
}

const CALLERS = 4;
/** As many as the command gives at once; one life of the gateway makes fewer. */
const NEWEST = '1000';
const SHIPPED_WITHIN_MS = 20_000;

interface EventRow {
  readonly sequence: number;
  readonly event: { readonly type: string; readonly requestId: string };
}

/** The newest events that the control plane has of this org's one gateway. */
const events = (fleet: LoadFleet): readonly EventRow[] => {
  const text = fleet.tenantry('events', 'tail', '--org', fleet.org, '--limit', NEWEST, '--format', 'json');
  return JSON.parse(text).events;
};

const newestOf = (rows: readonly EventRow[]): number => Math.max(0, ...rows.map(({ sequence }) => sequence));

/** Request ids of the decisions after `from`, in the order of the journal. */
const decidedAfter = (rows: readonly EventRow[], from: number): readonly string[] =>
  rows.flatMap(({ sequence, event }) => (sequence > from && event.type === 'decision' ? [event.requestId] : []));

/** Wait until every answer is in the evidence; gives what is wrong with the evidence then. */
const faultOfEvidence = async (
  fleet: LoadFleet,
  answered: readonly string[],
  from: number,
): Promise<string | undefined> => {
  const end = performance.now() + SHIPPED_WITHIN_MS;
  for (;;) {
    const decided = decidedAfter(events(fleet), from);
    const known = new Set(decided);
    const missing = answered.filter((id) => !known.has(id));
    if (known.size < decided.length) return `${decided.length - known.size} of ${decided.length} decisions twice`;
    if (missing.length === 0) return undefined;
    if (performance.now() > end) return `${missing.length} of ${answered.length} answers are not in the evidence`;
    await pause(200);
  }
};

/** One life of the gateway: it answers, is killed, comes back ready, and the evidence holds each answer once. */
const liveAndDie = async (world: World, afterMs: number): Promise<string | undefined> => {
  const from = newestOf(events(world.fleet));
  const gateway = await startGateway(world.state, world.upstream.url);
  await untilReady(gateway.url);
  const callers = Array.from({ length: CALLERS }, () => askUntilGone(gateway.url, world.fleet.token));
  await pause(afterMs);
  process.kill(gateway.pid, 'SIGKILL');
  const answered = (await Promise.all(callers)).flat();
  const again = await startGateway(world.state, world.upstream.url);
  try {
    await untilReady(again.url);
    return await faultOfEvidence(world.fleet, answered, from);
  } finally {
    await again.stop();
  }
};

const crashGateway = async (world: World, options: SoakOptions): Promise<Tally> => {
  const tally: Tally = { what: 'gateway', killed: 0, failures: [] };
  const draw = drawFrom(options.seed + 1);
  for (let run = 1; run <= (options.runs ?? RUNS); run += 1) {
    await attempt(tally, run, async () => {
      tally.killed += 1;
      return liveAndDie(world, draw() * LATEST_KILL_MS);
    });
    options.say(`gateway, run ${run}: ${tally.failures.length} failures`);
  }
  return tally;
};

const resultOf = (tallies: readonly Tally[], runs: number): SoakResult => {
  const rows = tallies.map(({ what, killed, failures }) => [what, `${runs}`, `${killed}`, `${failures.length}`]);
  const failures = tallies.flatMap(({ what, failures: all }) =>
    all.slice(0, SHOWN_FAILURES).map((text) => `${what}, ${text}\n`),
  );
  const table = alignedTable([['killed', 'runs', 'while running', 'failures'], ...rows]);
  return { ok: tallies.every((tally) => tally.failures.length === 0), table: `${table}${failures.join('')}` };
};

const run = async (options: SoakOptions): Promise<SoakResult> => {
  const fleet = await openLoadFleet();
  const stops: (() => Promise<void> | void)[] = [fleet.remove];
  try {
    const applied = await crashApply(fleet, options);
    const controller = await startController(fleet.dir);
    stops.push(controller.stop);
    const upstream = await startUpstream();
    stops.push(upstream.stop);
    const state = join(fleet.dir, '../gateway');
    enrolGateway(fleet, controller.url, state);
    const lived = await crashGateway({ fleet, state, upstream }, options);
    return resultOf([applied, lived], options.runs ?? RUNS);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

export const crash: Soak = { name: 'crash', title: 'apply and gateway survive being killed at any moment', run };
