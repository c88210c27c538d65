// The peer `@portkey-ai/gateway`: installed on demand from its own lockfile into a cache folder, and started on loopback.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BenchSkipped } from '../bench.ts';
import type { Listening } from '../processes.ts';

const SOURCE = join(import.meta.dirname, 'portkey');
const FILES = ['package.json', 'package-lock.json'];
const SERVER = 'node_modules/@portkey-ai/gateway/build/start-server.js';
const STARTED_WITHIN_MS = 20_000;
const SHOWN = 300;

/** The folder of the installed peer; one for each lockfile. Throws BenchSkipped where it cannot be had. */
const installed = (): string => {
  const digest = createHash('sha256');
  for (const file of FILES) digest.update(readFileSync(join(SOURCE, file)));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'tenantry/peers', `portkey-${digest.digest('hex').slice(0, 12)}`);
  if (existsSync(join(folder, SERVER))) return folder;
  mkdirSync(folder, { recursive: true });
  for (const file of FILES) copyFileSync(join(SOURCE, file), join(folder, file));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const done = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (done.status === 0 && existsSync(join(folder, SERVER))) return folder;
  const why = (done.error?.message ?? done.stderr).trim().slice(0, SHOWN);
  throw new BenchSkipped(`@portkey-ai/gateway cannot be installed here: ${why}`);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Starts the peer; it says nothing that a program could read, so it is asked until it answers. */
export const startPortkey = async (): Promise<Listening> => {
  const folder = installed();
  const port = await freePort();
  const child = spawn(process.execPath, [join(folder, SERVER), '--headless', `--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const end = performance.now() + STARTED_WITHIN_MS;
  while ((await fetch(url).catch(() => undefined)) === undefined) {
    if (performance.now() > end || child.exitCode !== null) {
      await stop();
      throw new BenchSkipped(`@portkey-ai/gateway did not start within ${STARTED_WITHIN_MS} ms.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, pid: child.pid ?? 0, stop };
};

/** The header that tells it where to send, and what to refuse: texts in which the pattern is found. */
export const portkeyHeaders = (upstream: string, pattern: string): Readonly<Record<string, string>> => ({
  'x-portkey-config': JSON.stringify({
    provider: 'openai',
    api_key: 'none',
    custom_host: `${upstream}/v1`,
    input_guardrails: [{ 'default.regexMatch': { rule: pattern, not: true }, deny: true }],
  }),
});
