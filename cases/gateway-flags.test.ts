import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startUpstream, type TestUpstream } from '../gateway/io/upstream.testkit.ts';

// Flags of `tenantry-gateway run` that say where keys are and what it may reach, through the program itself.

const MAIN = fileURLToPath(new URL('../gateway/main.ts', import.meta.url));

let folder = '';
let upstream: TestUpstream;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-flags-'));
  upstream = await startUpstream();
});
const children: ChildProcess[] = [];
afterEach(async () => {
  // A test that fails half-way ends nothing itself.
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await upstream.close();
  rmSync(folder, { recursive: true });
});

function gateway(flags: readonly string[], stdio: SpawnOptions['stdio'], env = process.env): ChildProcess {
  const child = spawn(process.execPath, ['--no-warnings', MAIN, ...flags], { env, stdio });
  children.push(child);
  return child;
}

const start = (...flags: readonly string[]): ChildProcess => gateway(['run', ...flags], ['ignore', 'pipe', 'pipe']);

test('a flag that says nothing sensible is a usage error', async () => {
  const wrong = [
    ['--secrets-dir', folder, '--secrets-command', '/bin/true'],
    ['--secrets-dir', join(folder, 'nowhere')],
    ['--secrets-dir', MAIN],
    ['--allow-private', 'http://models.example'],
    ['--allow-private', '10.0.0.0/8'],
    ['--wrong-credentials', 'some'],
  ];
  const codes = await Promise.all(wrong.map((flags) => once(start('--policy-config', 'x.yaml', ...flags), 'exit')));
  expect(codes.map(([code]) => code)).toEqual(wrong.map(() => 64));
});

/** What the program says, and how it ends. */
async function said(
  ...flags: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = gateway(flags, ['ignore', 'pipe', 'pipe']);
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (bytes) => (texts.out += bytes));
  child.stderr?.on('data', (bytes) => (texts.err += bytes));
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

test('wrong use is told with its code, what was found and where help is', async () => {
  const [neither, both, verb] = await Promise.all([
    said('run'),
    said('run', '--state', folder, '--policy-config', 'x.yaml'),
    said('walk'),
  ]);
  expect([neither.code, both.code, verb.code]).toEqual([64, 64, 64]);
  expect(neither.err).toMatch(/^USAGE: expected exactly one of --state and --policy-config, found neither\n/);
  expect(neither.err).toContain('See `tenantry-gateway run --help`.');
  expect(both.err).toMatch(/^USAGE: .*, found both\n/);
  expect(verb.err).toMatch(/^USAGE: unknown command 'walk'\n/);
});

test('help shows defaults as they are typed, and --version says what runs', async () => {
  const [help, version] = await Promise.all([said('run', '--help'), said('--version')]);
  expect(help.out).toContain('127.0.0.1:41002)');
  expect(help.out).not.toMatch(/\{"host"|default: \[\]/);
  expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+ \(Node\.js v/) });
});

test.runIf(existsSync('/dev/full')).each([[['--help']], [['--version']], [['run', '--help']]])(
  'help and version that cannot be written are no success: %j',
  async (flags) => {
    const full = openSync('/dev/full', 'w');
    const child = gateway(flags, ['ignore', full, 'pipe']);
    closeSync(full);
    let told = '';
    child.stderr?.on('data', (bytes) => (told += bytes));
    const [code] = await once(child, 'close');
    expect([code, told]).toEqual([69, 'ENOSPC: no space left on device, write\n']);
  },
);

/** A gateway that says something on stderr at its start and for each request. */
async function listening(child: ChildProcess): Promise<string> {
  const [line] = await once(child.stdout ?? child, 'data');
  return (JSON.parse(String(line)) as { readonly listening: string }).listening;
}

const blocking = {
  pack: { name: 'flags', version: '1.0.0', enabled: true },
  policies: { chain: ['dlp-filter'] },
  policy: { 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } },
  providers: { targets: [{ id: 'main', provider: 'openai', model: 'm', secret_key_ref: { env: 'NOT_SET' } }] },
};

