import { editArguments } from '../text/arguments.ts';
import { ARGUMENTS_HOLD_LIMIT } from '../text/calls.ts';
import type { TextFilter } from '../text/filter.ts';
import { filterMember } from '../text/member.ts';
import { streamFilter } from '../text/stream.ts';

import type { CallHead, RequestFacts } from '../types.ts';
import { type Chain, judgeCall } from './evaluate.ts';
import { pushed, type Tally, timed } from './tally.ts';
import { tapArguments, tapOf } from './taps.ts';

/** One text of a streamed answer on its way through all policies; null: one of them blocks. */
export interface Channel {
  readonly push: (text: string) => string | null;
  readonly end: (call: CallHead | undefined) => string | null;
  readonly holdsText: () => boolean;
}

/** What a policy reads one channel with. */
export interface Reader {
  readonly tally: Tally;
  /** Null for a policy that judges calls or asks about the answer. */
  readonly filter: TextFilter | null;
}

/** Each filter reads what the one before it lets out, as on a whole text. */
export function textChannel(chain: Chain, name: string, readers: readonly Reader[]): Channel {
  const streams = readers.flatMap(({ tally, filter }) => {
    if (tally.tapped !== null) return { tally, stream: tapOf(tally, name) };
    if (filter === null) return [];
    return { tally, stream: 'detectors' in filter ? streamFilter(filter) : filter.open() };
  });
  const through = (text: string, isLast: boolean): string | null => {
    let passed = text;
    for (const { tally, stream } of streams) {
      const emitted = timed(chain, tally, () => pushed(tally, stream, passed, isLast));
      if (emitted === null) return null;
      passed = emitted;
    }
    return passed;
  };
  return {
    push: (text) => through(text, false),
    end: () => through('', true),
    holdsText: () => streams.some(({ stream }) => stream.holdsText()),
  };
}

interface ArgumentReaders {
  readonly readers: readonly Reader[];
  readonly facts: RequestFacts;
}

/** The arguments of one call: held whole, then filtered, and judged with the call's name where a policy does so. */
export function argumentsChannel(chain: Chain, name: string, { readers, facts }: ArgumentReaders): Channel {
  let held = '';
  return {
    push: (text) => {
      held += text;
      if (held.length <= ARGUMENTS_HOLD_LIMIT) return '';
      held = '';
      return refused(readers, 'arguments_too_long', 'The arguments of a tool call are too long to be examined.');
    },
    end: (call) => {
      let passed = held;
      held = '';
      for (const { tally, filter } of readers) {
        const arguments_ = passed;
        tapArguments(tally, name, arguments_);
        passed = timed(chain, tally, () => filtered(tally, filter, arguments_));
        if (!tally.blocked)
          timed(chain, tally, () => judge(chain, tally, { id: null, name: '', ...call, arguments: passed }, facts));
        if (tally.blocked) return null;
      }
      return passed;
    },
    holdsText: () => held !== '',
  };
}

function filtered(tally: Tally, filter: TextFilter | null, text: string): string {
  if (filter === null || !('detectors' in filter)) return text;
  const edited = editArguments(text, (part, key) => {
    const result = filterMember(filter, part, key);
    tally.matches += result.matches;
    return result.text;
  });
  tally.blocked ||= filter.action === 'block' && tally.matches > 0;
  return edited;
}

function judge(chain: Chain, tally: Tally, call: Parameters<typeof judgeCall>[2], facts: RequestFacts): void {
  const result = judgeCall(chain, tally.entry, call, facts);
  if (result.verdict === 'allow') return;
  tally.blocked ||= result.verdict === 'block';
  if (tally.blocked) tally.said = result;
  else if (result.verdict === 'escalate') tally.escalation ??= result;
  else tally.said ??= result;
}

/** Blocks in the name of the first policy that would have to read it. */
export function refused(readers: readonly Reader[], reason: string, message: string): null {
  for (const { tally } of readers.slice(0, 1)) {
    tally.blocked = true;
    tally.said = { reasonCode: `${tally.entry.namespace}.${reason}`, message };
  }
  return null;
}
