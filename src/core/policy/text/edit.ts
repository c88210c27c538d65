import type { Detector } from '../detect/detector.ts';
import { type Filtered, type FilterStream, filterText } from './filter.ts';
import { isFirstHalf, streamFilter } from './stream.ts';

// Edits of a text that arrives whole or in pieces, with the same result either way.

/** One edit. Texts are the parts of one answer, in order; an edit of a request gets one text. */
export interface TextEdit {
  readonly whole: (texts: readonly string[]) => EditedTexts;
  readonly open: () => FilterStream;
  /** UTF-16 code units that a stream may be late by. */
  readonly holdBack: number;
}

export interface EditedTexts {
  readonly texts: readonly string[];
  readonly edits: number;
}

/** Decides something of a whole text that goes by in pieces. */
export interface Watcher {
  readonly push: (text: string) => void;
  /** Asked once, after the last piece. */
  readonly holds: () => boolean;
}

/** What must be true of the words of an answer for an edit at their beginning or end. */
export interface Guard {
  readonly test: (texts: readonly string[]) => boolean;
  readonly watch: () => Watcher;
}

/** Replaces every match of what `detector` makes; it is made anew for every text, because it may count. */
export function replaceEdit(detector: () => Detector): TextEdit {
  const render = (_: string, matched: string): string => matched;
  const filter = () => ({ detectors: [detector()], action: 'redact', render }) as const;
  return {
    whole: (texts) => {
      const filtered = texts.map((text): Filtered => filterText(filter(), text));
      return {
        texts: filtered.map((item) => item.text),
        edits: filtered.reduce((sum, item) => sum + item.matches, 0),
      };
    },
    open: () => streamFilter(filter()),
    holdBack: detector().reach - 1,
  };
}

/** Puts `addition` after the last word of an answer that has words and of which every guard holds. */
export function appendEdit(addition: string, guards: readonly Guard[]): TextEdit {
  return {
    whole: (texts) => {
      const last = texts.findLastIndex((text) => text !== '');
      if (last < 0 || !guards.every((guard) => guard.test(texts))) return { texts, edits: 0 };
      return { texts: texts.with(last, `${texts[last]}${addition}`), edits: 1 };
    },
    open: () => appendStream(addition, guards),
    holdBack: 0,
  };
}

function appendStream(addition: string, guards: readonly Guard[]): FilterStream {
  const watchers = guards.map((guard) => guard.watch());
  let hasWords = false;
  let ended = false;
  let edits = 0;
  return {
    push: (text) => {
      hasWords ||= text !== '';
      for (const watcher of watchers) watcher.push(text);
      return text;
    },
    end: () => {
      if (ended || !hasWords) return '';
      ended = true;
      if (!watchers.every((watcher) => watcher.holds())) return '';
      edits = 1;
      return addition;
    },
    matches: () => edits,
    holdsText: () => hasWords && !ended,
  };
}

/** What must be true of the first words of an answer for an edit before them. */
export interface Opening {
  readonly test: (text: string) => boolean;
  /** Whether more words would not change it. */
  readonly isDecided: (text: string) => boolean;
  /** It is decided by so many code units at most. */
  readonly decidedBy: number;
}

/** Holds of every answer that has words. */
export const ANY_OPENING: Opening = { test: () => true, isDecided: () => true, decidedBy: 1 };

/** Puts `addition` before the first word of an answer that begins as said. */
export function prependEdit(addition: string, opening: Opening): TextEdit {
  return {
    whole: (texts) => {
      const first = texts.findIndex((text) => text !== '');
      const text = texts[first];
      if (text === undefined || !opening.test(text)) return { texts, edits: 0 };
      return { texts: texts.with(first, `${addition}${text}`), edits: 1 };
    },
    open: () => prependStream(addition, opening),
    holdBack: opening.decidedBy - 1,
  };
}

function prependStream(addition: string, opening: Opening): FilterStream {
  let held: string | null = '';
  let edits = 0;
  const decide = (text: string): string => {
    held = null;
    if (!opening.test(text)) return text;
    edits = 1;
    return `${addition}${text}`;
  };
  return {
    push: (text) => {
      if (held === null) return text;
      held += text;
      if (held === '' || isFirstHalf(held, held.length - 1)) return '';
      return held.length >= opening.decidedBy || opening.isDecided(held) ? decide(held) : '';
    },
    end: () => (held === null || held === '' ? '' : decide(held)),
    matches: () => edits,
    holdsText: () => held !== null && held !== '',
  };
}

/** Holds when the text has a match of the detector. */
export function matchGuard(detector: Detector): Guard {
  // A filter that blocks tells of the first match, and of nothing that more text would undo.
  const filter = { detectors: [detector], action: 'block', render: (_: string, matched: string) => matched } as const;
  return {
    test: (texts) => texts.some((text) => filterText(filter, text).matches > 0),
    watch: () => {
      const stream = streamFilter(filter);
      let found = false;
      return {
        push: (text) => {
          found ||= stream.push(text) === null;
        },
        holds: () => found || stream.end() === null,
      };
    },
  };
}

/** Holds when the text has `needle` in it, letter for letter. */
export function containsGuard(needle: string): Guard {
  return {
    test: (texts) => texts.some((text) => text.includes(needle)),
    watch: () => {
      let tail = '';
      let found = false;
      return {
        push: (text) => {
          if (found) return;
          const seen = tail + text;
          found = seen.includes(needle);
          tail = seen.slice(Math.max(0, seen.length - needle.length + 1));
        },
        holds: () => found,
      };
    },
  };
}

/** Holds when another guard does not. */
export function notGuard(guard: Guard): Guard {
  return {
    test: (texts) => !guard.test(texts),
    watch: () => {
      const watcher = guard.watch();
      return { push: watcher.push, holds: () => !watcher.holds() };
    },
  };
}

/** All edits, each on what the one before it made of the texts. */
export function editAll(edits: readonly TextEdit[], texts: readonly string[]): EditedTexts {
  let made: EditedTexts = { texts, edits: 0 };
  for (const edit of edits) {
    const next = edit.whole(made.texts);
    made = { texts: next.texts, edits: made.edits + next.edits };
  }
  return made;
}

/** Streams one after the other, as one; the first that blocks blocks for all. */
export function chainStreams(streams: readonly FilterStream[]): FilterStream {
  const through = (text: string, last: boolean): string | null => {
    let passed = text;
    for (const stream of streams) {
      const emitted = stream.push(passed);
      const rest = last && emitted !== null ? stream.end() : '';
      if (emitted === null || rest === null) return null;
      passed = emitted + rest;
    }
    return passed;
  };
  return {
    push: (text) => through(text, false),
    end: () => through('', true),
    matches: () => streams.reduce((sum, stream) => sum + stream.matches(), 0),
    holdsText: () => streams.some((stream) => stream.holdsText()),
  };
}
