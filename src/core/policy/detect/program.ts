import type { RE2JS } from 're2js';
import { foldText } from './fold.ts';

// What the linear engine made of a user's pattern: a graph of instructions. Reading the graph instead of the pattern text gives
// exactly the language that will run. Operation numbers are those of re2js 2.10.0, pinned; program.test.ts fails if they move.
const ALT = 1;
const ALT_MATCH = 2;
export const EMPTY_WIDTH = 4;
const MATCH = 6;
const RUNE = 8;
const RUNE_ANY_NOT_NL = 11;

export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  readonly matchRune: (rune: number) => boolean;
}

export interface Program {
  readonly start: number;
  readonly inst: readonly Instruction[];
}

export const programOf = (pattern: RE2JS): Program => pattern.re2().prog as Program;

export const isRune = (step: Instruction): boolean => step.op >= RUNE && step.op <= RUNE_ANY_NOT_NL;

export function nextOf(step: Instruction): readonly number[] {
  if (step.op === ALT || step.op === ALT_MATCH) return [step.out, step.arg];
  return step.op === MATCH ? [] : [step.out];
}

/** Instructions that can be reached from the start, without going through `without`. */
function reachable(program: Program, without: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = program.start === without ? [] : [program.start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const step = program.inst[at];
    if (seen.has(at) || step === undefined) continue;
    seen.add(at);
    for (const next of nextOf(step)) if (next !== without) open.push(next);
  }
  return seen;
}

const widthOf = (step: Instruction): number => {
  if (!isRune(step)) return 0;
  const last = step.runes[step.runes.length - 1];
  // Beyond ASCII two code units is the safe answer; what ASCII letters fold to (U+017F, U+212A) has one.
  return last !== undefined && last <= 0x7f ? 1 : 2;
};

