// Synthetic fleets below the system's temporary folder, made once for each (size, seed, source that makes them).

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateFleet } from './generate.ts';

/** A fleet that others may read too: change only copies of it. */
export interface CachedFleet {
  readonly dir: string;
  /** True when it was there already. */
  readonly found: boolean;
}

const ROOT = join(import.meta.dirname, '../..');
/** Everything that decides what a fleet's files say. */
const SOURCES = ['scripts/fleet', 'templates', 'src/core/kinds', 'src/core/render', 'src/core/parse', 'src/core/model'];

const sourceHash = (): string => {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const entries = readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'));
    for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
      hash.update(`${file.slice(ROOT.length)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
};

/** The first of a month more than half a year ahead: far enough to work, and the same for a month. */
const expiry = (now: Date): string => {
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 7, 1));
  return `${day.toISOString().slice(0, 'YYYY-MM-DD'.length)}T00:00:00Z`;
};

/** The fleet of this size and seed, generated now if it is not there yet. */
export const cachedFleet = async (orgs: number, seed: number): Promise<CachedFleet> => {
  const base = join(tmpdir(), 'tenantry-fleets');
  const expires = expiry(new Date());
  const name = `${sourceHash()}-${orgs}-${seed}-${expires.slice(0, 'YYYY-MM'.length)}`;
  const dir = join(base, name);
  if (existsSync(dir)) return { dir, found: true };
  mkdirSync(base, { recursive: true, mode: 0o700 });
  const temporary = join(base, `.${name}.${process.pid}.tmp`);
  rmSync(temporary, { recursive: true, force: true });
  await generateFleet({ orgs, seed, dir: temporary, git: true, expires });
  // It appears by one rename, so that nobody reads half a fleet.
  renameSync(temporary, dir);
  return { dir, found: false };
};
