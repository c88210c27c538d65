// Bundles the CLI and the gateway into dist/. Plain JavaScript for any Node that can run the project.
//
// dist/tenantry.mjs           a tiny entry: switches Node's compile cache on, then imports the build it names
// dist/builds/<hash>/         one complete build of the CLI; commands are chunks of their own, loaded when they are used
// dist/tenantry-gateway.mjs   the gateway in one file, to be copied to a customer's machine
// dist/build.json             the hash of what the build was made from; when it is equal, nothing is done
//
// A build directory appears by one rename and entries are replaced by rename, so that whoever starts the CLI meanwhile
// gets the old build or the new one, never a half.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardText } from './engines.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, 'build.json');
const INPUTS = ['src', 'gateway', 'package.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/engines.mjs'];
const CLI = { entry: 'src/cli/main.ts', output: 'dist/tenantry.mjs' };
/** The program of the threads of the CLI, beside its main program. */
const THREAD = 'src/cli/thread.ts';
const GATEWAY = { entry: 'gateway/main.ts', output: 'dist/tenantry-gateway.mjs' };
const KEPT_BUILDS = 3;

/** All files at or below `path`, relative to the root, in a fixed order; tests are no input. */
const listFiles = (path) => {
  const absolute = join(ROOT, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => listFiles(`${path}/${name}`))
    .filter((file) => !/\.(test|testkit)\.ts$/.test(file));
};

/** SHA-256 over path and content of every input. */
const hashInputs = () => {
  const hash = createHash('sha256');
  for (const file of INPUTS.flatMap(listFiles)) {
    const content = readFileSync(join(ROOT, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
};

const readStamp = () => {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8')).hash;
  } catch {
    return undefined;
  }
};

const replaceFile = (path, content, mode) => {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, path);
};

/** The head of a program: of Node's own modules nothing is taken before it is known to have them. */
const head = () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return `#!/usr/bin/env node\n${guardText(engines.node)}`;
};

// The cache belongs to this user alone: compiled code in a shared temporary folder could be planted by someone else.
const entryText = (hash) => `${head()}const { accessSync, constants, mkdirSync } = process.getBuiltinModule('node:fs');
const { enableCompileCache } = process.getBuiltinModule('node:module');
const { homedir } = process.getBuiltinModule('node:os');
const { join } = process.getBuiltinModule('node:path');

const writable = (base, folder) => {
  try {
    accessSync(base, constants.W_OK);
    const directory = join(base, folder);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  } catch {
    return undefined;
  }
};

const cache = writable(join(import.meta.dirname, '../node_modules'), '.cache/tenantry') ?? writable(homedir(), '.cache/tenantry');
if (cache !== undefined) enableCompileCache(cache);
await import('./builds/${hash}/main.mjs');
`;

/** An import as the bundler writes it: one binding for all, names in braces, or both. */
const IMPORT = /^import (?:\* as )?([\w$]*),? ?(\{[^}]*\})? from "([^"]+)";$/gm;

/**
 * Takes Node's own modules without an import: for each module that is imported, Node makes a facade that reads every export
 * once, and those of `node:fs` load streams and promises: 4 to 7 ms of the 95 that a check of an unchanged fleet took.
 */
const withoutFacades = {
  name: 'without-facades',
  renderChunk: (code) =>
    code.replace(IMPORT, (...match) => {
      const [statement, whole, names, name] = match;
      if (!isBuiltin(name)) return statement;
      const bindings = [whole, names?.replaceAll(' as ', ': ')].filter(Boolean);
      return bindings.map((binding) => `const ${binding} = globalThis.process.getBuiltinModule("${name}");`).join(' ');
    }),
};

const OPTIONS = {
  platform: 'node',
  cwd: ROOT,
  logLevel: 'warn',
  plugins: [withoutFacades],
  // A circular import in a package is not ours to correct.
  onLog: (level, log, handle) => (log.code === 'CIRCULAR_DEPENDENCY' ? undefined : handle(level, log)),
};
const OUTPUT = { format: 'esm', sourcemap: false, minify: false };

