import type { ForgePull, NewForgePull } from '../../ports/index.ts';
import type { PullDone, PullParts } from './parts.ts';

export interface PullWork {
  readonly current: ForgePull | null;
  readonly told: NewForgePull;
  /** The branch moved in this run. */
  readonly isPushed: boolean;
  readonly isOurs: (pull: ForgePull) => boolean;
}

/** How often the list is asked again for a pull request that must be there, and how long apart. */
const LOOKS = 6;
const LOOK_AGAIN_AFTER_MS = 1500;

/**
 * Leaves one open pull request with this text. The forge itself refuses a second one from a branch: then another run, or a
 * lost answer, made it just now, and the list is asked until it shows it.
 */
export async function tellPull(parts: PullParts, work: PullWork): Promise<PullDone> {
  const { current, told } = work;
  if (current !== null) return update(parts, work, current);
  if (!parts.writes) return { did: 'opened', why: null, pull: null };
  const made = await parts.forge.createPull(told);
  if (made.ok) return { did: 'opened', why: null, pull: made.pull.number };
  for (let look = 0; look < LOOKS; look += 1) {
    const found = (await parts.forge.pullsFrom(told.branch, 'open')).find(work.isOurs);
    if (found !== undefined) return update(parts, work, found);
    await parts.pause(LOOK_AGAIN_AFTER_MS);
  }
  return { did: 'held', why: `the forge opens no pull request from ${told.branch}: ${made.reason}`, pull: null };
}

async function update(parts: PullParts, { told, isPushed }: PullWork, pull: ForgePull): Promise<PullDone> {
  const isSame = pull.title === told.title && plain(pull.body) === plain(told.body);
  if (!isSame && parts.writes) await parts.forge.updatePull(pull.number, { title: told.title, body: told.body });
  return { did: isSame && !isPushed ? 'unchanged' : 'updated', why: null, pull: pull.number };
}

const plain = (body: string): string => body.replaceAll('\r\n', '\n').trimEnd();
