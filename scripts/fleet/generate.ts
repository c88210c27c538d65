import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type OrgIdentity, orgIdentity } from './identity.ts';
import { TEMPLATE, writtenFiles } from './org.ts';
import { compileVersion, type FleetFile, renderFiles } from './render.ts';
import { writeRepository } from './repository.ts';
import { sharedFiles } from './shared.ts';

export interface FleetOptions {
  readonly orgs: number;
  /** Decides every name, limit and secret. */
  readonly seed: number;
  /** Absent or empty; the fleet's repository will be here. */
  readonly dir: string;
  /** True: a git repository with one commit on `main`. False: files alone. */
  readonly git: boolean;
  /** Where the fleet's control plane will listen; default 127.0.0.1:4100. */
  readonly controlPlane?: string;
  /** When tokens and their secrets stop working (RFC 3339); default the end of June 2027. */
  readonly expires?: string;
}

/** What was made. */
export interface GeneratedFleet {
  readonly dir: string;
  readonly orgs: readonly OrgIdentity[];
  readonly files: number;
}

const CONTROL_PLANE = '127.0.0.1:4100';
const EXPIRES = '2027-06-30T00:00:00Z';

/** The identities of a fleet's orgs, without making the fleet. */
export const fleetOrgs = (options: Pick<FleetOptions, 'orgs' | 'seed'>): readonly OrgIdentity[] =>
  Array.from({ length: options.orgs }, (_, index) => orgIdentity(options.seed, index + 1));

/** All files of a fleet, org by org: what is written by hand, then what the real renderer makes of it. */
export function* fleetFiles(options: Omit<FleetOptions, 'dir' | 'git'>): Generator<FleetFile> {
  const shared = sharedFiles(options.controlPlane ?? CONTROL_PLANE);
  const template = compileVersion(shared, TEMPLATE.name, TEMPLATE.version);
  yield* shared;
  for (const org of fleetOrgs(options)) {
    const written = writtenFiles(org, options.expires ?? EXPIRES);
    yield* written;
    for (const { path, origin, text } of renderFiles(template, written).objects) {
      if (origin === 'generated') yield { path, text };
    }
  }
}

const writeFiles = async (dir: string, files: Iterable<FleetFile>): Promise<void> => {
  const made = new Set<string>();
  for (const { path, text } of files) {
    const file = join(dir, path);
    const folder = dirname(file);
    if (!made.has(folder)) await mkdir(folder, { recursive: true });
    made.add(folder);
    await writeFile(file, text);
  }
};

/**
 * Write a valid fleet: distinct customers of about 20 objects each, with no finding that makes `check` fail.
 * The same options give the same bytes and, with `git`, the same commit.
 */
export const generateFleet = async (options: FleetOptions): Promise<GeneratedFleet> => {
  let files = 0;
  const counted = function* (): Generator<FleetFile> {
    for (const file of fleetFiles(options)) {
      files += 1;
      yield file;
    }
  };
  if (options.git) await writeRepository(options.dir, counted(), `A synthetic fleet of ${options.orgs} orgs\n`);
  else await writeFiles(options.dir, counted());
  return { dir: options.dir, orgs: fleetOrgs(options), files };
};
