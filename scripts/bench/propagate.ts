// `propagate`: a region restarts, and all its gateways ask at once: from the first question to the last of them enforcing,
// over a bare client that fetches the same files from a bare file server. Beside it, what a merge takes to be enforced.

import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'undici';
import { orgUid } from '../../src/core/model/index.ts';
import { bundleTarget, provenanceTarget, targetFile } from '../../src/trust/layout.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { type BenchClient, type BenchGateway, enrolAt, fetchBare, type GatewayName, openClient } from './clients.ts';
import { type BenchFleet, CHANGED_ORG, openFleet } from './fleets.ts';
import { cpuMicrosOf, type Listening, ROOT, startListening } from './processes.ts';
import { startController } from './world.ts';

/** A folder in memory, where there is one: every gateway has a disk of its own, and on one disk all these would queue. */
const MEMORY = '/dev/shm';
/** Where a generated fleet publishes. */
const PUBLISHED = '.tenantry/bundles';
const WAIT_SECONDS = 30;
const ENROLLING = 8;
/** Root, timestamp, snapshot and targets, each checked once by a gateway that starts from nothing. */
const METADATA_FILES = 4;
const METADATA_BYTES = 1000;
/** Signed requests of such a start: one parcel of all files. */
const PARCELS = 1;
const SIGNING_GATEWAYS = 200;

/** One gateway of each org, as the published files lie on the disk. */
const gatewaysOf = (fleet: BenchFleet): readonly GatewayName[] => {
  const { gateways } = JSON.parse(fleet.tenantry(['status', '--format', 'json']).stdout) as {
    readonly gateways: readonly GatewayName[];
  };
  const firsts = new Map<string, GatewayName>();
  for (const { org, gateway } of gateways) if (!firsts.has(org)) firsts.set(org, { org, gateway });
  return [...firsts.values()];
};

const side = async <Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  const rest = items.entries();
  const takeAll = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: most }, takeAll));
  return results;
};

interface World {
  readonly fleet: BenchFleet;
  readonly controller: Listening;
  readonly files: Listening;
  readonly gateways: readonly BenchGateway[];
  readonly scratch: string;
}

const startWorld = async ({ orgs, say }: BenchOptions, scratch: string): Promise<World> => {
  const fleet = await openFleet(orgs, say);
  say(`applying ${orgs} orgs`);
  fleet.tenantry(['keys', 'init', '--quiet']);
  fleet.tenantry(['apply', '--yes', '--quiet']);
  const names = gatewaysOf(fleet);
  const controller = await startController(fleet.dir);
  const { token } = JSON.parse(readFileSync(join(fleet.dir, '.tenantry/controller.json'), 'utf8'));
  say(`enrolling ${names.length} gateways`);
  const gateways = await side(names, ENROLLING, (name, index) =>
    enrolAt(controller.url, String(token), { name, stateDir: join(scratch, `enrolled-${index}`) }),
  );
  const files = await startListening([join(ROOT, 'scripts/bench/files/main.ts'), join(fleet.dir, PUBLISHED)]);
  return { fleet, controller, files, gateways, scratch };
};

/** The files that a gateway asks for from nothing, in its order; the root that is not there is asked for too. */
const pathsOf = (dir: string, { identity }: BenchGateway): readonly string[] => {
  const uid = orgUid(identity.orgUid) ?? '';
  const read = (path: string) => JSON.parse(readFileSync(join(dir, PUBLISHED, uid, path), 'utf8')).signed;
  const snapshot = `${read('timestamp.json').meta['snapshot.json'].version}.snapshot.json`;
  const targets = `${read(snapshot).meta['targets.json'].version}.targets.json`;
  const named = read(targets).targets;
  const file = (name: string): string => targetFile(name, named[name].hashes.sha256);
  const { gateway } = identity;
  const own = [file(bundleTarget(gateway)), file(provenanceTarget(gateway))];
  return ['timestamp.json', '2.root.json', snapshot, targets, ...own].map((path) => `/${uid}/${path}`);
};

/**
 * CPU of the signatures alone that one gateway's start asks for, there and in the control plane: four metadata files under
 * keys that are read for it, and each request signed by the one and verified by the other. Whoever leaves one out is less safe.
 */
