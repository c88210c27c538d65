import { type Detector, formFor, type Match, type Stretch, TextView } from '../detect/detector.ts';

/** What a policy does to texts that arrive in pieces. */
export type TextFilter = DetectorFilter | AnswerFilter;

/** What a filter lets out of one text that arrives in pieces. */
export interface FilterStream {
  /** The text that may go out now; null from the moment on when the filter blocks. */
  readonly push: (text: string) => string | null;
  /** The rest, once: nothing is pushed afterwards. */
  readonly end: () => string | null;
  readonly matches: () => number;
  /** Whether `end` may have something to say. */
  readonly holdsText: () => boolean;
}

/** Does to the words of an answer, and not to its refusal, reasoning or calls of tools, what no list of matches can say. */
export interface AnswerFilter {
  readonly action: 'rewrite' | 'block' | 'warn';
  /** UTF-16 code units that a stream may be late by. */
  readonly holdBack: number;
  /** Why an answer was changed; `filterReason` of the step says why one is blocked or warned of. */
  readonly changeCode: string | null;
  readonly open: () => FilterStream;
  /** What it looks for in the other texts of an answer; null when they pass by. */
  readonly elsewhere: DetectorFilter | null;
}

/** The field of a streamed delta that holds the words of an answer. */
export const WORDS_FIELD = 'content';

/** What reads a field of a streamed answer for a filter; null when the field passes by. */
export function readerOf(filter: TextFilter, field: string): TextFilter | null {
  return 'detectors' in filter || field === WORDS_FIELD ? filter : filter.elsewhere;
}

/** UTF-16 code units that a stream may be late by. */
export function holdBackOf(filter: TextFilter): number {
  if (!('detectors' in filter)) return filter.holdBack;
  return Math.max(0, ...filter.detectors.map((detector) => detector.reach - 1));
}

/** What to look for in a text, and what stands in its place afterwards. */
export interface DetectorFilter {
  readonly detectors: readonly Detector[];
  readonly action: 'redact' | 'block';
  /** The replacement of one match. */
  readonly render: (type: string, matched: string) => string;
}

/** A sensitive stretch of a text in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  /** The place of its detector, which decides between equals. */
  readonly order: number;
  /** What stands in its place when its detector says so itself. */
  readonly replacement: string | undefined;
}

export interface Filtered {
  readonly text: string;
  readonly matches: number;
}

/** Left to right; of two that start together the longer one first. */
export const bySpan = (a: Span, b: Span): number => a.start - b.start || b.end - a.end || a.order - b.order;

/** Everything that the filter finds in a whole text; the text is edited only where the action is to redact. */
export function filterText(filter: DetectorFilter, text: string): Filtered {
  const spans = spansOf(filter.detectors, text);
  if (spans.length === 0) return { text, matches: 0 };
  if (filter.action === 'block') return { text, matches: spans.length };
  let out = '';
  let at = 0;
  let matches = 0;
  for (const span of spans) {
    if (span.end <= at) continue;
    const start = Math.max(span.start, at);
    out += text.slice(at, start) + (span.replacement ?? filter.render(span.type, text.slice(start, span.end)));
    at = span.end;
    matches++;
  }
  return { text: out + text.slice(at), matches };
}

function spansOf(detectors: readonly Detector[], text: string): readonly Span[] {
  const view = new TextView(text);
  const spans: Span[] = [];
  let gate: Detector['gate'] | undefined;
  let open = false;
  for (let order = 0; order < detectors.length; order++) {
    const detector = detectors[order];
    if (detector === undefined) continue;
    const form = formFor(detector, view);
    // Detectors with the same gate stand together, so it is asked once.
    if (detector.gate !== gate) {
      gate = detector.gate;
      open = gate(form);
    }
    if (!open) continue;
    eachMatch(detector, { text: form.text, from: 0, until: text.length + 1 }, (match) =>
      spans.push(spanOf(match, detector, order)),
    );
  }
  return spans.sort(bySpan);
}

/** A match of the detector at place `order`. */
export const spanOf = (match: Match, { type }: Detector, order: number): Span => ({
  start: match.valueStart,
  end: match.end,
  type,
  order,
  replacement: match.replacement,
});

/** Calls `found` with the matches that start in a stretch, and answers where the detector goes on. */
export function eachMatch(detector: Detector, stretch: Stretch, found: (match: Match) => void): number {
  const { text, until } = stretch;
  if (detector.findAll !== undefined) return Math.max(until, detector.findAll(stretch, found));
  let { from } = stretch;
  for (let match = detector.find(text, from); match !== null; match = detector.find(text, from)) {
    if (match.start >= until) break;
    found(match);
    from = match.end;
  }
  return Math.max(from, until);
}
