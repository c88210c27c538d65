import type { RE2JS } from 're2js';

// The linear engine's program of a pattern as a table over ASCII, for texts that are matched by the hundred in each org.
// Operation numbers are those of re2js 2.10.0, pinned; automaton.test.ts compares with the engine itself.
const [ALT, CAPTURE, EMPTY_WIDTH, FAIL, MATCH, NOP, RUNE, RUNE_ANY_NOT_NL] = [1, 3, 4, 5, 6, 7, 8, 11];
const [BEGIN_TEXT, END_TEXT] = [4, 8];
const ASCII = 128;
/** States are made as texts ask for them; patterns that need more are left to the engine. */
const MOST_STATES = 64;
const UNKNOWN = -1;
const NEVER = -2;

interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly matchRune: (rune: number) => boolean;
}

interface Program {
  readonly start: number;
  readonly inst: readonly Instruction[];
}

/** What a match could go on with after some text. */
interface State {
  /** Instructions that read a character, and those that ask for the end of the text; ascending. */
  readonly waiting: readonly number[];
  /** The text so far holds a match, whatever follows. */
  readonly matched: boolean;
  /** The text holds a match if it ends here. */
  readonly matchesAtEnd: boolean;
  /** The number of the next state by character. */
  readonly next: Int16Array;
}

/**
 * The same answer as `pattern.test` for every text, in one look-up for each character: null where the pattern says
 * anything that a table over ASCII cannot. A text beyond ASCII is asked of the engine.
 */
export function compileAutomaton(pattern: RE2JS): ((text: string) => boolean) | null {
  const program = pattern.re2().prog as Program;
  if (!program.inst.every(isKnown)) return null;
  const states: State[] = [stateOf(program, [program.start], BEGIN_TEXT)];
  const numbers = new Map<string, number>();
  const step = (from: State, code: number): number => {
    const after = from.waiting.flatMap((at) => {
      const instruction = program.inst[at];
      return instruction !== undefined && instruction.op >= RUNE && instruction.matchRune(code)
        ? [instruction.out]
        : [];
    });
    // A match may begin at every character.
    const state = stateOf(program, [...after, program.start], 0);
    const key = `${state.matched} ${state.waiting.join(' ')}`;
    const number = numbers.get(key) ?? states.length;
    if (number === states.length) {
      if (number === MOST_STATES) {
        from.next[code] = NEVER;
        return NEVER;
      }
      numbers.set(key, number);
      states.push(state);
    }
    from.next[code] = number;
    return number;
  };
  return (text) => {
    let state = states[0];
    for (let index = 0; state !== undefined && !state.matched && index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= ASCII) return pattern.test(text);
      const known = state.next[code] ?? UNKNOWN;
      const number = known === UNKNOWN ? step(state, code) : known;
      if (number === NEVER) return pattern.test(text);
      state = states[number];
    }
    return state !== undefined && (state.matched || state.matchesAtEnd);
  };
}

function isKnown({ op, arg }: Instruction): boolean {
  if (op === EMPTY_WIDTH) return arg === BEGIN_TEXT || arg === END_TEXT;
  return op >= ALT && op <= RUNE_ANY_NOT_NL;
}

/** The state of having come to some instructions; `here`: what is true of the place, BEGIN_TEXT or nothing. */
function stateOf(program: Program, from: readonly number[], here: number): State {
  const waiting = reached(program, from, here);
  const atEnd = reached(program, from, here | END_TEXT);
  return {
    waiting: waiting.filter((at) => isWaiting(program.inst[at]?.op)),
    matched: waiting.some((at) => program.inst[at]?.op === MATCH),
    matchesAtEnd: atEnd.some((at) => program.inst[at]?.op === MATCH),
    next: new Int16Array(ASCII).fill(UNKNOWN),
  };
}

function isWaiting(op: number | undefined): boolean {
  return op !== undefined && (op === EMPTY_WIDTH || op >= RUNE);
}

/** What can be come to without reading a character. */
function reached(program: Program, from: readonly number[], here: number): readonly number[] {
  const seen = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const step = program.inst[at];
    if (step === undefined || seen.has(at)) continue;
    seen.add(at);
    open.push(...nextOf(step, here));
  }
  return [...seen].sort((a, b) => a - b);
}

function nextOf({ op, out, arg }: Instruction, here: number): readonly number[] {
  if (op === EMPTY_WIDTH) return (arg & here) === arg ? [out] : [];
  if (op === CAPTURE || op === NOP) return [out];
  if (op >= RUNE || op === MATCH || op === FAIL) return [];
  return [out, arg];
}
