// A process of its own that uses the store: run by tests that kill it, race it or take its permissions away.
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openSqliteStore, type SqliteStore } from './index.ts';
import { ACME, enrol, entryOf, headOf, objectOf, settlementOf, termsOf, testHash } from './worlds.testkit.ts';

const writerPath = fileURLToPath(import.meta.url);

type Task = 'open' | 'open-as-nobody' | 'commit' | 'spend' | 'count' | 'lease';

/** Starts this file as a process. `ended` is everything it printed. */
export function runWriter(task: Task, path: string, name = '') {
  const child = spawn(process.execPath, [writerPath, task, path, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  const ended = new Promise<string>((resolve) => {
    child.on('close', () => resolve(printed));
  });
  /** Kills it, without a chance to clean up, some milliseconds after its `lines`-th line. */
  const killAfter = (lines: number, delayMs: number): Promise<string> => {
    const kill = () => setTimeout(() => child.kill('SIGKILL'), delayMs);
    child.stdout.on('data', function see() {
      if (printed.split('\n').length <= lines) return;
      child.stdout.off('data', see);
      kill();
    });
    return ended;
  };
  return { ended, killAfter };
}

const print = (line: string | number) => writeSync(1, `${line}\n`);

/** Applies generation after generation, and prints each once its commit is acknowledged. */
async function commit({ orgs }: SqliteStore): Promise<void> {
  const [last] = await orgs.heads();
  for (let generation = (last?.generation ?? 0) + 1; ; generation += 1) {
    await orgs.transact(ACME, async (tx) => {
      await tx.putHead(headOf(ACME, generation));
      for (const name of ['a', 'b', 'c']) await tx.putObject(objectOf('Team', name, `${generation}`), generation);
      await tx.appendHistory(entryOf(generation));
    });
    print(generation);
  }
}

/** Leases, settles and closes slice after slice, and prints the sequence of each acknowledged request. */
async function spend({ runtime }: SqliteStore): Promise<void> {
  const known = await runtime.gateway(ACME, 'main');
  if (known === undefined) await enrol(runtime, ACME, 'main');
  for (let sequence = (known?.sequence ?? 0) + 1; ; sequence += 1) {
    const id = `s${sequence}`;
    await runtime.once(ACME, { gateway: 'main', sequence, bodyDigest: testHash.sha256(id) }, async (tx) => {
      await tx.lease(termsOf(id, { limitMicros: 1e12 }));
      await tx.settle('main', [settlementOf(`x${sequence}`, id)], [id], 60);
      return { sequence };
    });
    print(sequence);
  }
}

/** Raises the generation 40 times, each from what it reads inside its transaction. */
async function count({ orgs }: SqliteStore): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    await orgs.transact(ACME, async (tx) => {
      const before = (await tx.observe())?.generation ?? 0;
      await tx.putHead(headOf(ACME, before + 1));
      await tx.appendHistory(entryOf(before + 1));
    });
  }
}

async function lease({ orgs }: SqliteStore, holder: string): Promise<void> {
  print(JSON.stringify(await orgs.acquireLease('controller', holder, 1000, 500)));
}

/** File permissions do not bind root. */
function becomeNobody(): void {
  if (process.getuid?.() === 0) process.setuid?.(65534);
}

async function main(task: Task, path: string, name: string): Promise<void> {
  const options = { path, hash: testHash };
  if (task === 'open' || task === 'open-as-nobody') {
    if (task === 'open-as-nobody') becomeNobody();
    try {
      openSqliteStore(options).orgs.close();
      print('opened');
    } catch (error) {
      print(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    }
    return;
  }
  const store = openSqliteStore(options);
  if (task === 'commit') await commit(store);
  else if (task === 'spend') await spend(store);
  else if (task === 'count') await count(store);
  else await lease(store, name);
  store.orgs.close();
}

if (process.argv[1] === writerPath) {
  const [, , task, path = '', name = ''] = process.argv;
  await main(task as Task, path, name);
}
