// `render`: what a full verification must do with the inputs of all orgs, on all cores as `check` does it, over the least
// that the alternative would do: read and JSON-parse the rendered objects, one file each.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { validateFleet } from '../../src/core/validate/index.ts';
import { unpacked } from '../../src/flows/index.ts';
import { openThreads } from '../../src/io/threads/index.ts';
import { compileVersion, fleetOrgs, renderFiles, sharedFiles, TEMPLATE, writtenFiles } from '../fleet/index.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import type { KernelAnswer, KernelAsk } from './kernel/kernel.ts';

const SEED = 1;
const EXPIRES = '2027-06-30T00:00:00Z';
const CONTROL_PLANE = '127.0.0.1:4100';
const THREAD = new URL('./kernel/thread.ts', import.meta.url);

const made = new Set<string>();

const write = (file: string, text: string): void => {
  const folder = dirname(file);
  if (!made.has(folder)) mkdirSync(folder, { recursive: true });
  made.add(folder);
  writeFileSync(file, text);
};

interface World {
  readonly ask: KernelAsk;
  /** Rendered objects as JSON, one file each. */
  readonly rendered: readonly string[];
}

const writeWorld = (dir: string, count: number): World => {
  const shared = sharedFiles(CONTROL_PLANE);
  const template = compileVersion(shared, TEMPLATE.name, TEMPLATE.version);
  const rendered: string[] = [];
  const orgs = fleetOrgs({ orgs: count, seed: SEED }).map((org) => {
    const written = writtenFiles(org, EXPIRES);
    for (const { path, text } of written) write(join(dir, path), text);
    for (const { path, document } of renderFiles(template, written).objects) {
      const file = join(dir, 'rendered', path.replace(/\.yaml$/, '.json'));
      write(file, JSON.stringify(document));
      rendered.push(file);
    }
    return written.map(({ path }) => path);
  });
  return { ask: { dir, shared, orgs }, rendered };
};

const timed = async (work: () => unknown): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  say(`writing the inputs and the rendered objects of ${orgs} orgs`);
  const dir = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
  const { ask, rendered } = writeWorld(dir, orgs);
  const shares = availableParallelism();
  // Threads have heaps of their own: what this process made before is none of their work.
  const threads = openThreads<KernelAsk, KernelAnswer>(THREAD, shares);
  const shareOf = (index: number): KernelAsk => {
    const size = Math.ceil(ask.orgs.length / shares);
    return { ...ask, orgs: ask.orgs.slice(index * size, (index + 1) * size) };
  };
  let counters: Omit<KernelAnswer, 'facts'> | undefined;
  const renderAll = async (): Promise<void> => {
    const answers = await Promise.all(Array.from({ length: shares }, (_, index) => threads.run(index, shareOf(index))));
    const facts = answers.flatMap((answer) => answer.facts.flatMap(([org, packed]) => unpacked(org, packed) ?? []));
    const between = validateFleet(facts).length;
    const sum = (of: (answer: KernelAnswer) => number): number => answers.reduce((total, item) => total + of(item), 0);
    counters = {
      orgs: sum((item) => item.orgs),
      documentsParsed: sum((item) => item.documentsParsed),
      objects: sum((item) => item.objects),
      findings: between + sum((item) => item.findings),
    };
  };
  return {
    numerator: () => timed(renderAll),
    denominator: () =>
      timed(() => {
        for (const file of rendered) JSON.parse(readFileSync(file, 'utf8'));
      }),
    counters: () => ({ ...counters, threads: shares, filesRead: rendered.length }),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  };
};

export const render: Bench = {
  name: 'render',
  title:
    'parse, render, validate, emit and hash all orgs on all cores, over reading and JSON-parsing the rendered objects',
  unit: 'ms',
  orgs: 1_000,
  // V8 compiles the code of the threads during the first ones, which take up to twice as long.
  pairs: 15,
  prepare,
};
