import type { RE2JS } from 're2js';
import type { Budget, LiveScan } from './detector.ts';
import { EMPTY_WIDTH, type Instruction, isRune, nextOf, type Program, programOf } from './program.ts';

// Where a match of a user's pattern may begin that the end of a text so far has not decided: from each place, all ways through the
// compiled graph are gone at once (Thompson, 1968), and one that is still open at the end of the text is live. Of ways that wait at
// one instruction only the first to begin is kept, since the others will end where it ends: so a character costs at most the
// size of the graph, however many ways a pattern has, and a text that grows is read once.

/** What an instruction without width asks of its place, in the bits of re2js. */
const BEGINNING_OF_LINE = 1;
const END_OF_LINE = 2;
const BEGINNING_OF_TEXT = 4;
const END_OF_TEXT = 8;
const BORDER_OF_WORD = 16;
const NO_BORDER_OF_WORD = 32;
/** What only the next character can tell. */
const ASKS_AHEAD = END_OF_LINE | END_OF_TEXT | BORDER_OF_WORD | NO_BORDER_OF_WORD;

const ASCII = 128;
const NONE = -1;
const LINE_FEED = 10;

/** A place between two characters; NONE where there is none, or none is known. */
interface Gap {
  readonly before: number;
  readonly after: number;
}

/** The ways that are open: what each waits at, and where it began; the first to begin comes first. */
interface Ways {
  readonly at: readonly number[];
  readonly begun: readonly number[];
}

const NO_WAYS: Ways = { at: [], begun: [] };

/** Makes scans of texts for the places where matches of `pattern` may begin, which have at most `reach` UTF-16 code units. */
export function liveScans(pattern: RE2JS): (reach: number) => LiveScan {
  const program = programOf(pattern);
  const begins = beginningsOf(program);
  const follow = followerOf(program);
  return (reach) => {
    let open = NO_WAYS;
    // What is not read yet, for want of a budget, and where it begins.
    let [rest, read, before] = ['', 0, NONE];
    const push = (text: string, budget: Budget): number => {
      rest += text;
      const floor = Math.max(0, read + rest.length - reach + 1);
      // What begins before is decided by its length.
      if (floor > read) [rest, read, before, open] = [rest.slice(floor - read), floor, NONE, NO_WAYS];
      let at = 0;
      while (at < rest.length && budget.steps > 0) {
        const rune = rest.codePointAt(at) ?? NONE;
        const isFirst = rune >= ASCII || begins[rune] !== 0;
        if (isFirst || open.at.length > 0) {
          open = follow(open, { rune, before, begun: isFirst ? read + at : null }, budget);
        }
        before = rune;
        at += rune > 0xffff ? 2 : 1;
      }
      rest = rest.slice(at);
      read += at;
      return Math.max(floor, open.begun[0] ?? read);
    };
    return { push };
  };
}

/** A character on the way, the one before it, and where a match begins that begins with it. */
interface Step {
  readonly rune: number;
  readonly before: number;
  readonly begun: number | null;
}

/** The ways that are open behind a character: they wait for the next, or for what only the next can tell. */
type Follower = (open: Ways, step: Step, budget: Budget) => Ways;

function followerOf({ start, inst }: Program): Follower {
  // Turns are counted for as long as the process lives: more than 32 bits of them.
  const visited = new Float64Array(inst.length);
  let turn = 0;
  /** Follows what takes no character. What began first enters first, so that what is there already began no later. */
  const enter = (first: number, begun: number, { gap, budget, found }: Entered): void => {
    const stack = [first];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const step = inst[at];
      if (step === undefined || visited[at] === turn) continue;
      visited[at] = turn;
      budget.steps -= 1;
      if (isRune(step) || isOpen(step, gap)) {
        found.at.push(at);
        found.begun.push(begun);
      } else if (step.op !== EMPTY_WIDTH || holds(step.arg, gap)) stack.push(...nextOf(step));
    }
  };
  return (open, { rune, before, begun }, budget) => {
    const here: Entered = { gap: { before, after: rune }, budget, found: { at: [], begun: [] } };
    turn += 1;
    for (const [index, at] of open.at.entries()) enter(at, open.begun[index] ?? 0, here);
    if (begun !== null) enter(start, begun, here);
    const behind: Entered = { gap: { before: rune, after: NONE }, budget, found: { at: [], begun: [] } };
    turn += 1;
    for (const [index, at] of here.found.at.entries()) {
      const step = inst[at];
      budget.steps -= 1;
      if (step?.matchRune(rune) === true) enter(step.out, here.found.begun[index] ?? 0, behind);
    }
    return behind.found;
  };
}

/** A place between two characters, and the ways that are open there. */
interface Entered {
  readonly gap: Gap;
  readonly budget: Budget;
  readonly found: { readonly at: number[]; readonly begun: number[] };
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