// What `check` runs to say that nothing moved is one chunk: each one more would be a millisecond.
const START =
  /rolldown[/\\]runtime|src[/\\](wire|cli[/\\](run|context|terminal|outside|commands[/\\]check(-recalled)?)|flows[/\\]remembered|core[/\\](model[/\\](ids|json|parse-json|exact-numbers|unseen|order|fails)|report[/\\](text|paint|findings[/\\](check-report|plain|human|json)))|io[/\\](git|cache)[/\\]\w+)(\.ts|\.js)?$/;

const bundleCli = async (rolldown, directory) => {
  const input = { main: CLI.entry, thread: THREAD };
  const bundle = await rolldown({ ...OPTIONS, input, preserveEntrySignatures: 'allow-extension' });
  const names = { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' };
  const groups = [{ name: 'start', test: START }];
  const codeSplitting = { groups, includeDependenciesRecursively: false };
  await bundle.write({ ...OUTPUT, ...names, codeSplitting, dir: directory });
  await bundle.close();
};

const bundleGateway = async (rolldown) => {
  const bundle = await rolldown({ ...OPTIONS, input: GATEWAY.entry });
  const { output } = await bundle.generate({ ...OUTPUT, codeSplitting: false });
  await bundle.close();
  const [chunk] = output;
  if (output.length !== 1) throw new Error(`Expected the gateway in one file, found ${output.length}.`);
  return `${head()}${chunk.code.replace(/^#!.*\n/, '')}`;
};

/** Publish the build of the CLI: the directory by one rename, then the entry that names it. */
const publishCli = async (rolldown, hash) => {
  const builds = join(DIST, 'builds');
  const target = join(builds, hash);
  mkdirSync(builds, { recursive: true });
  if (!existsSync(target)) {
    const temporary = join(builds, `.${hash}.${process.pid}.tmp`);
    await bundleCli(rolldown, temporary);
    try {
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      // Another process built the same inputs meanwhile; its result is as good.
      if (!existsSync(target)) throw error;
    }
  }
  replaceFile(join(ROOT, CLI.output), entryText(hash), 0o755);
};

/** Old builds stay for a while, because a running CLI may still load a chunk of its own. */
const removeOldBuilds = (hash) => {
  const builds = join(DIST, 'builds');
  if (!existsSync(builds)) return;
  const byAge = readdirSync(builds)
    .filter((name) => name !== hash && !name.endsWith('.tmp'))
    .map((name) => ({ name, time: statSync(join(builds, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { name } of byAge.slice(KEPT_BUILDS - 1)) rmSync(join(builds, name), { recursive: true, force: true });
};

const main = async () => {
  // The stamp gets the time at which reading began, so that an edit made during the build is seen as newer.
  const read = new Date();
  const hash = hashInputs();
  const missing = [CLI, GATEWAY].filter(({ entry }) => !existsSync(join(ROOT, entry)));
  const outputs = [CLI, GATEWAY].filter((target) => !missing.includes(target)).map(({ output }) => join(ROOT, output));
  const complete = outputs.every((output) => existsSync(output)) && existsSync(join(DIST, 'builds', hash));
  if (missing.length === 0 && complete && readStamp() === hash) {
    utimesSync(STAMP, read, read);
    return 0;
  }
  const { rolldown } = await import('rolldown');
  mkdirSync(DIST, { recursive: true });
  if (!missing.includes(CLI)) await publishCli(rolldown, hash);
  if (!missing.includes(GATEWAY)) replaceFile(join(ROOT, GATEWAY.output), await bundleGateway(rolldown), 0o755);
  removeOldBuilds(hash);
  for (const { entry, output } of missing) {
    process.stderr.write(`build: expected ${entry}, found no such file; ${output} was not built. Add the file.\n`);
  }
  if (missing.length > 0) return 1;
  replaceFile(STAMP, `${JSON.stringify({ hash })}\n`, 0o644);
  utimesSync(STAMP, read, read);
  return 0;
};

process.exitCode = await main();
