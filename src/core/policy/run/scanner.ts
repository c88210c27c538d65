import type { PolicyStep } from '../../model/index.ts';
import { type FilterStream, filterText, readerOf, type TextFilter } from '../text/filter.ts';
import { streamFilter } from '../text/stream.ts';
import { editArguments } from '../text/visit.ts';
import type { Blocked, Decision, StreamPiece, StreamScanner } from '../types.ts';
import { type Chain, type ChainEntry, whatItDid } from './evaluate.ts';

/** The most of one tool call's arguments that a stream holds back, in UTF-16 code units; more is blocked. */
export const ARGUMENTS_HOLD_LIMIT = 262_144;

/** The fields of a streamed delta that are text; each is a channel of its own. */
export const STREAM_TEXT_FIELDS: readonly string[] = ['content', 'refusal', 'reasoning_content', 'reasoning'];

const ARGUMENTS = 'arguments';

/**
 * The name of a text of a streamed answer: the choice, the field of its delta, and of a tool call its index. Texts of the field
 * `arguments` are JSON and are held whole until their end, because escapes could hide a match in a part of it.
 */
export function channelOf(choice: number, field: string, toolCall?: number): string {
  return toolCall === undefined ? `${choice}/${field}` : `${choice}/${field}/${toolCall}`;
}

/** What one policy has done to a stream so far. */
interface Tally {
  readonly entry: ChainEntry;
  readonly filter: TextFilter;
  matches: number;
  blocked: boolean;
  durationMicros: number;
}

/** What reads one channel for a policy. */
interface Reader {
  readonly tally: Tally;
  readonly filter: TextFilter;
}

/** One text on its way through all filters. */
interface Channel {
  readonly push: (text: string) => string | null;
  readonly end: () => string | null;
  readonly holdsText: () => boolean;
}

/** A scanner of one answer for the entries that filter; null when there are none. */
export function createScanner(chain: Chain, entries: readonly ChainEntry[]): StreamScanner | null {
  const tallies = entries.flatMap((entry): Tally[] =>
    entry.step.filter === undefined
      ? []
      : [{ entry, filter: entry.step.filter, matches: 0, blocked: false, durationMicros: 0 }],
  );
  if (tallies.length === 0) return null;
  const channels = new Map<string, Channel>();
  let blocked: Blocked | null = null;

  const open = (name: string): Channel => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const field = name.split('/')[1] ?? '';
    const readers = tallies.flatMap((tally): Reader[] => {
      const filter = readerOf(tally.filter, field);
      return filter === null ? [] : [{ tally, filter }];
    });
    // Nobody reads these arguments, so nothing needs to be held.
    const isHeld = field === ARGUMENTS && readers.length > 0;
    const made = isHeld ? argumentsChannel(readers) : textChannel(chain, readers);
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
    push: (name, text) => pieceOf(() => open(name).push(text)),
    end: (name) => {
      const channel = channels.get(name);
      // null says that it is blocked, which is not the same as that nothing is there.
      return pieceOf(() => (channel === undefined ? '' : channel.end()));
    },
    channels: () => (blocked === null ? [...channels.keys()].filter((name) => channels.get(name)?.holdsText()) : []),
    outcome: () => outcomeOf(tallies, blocked),
  };
}

/** Each filter reads what the one before it lets out, as on a whole text. */
function textChannel(chain: Chain, readers: readonly Reader[]): Channel {
  const streams = readers.map(({ tally, filter }) => ({
    tally,
    stream: 'detectors' in filter ? streamFilter(filter) : filter.open(),
  }));
  const through = (text: string, last: boolean): string | null => {
    let passed = text;
    for (const { tally, stream } of streams) {
      const emitted = timed(chain, tally, stream, { text: passed, last });
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

interface Incoming {
  readonly text: string;
  /** Nothing comes after it. */
  readonly last: boolean;
}

function timed(chain: Chain, tally: Tally, stream: FilterStream, { text, last }: Incoming): string | null {
  const started = chain.nowMicros();
  const before = stream.matches();
  let emitted: string | null;
  try {
    emitted = stream.push(text);
    if (last && emitted !== null) {
      const rest = stream.end();
      emitted = rest === null ? null : emitted + rest;
    }
  } catch {
    emitted = null;
  }
  tally.matches += stream.matches() - before;
  tally.blocked ||= emitted === null;
  tally.durationMicros += chain.nowMicros() - started;
  return emitted;
}

function argumentsChannel(readers: readonly Reader[]): Channel {
  let held = '';
  return {
    push: (text) => {
      held += text;
      if (held.length <= ARGUMENTS_HOLD_LIMIT) return '';
      held = '';
      for (const { tally } of readers.slice(0, 1)) tally.blocked = true;
      return null;
    },
    end: () => {
      let passed = held;
      held = '';
      for (const { tally, filter } of readers) {
        if (!('detectors' in filter)) continue;
        passed = editArguments(passed, (text) => {
          const filtered = filterText(filter, text);
          tally.matches += filtered.matches;
          return filtered.text;
        });
        tally.blocked ||= filter.action === 'block' && tally.matches > 0;
        if (tally.blocked) return null;
      }
      return passed;
    },
    holdsText: () => held !== '',
  };
}

function blockedBy(tallies: readonly Tally[]): Blocked {
  const tally = tallies.find((candidate) => candidate.blocked);
  const reason = tally?.entry.step.filterReason;
  return {
    policy: tally?.entry.kind ?? '',
    phase: 'output',
    reasonCode: reason?.reasonCode ?? '',
    message: reason?.message ?? '',
  };
}

function outcomeOf(tallies: readonly Tally[], blocked: Blocked | null): Decision {
  const steps = tallies.map(stepOf);
  const first = steps.find((step) => step.verdict === 'redact');
  const verdict = blocked !== null ? 'block' : first !== undefined ? 'redact' : 'allow';
  return {
    verdict,
    reasonCode: blocked?.reasonCode ?? first?.reasonCode ?? null,
    blockedBy: blocked,
    steps,
    warnings: tallies.flatMap((tally, index) =>
      steps[index]?.verdict === 'warn' ? (tally.entry.step.filterReason?.message ?? []) : [],
    ),
  };
}

function stepOf({ entry, filter, matches, durationMicros, blocked }: Tally): PolicyStep {
  const found = matches === 0 ? 'allow' : filter.action === 'warn' ? 'warn' : 'redact';
  const verdict = blocked ? 'block' : found;
  const reasonCode = entry.step.filterReason?.reasonCode ?? null;
  const changeCode = 'detectors' in filter ? reasonCode : (filter.changeCode ?? reasonCode);
  return {
    policy: entry.kind,
    phase: 'output',
    verdict,
    ...whatItDid(
      verdict === 'allow' ? null : verdict === 'redact' ? changeCode : reasonCode,
      verdict === 'redact' ? matches : 0,
    ),
    durationMicros,
  };
}
