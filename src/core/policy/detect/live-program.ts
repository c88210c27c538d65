import type { RE2JS } from 're2js';
import { EMPTY_WIDTH, type Instruction, isRune, nextOf, type Program, programOf } from './program.ts';

// Where a match of a user's pattern may begin that the end of a text so far has not decided: from each place, all ways through the
// compiled graph are gone at once (Thompson, 1968), and one that is still open at the end of the text is live.

/** What an instruction without width asks of its place, in the bits of re2js. */
const BEGINNING_OF_LINE = 1;
const END_OF_LINE = 2;
const BEGINNING_OF_TEXT = 4;
const END_OF_TEXT = 8;
const BORDER_OF_WORD = 16;
const NO_BORDER_OF_WORD = 32;
/** What only the next character can tell. */
const ASKS_AHEAD = END_OF_LINE | END_OF_TEXT | BORDER_OF_WORD | NO_BORDER_OF_WORD;

/** Instructions that one question may cost; where a text needs more, nobody looks on whether the rest of it decides. */
const MOST_STEPS = 20_000;
const ASCII = 128;
const NONE = -1;
const LINE_FEED = 10;

/** A place between two characters; NONE where there is none, or none is known. */
interface Gap {
  readonly before: number;
  readonly after: number;
}

/**
 * Answers, for a text and a place in it, where the first match from there on may begin that the text's end leaves open; the end of
 * the text where none does.
 */
export function liveIn(pattern: RE2JS): (text: string, from: number) => number {
  const program = programOf(pattern);
  const begins = beginningsOf(program);
  const follow = followerOf(program);
  return (text, from) => {
    const work = { steps: 0 };
    for (let at = from; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      // Nothing begins there, or at the second half of a pair.
      if (unit < ASCII ? begins[unit] === 0 : (text.codePointAt(at - 1) ?? 0) > 0xffff) continue;
      if (isLiveAt(follow, text, at, work)) return at;
    }
    return text.length;
  };
}

function isLiveAt(follow: Follower, text: string, start: number, work: Work): boolean {
  let at = start;
  let rune = text.codePointAt(at) ?? NONE;
  let open = follow.start({ before: start === 0 ? NONE : (text.codePointAt(start - 1) ?? NONE), after: rune }, work);
  while (rune !== NONE && open.length > 0) {
    if (work.steps > MOST_STEPS) return true;
    at += rune > 0xffff ? 2 : 1;
    const next = text.codePointAt(at) ?? NONE;
    open = follow.take(open, rune, { before: rune, after: next }, work);
    rune = next;
  }
  return open.length > 0;
}

interface Work {
  steps: number;
}

/** Walks a program: what is open are instructions that wait for a character, or for what only the next one can tell. */
interface Follower {
  readonly start: (gap: Gap, work: Work) => readonly number[];
  readonly take: (open: readonly number[], rune: number, gap: Gap, work: Work) => readonly number[];
}

function followerOf({ start, inst }: Program): Follower {
  const visited = new Int32Array(inst.length);
  let turn = 0;
  /** Follows what takes no character. */
  const enter = (first: number, gap: Gap, open: number[], work: Work): void => {
    const stack = [first];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const step = inst[at];
      if (step === undefined || visited[at] === turn) continue;
      visited[at] = turn;
      work.steps += 1;
      if (isRune(step) || isOpen(step, gap)) open.push(at);
      else if (step.op !== EMPTY_WIDTH || holds(step.arg, gap)) stack.push(...nextOf(step));
    }
  };
  return {
    start: (gap, work) => {
      const open: number[] = [];
      turn += 1;
      enter(start, gap, open, work);
      return open;
    },
    take: (open, rune, gap, work) => {
      const next: number[] = [];
      turn += 1;
      for (const at of open) {
        work.steps += 1;
        const step = inst[at];
        if (step?.matchRune(rune) === true) enter(step.out, gap, next, work);
      }
      return next;
    },
  };
}

/** The characters in ASCII that a match may begin with, as a table. */
function beginningsOf(program: Program): Uint8Array {
  const begins = new Uint8Array(ASCII);
  const seen = new Set<number>();
  const stack = [program.start];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const step = program.inst[at];
    if (step === undefined || seen.has(at)) continue;
    seen.add(at);
    if (!isRune(step)) stack.push(...nextOf(step));
    else for (let rune = 0; rune < ASCII; rune++) if (step.matchRune(rune)) begins[rune] = 1;
  }
  return begins;
}

/** Whether what the instruction asks of its place will only show when there is more text. */
const isOpen = ({ op, arg }: Instruction, { after }: Gap): boolean =>
  op === EMPTY_WIDTH && after === NONE && (arg & ASKS_AHEAD) !== 0;

/** Whether a place is what an instruction asks for; where nobody knows what stands before it, it is. */
function holds(asked: number, { before, after }: Gap): boolean {
  if (before === NONE) return true;
  if ((asked & BEGINNING_OF_TEXT) !== 0) return false;
  if ((asked & BEGINNING_OF_LINE) !== 0 && before !== LINE_FEED) return false;
  if ((asked & END_OF_LINE) !== 0 && after !== LINE_FEED) return false;
  if ((asked & END_OF_TEXT) !== 0) return false;
  const isBorder = isWordRune(before) !== isWordRune(after);
  return !((asked & BORDER_OF_WORD) !== 0 && !isBorder) && !((asked & NO_BORDER_OF_WORD) !== 0 && isBorder);
}

/** What RE2 takes for a part of a word: letters and digits in ASCII, and the underscore. */
const isWordRune = (rune: number): boolean =>
  (rune >= 48 && rune <= 57) || (rune >= 65 && rune <= 90) || rune === 95 || (rune >= 97 && rune <= 122);
