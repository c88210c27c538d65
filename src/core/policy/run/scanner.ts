import { readerOf } from '../text/filter.ts';
import type { Blocked, StreamPiece, StreamScanner } from '../types.ts';
import { argumentsChannel, type Channel, type Reader, refused, textChannel } from './channels.ts';
import type { Answered, Chain, ChainEntry } from './evaluate.ts';
import { blockedBy, talliesOf } from './tally.ts';
import { consultTaps } from './taps.ts';

/** The fields of a streamed delta that are text; each is a channel of its own. */
export const STREAM_TEXT_FIELDS: readonly string[] = ['content', 'refusal', 'reasoning_content', 'reasoning'];

const ARGUMENTS = 'arguments';
/** The most calls of one answer, over all its choices, that are held to be examined. */
export const MOST_CALLS = 128;

/**
 * The name of a text of a streamed answer: the choice, the field of its delta, and of a tool call its index. Texts of the field
 * `arguments` are JSON and are held whole until their end, because escapes could hide a match in a part of it.
 */
export function channelOf(choice: number, field: string, toolCall?: number): string {
  return toolCall === undefined ? `${choice}/${field}` : `${choice}/${field}/${toolCall}`;
}

/** A scanner of the answer to a request, for the entries that apply to it; null when none of them looks at answers. */
export function createScanner(chain: Chain, entries: readonly ChainEntry[], given: Answered): StreamScanner | null {
  const { facts } = given;
  const tallies = talliesOf(entries);
  if (tallies.length === 0) return null;
  const judges = tallies.filter(({ entry }) => entry.step.call !== undefined);
  const channels = new Map<string, Channel>();
  let calls = 0;
  // A policy that blocks every answer need not see one.
  let blocked: Blocked | null = tallies.some((tally) => tally.blocked) ? blockedBy(tallies) : null;

  /** The channel of a name; null when there are too many. */
  const open = (name: string): Channel | null => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const field = name.split('/')[1] ?? '';
    const readers = tallies.flatMap((tally): readonly Reader[] => {
      const filter = tally.filter === null ? null : readerOf(tally.filter, field);
      const judges = tally.entry.step.call !== undefined;
      return filter === null && !judges && tally.tapped === null ? [] : [{ tally, filter }];
    });
    // Arguments that nobody reads need not be held.
    const isHeld = field === ARGUMENTS && readers.length > 0;
    if (isHeld) calls++;
    if (calls > MOST_CALLS) return refused(readers, 'too_many_calls', 'The answer asks for too many tools at once.');
    const made = isHeld ? argumentsChannel(chain, name, { readers, facts }) : textChannel(chain, name, readers);
    channels.set(name, made);
    return made;
  };
  const pieceOf = (run: () => string | null): StreamPiece => {
    if (blocked === null) {
      const emit = run();
      if (emit !== null) return { emit, blocked: null };
      blocked = blockedBy(tallies);
    }
    return { emit: '', blocked };
  };
  return {
    judgesCalls: judges.length > 0,
    holdsAnswer: tallies.some(
      ({ entry: { step }, tapped }) => step.mayEscalate === true || step.always !== undefined || tapped !== null,
    ),
    // null says that it is blocked, which is not the same as that nothing is there.
    push: (name, text) => pieceOf(() => open(name)?.push(text) ?? null),
    end: (name, call) =>
      pieceOf(() => {
        if (call === undefined && !channels.has(name)) return '';
        // A call may have no arguments, and is judged all the same.
        return open(name)?.end(call) ?? null;
      }),
    channels: () => (blocked === null ? [...channels.keys()].filter((name) => channels.get(name)?.holdsText()) : []),
    outcome: () => consultTaps(chain, given, tallies, blocked),
  };
}
