import { createSseParser, firstWord } from '../core/index.ts';
import { type AnswerFailure, parsedText, tellsSecret, type UpstreamAnswer } from './answer.ts';

// The events of a streamed answer, pulled chunk by chunk, and where it begins: at the first event that says something.

const MAX_EVENT_BYTES = 1 << 20;

/** What came next of a stream. */
export type Came =
  | { readonly kind: 'events'; readonly events: readonly string[] }
  | { readonly kind: 'end' }
  | AnswerFailure;

/** The data of the events of an answer; nothing is read further ahead than the answer itself does. One caller at a time. */
export interface AnswerEvents {
  next(): Promise<Came>;
}

export interface EventBounds {
  /** An event with this in it breaks the stream off; null: there is none. */
  readonly secret: string | null;
  /** How many bytes of the stream may come; null: as many as there are. */
  readonly mostBytes: number | null;
}

/** The events of an answer that has the headers of a stream. */
export function eventsOf(answer: UpstreamAnswer, { secret, mostBytes }: EventBounds): AnswerEvents {
  const parser = createSseParser(MAX_EVENT_BYTES);
  let chunks: Uint8Array[] = [];
  let size = 0;
  /** What comes after the last events; nothing is read any more. */
  let over: Came | null = null;
  /** The events of a chunk, up to what ends the stream. */
  const taken = (events: readonly string[] | undefined): readonly string[] => {
    if (events === undefined) over = { kind: 'too-large' };
    const told =
      secret === null ? -1 : (events ?? []).findIndex((data) => tellsSecret(data, () => parsedText(data), secret));
    if (told !== -1) over = { kind: 'broken' };
    return told === -1 ? (events ?? []) : (events ?? []).slice(0, told);
  };
  const read = async (): Promise<readonly string[]> => {
    const chunk = chunks.shift();
    if (chunk !== undefined) {
      size += chunk.length;
      return taken(mostBytes !== null && size > mostBytes ? undefined : parser.push(chunk));
    }
    const got = await answer.next();
    if (Array.isArray(got)) {
      chunks = [...(got as readonly Uint8Array[])];
      return [];
    }
    over = got === 'end' ? { kind: 'end' } : (got as AnswerFailure);
    return got === 'end' ? taken(parser.end()) : [];
  };
  return {
    async next() {
      while (over === null) {
        const events = await read();
        if (events.length > 0) return { kind: 'events', events };
      }
      return over;
    },
  };
}

/**
 * Waits for the event by which an answer begins, and gives the events from it on; a failure where there is none. Comments and
 * signs of life before it are left out: nobody is told of an answer that may still come from elsewhere.
 */
export async function fromFirstWord(events: AnswerEvents): Promise<AnswerEvents | AnswerFailure> {
  for (;;) {
    const came = await events.next();
    if (came.kind === 'end') return { kind: 'broken' };
    if (came.kind !== 'events') return came;
    const at = came.events.findIndex((data) => firstWord(data) !== 'nothing');
    const [first] = at === -1 ? [] : came.events.slice(at);
    if (first === undefined) continue;
    if (firstWord(first) === 'failure') return { kind: 'broken' };
    let begun: Came | undefined = { kind: 'events', events: came.events.slice(at) };
    return {
      next() {
        const given = begun;
        begun = undefined;
        return given === undefined ? events.next() : Promise.resolve(given);
      },
    };
  }
}
