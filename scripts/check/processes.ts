import { spawn } from 'node:child_process';
import type { CheckResult } from './check.ts';

/** Run a tool of node_modules on this Node; ok when it ends with 0, and all it said otherwise. */
export const runTool = (script: string, ...args: readonly string[]): Promise<CheckResult> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
    const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(parts).toString('utf8').trim() }));
  });
