// A gateway under load is killed; it must come back by itself, with every answer that anyone got in the evidence, once.

import type { Listening } from '../../bench/processes.ts';
import { type LoadFleet, startGateway, untilReady } from '../../bench/world.ts';
import type { SoakOptions } from '../soak.ts';
import type { StoredEvent } from './state.ts';
import { type Known, openKnown } from './state.ts';
import { crashOften, pause, type Tally, verified } from './tally.ts';

const CALLERS = 4;
/** After it is ready: from the first request to some hundreds. */
const LATEST_KILL_MS = 1_000;
const SHIPPED_WITHIN_MS = 20_000;
const ASKED_EVERY_MS = 200;

export interface World {
  readonly fleet: LoadFleet;
  /** The gateway's state folder. */
  readonly state: string;
  readonly upstream: Listening;
}

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

const requestsOf = (rows: readonly StoredEvent[], type: 'decision' | 'intent'): readonly string[] =>
  rows.flatMap(({ event }) => (event.type === type ? [event.requestId] : []));

/** What is wrong with the chain of these rows, the first of which follows sequence `from`. */
const faultOfChain = (rows: readonly StoredEvent[], from: number): string | undefined => {
  for (const [index, row] of rows.entries()) {
    if (row.sequence !== from + index + 1) return `expected event ${from + index + 1}, found ${row.sequence}`;
    const before = rows[index - 1];
    if (before !== undefined && row.previous !== before.hash)
      return `event ${row.sequence} does not follow the one before`;
  }
  return undefined;
};

/** What is wrong with what arrived so far; what is only missing may still come. */
const faultOfRows = (rows: readonly StoredEvent[], from: number): string | undefined => {
  const decided = requestsOf(rows, 'decision');
  const twice = decided.length - new Set(decided).size;
  return twice > 0 ? `${twice} of ${decided.length} decisions twice` : faultOfChain(rows, from);
};

const missingOf = (wanted: readonly string[], rows: readonly StoredEvent[]): number => {
  const decided = new Set(requestsOf(rows, 'decision'));
  return wanted.filter((id) => !decided.has(id)).length;
};

/** What one life left behind. */
interface Life {
  readonly answered: readonly string[];
  /** The last sequence before it. */
  readonly from: number;
}

/** Wait until every answer and every intent has its decision in the evidence; gives what is wrong with it then. */
const faultOfEvidence = async (known: Known, tally: Tally, { answered, from }: Life): Promise<string | undefined> => {
  const end = performance.now() + SHIPPED_WITHIN_MS;
  for (;;) {
    const rows = await known.eventsAfter(from);
    const fault = faultOfRows(rows, from);
    if (fault !== undefined) return fault;
    const intents = requestsOf(rows, 'intent');
    const [lost, open] = [missingOf(answered, rows), missingOf(intents, rows)];
    if (lost === 0 && open === 0) {
      verified(tally, 'answers in the evidence once', answered.length);
      verified(tally, 'intents with one decision', intents.length);
      verified(tally, 'events in one chain', rows.length);
      return undefined;
    }
    if (performance.now() > end) {
      return `${lost} of ${answered.length} answers are not in the evidence, ${open} of ${intents.length} intents open`;
    }
    await pause(ASKED_EVERY_MS);
  }
};

/** One life of the gateway: it answers, is killed, comes back ready, and the evidence holds each answer once. */
const liveAndDie = async (world: World, known: Known, tally: Tally, afterMs: number): Promise<string | undefined> => {
  const from = (await known.eventsAfter(0)).at(-1)?.sequence ?? 0;
  const gateway = await startGateway(world.state, world.upstream.url);
  await untilReady(gateway.url);
  const callers = Array.from({ length: CALLERS }, () => askUntilGone(gateway.url, world.fleet.token));
  await pause(afterMs);
  process.kill(gateway.pid, 'SIGKILL');
  tally.killed += 1;
  const answered = (await Promise.all(callers)).flat();
  const again = await startGateway(world.state, world.upstream.url);
  try {
    await untilReady(again.url);
    verified(tally, 'restarts that were ready without a repair');
    return await faultOfEvidence(known, tally, { answered, from });
  } finally {
    await again.stop();
  }
};

/** What the command says that an operator would ask. */
const faultOfProof = ({ fleet }: World, tally: Tally): string | undefined => {
  try {
    const { ok, lines } = JSON.parse(fleet.tenantry('events', 'verify', '--org', fleet.org, '--format', 'json'));
    if (ok !== true) return 'events verify found faults';
    verified(tally, 'lines proved by events verify', Number(lines));
    return undefined;
  } catch (error) {
    return `events verify failed: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** Money that decisions say was spent must be what the ledger says; gives what is wrong. */
const faultOfLedger = async (known: Known, tally: Tally): Promise<string | undefined> => {
  const end = performance.now() + SHIPPED_WITHIN_MS;
  for (;;) {
    const rows = await known.eventsAfter(0);
    const decided = rows
      .flatMap(({ event }) => (event.type === 'decision' ? event.wallets : []))
      .reduce((sum, { settledMicros, excessMicros = 0 }) => sum + settledMicros + excessMicros, 0);
    const spent = await known.spentMicros();
    if (decided === spent) {
      verified(tally, 'micro-units in evidence and ledger alike', spent);
      return undefined;
    }
    if (performance.now() > end) return `decisions spent ${decided} micro-units, the ledger says ${spent}`;
    await pause(ASKED_EVERY_MS);
  }
};

export const crashGateway = async (world: World, options: SoakOptions): Promise<Tally> => {
  const known = openKnown(world.fleet);
  const killing = { what: 'gateway', latestKillMs: LATEST_KILL_MS, seed: options.seed + 1 };
  const tally = await crashOften(killing, options, (counts, _run, killAtMs) =>
    liveAndDie(world, known, counts, killAtMs),
  );
  const gateway = await startGateway(world.state, world.upstream.url);
  try {
    await untilReady(gateway.url);
    const fault = (await faultOfLedger(known, tally)) ?? faultOfProof(world, tally);
    if (fault !== undefined) tally.failures.push(fault);
    return tally;
  } finally {
    await gateway.stop();
  }
};
