import type { RoleEpochs, TrustRole } from '../../core/model/index.ts';
import type { HeldSeed, KeyHolder } from '../../ports/index.ts';
import { signerError } from './refusal.ts';
import { Secret } from './secret.ts';

// Which seeds there are. Keys of epoch 1 and later come from `online`; after a theft `online-7` takes over from epoch 7 on,
// and so forth. Root seeds may be several, `root-a`, `root-b`, …; they are replaced together.

/** Which holder signs each role. */
export const HOLDER_OF: { readonly [role in TrustRole]: KeyHolder } = {
  root: 'root',
  targets: 'publish',
  snapshot: 'online',
  timestamp: 'online',
};

/** At most eight: a rotation's root carries the signatures of two sets, and readers take 16. */
const SHARES = 'abcdefgh';

/** One seed by its name. */
export type SeedId = Omit<HeldSeed, 'where'>;

/** Where seeds lie. */
export interface SeedBox {
  list(): Promise<readonly HeldSeed[]>;
  /** Throws SIGNER_SEED_MISSING or SIGNER_SEED_UNUSABLE. */
  read(seed: HeldSeed): Promise<Secret>;
  /** Where seeds would be looked for, in words. */
  readonly place: string;
}

const SEED_NAME = /^(?:(root)(?:-([a-h]))?|(publish|online))(?:-([1-9][0-9]{0,8}))?$/;

/** `root-b-7`; from epoch 1 without a number. */
export function seedName({ holder, share, fromEpoch }: SeedId): string {
  return [holder, share, fromEpoch === 1 ? '' : String(fromEpoch)].filter((part) => part !== '').join('-');
}

/** The seed of a name, or undefined. */
export function seedOf(name: string): SeedId | undefined {
  const [, root, share = '', daily, from = '1'] = SEED_NAME.exec(name) ?? [];
  const holder = root ?? daily;
  return holder === undefined ? undefined : { holder: holder as KeyHolder, share, fromEpoch: Number(from) };
}

/** The names of `count` root seeds: one has none, several are `a`, `b`, …. */
export function sharesOf(count: number): readonly string[] {
  return count === 1 ? [''] : [...SHARES.slice(0, count)];
}

/** The seed from which this share of a holder derives an epoch's keys: of the newest set that begins at or before it. */
export function seedFor(
  held: readonly HeldSeed[],
  { holder, share, epoch }: { readonly holder: KeyHolder; readonly share: string; readonly epoch: number },
): HeldSeed | undefined {
  const known = held.filter((seed) => seed.holder === holder && seed.fromEpoch <= epoch);
  const newest = Math.max(0, ...known.map((seed) => seed.fromEpoch));
  return known.find((seed) => seed.fromEpoch === newest && seed.share === share);
}

/** The first epochs of the newest seeds; 1 where there is none. */
export function firstEpochsOf(held: readonly HeldSeed[]): RoleEpochs {
  const first = (role: TrustRole): number =>
    Math.max(1, ...held.filter((seed) => seed.holder === HOLDER_OF[role]).map((seed) => seed.fromEpoch));
  return { root: first('root'), targets: first('targets'), snapshot: first('snapshot'), timestamp: first('timestamp') };
}

const SEED_HEX = /^[0-9a-f]{64}$/;

/** The seed written as 64 hex digits, with at most one line end after it. */
export function seedFrom(text: string, where: string): Secret {
  const digits = text.replace(/\r?\n$/, '');
  if (!SEED_HEX.test(digits))
    throw signerError('SIGNER_SEED_UNUSABLE', `expected 64 lower-case hex digits in ${where}, found other text`);
  return new Secret(new Uint8Array(Buffer.from(digits, 'hex')));
}
