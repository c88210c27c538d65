// `peers`: requests per second of the gateway, with token, wallet and evidence, over those of `@portkey-ai/gateway`. One regular
// expression blocks requests in both; the same upstream and the same load.

import { join } from 'node:path';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { portkeyHeaders, startPortkey } from './peers/portkey.ts';
import { cpuMicrosOf, type Listening, runNode } from './processes.ts';
import { keeping, startLoadWorld } from './world.ts';

const CONNECTIONS = 16;
const MEASURED_MS = 3_000;
const PATTERN = 'NWO-[0-9]{7}';
const DOCUMENT = {
  policies: { chain: ['dlp-filter'] },
  policy: { 'dlp-filter': { detect_patterns: [PATTERN], action: 'block' } },
};

interface Side {
  readonly target: Listening;
  readonly headers: Readonly<Record<string, string>>;
}

interface Measured {
  readonly perSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: number;
}

/** Throws unless the side lets an ordinary text pass and refuses one in which the pattern is found. */
const mustGuard = async ({ target, headers }: Side): Promise<void> => {
  const statusOf = async (content: string): Promise<number> => {
    const body = JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 8, messages: [{ role: 'user', content }] });
    const asked = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    return (await fetch(`${target.url}/v1/chat/completions`, asked)).status;
  };
  const [plain, found] = [await statusOf('hello'), await statusOf('order NWO-1234567')];
  if (plain !== 200 || found === 200) throw new Error(`Expected 200 and a refusal, found ${plain} and ${found}.`);
};

const loadOn = ({ target, headers }: Side): Measured => {
  const before = cpuMicrosOf(target.pid) ?? Number.NaN;
  const sizes = [String(CONNECTIONS), String(MEASURED_MS), '', JSON.stringify(headers)];
  const load = JSON.parse(runNode({ args: [join(import.meta.dirname, 'load/main.ts'), target.url, ...sizes] }).stdout);
  if (Object.keys(load.refused).length > 0 || load.requests === 0) {
    throw new Error(`Expected every request to be answered with 200, found ${JSON.stringify(load)}.`);
  }
  const cpu = (cpuMicrosOf(target.pid) ?? Number.NaN) - before;
  return { ...load, cpuMicrosPerRequest: Math.round(cpu / load.requests) };
};

const prepare = ({ say }: BenchOptions): Promise<Prepared> =>
  keeping(async (kept) => {
    say('installing the peer where it is not, and starting both');
    const { fleet, upstream, gateway } = await startLoadWorld(kept, { document: DOCUMENT });
    const peer: Side = { target: kept.keep(await startPortkey()), headers: portkeyHeaders(upstream.url, PATTERN) };
    const ours: Side = { target: gateway, headers: { authorization: `Bearer ${fleet.token}` } };
    for (const side of [ours, peer]) await mustGuard(side);
    let [first, second]: (Measured | undefined)[] = [];
    return {
      numerator: async () => {
        first = loadOn(ours);
        return first.perSecond;
      },
      denominator: async () => {
        second = loadOn(peer);
        return second.perSecond;
      },
      counters: () => ({
        gatewayP50Ms: first?.p50Ms ?? Number.NaN,
        gatewayP99Ms: first?.p99Ms ?? Number.NaN,
        peerP50Ms: second?.p50Ms ?? Number.NaN,
        peerP99Ms: second?.p99Ms ?? Number.NaN,
        gatewayCpuMicrosPerRequest: first?.cpuMicrosPerRequest ?? Number.NaN,
        peerCpuMicrosPerRequest: second?.cpuMicrosPerRequest ?? Number.NaN,
      }),
      close: kept.close,
    };
  });

export const peers: Bench = {
  name: 'peers',
  title: `the gateway with token, wallet, evidence and one regex, over @portkey-ai/gateway with one regex; ${CONNECTIONS} connections`,
  unit: 'requests/s',
  orgs: 1,
  warmUps: 3,
  prepare,
};
