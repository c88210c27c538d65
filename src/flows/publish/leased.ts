import { type FindingCode, FLEET_ORG } from '../../core/model/index.ts';
import type { Fence, OrgStore, Publisher } from '../../ports/index.ts';

export interface LeasedParts {
  readonly publisher: Publisher;
  readonly store: Pick<OrgStore, 'transact'>;
  readonly fence: Fence | undefined;
}

/**
 * The publisher that flows write with. Where the place itself compares before it replaces, that is the publisher as it is. Where
 * publishers only give way to each other, each write asks first whether the lease still is this process's: STORE_FENCED when
 * another took it over, PUBLISH_UNLEASED for who never had it.
 */
export function leasedPublisher({ publisher, store, fence }: LeasedParts): Publisher {
  if (publisher.races === 'conditions') return publisher;
  const askLease = async (): Promise<void> => {
    if (fence === undefined) throw unleased();
    await store.transact(FLEET_ORG, async () => undefined, fence);
  };
  return {
    ...publisher,
    async putImmutable(org, files) {
      await askLease();
      await publisher.putImmutable(org, files);
    },
    async putMutable(org, path, bytes, over) {
      await askLease();
      await publisher.putMutable(org, path, bytes, over);
    },
    async remove(org, paths) {
      await askLease();
      await publisher.remove(org, paths);
    },
  };
}

function unleased(): Error {
  const code: FindingCode = 'PUBLISH_UNLEASED';
  return Object.assign(new Error("expected to hold the store's lease before writing there, found none"), { code });
}
