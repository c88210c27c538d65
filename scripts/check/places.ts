import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Check } from './check.ts';

const MOST_BYTES = 5_000_000;

// Written in parts so that this file does not hold what it looks for.
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['registry', 'npmmirror', 'com'],
].map((parts) => parts.join('.'));

/** The host of the registry that npm uses here, as npm tells its scripts. */
const configuredRegistry = (environment: NodeJS.ProcessEnv): readonly string[] => {
  const configured = environment['npm_config_registry'];
  return configured !== undefined && URL.canParse(configured) ? [new URL(configured).hostname] : [];
};

/** What must stand in no tracked file: it holds on one machine only, and says where someone works. */
export const machineNames = (environment: NodeJS.ProcessEnv, directory: string): readonly string[] => {
  // A short path such as `/root` or `/app` is also an ordinary word of documentation.
  const paths = [directory, homedir()].filter((path) => path.split('/').length > 2);
  return [...new Set([...REGISTRIES, ...configuredRegistry(environment), ...paths])];
};

/** Lines of `text` that hold one of `names`, or a lockfile's download address. */
export const findPlaces = (path: string, text: string, names: readonly string[]): readonly string[] =>
  text.split('\n').flatMap((line, index) => {
    const name = names.find((candidate) => line.includes(candidate));
    const address =
      path.endsWith('package-lock.json') && /"resolved": "https?:/.test(line) ? 'a download address' : undefined;
    const found = name ?? address;
    return found === undefined ? [] : [`${path}:${index + 1} holds ${found}`];
  });

const trackedFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
    .split('\0')
    .filter((path) => path !== '' && statSync(path, { throwIfNoEntry: false })?.isFile() === true);

/** No tracked file names a package registry or a path of this machine. */
export const places: Check = {
  name: 'no registry or machine path',
  run: async () => {
    const names = machineNames(process.env, process.cwd());
    const small = trackedFiles().filter((path) => statSync(path).size <= MOST_BYTES);
    const found = small.flatMap((path) => findPlaces(path, readFileSync(path, 'utf8'), names));
    return { ok: found.length === 0, output: found.join('\n') };
  },
};
