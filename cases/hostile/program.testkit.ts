import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TOKEN } from '../../gateway/io/plane.testkit.ts';

// The gateway as a process of its own, and one request to a gateway, wherever it runs.

const MAIN = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  /** The address, or null when it ended before it listened. */
  readonly url: string | null;
}

/** Starts the program on a state folder, with more flags of node and variables where they are given. */
export async function startProgram(
  folder: string,
  more: { readonly nodeFlags?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Program> {
  const flags = ['run', '--state', folder, '--listen', '127.0.0.1:0', '--poll-seconds', '1'];
  const env = { ...process.env, ...more.env, ACME_OPENAI_KEY: 'sk-one', ACME_OPENAI_EU_KEY: 'sk-two' };
  const child = spawn(process.execPath, ['--no-warnings', ...(more.nodeFlags ?? []), MAIN, ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => null)]);
  const line = first === null ? null : String(first[0]);
  return { child, ended, url: line === null ? null : (JSON.parse(line) as { readonly listening: string }).listening };
}

export interface Answered {
  readonly status: number;
  readonly id: string;
  /** The first digits of the digest of the content that answered. */
  readonly bundle: string;
}

/** One chat request, and who answered it; null when nobody does. */
export async function askAt(url: string): Promise<Answered | null> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
  }).catch(() => null);
  const text = await response?.text().catch(() => null);
  if (response === null || text === null || text === undefined) return null;
  const { headers, status } = response;
  return { status, id: headers.get('x-request-id') ?? '', bundle: headers.get('x-tenantry-bundle') ?? '' };
}
