import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../gateway/io/upstream.testkit.ts';
import { fileAttacks } from './files.testkit.ts';
import { askAt, type Program, startProgram } from './program.testkit.ts';
import { type Attack, transportAttacks } from './transport.testkit.ts';
import { only, openWorld, type World } from './world.testkit.ts';

// The program itself as a process of its own, with its own pace, against the hostile server: some attacks of each kind.

const ATTACKS: readonly string[] = [
  "another org's repository",
  'timestamp.json never ends',
  'bundle.tar with a flipped bit',
  'the first publication',
  'forged: with one key under two ids, to reach a threshold of two',
];

let world: World;
let program: Program | undefined;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  program?.child.kill('SIGKILL');
  await world.close();
});

/** Starts the program on the world's folder; gives its address. */
async function start(): Promise<string> {
  program = await startProgram(world.folder);
  return program.url ?? 'nowhere';
}

async function ask(url: string): Promise<string> {
  const answered = await askAt(url);
  return answered === null ? 'nobody' : `${answered.status} ${answered.bundle.slice(0, 12)}`;
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
  await until(
    () => isActive(current),
    () => 'the first configuration',
  );
  for (const { name, code, fresh, script } of attacksOf()) {
    const from = world.plane.acks.length;
    world.hostile.play(await script(world));
    const wanted = fresh ? await world.publish() : current;
    await until(
      () => told(code, from),
      () => `${name}: ${code}`,
    );
    expect(await ask(url), name).toBe(`200 ${current.slice(0, 12)}`);
    world.hostile.play(null);
    await until(
      () => isActive(wanted),
      () => `the end of ${name}`,
    );
    current = wanted;
  }
  program?.child.kill('SIGKILL');
  await program?.ended;
  world.hostile.play(only(world.history[0] ?? new Map()));
  const from = world.plane.acks.length;
  expect(await ask(await start())).toBe(`200 ${current.slice(0, 12)}`);
  await until(
    () => told('TRUST_ROLLBACK', from),
    () => 'the refusal',
  );
}, 60_000);
