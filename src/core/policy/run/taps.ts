import { editArguments } from '../text/arguments.ts';
import type { FilterStream } from '../text/filter.ts';
import type { Blocked, StreamOutcome } from '../types.ts';
import { type Answered, blockOf, type Chain, unanswered } from './evaluate.ts';
import { type Asked, askedBy, questionsOf, saidWith } from './inquiry.ts';
import { outcomeOf, type Tally } from './tally.ts';

// What policies that ask other services read of a stream: each a copy of the text as the policies before it left it. They ask
// when the stream has ended, all at once.

const ROLE = 'assistant';

/** Notes what goes by in one channel and changes nothing. */
export function tapOf({ tapped }: Tally, channel: string): FilterStream {
  return {
    push: (text) => {
      if (text !== '') tapped?.set(channel, [{ role: ROLE, text: (tapped.get(channel)?.[0]?.text ?? '') + text }]);
      return text;
    },
    end: () => '',
    matches: () => 0,
    holdsText: () => false,
  };
}

/** Notes the texts of the arguments of a call. */
export function tapArguments({ tapped }: Tally, channel: string, json: string): void {
  if (tapped === null) return;
  const texts: { readonly role: string; readonly text: string }[] = [];
  editArguments(json, (text) => {
    texts.push({ role: ROLE, text });
    return text;
  });
  tapped.set(channel, texts);
}

/** What all policies come to at the end of a stream, or what some of them have to ask first. */
export function consultTaps(
  chain: Chain,
  given: Answered,
  tallies: readonly Tally[],
  blocked: Blocked | null,
): StreamOutcome {
  const plain = outcomeOf(tallies, blocked);
  const [first] = tallies.filter(({ isJudged }) => !isJudged);
  if (first === undefined || blocked !== null) return { ...plain, headers: {}, inquiry: null };
  const asked = askedOf(chain, given, tallies);
  const questions = questionsOf(asked.map(({ one }) => one));
  if (questions.length === 0) return judged(chain, tallies, asked, []);
  const answered = (replies: Parameters<typeof saidWith>[1]): StreamOutcome => judged(chain, tallies, asked, replies);
  const undecided = outcomeOf(tallies, unanswered(first.entry, 'output'));
  return { ...undecided, headers: {}, inquiry: { questions, answered } };
}

interface AskedTally {
  readonly tally: Tally;
  readonly one: Asked<Tally['entry']>;
}

function askedOf(chain: Chain, given: Answered, tallies: readonly Tally[]): readonly AskedTally[] {
  return tallies.flatMap((tally, index) => {
    if (tally.tapped === null) return [];
    const { reasonCode } = outcomeOf(tallies.slice(0, index), null);
    const texts = [...tally.tapped.values()].flat();
    const subject = { ...given, phase: 'output', reasonCode } as const;
    return { tally, one: askedBy(tally.entry, subject, texts, chain.nowMicros()) };
  });
}

/** The outcome with the replies, in the order of the chain; the stream's own tallies stay as they are. */
function judged(
  chain: Chain,
  tallies: readonly Tally[],
  asked: readonly AskedTally[],
  replies: Parameters<typeof saidWith>[1],
): StreamOutcome {
  const after = new Map<Tally, Tally>();
  const results = saidWith(
    asked.map(({ one }) => one),
    replies,
  );
  let blocked: Blocked | null = null;
  let headers: StreamOutcome['headers'] = {};
  for (const [index, { tally, one }] of asked.entries()) {
    const result = results[index];
    if (result === undefined || blocked !== null) break;
    const { verdict } = result;
    after.set(tally, {
      ...tally,
      isJudged: true,
      blocked: verdict === 'block',
      said: verdict === 'block' || verdict === 'warn' ? result : null,
      escalation: verdict === 'escalate' ? result : null,
      durationMicros: tally.durationMicros + chain.nowMicros() - one.startedMicros,
    });
    if (verdict === 'block') blocked = blockOf(one.entry, 'output', result);
    headers = { ...headers, ...result.headers };
  }
  const decision = outcomeOf(
    tallies.map((tally) => after.get(tally) ?? tally),
    blocked,
  );
  return { ...decision, headers, inquiry: null };
}
