import { createHash } from 'node:crypto';
import type { Custody, HeldSeed } from '../../ports/index.ts';
import { custodyOver } from './custody.ts';
import { signerError } from './refusal.ts';
import { newSeed, refuseStanding, sealedFileCustody, seedText, writeAll } from './sealed-file.ts';
import type { Secret } from './secret.ts';
import { type SeedId, seedName, sharesOf } from './seeds.ts';

/** A root seed as it is shown, once: 64 hex digits, and eight by which a copy made by hand is checked. */
export interface PrintedSeed {
  readonly name: string;
  readonly text: string;
  readonly check: string;
}

export interface PrintedSeeds {
  readonly held: readonly HeldSeed[];
  readonly printed: readonly PrintedSeed[];
  /** Signs with all of them as long as this process lives; the printed ones are on no disk. */
  readonly custody: Custody;
}

/** Creates the daily seeds in `dir` and root seeds in memory alone. SIGNER_SEEDS_EXIST when any seed stands there. */
export async function printRootSeeds(dir: string, rootSeeds: number): Promise<PrintedSeeds> {
  await refuseStanding([dir]);
  const roots = new Map<string, Secret>();
  const held: HeldSeed[] = [];
  for (const share of sharesOf(rootSeeds)) {
    const id: SeedId = { holder: 'root', share, fromEpoch: 1 };
    held.push({ ...id, where: 'printed' });
    roots.set(seedName(id), newSeed());
  }
  const daily = (['publish', 'online'] as const).map((holder) => ({ id: { holder, share: '', fromEpoch: 1 }, dir }));
  held.push(...(await writeAll(daily)));
  const sealed = sealedFileCustody({ dir, rootDirs: [] });
  const inMemory = custodyOver(
    {
      place: 'this process',
      list: async () => held.filter(({ holder }) => holder === 'root'),
      read: async (seed) => rootOf(roots, seed),
    },
    sealed.renewSeeds,
  );
  const printed = [...roots].map(([name, seed]) => ({ name, text: seedText(seed), check: checkOf(seed) }));
  return { held, printed, custody: { ...sealed, rootSigners: inMemory.rootSigners } };
}

function rootOf(roots: ReadonlyMap<string, Secret>, seed: HeldSeed): Secret {
  const secret = roots.get(seedName(seed));
  if (secret !== undefined) return secret;
  throw signerError('SIGNER_SEED_MISSING', `expected the printed seed ${seedName(seed)}, found none`);
}

/** Eight hex digits of a hash of its own kind: they tell a typing error, and nothing of the seed. */
function checkOf(seed: Secret): string {
  return seed.reveal((bytes) =>
    createHash('sha256').update('tenantry/seed-check/v1\0').update(bytes).digest('hex').slice(0, 8),
  );
}
