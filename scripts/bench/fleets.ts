// Fleets that benches may change: copies of the cached ones, with a way to change one org as an operator does.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFleet, git } from '../fleet/index.ts';
import type { Counters } from './bench.ts';
import { CLI, type Command, type Finished, runNode } from './processes.ts';

const SEED = 1;
/** The org that benches change. */
export const CHANGED_ORG = 'org-00002';

export interface BenchFleet {
  readonly dir: string;
  readonly orgs: number;
  /** Run a command of the CLI here, as a whole process; exit codes other than `codes` (default 0) throw. */
  readonly tenantry: (args: readonly string[], codes?: readonly number[]) => Finished;
  /** Change one wallet of one org, render and commit. Every call makes another value. */
  readonly changeOneOrg: () => void;
  readonly remove: () => void;
}

/** CI would switch the local cache off; the user's keys and seeds must not be used. */
const ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  CI: undefined,
  TENANTRY_KEYS_DIR: undefined,
  TENANTRY_PUBLISH_SEED: undefined,
};

const copyOf = (source: string): string => {
  const dir = join(mkdtempSync(join(tmpdir(), 'tenantry-bench-')), 'fleet');
  const copied = spawnSync('cp', ['-a', '--reflink=auto', source, dir], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(`Expected cp to copy ${source}, found: ${copied.stderr}`);
  // The copy has other inodes and times: without this, the first command would hash every file.
  git(dir, 'update-index', '-q', '--refresh');
  return dir;
};

/** A fleet of `orgs` orgs at one commit, that the caller may change and must remove. */
export const openFleet = async (orgs: number, say: (text: string) => void): Promise<BenchFleet> => {
  say(`preparing a fleet of ${orgs} orgs`);
  const dir = copyOf((await cachedFleet(orgs, SEED)).dir);
  const tenantry: BenchFleet['tenantry'] = (args, codes = [0]) => {
    const command: Command = { args: [CLI, ...args], cwd: dir, env: ENVIRONMENT, codes };
    return runNode(command);
  };
  let changes = 0;
  const changeOneOrg = (): void => {
    changes += 1;
    const file = join(dir, 'orgs', CHANGED_ORG, 'org.yaml');
    const text = readFileSync(file, 'utf8');
    const changed = text.replace(/orgLimit: ["']?[0-9.]+["']?/, `orgLimit: "${12_000 + changes}.00"`);
    if (changed === text) throw new Error(`Expected orgLimit in ${file}, found none.`);
    writeFileSync(file, changed);
    tenantry(['render', '--write', '--org', CHANGED_ORG, '--quiet']);
    git(dir, 'add', '-A', 'orgs');
    git(dir, 'commit', '-q', '-m', `Change ${changes} of one org`);
  };
  return { dir, orgs, tenantry, changeOneOrg, remove: () => rmSync(join(dir, '..'), { recursive: true, force: true }) };
};

export const removeAll = (fleets: readonly BenchFleet[]): void => {
  for (const fleet of fleets) fleet.remove();
};

/** Fleets of several sizes; those that were prepared are removed when a later one fails. */
export const openFleets = async (
  sizes: readonly number[],
  say: (text: string) => void,
): Promise<readonly BenchFleet[]> => {
  const fleets: BenchFleet[] = [];
  try {
    for (const size of sizes) fleets.push(await openFleet(size, say));
    return fleets;
  } catch (error) {
    removeAll(fleets);
    throw error;
  }
};

/** The `counters` of a JSON report. */
export const countersOf = (report: Finished): Counters => {
  const { counters } = JSON.parse(report.stdout);
  return counters;
};
