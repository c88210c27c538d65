import { foldText } from './fold.ts';
import { livePattern } from './live.ts';
import { narrowText } from './narrow.ts';

/** Where a detector found something; offsets are UTF-16 code units. Only `valueStart` to `end` is sensitive, the rest is its keyword. */
export interface Match {
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** What stands in its place, when that depends on what was matched. */
  readonly replacement?: string;
}

/** A part of a text in which matches start; they may end beyond it. */
export interface Stretch {
  readonly text: string;
  readonly from: number;
  /** Matches that start here or later are left for another time. */
  readonly until: number;
}

/** A text as gates look at it; other forms of it are made once, when the first gate asks for them. */
export class TextView {
  readonly text: string;
  #lower: string | undefined;
  #folded: string | undefined;
  #narrow: TextView | undefined;
  constructor(text: string) {
    this.text = text;
  }
  get lower(): string {
    this.#lower ??= this.text.toLowerCase();
    return this.#lower;
  }
  /** Without regard to case, every character at its place. */
  get folded(): string {
    this.#folded ??= foldText(this.text);
    return this.#folded;
  }
  /** With the letters, digits and spaces of ASCII for what means the same, every character at its place. */
  get narrow(): TextView {
    if (this.#narrow === undefined) {
      const narrow = narrowText(this.text);
      this.#narrow = narrow === this.text ? this : new TextView(narrow);
    }
    return this.#narrow;
  }
}

/** The form of a text that a detector reads: its gate, and every text that it is given. */
export const formFor = ({ isNarrow }: Detector, view: TextView): TextView => (isNarrow === true ? view.narrow : view);

/** True when the text has a match of the detector. */
export function isFoundIn(detector: Detector, view: TextView): boolean {
  const form = formFor(detector, view);
  return detector.gate(form) && detector.find(form.text, 0) !== null;
}

/** Finds one type of text. The same text, start and neighbours always give the same answer, so streams and whole texts agree. */
export interface Detector {
  /** What its matches are called: `EMAIL`, `CUSTOM`. */
  readonly type: string;
  /** Upper bound of a match in UTF-16 code units, what it must see after itself included. */
  readonly reach: number;
  /** It reads narrow forms of texts, see `formFor`. */
  readonly isNarrow?: true;
  /** False only if the text holds no match; cheap, and shared between detectors so that it is asked once per text. */
  readonly gate: (view: TextView) => boolean;
  /** The leftmost match that starts at `from` or later. */
  readonly find: (text: string, from: number) => Match | null;
  /**
   * Every match that starts in a stretch, in one pass, and where to go on: for what would else walk through a text for each of
   * its matches. Matches of many things may overlap, and one inside another may be left out.
   */
  readonly findAll?: (stretch: Stretch, found: (match: Match) => void) => number;
  /** Where a match may begin of which the end of `text` is not yet the last of; text before it is settled. */
  readonly liveFrom: (text: string) => number;
  /** The same, closer, of a text that grows: for what would read its end again and again to tell. */
  readonly live?: () => LiveScan;
}

/** What one piece of a text may cost all that read it: about half a millisecond. */
export const MOST_STEPS = 20_000;

/** The instructions of programs that may still be gone through; where they do not suffice, matches are held by their length. */
export interface Budget {
  steps: number;
}

/** Reads a text that arrives in pieces, each once, but for what the budget does not suffice for. */
export interface LiveScan {
  /** Where a match may begin that the text so far has not decided, from the beginning of the first piece on. */
  readonly push: (text: string, budget: Budget) => number;
}

export interface RegexRules {
  readonly type: string;
  readonly reach: number;
  readonly gate: (view: TextView) => boolean;
  /** Hand-checked: bounded repetitions of disjoint classes only, flag g; group 1, if any, is the value and ends the match. */
  readonly pattern: RegExp;
  /** The check that a pattern cannot say (check digits, octets), of the value. */
  readonly valid?: (value: string) => boolean;
}

/** A built-in detector on the JavaScript engine; its pattern is ours, never a user's. */
export function regexDetector(rules: RegexRules): Detector {
  const { type, reach, gate, pattern, valid } = rules;
  let live: RegExp | undefined;
  const find = (text: string, from: number): Match | null => {
    pattern.lastIndex = from;
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      const start = found.index;
      const end = start + found[0].length;
      const value = found[1] ?? found[0];
      if (valid === undefined || valid(value)) return { start, valueStart: end - value.length, end };
      pattern.lastIndex = start + 1;
    }
    return null;
  };
  const liveFrom = (text: string): number => {
    // Made for the first stream: a check has none.
    live ??= livePattern(pattern);
    live.lastIndex = Math.max(0, text.length - reach + 1);
    return live.exec(text)?.index ?? text.length;
  };
  return { type, reach, isNarrow: true, gate, find, liveFrom };
}
