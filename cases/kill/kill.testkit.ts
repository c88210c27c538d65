import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../gateway/io/upstream.testkit.ts';
import { askAt, type Program, startProgram } from '../hostile/program.testkit.ts';
import { openWorld, type World } from '../hostile/world.testkit.ts';

// A gateway as a process of its own that is ended by SIGKILL at its n-th change of the disk, and the one that follows it on
// the same state folder.

const PRELOAD = new URL('./preload.mjs', import.meta.url).href;

export interface Killing {
  readonly killAt: number;
  readonly isTorn: boolean;
}

/** What one life came to; `wasKilled` is false when it had fewer changes than the one to die at. */
export interface Life {
  readonly wasKilled: boolean;
  readonly changes: number | null;
  /** What is wrong with what it left behind, in the eyes of the next one. */
  readonly faults: readonly string[];
}

export interface Lives {
  /** One life that ends at a change of the disk, or by itself; then one that must find everything in order. */
  live(killing: Killing): Promise<Life>;
  close(): Promise<void>;
}

export async function openLives(): Promise<Lives> {
  const world = await openWorld();
  const answered: string[] = [];
  const countFile = join(world.folder, 'changes');
  return {
    async live({ killAt, isTorn }) {
      const before = floorsIn(world.folder);
      const limits = {
        TENANTRY_KILL_AT: `${killAt}`,
        TENANTRY_KILL_TORN: isTorn ? '1' : '0',
        TENANTRY_KILL_COUNT: countFile,
      };
      const wasKilled = await lifeOf(world, limits, answered);
      const faults = await faultsAfter(world, before, answered);
      return { wasKilled, changes: wasKilled ? null : Number(readFileSync(countFile, 'utf8')), faults };
    },
    close: () => world.close(),
  };
}

const start = (world: World, env: Readonly<Record<string, string>>): Promise<Program> =>
  startProgram(world.folder, { nodeFlags: ['--import', PRELOAD], env });

const hasExited = ({ child }: Program): boolean => child.exitCode !== null || child.signalCode !== null;
const isActive = (world: World, digest: string): boolean =>
  world.plane.acks.some(({ state, contentDigest }) => state === 'active' && contentDigest === digest);

/** Starts, answers, takes what is new, answers, stops. True when it was killed on the way. */
async function lifeOf(world: World, limits: Record<string, string>, answered: string[]): Promise<boolean> {
  const process = await start(world, limits);
  const { url } = process;
  if (url !== null) {
    await answer(url, answered, () => hasExited(process));
    const fresh = await world.publish();
    await until(
      () => isActive(world, fresh) || hasExited(process),
      () => 'what is new, or the end',
    );
    await answer(url, answered, () => hasExited(process));
    process.child.kill('SIGTERM');
  }
  await process.ended;
  return process.child.signalCode === 'SIGKILL';
}

/** Asks until it is answered with 200, or until `isOver`. */
async function answer(url: string, answered: string[], isOver: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isOver(); turn += 1) {
    const got = await askAt(url);
    if (got?.status === 200) {
      answered.push(got.id);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Floors {
  readonly sequence: number;
  readonly generation: number;
  readonly timestamp: number;
}

function floorsIn(folder: string): Floors {
  const path = join(folder, 'trust/floors.json');
  if (!existsSync(path)) return { sequence: 0, generation: 0, timestamp: 0 };
  const { sequence, generation, timestamp } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly sequence: number;
    readonly generation: number;
    readonly timestamp: { readonly version: number } | null;
  };
  return { sequence, generation, timestamp: timestamp?.version ?? 0 };
}

/** True when some publication was kept whole: then the next life has something to serve. */
function hasSlot(folder: string): boolean {
  return ['a', 'b'].some((slot) => existsSync(join(folder, 'trust', `${slot}.slot`)));
}

/** The next life on the same folder: it must serve at once what the org published, with floors that did not fall and whole evidence. */
async function faultsAfter(world: World, before: Floors, answered: readonly string[]): Promise<readonly string[]> {
  const faults: string[] = [];
  const left = floorsIn(world.folder);
  for (const name of ['sequence', 'generation', 'timestamp'] as const) {
    if (left[name] < before[name]) faults.push(`the floor of ${name} fell from ${before[name]} to ${left[name]}`);
  }
  const mustServe = hasSlot(world.folder);
  const next = await start(world, {});
  if (next.url === null) return [...faults, 'the next one does not start'];
  const { url } = next;
  const served: string[] = [];
  if (mustServe) {
    const first = await askAt(url);
    const isHonest = [...world.honestDigests].some((digest) => digest.startsWith(first?.bundle ?? 'none'));
    if (first?.status !== 200 || !isHonest) faults.push(`its first answer is ${first?.status} with ${first?.bundle}`);
    else served.push(first.id);
  } else await answer(url, served, () => hasExited(next));
  const newest = [...world.honestDigests].at(-1) ?? '';
  await until(
    () => isActive(world, newest),
    () => 'the newest publication',
  ).catch((error: Error) => faults.push(error.message));
  const decided = (): readonly string[] =>
    world.plane.lines.flatMap(({ event }) => (event.type === 'decision' ? [event.requestId] : []));
  const missing = (): readonly string[] => [...answered, ...served].filter((id) => !decided().includes(id));
  await until(
    () => missing().length === 0,
    () => `decisions of ${missing().length} answers`,
  ).catch((error: Error) => faults.push(error.message));
  if (new Set(decided()).size !== decided().length) faults.push('a decision stands twice');
  if (world.plane.refused.length > 0) faults.push(`refused: ${world.plane.refused.splice(0).join(', ')}`);
  next.child.kill('SIGTERM');
  await next.ended;
  if (next.child.exitCode !== 0) faults.push(`the next one ends with ${next.child.exitCode} ${next.child.signalCode}`);
  return faults;
}
