// Sends 200,000 requests through one gateway and looks at what it keeps of them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATEWAY, type Listening, startListening } from '../bench/processes.ts';
import { enrolGateway, openLoadFleet, startController, startUpstream, untilReady } from '../bench/world.ts';
import { drawFrom } from './draw.ts';
import { openLoad, type Statuses } from './memory/load.ts';
import { slopeOf } from './memory/slope.ts';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const REQUESTS = 200_000;
const PARTS = 10;
const CONNECTIONS = 16;
/**
 * Least squares over the last five of ten looks, each after a full collection. An entry of a map with an id of its own is above
 * forty bytes: what grows by less than half of that keeps nothing of each request.
 */
const KEPT_OF_EACH_BYTES = 20;
const PRELOAD = join(import.meta.dirname, 'memory/preload.mjs');

/** What remembers callers is on, so that its bounds are reached in the first half: 20,000 keys of a limit, 50,000 of a policy. */
const DOCUMENT = {
  policies: {
    chain: [
      'rbac',
      'prompt-injection',
      'dlp-filter',
      'pii-detector',
      'bot-detector',
      'data-routing-policy',
      'audit-logger',
    ],
  },
  policy: {
    rbac: { deny_if_missing: [], require_auth: true },
    'prompt-injection': {},
    'dlp-filter': { blocked_terms: ['Project Larkspur'], detect_patterns: ['NWO-[0-9]{7}'], action: 'redact' },
    'pii-detector': { action: 'redact', pci_mode: true },
    'bot-detector': { fingerprint_fields: ['User-Agent', 'X-User-ID'], max_requests_per_window: 1_000_000 },
    'data-routing-policy': { require_no_training: true, on_no_compliant_provider: 'block' },
    'audit-logger': {},
  },
  user_rate_limit: { max_requests: 1_000_000, window_seconds: 3600, header_names: ['x-user-id'] },
};

interface Look {
  readonly requests: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks the process to collect, and reads what it says. */
const lookAt = async (pid: number, file: string, requests: number): Promise<Look> => {
  const lookedOf = (): { looked: number; heapUsed: number; external: number; rss: number } =>
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { looked: 0, heapUsed: 0, external: 0, rss: 0 };
  const before = lookedOf().looked;
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    const { looked, heapUsed, external, rss } = lookedOf();
    if (looked > before) return { requests, heapBytes: heapUsed + external, rssBytes: rss };
    await pause(50);
  }
};

interface Gateway extends Listening {
  readonly state: string;
  readonly file: string;
  readonly token: string;
}

/** Starts everything; what is to be stopped goes into `stops`. */
const startWorld = async (stops: (() => Promise<void> | void)[]): Promise<Gateway> => {
  const fleet = await openLoadFleet({ document: DOCUMENT });
  stops.push(fleet.remove);
  const upstream = await startUpstream();
  stops.push(upstream.stop);
  const controller = await startController(fleet.dir);
  stops.push(controller.stop);
  const state = join(fleet.dir, '../gateway');
  const file = join(fleet.dir, '../memory.json');
  enrolGateway(fleet, controller.url, state);
  const run = [GATEWAY, 'run', '--state', state, '--listen', '127.0.0.1:0', '--simulator', upstream.url];
  const gateway = await startListening(['--expose-gc', '--import', PRELOAD, ...run], { TENANTRY_MEMORY_FILE: file });
  stops.push(gateway.stop);
  await untilReady(gateway.url);
  return { ...gateway, state, file, token: fleet.token };
};

/** Gauges of the metrics page that count what waits. */
const gaugesOf = async (url: string): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.matchAll(/^(tenantry_gateway_(?:journal_unshipped|journal_failures)) (\d+)$/gm);
  return new Map([...found].map(([, name = '', value]) => [name, Number(value)]));
};

/** Until everything is delivered, as far as it is. */
const settled = async (url: string): Promise<ReadonlyMap<string, number>> => {
  for (let tries = 0; ; tries += 1) {
    const gauges = await gaugesOf(url);
    if (tries === 100 || [...gauges.values()].every((value) => value === 0)) return gauges;
    await pause(200);
  }
};

const sum = (into: Statuses, from: Statuses): void => {
  for (const [status, count] of from) into.set(status, (into.get(status) ?? 0) + count);
};

const MIB = 2 ** 20;

const resultOf = (looks: readonly Look[], statuses: Statuses, gauges: ReadonlyMap<string, number>): SoakResult => {
  const slope = slopeOf(looks.slice(PARTS / 2).map(({ requests, heapBytes }) => [requests, heapBytes]));
  const odd = [...statuses.keys()].filter((status) => status !== 200 && status !== 409);
  const waiting = [...gauges].filter(([, value]) => value !== 0);
  const faults = [
    ...(slope < KEPT_OF_EACH_BYTES ? [] : [`each request leaves ${slope.toFixed(1)} bytes behind`]),
    ...odd.map((status) => `${statuses.get(status)} answers with status ${status}`),
    ...waiting.map(([name, value]) => `${name} is ${value} at the end`),
  ];
  const rows = looks.map(({ requests, heapBytes, rssBytes }) => [
    `${requests}`,
    (heapBytes / MIB).toFixed(2),
    (rssBytes / MIB).toFixed(0),
  ]);
  const words = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  return {
    ok: faults.length === 0,
    table: [
      alignedTable([['requests', 'heap after a collection, MiB', 'resident, MiB'], ...rows]),
      `answers ${words}; ${slope.toFixed(1)} bytes more for each request over the second half, allowed ${KEPT_OF_EACH_BYTES}\n`,
      ...faults.map((fault) => `${fault}\n`),
    ].join('\n'),
  };
};

/** `--runs n` sends n requests. */
const run = async ({ seed, runs, say }: SoakOptions): Promise<SoakResult> => {
  const stops: (() => Promise<void> | void)[] = [];
  const total = runs ?? REQUESTS;
  const statuses: Statuses = new Map();
  const looks: Look[] = [];
  try {
    const gateway = await startWorld(stops);
    const load = openLoad({ url: gateway.url, token: gateway.token, connections: CONNECTIONS, draw: drawFrom(seed) });
    stops.push(load.close);
    for (let part = 1; part <= PARTS; part += 1) {
      sum(statuses, await load.send(Math.round(total / PARTS)));
      await settled(gateway.url);
      const look = await lookAt(gateway.pid, gateway.file, Math.round((total * part) / PARTS));
      looks.push(look);
      say(`${look.requests} requests, ${(look.heapBytes / MIB).toFixed(2)} MiB`);
    }
    const kept = readdirSync(join(gateway.state, 'journal')).length;
    const { ok, table } = resultOf(looks, statuses, await settled(gateway.url));
    return { ok, table: `${table}${kept} files in the journal\n` };
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

export const memory: Soak = { name: 'memory', title: 'a gateway keeps nothing of each of 200,000 requests', run };
