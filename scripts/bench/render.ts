// `render`: a check of every org without a cache (parse, render, validate, emit, hash, compare with what is committed), over
// the least that the alternative would do: read and JSON-parse the rendered objects, one file each.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitId, RepoPath } from '../../src/core/model/index.ts';
import { readYaml } from '../../src/core/parse/index.ts';
import { type CheckReport, check, type ShardAnswer, type ShardAsk } from '../../src/flows/index.ts';
import { nodeClock, nodeHash } from '../../src/host/index.ts';
import { openRepository } from '../../src/io/git/index.ts';
import { openThreads } from '../../src/io/threads/index.ts';
import type { ReadTree, TreeEntry } from '../../src/ports/index.ts';
import { fleetFiles, fleetOrgs } from '../fleet/index.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';

const SEED = 1;
/** The CLI's own program for threads; Node reads its types away. */
const THREAD = new URL('../../src/cli/thread.ts', import.meta.url);
/** An object of an org, as against a patch on one. */
const OBJECT = /^orgs\/[^/]+\/(?!overlays\/)/;

const made = new Set<string>();

const write = (file: string, text: string): void => {
  const folder = dirname(file);
  if (!made.has(folder)) mkdirSync(folder, { recursive: true });
  made.add(folder);
  writeFileSync(file, text);
};

/** A folder as a tree, with the listing that git would give: what is measured begins after git. */
const treeIn = (dir: string, entries: readonly TreeEntry[], orgs: ReadonlyMap<string, GitId>): ReadTree => {
  const isBelow = (path: string, paths: readonly RepoPath[]): boolean =>
    paths.some((above) => path === above || path.startsWith(`${above}/`));
  const shared = entries.filter(({ path }) => !path.startsWith('orgs/'));
  const childrenOf = (folder: string): readonly string[] => {
    const below = shared.filter(({ path }) => path.startsWith(`${folder}/`));
    return [...new Set(below.map(({ path }) => path.slice(folder.length + 1).split('/')[0] ?? ''))];
  };
  return {
    commit: null,
    folders: async (folder) =>
      folder === 'orgs' ? orgs : new Map(childrenOf(folder).map((name) => [name, nodeHash.gitBlobId(name)])),
    list: async (paths) => ({ entries: entries.filter(({ path }) => isBelow(path, paths)), odd: [] }),
    read: async (asked) => new Map(asked.map(({ path }) => [path, readFileSync(join(dir, path))])),
  };
};

interface World {
  readonly tree: ReadTree;
  /** Rendered objects as JSON. */
  readonly rendered: readonly string[];
}

const writeWorld = (dir: string, orgs: number): World => {
  const entries: TreeEntry[] = [];
  const rendered: string[] = [];
  for (const { path, text } of fleetFiles({ orgs, seed: SEED })) {
    write(join(dir, path), text);
    entries.push({ path, mode: '100644', id: nodeHash.gitBlobId(text) });
    const read = OBJECT.test(path) ? readYaml(text, path) : undefined;
    if (read?.ok !== true) continue;
    rendered.push(join(dir, 'rendered', path.replace(/\.yaml$/, '.json')));
    write(rendered.at(-1) ?? '', JSON.stringify(read.value.value));
  }
  const folders = new Map(fleetOrgs({ orgs, seed: SEED }).map(({ slug }) => [slug, nodeHash.gitBlobId(slug)] as const));
  return { tree: treeIn(dir, entries, folders), rendered };
};

const timed = async (work: () => unknown): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  say(`writing the inputs and the rendered objects of ${orgs} orgs`);
  const dir = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
  const { tree, rendered } = writeWorld(dir, orgs);
  const count = availableParallelism() - 1;
  const threads = count < 1 ? null : openThreads<ShardAsk, ShardAnswer>(THREAD, count);
  const parts = { repository: openRepository(dir), hash: nodeHash, clock: nodeClock, cache: null, threads };
  let report: CheckReport | undefined;
  return {
    numerator: () =>
      timed(async () => {
        // Nothing is touched: every file was accepted before, and one reader is enough.
        report = await check(parts, { tree, touched: new Set(), orgs: null });
        if (!report.ok) throw new Error(`Expected no findings, found ${JSON.stringify(report.findings.slice(0, 3))}.`);
      }),
    denominator: () =>
      timed(() => {
        for (const file of rendered) JSON.parse(readFileSync(file, 'utf8'));
      }),
    counters: () => ({ ...report?.counters, threads: count + 1, filesRead: rendered.length }),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  };
};

export const render: Bench = {
  name: 'render',
  title: 'a check of all orgs on all cores, without git and cache, over reading and JSON-parsing the rendered objects',
  unit: 'ms',
  orgs: 1_000,
  prepare,
};
