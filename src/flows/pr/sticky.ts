import { markerOf, readMarker, type Sticky } from '../../core/report/index.ts';
import type { Forge, ForgeComment, Pause } from '../../ports/index.ts';

export interface StickyParts {
  readonly forge: Pick<Forge, 'comments' | 'createComment' | 'updateComment' | 'deleteComment'>;
  readonly pause: Pause;
  /** The login that our comments carry; a comment of anybody else is never ours, whatever it says. */
  readonly self: string;
}

export interface StickyAsk {
  readonly pull: number;
  readonly scope: string;
  readonly order: number;
  /** The comment's text, without a marker. */
  readonly body: string;
  /** Who was asked to review by this run; those of former runs are kept. */
  readonly asked: readonly string[];
}

export interface StickyResult {
  readonly comment: number;
  readonly did: 'created' | 'updated' | 'unchanged' | 'left to a newer run';
  /** Comments of ours that were one too many. */
  readonly removed: number;
}

interface Ours {
  readonly comment: ForgeComment;
  readonly sticky: Sticky;
}

/** How often a list is asked again that does not show what was just written, and how long apart. */
const LOOKS = 6;
const LOOK_AGAIN_AFTER_MS = 1500;

/**
 * Leaves exactly one comment of ours in this scope: the oldest, with the text of the newest run. Two runs that race both
 * end in that state, whichever is last: each looks again after it wrote, and takes away what is one too many.
 */
export async function upsertComment(parts: StickyParts, ask: StickyAsk): Promise<StickyResult> {
  const before = await ours(parts, ask);
  const newest = newestOf(before);
  const asked = [...new Set([...before.flatMap(({ sticky }) => sticky.asked), ...ask.asked])];
  const body = `${markerOf({ scope: ask.scope, order: ask.order, asked })}\n${ask.body}`;
  const written = await write(parts, ask, { before, newest, body });
  const { kept, removed } = await settle(parts, ask, written.comment);
  return { comment: kept, did: written.did, removed };
}

/** Whom former runs asked to review, as their comments keep it. */
export async function askedSoFar(
  parts: StickyParts,
  ask: Pick<StickyAsk, 'pull' | 'scope'>,
): Promise<readonly string[]> {
  return (await ours(parts, ask)).flatMap(({ sticky }) => sticky.asked);
}

async function ours(parts: StickyParts, ask: Pick<StickyAsk, 'pull' | 'scope'>): Promise<readonly Ours[]> {
  const comments = await parts.forge.comments(ask.pull);
  return comments
    .filter(({ author }) => author === parts.self)
    .flatMap((comment) => {
      const sticky = readMarker(comment.body);
      return sticky?.scope === ask.scope ? [{ comment, sticky }] : [];
    })
    .sort((a, b) => a.comment.id - b.comment.id);
}

function newestOf(all: readonly Ours[]): Ours | undefined {
  return all.reduce<Ours | undefined>(
    (best, item) => (best === undefined || item.sticky.order > best.sticky.order ? item : best),
    undefined,
  );
}

interface Draft {
  readonly before: readonly Ours[];
  readonly newest: Ours | undefined;
  readonly body: string;
}

async function write(
  { forge }: StickyParts,
  ask: StickyAsk,
  { before, newest, body }: Draft,
): Promise<{ readonly comment: number; readonly did: StickyResult['did'] }> {
  const [oldest] = before;
  if (oldest === undefined) return { comment: (await forge.createComment(ask.pull, body)).id, did: 'created' };
  const comment = oldest.comment.id;
  if (newest !== undefined && newest.sticky.order > ask.order) return { comment, did: 'left to a newer run' };
  if (isSame(oldest.comment.body, body)) return { comment, did: 'unchanged' };
  await forge.updateComment(comment, body);
  return { comment, did: 'updated' };
}

/** The same text to the same people; which run wrote it does not matter. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((body) => [
    readMarker(body)?.asked.join(' '),
    body
      .slice(body.indexOf('\n') + 1)
      .replaceAll('\r\n', '\n')
      .trimEnd(),
  ]);
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}

/** Looks until the list shows what was written, then leaves the oldest of ours with the newest text. */
async function settle(
  parts: StickyParts,
  ask: StickyAsk,
  written: number,
): Promise<{ readonly kept: number; readonly removed: number }> {
  let removed = 0;
  for (let look = 0; ; look += 1) {
    const found = await ours(parts, ask);
    const [oldest, ...others] = found;
    const isThere = found.some(({ comment }) => comment.id === written) || (oldest?.comment.id ?? written) < written;
    if (oldest !== undefined && isThere && others.length === 0) return { kept: oldest.comment.id, removed };
    if (oldest !== undefined && others.length > 0) {
      const newest = newestOf(found);
      if (newest !== undefined && newest !== oldest)
        await parts.forge.updateComment(oldest.comment.id, newest.comment.body);
      for (const { comment } of others) await parts.forge.deleteComment(comment.id);
      removed += others.length;
    }
    if (look + 1 === LOOKS) return { kept: oldest?.comment.id ?? written, removed };
    await parts.pause(LOOK_AGAIN_AFTER_MS);
  }
}