/** The most UTF-16 code units that a match can have, or null when there is no such number. */
export function longestMatch(pattern: RE2JS): number | null {
  const program = programOf(pattern);
  const seen = reachable(program, -1);
  const incoming = new Map<number, number>();
  for (const at of seen) {
    const step = program.inst[at];
    for (const next of step === undefined ? [] : nextOf(step)) incoming.set(next, (incoming.get(next) ?? 0) + 1);
  }
  const longest = new Map<number, number>([[program.start, 0]]);
  const ready = [program.start].filter((at) => !incoming.has(at));
  let done = 0;
  let answer = 0;
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    done++;
    const step = program.inst[at];
    if (step === undefined) return null;
    const length = (longest.get(at) ?? 0) + widthOf(step);
    if (step.op === MATCH) answer = Math.max(answer, length);
    for (const next of nextOf(step)) {
      longest.set(next, Math.max(longest.get(next) ?? 0, length));
      const left = (incoming.get(next) ?? 0) - 1;
      incoming.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  // What lies on a cycle never becomes ready.
  return done === seen.size ? answer : null;
}

/** True when a match can have no characters at all, if only beside a word border. */
export function matchesEmpty(pattern: RE2JS): boolean {
  const program = programOf(pattern);
  const seen = new Set<number>();
  const open = [program.start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const step = program.inst[at];
    if (seen.has(at) || step === undefined || isRune(step)) continue;
    if (step.op === MATCH) return true;
    seen.add(at);
    open.push(...nextOf(step));
  }
  return false;
}

// What an instruction without width asks of its place: the bits of re2js for the beginning (of line, of text) and the end.
const AT_BEGINNING = 1 | 4;
const BEGINNING_OF_TEXT = 4;
const AT_END = 2 | 8;

/** True when the pattern matches, without a character, at the beginning of every text, or at the end of every text. */
export function matchesAlways(pattern: RE2JS): boolean {
  return [AT_BEGINNING, AT_END].some((held) =>
    withoutRunes(programOf(pattern), (step) => step.op !== EMPTY_WIDTH || (step.arg & ~held) === 0).some(
      (step) => step.op === MATCH,
    ),
  );
}

/** True when every match starts at the beginning of the text. */
export function isAnchored(pattern: RE2JS): boolean {
  return withoutRunes(
    programOf(pattern),
    (step) => step.op !== EMPTY_WIDTH || (step.arg & BEGINNING_OF_TEXT) === 0,
  ).every((step) => !isRune(step) && step.op !== MATCH);
}

/** The instructions that are reached from the start before a character is taken, through those that `passes` lets go on. */
function withoutRunes(program: Program, passes: (step: Instruction) => boolean): readonly Instruction[] {
  const seen = new Set<Instruction>();
  const open = [program.start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const step = program.inst[at];
    if (step === undefined || seen.has(step)) continue;
    seen.add(step);
    if (!isRune(step) && passes(step)) open.push(...nextOf(step));
  }
  return [...seen];
}

const GATE_INSTRUCTIONS = 400;

/**
 * A test that every text with a match passes: the longest run of characters that no match can avoid, as a sequence of classes
 * without repetition. Always true when there is none. It is built from the compiled graph, never from the user's text.
 */
export function gateOf(pattern: RE2JS): (text: string) => boolean {
  const [run = []] = unavoidableRuns(programOf(pattern));
  if (run.length === 0) return () => true;
  const gate = new RegExp(run.map(classOf).join(''), 'u');
  return (text) => gate.test(text);
}

/** The longest literal that every match holds, without regard to case; null when there is none. */
export function literalOf(pattern: RE2JS): string | null {
  let longest = '';
  for (const run of unavoidableRuns(programOf(pattern))) {
    let literal = '';
    for (const step of run) {
      const letter = letterOf(step);
      literal = letter === null ? '' : literal + letter;
      if (literal.length > longest.length) longest = literal;
    }
  }
  return longest === '' ? null : longest;
}

/** The one letter that the instruction takes, in either case, folded; null when it takes others too. */
function letterOf({ op, runes }: Instruction): string | null {
  if (op > RUNE + 1) return null;
  const letters = new Set<string>();
  for (let at = 0; at < runes.length; at += 2) {
    const first = runes[at] ?? 0;
    if ((runes[at + 1] ?? first) !== first) return null;
    letters.add(foldText(String.fromCodePoint(first)));
  }
  const [letter] = letters;
  return letters.size === 1 && letter !== undefined ? letter : null;
}

/** What no match can avoid: runs of characters without a choice, the longest first. */
function unavoidableRuns(program: Program): readonly (readonly Instruction[])[] {
  if (program.inst.length > GATE_INSTRUCTIONS) return [];
  const match = program.inst.findIndex((step) => step.op === MATCH);
  return program.inst
    .map((step, at) => (isRune(step) && !reachable(program, at).has(match) ? runFrom(program, at) : []))
    .filter((run) => run.length > 0)
    .sort((a, b) => b.length - a.length);
}

/** The characters that follow one another from instruction `at` without a choice. */
function runFrom(program: Program, at: number): readonly Instruction[] {
  const run: Instruction[] = [];
  for (let step = program.inst[at]; step !== undefined && run.length < 32; step = program.inst[step.out]) {
    if (isRune(step)) run.push(step);
    else if (step.op === ALT || step.op === ALT_MATCH || step.op === MATCH) break;
  }
  return run;
}

/** A class of at least the characters that the instruction takes; everything beyond ASCII counts as one. */
function classOf(step: Instruction): string {
  if (step.op > RUNE + 1) return '[^]';
  let ascii = '';
  for (let code = 0; code < 128; code++) {
    if (step.matchRune(code)) ascii += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  const last = step.runes[step.runes.length - 1] ?? 0;
  // U+017F and U+212A fold to s and k: the only letters beyond ASCII that do.
  const beyond = last > 0x7f || step.matchRune(0x17f) || step.matchRune(0x212a);
  return `[${ascii}${beyond ? '\\u{80}-\\u{10ffff}' : ''}]`;
}
