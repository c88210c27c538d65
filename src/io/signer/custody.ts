import type { Custody, HeldSeed, Signer } from '../../ports/index.ts';
import { derivingSigner } from './derive.ts';
import { firstEpochsOf, type SeedBox } from './seeds.ts';

/** Keys derived from the seeds of a box; `renewSeeds` sees to new ones. */
export function custodyOver(box: SeedBox, renewSeeds: Custody['renewSeeds']): Custody {
  const signers = new Map<string, Signer>();
  const signerOf = (share: string): Signer => {
    const signer = signers.get(share) ?? derivingSigner(box, share);
    signers.set(share, signer);
    return signer;
  };
  return {
    signer: signerOf(''),
    rootSigners: async () => rootShares(await box.list()).map(signerOf),
    held: () => box.list(),
    firstEpochs: async () => firstEpochsOf(await box.list()),
    renewSeeds,
  };
}

/** Daily keys of one custody, root keys of both: root seeds come on media of their own for a ceremony. */
export function withRoots(daily: Custody, roots: Custody): Custody {
  return {
    ...daily,
    rootSigners: async () => [...(await daily.rootSigners()), ...(await roots.rootSigners())],
    held: async () => [...(await daily.held()), ...(await roots.held()).filter(({ holder }) => holder === 'root')],
    renewSeeds: (renewal) => (renewal.holder === 'root' ? roots : daily).renewSeeds(renewal),
  };
}

function rootShares(held: readonly HeldSeed[]): readonly string[] {
  return [...new Set(held.filter(({ holder }) => holder === 'root').map(({ share }) => share))].sort();
}
