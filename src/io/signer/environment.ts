import type { Custody, HeldSeed } from '../../ports/index.ts';
import { custodyOver, withRoots } from './custody.ts';
import { signerError } from './refusal.ts';
import { type SeedBox, type SeedId, seedFrom, seedName, seedOf } from './seeds.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = /^TENANTRY_(ROOT|PUBLISH|ONLINE)_SEED((?:_[A-H])?(?:_[0-9]+)?)$/;

/**
 * Seeds in environment variables, 64 hex digits each: TENANTRY_ONLINE_SEED; TENANTRY_ONLINE_SEED_7 for epochs from 7 on;
 * TENANTRY_ROOT_SEED_B for the second of several root seeds. An empty variable is none. Root seeds may lie in `roots` too.
 */
export function environmentCustody(environment: Environment, roots: Custody | null = null): Custody {
  const box = environmentBox(environment);
  const daily = custodyOver(box, async ({ holder, fromEpoch }) => {
    const there = (await box.list()).some((seed) => seed.holder === holder && seed.fromEpoch === fromEpoch);
    if (there) return;
    const name = variableOf({ holder, share: '', fromEpoch });
    throw signerError(
      'SIGNER_SEED_MISSING',
      `expected a new seed in ${name}, found nothing; set it and run this again`,
    );
  });
  return roots === null ? daily : withRoots(daily, roots);
}

function environmentBox(environment: Environment): SeedBox {
  return {
    place: 'the environment',
    list: async () =>
      Object.keys(environment).flatMap((name): readonly HeldSeed[] => {
        const seed = seedOfVariable(name);
        return seed === undefined || (environment[name] ?? '') === '' ? [] : [{ ...seed, where: name }];
      }),
    read: async ({ where }) => seedFrom(environment[where] ?? '', where),
  };
}

function seedOfVariable(name: string): SeedId | undefined {
  const [, holder = '', rest = ''] = VARIABLE.exec(name) ?? [];
  return seedOf(`${holder}${rest}`.toLowerCase().replaceAll('_', '-'));
}

function variableOf(seed: SeedId): string {
  const [holder = '', ...rest] = seedName(seed).toUpperCase().split('-');
  return ['TENANTRY', holder, 'SEED', ...rest].join('_');
}
