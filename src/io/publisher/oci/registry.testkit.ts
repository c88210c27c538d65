import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// Debian's docker-registry (CNCF distribution), on loopback, with its files in a temporary folder.

/** Why tests that need it are skipped, or null where it is installed. */
export const WITHOUT_REGISTRY =
  spawnSync('docker-registry', ['--version']).status === 0
    ? null
    : 'docker-registry is not installed (Debian: apt-get install docker-registry)';

/** The password below under bcrypt, which is the only hash that the registry takes. */
const HTPASSWD = 'publisher:$2y$05$abcdefghijklmnopqrstuuNppuGQff5vxpAU//F28jPI3.0/Wtpna';
export const REGISTRY_LOGIN = { username: 'publisher', password: 'of a test alone' };

export interface RegistryProcess {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function startRegistry(how: {
  readonly deletes: boolean;
  readonly auth: object;
}): Promise<RegistryProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-'));
  const config = {
    version: '0.1',
    log: { level: 'info', formatter: 'json' },
    storage: {
      filesystem: { rootdirectory: join(dir, 'data') },
      delete: { enabled: how.deletes },
      cache: { blobdescriptor: 'inmemory' },
    },
    http: { addr: '127.0.0.1:0' },
    auth: how.auth,
  };
  await writeFile(join(dir, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(dir, { recursive: true });
  };
  try {
    return { endpoint: `http://${await addressOf(child)}`, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** Writes the file that the registry's own password check reads. */
export async function passwordFile(dir: string): Promise<string> {
  const path = join(dir, 'htpasswd');
  await writeFile(path, `${HTPASSWD}\n`);
  return path;
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error('expected the log of docker-registry');
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    said.push(line);
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address === undefined) continue;
    stderr.resume();
    return address;
  }
  throw new Error(`expected docker-registry to listen, found ${said.join('\n')}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
