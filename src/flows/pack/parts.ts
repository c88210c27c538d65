import type { Hash, OrgSlug } from '../../core/model/index.ts';
import type { Log, OrgStore, Publisher, RuntimeStore, Signer } from '../../ports/index.ts';
import type { CheckParts } from '../check.ts';
import type { Span } from '../evidence/index.ts';

export interface PackParts extends CheckParts {
  readonly fleet: string;
  readonly priceBook: string | null;
  /** What makes the pack, with its version. */
  readonly program: string;
  readonly store: OrgStore;
  readonly runtime: RuntimeStore;
  readonly publisher: Publisher;
  readonly signer: Signer;
  readonly hash: Hash;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export interface PackAsk extends Span {
  readonly org: OrgSlug;
}