const signingCpuMs = (requests: number): number => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const message = randomBytes(METADATA_BYTES);
  const signature = sign(null, message, privateKey);
  const before = process.cpuUsage();
  for (let gateway = 0; gateway < SIGNING_GATEWAYS; gateway += 1) {
    for (let file = 0; file < METADATA_FILES; file += 1)
      verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
    for (let request = 0; request < requests; request += 1) {
      sign(null, message, privateKey);
      verify(null, message, publicKey, signature);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / SIGNING_GATEWAYS;
};

/** From a commit to its enforcement by a gateway that waits for it; the controller looks for commits once a second. */
const mergeToEnforcedMs = async ({ fleet, gateways, scratch }: World): Promise<number> => {
  const [own] = gateways.filter(({ name }) => name.org === CHANGED_ORG);
  if (own === undefined) throw new Error(`Expected a gateway of ${CHANGED_ORG}.`);
  const client = await openClient(own, join(scratch, 'merge'));
  try {
    await client.poll();
    fleet.changeOneOrg();
    const started = performance.now();
    while (!(await client.poll(WAIT_SECONDS))) if (performance.now() - started > WAIT_SECONDS * 2000) return Number.NaN;
    return performance.now() - started;
  } finally {
    await client.close();
  }
};

/** What a piece of work took, here and in the server that it asks; all in milliseconds. */
interface Spent {
  readonly wallMs: number;
  readonly clientCpuMs: number;
  readonly serverCpuMs: number;
}

const spentBy = async <Result>(
  server: Listening,
  work: () => Promise<Result>,
): Promise<{ readonly done: Result; readonly spent: Spent }> => {
  const serverBefore = cpuMicrosOf(server.pid) ?? Number.NaN;
  const before = process.cpuUsage();
  const started = performance.now();
  const done = await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const serverMicros = (cpuMicrosOf(server.pid) ?? Number.NaN) - serverBefore;
  return { done, spent: { wallMs, clientCpuMs: (user + system) / 1000, serverCpuMs: serverMicros / 1000 } };
};

const prepare = async (options: BenchOptions): Promise<Prepared> => {
  const scratch = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'tenantry-bench-'));
  const world = await startWorld(options, scratch);
  const { fleet, controller, files, gateways } = world;
  const paths = gateways.map((gateway) => pathsOf(fleet.dir, gateway));
  const each = (cpuMs = Number.NaN): number => cpuMs / gateways.length;
  let [rounds, enforced, bareBytes, unchanged] = [0, 0, 0, 0];
  let [restarted, bare]: Spent[] = [];

  const restartAll = async (): Promise<number> => {
    rounds += 1;
    const clients = await side(gateways, ENROLLING, (gateway, index) =>
      openClient(gateway, join(scratch, `round-${rounds}`, String(index))),
    );
    const { done, spent } = await spentBy(controller, () => Promise.all(clients.map((client) => client.poll())));
    restarted = spent;
    enforced = done.filter(Boolean).length;
    unchanged = (await side(clients, ENROLLING, (client: BenchClient) => client.poll())).filter(
      (isNew) => !isNew,
    ).length;
    await Promise.all(clients.map((client) => client.close()));
    rmSync(join(scratch, `round-${rounds}`), { recursive: true, force: true });
    return spent.wallMs;
  };

  /** Like the gateways, each over a connection of its own that is made for it. */
  const fetchAll = async (): Promise<number> => {
    const clients = paths.map((own) => ({ client: new Client(files.url, { pipelining: 1 }), own }));
    const { done, spent } = await spentBy(files, () =>
      Promise.all(clients.map(({ client, own }) => fetchBare(client, files.url, own))),
    );
    bare = spent;
    bareBytes = done.reduce((sum, count) => sum + count, 0);
    await Promise.all(clients.map(({ client }) => client.destroy()));
    return spent.wallMs;
  };

  return {
    numerator: restartAll,
    denominator: fetchAll,
    counters: async () => ({
      gateways: gateways.length,
      enforced,
      unchangedPolls: unchanged,
      bytesEach: bareBytes / gateways.length,
      clientCpuMsEach: each(restarted?.clientCpuMs),
      serverCpuMsEach: each(restarted?.serverCpuMs),
      bareClientCpuMsEach: each(bare?.clientCpuMs),
      bareServerCpuMsEach: each(bare?.serverCpuMs),
      signingCpuMsEach: signingCpuMs(PARCELS),
      mergeToEnforcedMs: await mergeToEnforcedMs(world),
    }),
    close: async () => {
      await files.stop();
      await controller.stop();
      fleet.remove();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
};

export const propagate: Bench = {
  name: 'propagate',
  title: 'all gateways from nothing to enforced at once, over fetching the same files from a bare file server',
  unit: 'ms',
  orgs: 1_000,
  prepare,
};
