import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TOKEN } from '../../gateway/io/plane.testkit.ts';
import { fileAttacks } from './files.testkit.ts';
import { type Attack, transportAttacks } from './transport.testkit.ts';
import { eventually, only, openWorld, type World } from './world.testkit.ts';

// The program itself as a process of its own, with its own pace, against the hostile server: some attacks of each kind.

const MAIN = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const ATTACKS: readonly string[] = [
  "another org's repository",
  'timestamp.json never ends',
  'bundle.tar with a flipped bit',
  'the first publication',
  'forged: with one key under two ids, to reach a threshold of two',
];

let world: World;
let child: ChildProcess | undefined;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await world.close();
});

/** Starts the program on the world's folder; gives its address. */
async function start(): Promise<string> {
  const flags = ['run', '--state', world.folder, '--listen', '127.0.0.1:0', '--poll-seconds', '1'];
  const env = { ...process.env, ACME_OPENAI_KEY: 'sk-one', ACME_OPENAI_EU_KEY: 'sk-two' };
  const started = spawn(process.execPath, ['--no-warnings', MAIN, ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child = started;
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  return (JSON.parse(line.toString('utf8')) as { readonly listening: string }).listening;
}

async function ask(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return `${response.status} ${response.headers.get('x-tenantry-bundle')?.slice(0, 12)}`;
}

const attacksOf = (): readonly Attack[] =>
  [...transportAttacks, ...fileAttacks].filter(({ name }) => ATTACKS.includes(name));
const told = (code: string | null, from: number): boolean =>
  world.plane.acks.slice(from).some((ack) => ack.code === code);

it('refuses each by its code, answers meanwhile, and starts from the last known good under a server that only lies', async () => {
  expect(attacksOf()).toHaveLength(ATTACKS.length);
  const url = await start();
  const isActive = (digest: string): boolean =>
    world.plane.acks.at(-1)?.state === 'active' && world.plane.acks.at(-1)?.contentDigest === digest;
  let current = [...world.honestDigests].at(-1) ?? '';
  await eventually(
    () => isActive(current),
    () => 'the first configuration',
  );
  for (const { name, code, fresh, script } of attacksOf()) {
    const from = world.plane.acks.length;
    world.hostile.play(await script(world));
    const wanted = fresh ? await world.publish() : current;
    await eventually(
      () => told(code, from),
      () => `${name}: ${code}`,
    );
    expect(await ask(url), name).toBe(`200 ${current.slice(0, 12)}`);
    world.hostile.play(null);
    await eventually(
      () => isActive(wanted),
      () => `the end of ${name}`,
    );
    current = wanted;
  }
  const gone = once(child as ChildProcess, 'exit');
  child?.kill('SIGKILL');
  await gone;
  world.hostile.play(only(world.history[0] ?? new Map()));
  const from = world.plane.acks.length;
  expect(await ask(await start())).toBe(`200 ${current.slice(0, 12)}`);
  await eventually(
    () => told('TRUST_ROLLBACK', from),
    () => 'the refusal',
  );
}, 60_000);
