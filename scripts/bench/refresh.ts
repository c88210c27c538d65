// `refresh`: what keeps published files fresh, over a tenth of the orgs: linear, with one signature for each org.

import { openLanes, type PublishParts, type Refreshed, refreshAll } from '../../src/flows/index.ts';
import { readSettings } from '../../src/flows/settings.ts';
import { nodeHash } from '../../src/host/index.ts';
import type { Log } from '../../src/ports/index.ts';
import { type State, wireRepository, wireState } from '../../src/wire.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { type BenchFleet, openFleets, removeAll } from './fleets.ts';

/** The large fleet is so many times the small one. */
const FACTOR = 10;
/** Old enough for a new timestamp, and for nothing else. */
const STEP_MS = 2 * 3_600_000;
const BYTES_PER_MB = 1024 * 1024;

const silent: Log = { info: () => undefined, warn: () => undefined, progress: () => undefined };

interface Fresh {
  readonly refresh: () => Promise<{ readonly ms: number; readonly done: Refreshed }>;
  readonly close: () => void;
}

/** A fleet whose store is at its commit, opened in this process with a clock that the caller moves. */
const openFresh = async (fleet: BenchFleet): Promise<Fresh> => {
  fleet.tenantry(['keys', 'init', '--quiet']);
  fleet.tenantry(['apply', '--yes', '--quiet']);
  const { repository } = await wireRepository(fleet.dir);
  const { fleet: settings } = await readSettings(repository.workTree());
  if (settings === null) throw new Error(`Expected fleet.yaml in ${fleet.dir}.`);
  const state: State = await wireState(fleet.dir, settings.spec, nodeHash);
  let nowMs = Date.now();
  const parts: PublishParts & { readonly log: Log } = {
    fleet: settings.metadata.name,
    store: state.store,
    runtime: state.runtime,
    publisher: state.publisher,
    signer: state.signer,
    firstRoots: state.firstRoots,
    hash: nodeHash,
    clock: { nowMs: () => nowMs },
    wake: () => undefined,
    lanes: openLanes(),
    fence: undefined,
    log: silent,
  };
  return {
    close: () => state.close(),
    async refresh() {
      nowMs += STEP_MS;
      const started = performance.now();
      const done = await refreshAll(parts);
      return { ms: performance.now() - started, done };
    },
  };
};

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  const fleets = await openFleets([orgs, Math.max(1, Math.round(orgs / FACTOR))], say);
  const opened: Fresh[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened) each.close();
    removeAll(fleets);
  };
  try {
    for (const fleet of fleets) {
      say(`applying ${fleet.orgs} orgs`);
      opened.push(await openFresh(fleet));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const [large, small] = opened;
  let last: Refreshed | undefined;
  let mostMb = 0;
  return {
    numerator: async () => {
      const before = process.memoryUsage().heapUsed;
      const { ms, done } = (await large?.refresh()) ?? { ms: Number.NaN, done: undefined };
      last = done;
      mostMb = Math.max(mostMb, Math.round((process.memoryUsage().heapUsed - before) / BYTES_PER_MB));
      return ms;
    },
    denominator: async () => (await small?.refresh())?.ms ?? Number.NaN,
    counters: () => ({
      refreshedOrgs: last?.orgs ?? -1,
      timestampSignatures: last?.signatures.timestamp ?? -1,
      otherSignatures:
        (last?.signatures.snapshot ?? 0) + (last?.signatures.targets ?? 0) + (last?.signatures.root ?? 0),
      findings: last?.findings.length ?? -1,
      heapGrowthMb: mostMb,
    }),
    close,
  };
};

export const refresh: Bench = {
  name: 'refresh',
  title: `a new timestamp for every org, over the same for a ${FACTOR}th of the orgs`,
  unit: 'ms',
  orgs: 1_000,
  prepare,
};
