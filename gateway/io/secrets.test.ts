import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from './log.ts';
import { createSecrets, type SecretAnswer, type SecretOptions, type Secrets } from './secrets.ts';
import { until } from './upstream.testkit.ts';

let folder = '';
let nowMs = 0;
let logged: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-secrets-'));
  nowMs = 0;
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const secretsOf = (options: SecretOptions, environment: Record<string, string> = {}): Secrets =>
  createSecrets({
    ...options,
    environment: (name) => environment[name],
    nowMs: () => nowMs,
    log: createLog('plain', { write: (text) => logged.push(text), nowMs: () => 0 }),
  });
const stored = (secrets: Secrets, name = 'acme.key'): Promise<SecretAnswer> | SecretAnswer =>
  secrets.read({ kind: 'store', name });
const write = (text: string, name = 'acme.key'): void => writeFileSync(join(folder, name), text);
/** What the log has of a key that is not there; the answer itself says nothing more. */
const missing = async (answer: Promise<SecretAnswer> | SecretAnswer): Promise<string> => {
  expect(await answer).toEqual({ missing: true });
  return logged.at(-1) ?? '';
};
const MISSING: SecretAnswer = { missing: true };

describe('a key', () => {
  test('of the environment is there at once, or named where it is missing', async () => {
    const secrets = secretsOf({}, { KEY: 'sk-1', EMPTY: '', LINES: 'sk-1\r\nx: y' });
    expect(secrets.read({ kind: 'env', name: 'KEY' })).toEqual({ value: 'sk-1' });
    for (const name of ['NONE', 'EMPTY', 'LINES']) {
      const words = await missing(secrets.read({ kind: 'env', name }));
      expect(words).toContain(name);
      expect(words).not.toContain('sk-1');
    }
  });

  test('that is not there is told once, and again when it has been there', () => {
    const environment: Record<string, string> = {};
    const secrets = secretsOf({}, environment);
    const reference = { kind: 'env', name: 'KEY' } as const;
    for (const value of ['', '', 'sk-1', '', '']) {
      environment['KEY'] = value;
      expect(secrets.read(reference)).toEqual(value === '' ? MISSING : { value });
    }
    expect(logged).toHaveLength(2);
  });

  test('of a store is the file of its name, read once', async () => {
    write('sk-2\n');
    const secrets = secretsOf({ folder });
    expect(await Promise.all([stored(secrets), stored(secrets)])).toEqual([{ value: 'sk-2' }, { value: 'sk-2' }]);
    expect(stored(secrets)).toEqual({ value: 'sk-2' });
  });

  test('of a store that nobody reads says which flags would', async () => {
    expect(await missing(stored(secretsOf({})))).toContain('--secrets-dir');
  });

  test('is seen when it is rotated, and stays while it cannot be read', async () => {
    write('old');
    const secrets = secretsOf({ folder });
    await stored(secrets);
    write('new');
    nowMs = 59_999;
    expect(await stored(secrets)).toEqual({ value: 'old' });
    const settled = async (): Promise<SecretAnswer> => {
      // It is read beside the requests; a few turns later it has been.
      for (let turn = 0; turn < 50; turn += 1) {
        await stored(secrets);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return stored(secrets);
    };
    nowMs = 60_000;
    // The request that finds it old does not wait.
    expect(stored(secrets)).toEqual({ value: 'old' });
    expect(await settled()).toEqual({ value: 'new' });
    rmSync(join(folder, 'acme.key'));
    nowMs = 200_000;
    expect(await settled()).toEqual({ value: 'new' });
    expect(logged.join('')).toMatch(/could not be read again.*acme\.key/);
    expect(logged.join('')).not.toMatch(/"new"|"old"/);
  });

  test('that a provider refused is read again soon', async () => {
    write('old');
    const secrets = secretsOf({ folder });
    await stored(secrets);
    write('new');
    secrets.refused({ kind: 'store', name: 'acme.key' });
    nowMs = 1000;
    await stored(secrets);
    for (let turn = 0; turn < 200; turn += 1) {
      const found = await stored(secrets);
      if ('value' in found && found.value === 'new') return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('the new key was not read');
  });

  test('is no path, no page and no file that is not there', async () => {
    const secrets = secretsOf({ folder });
    write('a\nb', 'lines');
    write('x'.repeat(20_000), 'long');
    write('', 'empty');
    for (const name of ['.', '..', 'lines', 'long', 'empty', 'none'])
      expect(await missing(stored(secrets, name))).toContain(name);
    expect(await missing(stored(secrets, 'none'))).toContain('ENOENT');
  });

  test('may come from a program that gets the name and nothing else, and whose words go nowhere', async () => {
    const program = join(folder, 'vault');
    write(
      `#!/bin/sh\n[ "$1" = broken ] && { echo sk-leak; echo sk-leak >&2; exit 3; }\n[ $# = 1 ] && printf 'sk-%s' "$1"\n`,
      'vault',
    );
    chmodSync(program, 0o700);
    const secrets = secretsOf({ command: program });
    expect(await stored(secrets, 'acme.key; echo')).toEqual({ value: 'sk-acme.key; echo' });
    const words = await missing(stored(secrets, 'broken'));
    expect(words).toContain('broken');
    expect(words + logged.join('')).not.toContain('sk-leak');
    expect(await missing(stored(secretsOf({ command: join(folder, 'nothing') })))).toContain('ENOENT');
  });

  describe('of a program that never ends', () => {
    /** Prints the key, and hangs where there is the file `hang`, deaf to SIGTERM, with a child that keeps the pipe open. */
    const hanging = (): string => {
      const program = join(folder, 'vault');
      const script = [
        '#!/bin/sh',
        `if [ -e '${folder}/hang' ]; then`,
        "  trap '' TERM",
        '  sleep 600 &',
        `  echo $! > '${folder}/child'`,
        '  echo sk-leak',
        `  [ -s '${folder}/hang' ] && exit 0`,
        '  while :; do sleep 1; done',
        'fi',
        `cat '${folder}/key'`,
      ];
      write(script.join('\n'), 'vault');
      chmodSync(program, 0o700);
      return program;
    };
    const isGone = (): boolean => {
      try {
        const pid = readFileSync(join(folder, 'child'), 'utf8').trim();
        // Nobody may have asked yet how it ended.
        return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return true;
      }
    };

    /** A busy machine may need more than one try. */
    const untilRead = (secrets: Secrets, value: string): Promise<void> =>
      until(async () => {
        nowMs += 5000;
        const found = await stored(secrets);
        return 'value' in found && found.value === value;
      }, value);

    test.each([
      ['and neither does what it started', ''],
      ['but whose child keeps the pipe open', 'child only'],
    ])('%s nothing is awaited beyond its time, and the next one is asked', async (_name, hang) => {
      write('sk-new', 'key');
      write(hang, 'hang');
      const secrets = secretsOf({ command: hanging(), commandMs: 500 });
      expect(await Promise.all([stored(secrets), stored(secrets)])).toEqual([MISSING, MISSING]);
      await until(isGone, 'the end of the child');
      rmSync(join(folder, 'hang'));
      await untilRead(secrets, 'sk-new');
      expect(logged).toHaveLength(1);
      expect(logged[0]).toMatch(/a key is not there .*acme\.key.*too long/);
      expect(logged[0]).not.toContain('sk-');
    });

    test('the former key stays, and rotation goes on when the program does', async () => {
      write('sk-old', 'key');
      const secrets = secretsOf({ command: hanging(), commandMs: 500 });
      await untilRead(secrets, 'sk-old');
      logged = [];
      write('', 'hang');
      nowMs += 60_000;
      expect(stored(secrets)).toEqual({ value: 'sk-old' });
      await until(() => logged.length === 1, 'the end of the program');
      expect(logged[0]).toMatch(/the former one stays .*acme\.key.*too long/);
      rmSync(join(folder, 'hang'));
      write('sk-new', 'key');
      await untilRead(secrets, 'sk-new');
    });

    test('nor is more read of it than a key can have', async () => {
      write('x'.repeat(20_000), 'key');
      expect(await missing(stored(secretsOf({ command: hanging() })))).toContain('too much');
    });
  });
});
