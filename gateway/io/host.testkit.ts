import { nodeClock, nodeHash, nodeZoneOffset } from '../../src/host/index.ts';
import { createLog } from './log.ts';
import type { Host } from './run.ts';

/** The real host with a log that can be read and an environment that a test sets. */
export interface TestHost extends Host {
  readonly logged: string[];
  readonly variables: Map<string, string>;
  /** Added to the clock. */
  aheadMs: number;
}

export function makeTestHost(): TestHost {
  const logged: string[] = [];
  const variables = new Map<string, string>();
  const host: TestHost = {
    logged,
    variables,
    aheadMs: 0,
    hash: nodeHash,
    nowMs: () => nodeClock.nowMs() + host.aheadMs,
    random: () => 0.5,
    zoneOffset: nodeZoneOffset,
    environment: (name) => variables.get(name),
    log: createLog('plain', { write: (text) => logged.push(text), nowMs: () => 0 }),
  };
  return host;
}