/** Statuses of requests that are each told of on stderr, and how the gateway ends. */
async function blockedBy(child: ChildProcess, url: string): Promise<unknown> {
  const ended = once(child, 'exit');
  const statuses: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'Larkspur' }] });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
    await answer.text();
    statuses.push(answer.status);
  }
  child.kill('SIGTERM');
  return [statuses, await ended];
}

test('a gateway ends with its standard input where that is asked for: a pipe that is closed, nothing at all', async () => {
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(blocking));
  const flags = ['run', '--policy-config', join(folder, 'policy.yaml'), '--port', '0', '--until-stdin-ends'];
  const started = (stdin: 'pipe' | 'ignore') => gateway(flags, [stdin, 'pipe', 'ignore']);
  const [piped, alone] = [started('pipe'), started('ignore')];
  const aloneEnds = once(alone, 'exit');
  const url = await listening(piped);
  expect(await aloneEnds).toEqual([0, null]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  piped.stdin?.end();
  expect(await once(piped, 'exit')).toEqual([0, null]);
});

test('a second signal ends a gateway at once, and as that signal: its code would speak of a bug', async () => {
  const target = {
    id: 'main',
    provider: 'openai',
    model: 'm',
    base_url: upstream.url,
    secret_key_ref: { env: 'FLAG_KEY' },
  };
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify({ ...blocking, providers: { targets: [target] } }));
  const asked = new Promise<void>((resolve) => {
    upstream.script = () => resolve();
  });
  const flags = ['run', '--policy-config', join(folder, 'policy.yaml'), '--port', '0', '--drain-seconds', '600'];
  const env = { ...process.env, FLAG_KEY: 'sk-of-the-test' };
  const child = gateway(flags, ['ignore', 'pipe', 'pipe'], env);
  let told = '';
  child.stderr?.on('data', (bytes) => (told += bytes));
  const url = await listening(child);
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] });
  const cut = fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  }).catch(() => 'cut');
  await asked;
  child.kill('SIGTERM');
  await expect.poll(() => told).toContain('stopping');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  expect(await cut).toBe('cut');
});

test('a gateway goes on when nobody reads what it says any more', async () => {
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(blocking));
  const child = start('--policy-config', join(folder, 'policy.yaml'), '--port', '0');
  const url = await listening(child);
  child.stderr?.destroy();
  child.stdout?.destroy();
  expect(await blockedBy(child, url)).toEqual([
    [409, 409, 409],
    [0, null],
  ]);
});

test.runIf(existsSync('/dev/full'))('a gateway goes on when the disk that its log goes to is full', async () => {
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(blocking));
  const full = openSync('/dev/full', 'w');
  const flags = ['run', '--policy-config', join(folder, 'policy.yaml'), '--port', '0'];
  const child = gateway(flags, ['ignore', 'pipe', full]);
  closeSync(full);
  expect(await blockedBy(child, await listening(child))).toEqual([
    [409, 409, 409],
    [0, null],
  ]);
});

test('a stored key reaches its provider by --secrets-dir, beside hosts that may be private', async () => {
  writeFileSync(join(folder, 'acme.key'), 'sk-stored\n');
  const targets = [
    { id: 'main', provider: 'openai', model: 'm', base_url: upstream.url, secret_key_ref: { store: 'acme.key' } },
  ];
  const document = {
    pack: { name: 'flags', version: '1.0.0', enabled: true },
    policies: { chain: ['audit-logger'] },
    policy: { 'audit-logger': {} },
    providers: { targets },
  };
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(document));
  const flags = ['--secrets-dir', folder, '--allow-private', 'models.example', '10.1.2.3', 'fd00::1'];
  const child = start('--policy-config', join(folder, 'policy.yaml'), '--port', '0', ...flags);
  const ended = once(child, 'exit');
  const response = await fetch(`${await listening(child)}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] }),
  });
  expect(response.status).toBe(200);
  expect(upstream.received[0]?.headers.authorization).toBe('Bearer sk-stored');
  // Only Linux has this switch: nothing of a process with keys goes into a core dump.
  const filter = `/proc/${child.pid}/coredump_filter`;
  if (existsSync(filter)) expect(Number.parseInt(readFileSync(filter, 'utf8'), 16)).toBe(0);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
