import type { OrgSlug } from '../src/core/model/index.ts';
import { type Outcome, type RevocationReceipt, revocationReceipt, type TokenParts } from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER } from './fleet.testkit.ts';
import type { RolloutWorld } from './rollout.testkit.ts';

// Secrets of alder's token `app` in a rollout world, and what is proved of their end.

/** Changes credentials.yaml as a command does, commits and applies that. */
export async function changeSecrets<T>(
  world: RolloutWorld,
  how: (parts: TokenParts, org: OrgSlug, name: string) => Promise<Outcome<T>>,
): Promise<T> {
  const { repository, write } = await wireRepository(world.fleet.dir);
  const clock = { nowMs: () => world.nowMs };
  const parts = { tree: repository.workTree(), write, hash: nodeHash, random: nodeRandom, clock };
  const done = await how(parts, ALDER, 'app');
  if (!done.ok) throw new Error(done.message);
  await world.change(() => undefined);
  return done.value;
}

/** What is proved of the newest revocation. */
export async function proved(world: RolloutWorld): Promise<RevocationReceipt> {
  const { repository } = await wireRepository(world.fleet.dir);
  const { store, runtime, publisher } = world.open.state;
  const clock = { nowMs: () => world.nowMs };
  const parts = { repository, hash: nodeHash, clock, store, runtime, publisher };
  const made = await revocationReceipt(parts, { org: ALDER, token: 'app' });
  if (!made.ok) throw new Error(made.message);
  return made.value;
}
