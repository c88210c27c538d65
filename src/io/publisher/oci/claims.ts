import { randomBytes } from 'node:crypto';
import { publishError } from '../error.ts';
import { pause } from '../http.ts';
import { claimManifest, type Digest, digestOf, EMPTY_BLOB, isStandingClaim } from './manifest.ts';
import type { OciRepository } from './repository.ts';
import { claimTag, isClaimTag } from './tags.ts';

// A registry overwrites a tag whatever it points at, so nothing there tells the later of two writers that it is late. What a
// registry does have is a list of tags in which everyone sees everyone: whoever wants to write first puts a claim, then looks
// for those of others. Of two, at least one sees the other (both put before they look), so never do both go on; the one whose
// tag sorts first waits, and the other gives way (the one-bit algorithm of J. Burns and L. Lamport, "The mutual exclusion
// problem, part II", 1986). That holds as long as what was put is seen by who looks afterwards, and nothing takes effect long after it was
// sent: a claim that stands still for twice the time that anyone may hold one is taken for that of a dead publisher.

/** How long a publisher may go on after it put its claim. */
const HOLD_MS = 30_000;

export interface Claims {
  /**
   * Runs `work` while no other publisher runs any in the repository; `work` must send nothing after the signal aborts.
   * PUBLISH_CLAIMED when others do not give way, PUBLISH_UNSEEN where the list of tags does not show what was put.
   */
  hold<T>(repository: OciRepository, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface ClaimOptions {
  readonly pauseMs: number;
  readonly holdMs?: number;
}

export function openClaims({ pauseMs, holdMs = HOLD_MS }: ClaimOptions): Claims {
  const watch = openWatch(2 * holdMs);
  // One that cannot be deleted is withdrawn by what it says, and its tag used again.
  const spare = new Map<string, string[]>();

  const attempt = async <T>(
    repository: OciRepository,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<Attempt<T>> => {
    const tag = spare.get(repository.name)?.pop() ?? claimTag(randomBytes(8).toString('hex'));
    const manifest = claimManifest(randomBytes(16).toString('hex'));
    // From before the claim can be seen, so that nobody gives it up while it is held.
    const signal = AbortSignal.timeout(holdMs);
    const waiting = AbortSignal.timeout(holdMs / 2);
    try {
      await repository.putManifest(tag, manifest, signal);
      for (;;) {
        const rivals = await watch.rivals(repository, tag, signal);
        if (rivals.length === 0) return { done: await work(signal) };
        if (waiting.aborted || rivals.some((rival) => rival < tag)) return { rivals };
        await pause(pauseMs);
      }
    } finally {
      const ended = await withdraw(repository, { tag, digest: digestOf(manifest) }, holdMs);
      if (ended === 'overwritten') spare.set(repository.name, [...(spare.get(repository.name) ?? []), tag]);
    }
  };

  /** Whoever gave way comes again when those before it are gone, so that the first of all is soon alone. */
  const outwait = async (repository: OciRepository, rivals: readonly string[], patience: AbortSignal) => {
    for (let standing = rivals; standing.length > 0 && !patience.aborted; ) {
      await pause(pauseMs * (1 + Math.random()));
      const now = await watch.rivals(repository, null);
      standing = rivals.filter((rival) => now.includes(rival));
    }
  };

  return {
    async hold(repository, work) {
      await repository.putBlob(EMPTY_BLOB);
      const patience = AbortSignal.timeout(3 * holdMs);
      while (!patience.aborted) {
        const end = await attempt(repository, work);
        if (end.rivals === undefined) return end.done;
        await outwait(repository, end.rivals, patience);
      }
      throw publishError(
        'PUBLISH_CLAIMED',
        `expected the other publishers in ${repository.name} to give way within ${(3 * holdMs) / 1000} s, found their claims there`,
      );
    },
  };
}

type Attempt<T> = { readonly done: T; readonly rivals?: undefined } | { readonly rivals: readonly string[] };

interface Claim {
  readonly tag: string;
  readonly digest: Digest;
}

/**
 * Takes a claim away, by overwriting it where the registry deletes nothing. When neither succeeds it stands until others
 * take it for dead: what was done under it is done all the same. The tag of one that stands is never used again.
 */
async function withdraw(
  repository: OciRepository,
  { tag, digest }: Claim,
  withinMs: number,
): Promise<'deleted' | 'overwritten' | 'standing'> {
  const signal = AbortSignal.timeout(withinMs);
  const isDeleted = await repository.deleteManifest(digest, signal).catch(() => false);
  if (isDeleted) return 'deleted';
  return repository.putManifest(tag, claimManifest(null), signal).then(
    () => 'overwritten',
    () => 'standing',
  );
}

interface Watch {
  /** Tags of the claims of others that still stand; `own` must be listed, too. */
  rivals(repository: OciRepository, own: string | null, signal?: AbortSignal): Promise<readonly string[]>;
}

/**
 * Every claim says something else, so one that says the same for longer than anyone may hold it is dead. That is measured
 * here, from when it was first seen: clocks of several machines are never compared.
 */
function openWatch(deadAfterMs: number): Watch {
  const firstSeen = new Map<string, Map<Digest, number>>();
  return {
    async rivals(repository, own, signal) {
      const tags = (await repository.tags(signal)).filter(isClaimTag);
      if (own !== null && !tags.includes(own))
        throw publishError(
          'PUBLISH_UNSEEN',
          `expected the tags of ${repository.name} to list ${own}, which was just put, found it missing`,
        );
      const before = firstSeen.get(repository.name);
      const now = new Map<Digest, number>();
      const rivals: string[] = [];
      for (const tag of tags.filter((name) => name !== own)) {
        const claim = await repository.manifest(tag, signal);
        if (claim === undefined || !isStandingClaim(claim.bytes)) continue;
        const seenMs = before?.get(claim.digest) ?? performance.now();
        now.set(claim.digest, seenMs);
        if (performance.now() - seenMs < deadAfterMs) rivals.push(tag);
        else await withdraw(repository, { tag, digest: claim.digest }, deadAfterMs);
      }
      if (now.size > 0) firstSeen.set(repository.name, now);
      else firstSeen.delete(repository.name);
      return rivals;
    },
  };
}
