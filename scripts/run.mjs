// What `npm start`, `npm test` and the other scripts of package.json run. Plain JavaScript for Node 20 and newer, without
// any package, because it is what installs the packages and finds the Node that the project runs on.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSupported } from './engines.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.tenantry-lock');
const UNAVAILABLE = 69;
const USAGE = 64;

/** Each verb as the commands that node runs in turn; `args` are the user's. */
const VERBS = {
  start: (args) => [BUILD, [...TYPESCRIPT, 'scripts/start.ts', ...args]],
  test: (args) => [BUILD, ['node_modules/vitest/vitest.mjs', 'run', ...args]],
  check: (args) => [[...TYPESCRIPT, 'scripts/check.ts', ...args]],
  soak: (args) => [BUILD, [...TYPESCRIPT, 'scripts/soak.ts', ...args]],
  bench: (args) => [BUILD, [...TYPESCRIPT, 'scripts/bench.ts', ...args]],
  generate: (args) => [[...TYPESCRIPT, 'scripts/generate.ts', ...args]],
  bless: (args) => [[...TYPESCRIPT, 'scripts/bless.ts', ...args]],
  format: (args) => [
    ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...(args.length > 0 ? args : ['.'])],
  ],
  build: () => [BUILD],
};
const BUILD = ['scripts/build.mjs'];
const TYPESCRIPT = ['--import', 'tsx'];

const say = (text) => process.stderr.write(`${text}\n`);

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');

/** Did someone run npm themselves? npm's own record of what it installed says the same as the lockfile. */
const installedByHand = () => {
  if (!existsSync(join(MODULES, '.package-lock.json'))) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages)
    .filter(([path]) => path !== '')
    .every(([path, { version, integrity, optional }]) => {
      const found = installed[path];
      return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
    });
};

/** Install what the lockfile says, unless that has been done. Returns 0 or the exit code to end with. */
const ensureInstalled = () => {
  const wanted = lockHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8').trim() === wanted) return 0;
  if (!installedByHand()) {
    say('Installing packages from package-lock.json (npm ci --ignore-scripts) …');
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // The npm that started this, on its own Node: the one in node_modules is about to be replaced.
    const { npm_execpath: npm, npm_node_execpath: node } = process.env;
    const [command, commandArgs] = npm?.endsWith('.js') ? [node ?? process.execPath, [npm, ...args]] : ['npm', args];
    const { status, error } = spawnSync(command, commandArgs, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    if (status !== 0) {
      say(
        `Expected npm to install the packages, found that it ${error ? `did not start (${error.message})` : `failed (exit code ${status})`}.`,
      );
      say(
        'The reason is above. Without network: connect and run this again, the first run needs the registry that npm uses.',
      );
      return UNAVAILABLE;
    }
  }
  writeFileSync(STAMP, `${wanted}\n`);
  return 0;
};

/** The Node to run on: the one that the lockfile installs, else this one, else none. */
const findNode = () => {
  const { engines } = readJson('package.json');
  const installed = join(MODULES, '.bin', 'node');
  const { status, stdout } = spawnSync(installed, ['--version'], { encoding: 'utf8' });
  if (status === 0 && isSupported(stdout.trim(), engines.node)) return installed;
  if (isSupported(process.version, engines.node)) return process.execPath;
  say(
    `Expected Node.js ${engines.node}, found ${process.version}, and no package of Node.js for ${process.platform}-${process.arch}.`,
  );
  say('Install such a Node.js, then run this again.');
  return undefined;
};

/** Run one command to its end and answer its exit code; it gets the signals that this process gets. */
const run = (node, args) =>
  new Promise((resolve) => {
    const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
    const child = spawn(node, args, { cwd: ROOT, env, stdio: 'inherit' });
    const forward = (signal) => {
      // Ctrl-C on a terminal reaches the child too; a second copy would look like impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const end = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.on('error', (error) => {
      say(`Expected ${node} to start, found: ${error.message}`);
      end(UNAVAILABLE);
    });
    child.on('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });

const main = async ([verb, ...args]) => {
  const commands = Object.hasOwn(VERBS, verb ?? '') ? VERBS[verb](args) : undefined;
  if (commands === undefined) {
    say(`Expected one of ${Object.keys(VERBS).join(', ')}, found ${verb ?? 'nothing'}.`);
    return USAGE;
  }
  const installed = ensureInstalled();
  if (installed !== 0) return installed;
  const node = findNode();
  if (node === undefined) return UNAVAILABLE;
  let built = 0;
  for (const command of commands) {
    const code = await run(node, command);
    // Most tests do not need the bundle, and they may say why it cannot be built.
    if (command === BUILD && verb === 'test') built = code;
    else if (code !== 0) return code;
  }
  if (built !== 0) say('The tests passed, but the build before them failed: see the first lines above.');
  return built;
};

process.exitCode = await main(process.argv.slice(2));
