// `render`: everything that a full verification must do with the inputs of all orgs, without a cache, over the least that
// the alternative would do: read and JSON-parse the rendered objects, one file each.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fleetFactsOf, type OrgContext, validateFleet, validateOrg } from '../../src/core/validate/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import {
  compileVersion,
  type FleetFile,
  fleetOrgs,
  renderFiles,
  sharedFiles,
  TEMPLATE,
  writtenFiles,
} from '../fleet/index.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';

const SEED = 1;
const EXPIRES = '2027-06-30T00:00:00Z';
const NOW_MS = Date.UTC(2026, 11, 1);
const CONTROL_PLANE = '127.0.0.1:4100';

interface Inputs {
  readonly shared: readonly FleetFile[];
  /** The written files of each org. */
  readonly orgs: readonly (readonly FleetFile[])[];
}

interface Work {
  readonly orgs: number;
  readonly documentsParsed: number;
  readonly objects: number;
  readonly findings: number;
}

/** Parse, render, validate, emit and hash every org. */
const renderAll = (dir: string, inputs: Inputs): Work => {
  const template = compileVersion(inputs.shared, TEMPLATE.name, TEMPLATE.version);
  const work = { orgs: 0, documentsParsed: 0, objects: 0, findings: 0 };
  const facts: ReturnType<typeof fleetFactsOf>[number][] = [];
  const none = { slugs: new Set<string>(), uids: new Set<string>() };
  for (const written of inputs.orgs) {
    const read = written.map(({ path }) => ({ path, text: readFileSync(join(dir, path), 'utf8') }));
    const { org, uid, objects } = renderFiles(template, read);
    const context: OrgContext = { org, uid, objects, otherOrgs: none, nowMs: NOW_MS };
    work.findings += validateOrg(context).length;
    facts.push(...fleetFactsOf(context));
    for (const { text } of objects) nodeHash.gitBlobId(text);
    work.orgs += 1;
    work.documentsParsed += read.length;
    work.objects += objects.length;
  }
  work.findings += validateFleet(facts).length;
  return work;
};

const made = new Set<string>();

const write = (file: string, text: string): void => {
  const folder = dirname(file);
  if (!made.has(folder)) mkdirSync(folder, { recursive: true });
  made.add(folder);
  writeFileSync(file, text);
};

/** Write the rendered objects as JSON, one file each, and give their paths. */
const writeRendered = (dir: string, inputs: Inputs): readonly string[] => {
  const template = compileVersion(inputs.shared, TEMPLATE.name, TEMPLATE.version);
  return inputs.orgs.flatMap((written) =>
    renderFiles(template, written).objects.map(({ path, document }) => {
      const file = join(dir, 'rendered', path.replace(/\.yaml$/, '.json'));
      write(file, JSON.stringify(document));
      return file;
    }),
  );
};

const timed = (work: () => void): number => {
  const started = performance.now();
  work();
  return performance.now() - started;
};

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  say(`writing the inputs and the rendered objects of ${orgs} orgs`);
  const dir = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
  const identities = fleetOrgs({ orgs, seed: SEED });
  const inputs = { shared: sharedFiles(CONTROL_PLANE), orgs: identities.map((org) => writtenFiles(org, EXPIRES)) };
  for (const { path, text } of inputs.orgs.flat()) write(join(dir, path), text);
  const rendered = writeRendered(dir, inputs);
  let work: Work | undefined;
  return {
    numerator: async () =>
      timed(() => {
        work = renderAll(dir, inputs);
      }),
    denominator: async () =>
      timed(() => {
        for (const file of rendered) JSON.parse(readFileSync(file, 'utf8'));
      }),
    counters: () => ({ ...work, filesRead: rendered.length }),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  };
};

export const render: Bench = {
  name: 'render',
  title: 'parse, render, validate, emit and hash all orgs, over reading and JSON-parsing the rendered objects',
  unit: 'ms',
  orgs: 1_000,
  prepare,
};
