import { readFileSync, rmSync } from 'node:fs';
import { makeTestHost, type TestHost } from '../../gateway/io/host.testkit.ts';
import { DEFAULT_PACE, type Pace } from '../../gateway/io/pace.ts';
import { ORG, startPlane, type TestPlane } from '../../gateway/io/plane.testkit.ts';
import { type Running, runManaged } from '../../gateway/io/run.ts';
import { startUpstream, type TestUpstream, until } from '../../gateway/io/upstream.testkit.ts';
import type { StateFiles } from '../../src/trust/index.ts';
import { OTHER_ORG, Publishing } from '../../src/trust/trust.testkit.ts';
import { askAt } from './program.testkit.ts';
import { type HostileServer, type Script, startHostile } from './server.testkit.ts';

// A real gateway in this process: its pull loop, its HTTP client, its listener, its disk. Between it and its control
// plane stands the hostile server.

const FIXTURE = readFileSync(new URL('../standalone/configs/teams/acme-support.yaml', import.meta.url), 'utf8');

/** Quick enough for a test: what takes seconds in the field takes some hundredths here. */
const QUICK: Pace = { ...DEFAULT_PACE, answerMs: 1000, windowMs: 250, leastBytes: 400, pollMs: 5000, maxBackoffMs: 20 };
const POLL_SECONDS = 0.02;
/** Numbers start here, so that they have as many digits at the end as at the beginning. */
const FIRST = 100;

/** All files of the org as they were after one publication. */
export type Published = ReadonlyMap<string, Uint8Array>;

export interface World {
  readonly plane: TestPlane;
  readonly hostile: HostileServer;
  readonly host: TestHost;
  readonly upstream: TestUpstream;
  readonly folder: string;
  /** What was published, oldest first; the last is what is published now. */
  readonly history: readonly Published[];
  /** Another org of the fleet, with a gateway of the same name. */
  readonly neighbour: Publishing;
  running(): Running;
  /** Publishes something new for the gateway; gives the digest of its content. */
  publish(): Promise<string>;
  /** The digests of everything that was ever published for the gateway. */
  readonly honestDigests: ReadonlySet<string>;
  /** Starts the gateway, again if it ran. */
  start(pace?: Partial<Pace>): Promise<void>;
  stop(): Promise<void>;
  /** Status and first digits of the content's digest with which a request is answered. */
  ask(): Promise<string>;
  close(): Promise<void>;
}

/** A world with three publications, of which the gateway has seen none; its verified state is kept by `stateFiles`. */
export async function openWorld(stateFiles?: StateFiles): Promise<World> {
  const upstream = await startUpstream();
  const host = makeTestHost();
  host.variables.set('ACME_OPENAI_KEY', 'sk-one').set('ACME_OPENAI_EU_KEY', 'sk-two');
  const plane = await startPlane(host.nowMs);
  plane.publishing.generation = FIRST;
  const hostile = await startHostile(plane);
  const neighbour = new Publishing(OTHER_ORG);
  neighbour.nowMs = host.nowMs();
  await neighbour.publish({ desk: 'neighbour' });
  const history: Published[] = [];
  const honestDigests = new Set<string>();
  let running: Running | undefined;

  const publish = async (): Promise<string> => {
    const text = FIXTURE.replaceAll(/https:\/\/(eu\.)?api\.openai\.com/g, upstream.url);
    const digest = await plane.publishFor(
      ['desk', 'other'],
      text.replace('version: 1.3.0', `version: 1.3.${FIRST + history.length}`),
    );
    history.push(new Map(plane.publishing.files.files));
    honestDigests.add(digest);
    return digest;
  };
  for (let times = 0; times < 3; times += 1) await publish();
  const folder = plane.enrolledState(hostile.url);

  const stop = async (): Promise<void> => {
    await running?.stop(500);
    running = undefined;
  };
  const theRunning = (): Running => {
    if (running === undefined) throw new Error('expected a running gateway');
    return running;
  };
  return {
    plane,
    hostile,
    host,
    upstream,
    folder,
    history,
    neighbour,
    honestDigests,
    running: theRunning,
    publish,
    async start(pace = {}) {
      await stop();
      const listen = { host: '127.0.0.1', port: 0, simulator: null, pollSeconds: POLL_SECONDS };
      const withFiles = stateFiles === undefined ? host : { ...host, stateFiles };
      running = await runManaged({ stateDir: folder, ...listen, pace: { ...QUICK, ...pace } }, withFiles);
      await until(() => running?.service.snapshot !== null, 'a snapshot');
    },
    stop,
    async ask() {
      const answered = await askAt(theRunning().url);
      return answered === null ? 'nobody' : `${answered.status} ${answered.bundle.slice(0, 12)}`;
    },
    async close() {
      await stop();
      await hostile.close();
      await plane.close();
      await upstream.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The bytes of the org at a path in one of its publications. */
export function fileIn(published: Published, path: string): Uint8Array | undefined {
  return published.get(`${ORG}/${path}`);
}

/** Serves these files and no others. */
export function only(published: Published): Script {
  return ({ path }) => fileIn(published, path);
}
