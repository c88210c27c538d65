// `proxy`: requests per second of the gateway with everything on, over a relay that does the least a proxy can do. The
// same upstream and the same load for both, each in a process of its own.

import { join } from 'node:path';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { chainTimes } from './policies.ts';
import { cpuMicrosOf, type Listening, runNode, startListening } from './processes.ts';
import { keeping, startLoadWorld } from './world.ts';

const CONNECTIONS = 16;
const MEASURED_MS = 3_000;

interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: Readonly<Record<string, number>>;
}

interface Measured extends Load {
  readonly cpuMicrosPerRequest: number;
}

/** Put load on a process; every answer must be a 200. */
const loadOn = (target: Listening, token: string): Measured => {
  const before = cpuMicrosOf(target.pid) ?? Number.NaN;
  const args = [join(import.meta.dirname, 'load/main.ts'), target.url, String(CONNECTIONS), String(MEASURED_MS), token];
  const load: Load = JSON.parse(runNode({ args }).stdout);
  if (Object.keys(load.refused).length > 0 || load.requests === 0) {
    throw new Error(`Expected every request to be answered with 200, found ${JSON.stringify(load)}.`);
  }
  const cpu = (cpuMicrosOf(target.pid) ?? Number.NaN) - before;
  return { ...load, cpuMicrosPerRequest: Math.round(cpu / load.requests) };
};

const prepare = ({ say }: BenchOptions): Promise<Prepared> =>
  keeping(async (kept) => {
    say('starting controller, gateway, relay and upstream');
    const { fleet, upstream, controller, gateway } = await startLoadWorld(kept);
    const relay = kept.keep(await startListening([join(import.meta.dirname, 'relay/relay.ts'), upstream.url]));
    let ours: Measured | undefined;
    let least: Measured | undefined;
    let controllerMicros = Number.NaN;
    return {
      numerator: async () => {
        const before = cpuMicrosOf(controller.pid) ?? Number.NaN;
        ours = loadOn(gateway, fleet.token);
        // What is delivered after the load is of that load too, as what came in before it is of the one before.
        controllerMicros = Math.round(((cpuMicrosOf(controller.pid) ?? Number.NaN) - before) / ours.requests);
        return ours.perSecond;
      },
      denominator: async () => {
        least = loadOn(relay, fleet.token);
        return least.perSecond;
      },
      counters: () => ({
        gatewayP50Ms: ours?.p50Ms ?? Number.NaN,
        gatewayP99Ms: ours?.p99Ms ?? Number.NaN,
        relayP50Ms: least?.p50Ms ?? Number.NaN,
        relayP99Ms: least?.p99Ms ?? Number.NaN,
        gatewayCpuMicrosPerRequest: ours?.cpuMicrosPerRequest ?? Number.NaN,
        controllerCpuMicrosPerRequest: controllerMicros,
        relayCpuMicrosPerRequest: least?.cpuMicrosPerRequest ?? Number.NaN,
        ...chainTimes(),
      }),
      close: kept.close,
    };
  });

export const proxy: Bench = {
  name: 'proxy',
  title: `the gateway with token, wallet, evidence and six policies, over a bare relay; ${CONNECTIONS} connections`,
  unit: 'requests/s',
  orgs: 1,
  warmUps: 4,
  prepare,
};
