import { join } from 'node:path';
import type { OrgUid } from '../src/core/model/index.ts';
import { nodeHash } from '../src/host/index.ts';
import type { Publisher } from '../src/ports/index.ts';
import { openVerifier } from '../src/trust/index.ts';

interface Pulling {
  readonly publisher: Publisher;
  /** A folder for the state of the gateway. */
  readonly scratch: string;
  readonly nowMs: () => number;
}

/** What a gateway of the test fleet verifies of a published org, by the real verifier; else what it answers. */
export async function verifiedFrom(
  { publisher, scratch, nowMs }: Pulling,
  { uid, gateway }: { readonly uid: OrgUid; readonly gateway: string },
): Promise<unknown> {
  const root = await publisher.get(uid, '1.root.json');
  if (root === undefined) throw new Error('expected a published root');
  const fetcher = {
    get: async (path: string) => {
      const bytes = await publisher.get(uid, path);
      return bytes === undefined
        ? ({ status: 404 } as const)
        : ({ status: 200, bytes, etag: nodeHash.sha256(bytes) } as const);
    },
  };
  const verifier = await openVerifier({
    stateDir: join(scratch, 'gateway'),
    identity: { fleet: 'test-fleet', orgUid: uid, gateway },
    root,
    nowMs,
    hash: nodeHash,
    fetcher,
  });
  const polled = await verifier.poll();
  return polled.kind === 'candidate' ? polled.target.custom : polled;
}
