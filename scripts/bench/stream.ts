// `stream`: what the gateway with everything on adds to the first frame of a streamed answer and to the time between frames,
// beside a relay that does the least a proxy can do. The same upstream, which sends a frame every few milliseconds.

import { join } from 'node:path';
import type { Bench, BenchOptions, Counters, Prepared } from './bench.ts';
import { cpuMicrosOf, type Listening, runNode, startListening } from './processes.ts';
import { keeping, startLoadWorld } from './world.ts';

const CONNECTIONS = 8;
const STREAMS = 12;
const FRAMES = 50;
const EVERY_MS = 10;

interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly count: number;
}

interface Measured {
  /** Milliseconds until the first text of an answer, and between two texts. */
  readonly first: Percentiles;
  readonly gap: Percentiles;
  readonly whole: Percentiles;
  readonly cpuMicrosPerFrame: number;
}

/** Stream from a process; every answer must be a 200. */
const streamFrom = (target: Listening, token: string): Measured => {
  const before = cpuMicrosOf(target.pid) ?? Number.NaN;
  const sizes = [CONNECTIONS, STREAMS, FRAMES, EVERY_MS].map(String);
  const args = [join(import.meta.dirname, 'load/stream.ts'), target.url, ...sizes, token];
  const { refused, ...measured } = JSON.parse(runNode({ args }).stdout);
  if (Object.keys(refused).length > 0) throw new Error(`Expected streams, found ${JSON.stringify(refused)}.`);
  const frames = measured.first.count + measured.gap.count;
  return { ...measured, cpuMicrosPerFrame: ((cpuMicrosOf(target.pid) ?? Number.NaN) - before) / frames };
};

const countersOf = (ours: Measured, least: Measured): Counters => {
  const names = ['first', 'gap', 'whole'] as const;
  const shares = ['p50', 'p90', 'p99'] as const;
  const rows = names.flatMap((name) =>
    shares.flatMap((share): readonly (readonly [string, number])[] => [
      [`${name}.gateway.${share}Ms`, ours[name][share]],
      [`${name}.relay.${share}Ms`, least[name][share]],
      [`${name}.added.${share}Ms`, ours[name][share] - least[name][share]],
    ]),
  );
  return {
    ...Object.fromEntries(rows),
    'frames.gateway': ours.first.count + ours.gap.count,
    'frames.relay': least.first.count + least.gap.count,
    'gateway.cpuMicrosPerFrame': ours.cpuMicrosPerFrame,
    'relay.cpuMicrosPerFrame': least.cpuMicrosPerFrame,
  };
};

const prepare = ({ say }: BenchOptions): Promise<Prepared> =>
  keeping(async (kept) => {
    say('starting controller, gateway, relay and upstream');
    const { fleet, upstream, gateway } = await startLoadWorld(kept);
    const relay = kept.keep(await startListening([join(import.meta.dirname, 'relay/relay.ts'), upstream.url]));
    let ours: Measured | undefined;
    let least: Measured | undefined;
    return {
      numerator: async () => {
        ours = streamFrom(gateway, fleet.token);
        return ours.first.p50;
      },
      denominator: async () => {
        least = streamFrom(relay, fleet.token);
        return least.first.p50;
      },
      counters: () => (ours === undefined || least === undefined ? {} : countersOf(ours, least)),
      close: kept.close,
    };
  });

export const stream: Bench = {
  name: 'stream',
  title: `time to the first frame through the gateway with six policies, over a bare relay; ${CONNECTIONS} streams at a time`,
  unit: 'ms',
  orgs: 1,
  warmUps: 3,
  prepare,
};
