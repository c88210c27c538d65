import { type Detector, formFor, type LiveScan, MOST_STEPS, TextView } from '../detect/detector.ts';
import { bySpan, type DetectorFilter, eachMatch, type FilterStream, type Span, spanOf } from './filter.ts';

// Characters already sent that stay readable, because detectors look at what stands before a match.
const CONTEXT = 8;

interface State {
  /** Context, then text that is held back. */
  buffer: string;
  /** Where the buffer begins in the whole text. */
  begin: number;
  /** The first half of a surrogate pair that the text ended with: no character yet, so nobody looks at it. */
  half: string;
  /** Where the text that is not yet sent begins in `buffer`. */
  sent: number;
  /** Where each detector goes on: after its last match, or where its next one may begin. */
  readonly resume: number[];
  /** What reads the text for each detector that does not look at the buffer. */
  readonly scans: readonly (LiveScan | undefined)[];
  /** Matches that are settled but begin in text that is still held back. */
  pending: Span[];
  matches: number;
  blocked: boolean;
}

/**
 * Filters a text that arrives in pieces, with the same result as `filterText` on the whole text: what may still become a match
 * is held back, so no character of a match is ever sent. At most `reach - 1` code units of the longest detector are held.
 */
export function streamFilter(filter: DetectorFilter): FilterStream {
  const state: State = {
    buffer: '',
    begin: 0,
    half: '',
    sent: 0,
    resume: filter.detectors.map(() => 0),
    scans: filter.detectors.map((detector) => detector.live?.()),
    pending: [],
    matches: 0,
    blocked: false,
  };
  return {
    push: (text) => {
      if (state.blocked) return null;
      const given = state.half + text;
      state.half = isFirstHalf(given, given.length - 1) ? given.slice(-1) : '';
      const piece = given.slice(0, given.length - state.half.length);
      state.buffer += piece;
      const view = new TextView(state.buffer);
      return advance(filter, state, { view, until: settledUntil(filter.detectors, state, { view, piece }) });
    },
    end: () => {
      if (state.blocked) return null;
      state.buffer += state.half;
      state.half = '';
      return advance(filter, state, { view: new TextView(state.buffer), until: state.buffer.length });
    },
    matches: () => state.matches,
    holdsText: () => !state.blocked && state.sent < state.buffer.length + state.half.length,
  };
}

/** Before this offset no match can begin that later text would change. */
function settledUntil(
  detectors: readonly Detector[],
  { buffer, begin, scans }: State,
  { view, piece }: { readonly view: TextView; readonly piece: string },
): number {
  const budget = { steps: MOST_STEPS };
  let until = buffer.length;
  for (const [index, detector] of detectors.entries()) {
    const live = scans[index]?.push(piece, budget);
    until = Math.min(until, live === undefined ? detector.liveFrom(formFor(detector, view).text) : live - begin);
  }
  // What is held by its length alone may begin within a character.
  return (buffer.codePointAt(until - 1) ?? 0) > 0xffff ? until - 1 : until;
}

/** Whether a pair of surrogates begins at `at`, or half of one that has not come yet. */
export function isFirstHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function advance(
  filter: DetectorFilter,
  state: State,
  { view, until }: { readonly view: TextView; readonly until: number },
): string | null {
  for (const [index, detector] of filter.detectors.entries()) collect(state, view, { detector, index, until });
  if (filter.action === 'block' && state.pending.length > 0) {
    state.blocked = true;
    state.matches += state.pending.length;
    state.buffer = '';
    return null;
  }
  const out = write(filter, state, until);
  trim(state);
  return out;
}

/** Notes the matches of one detector that begin before `until`. */
function collect(
  state: State,
  view: TextView,
  { detector, index, until }: { readonly detector: Detector; readonly index: number; readonly until: number },
): void {
  const from = state.resume[index] ?? 0;
  if (from >= until) return;
  const form = formFor(detector, view);
  state.resume[index] = detector.gate(form)
    ? eachMatch(detector, { text: form.text, from, until }, (match) =>
        state.pending.push(spanOf(match, detector, index)),
      )
    : until;
}

/** The text up to `until` with every match that begins before it replaced. */
function write(filter: DetectorFilter, state: State, until: number): string {
  let out = '';
  const later: Span[] = [];
  for (const span of state.pending.sort(bySpan)) {
    if (span.start >= until) {
      later.push(span);
    } else if (span.end > state.sent) {
      const start = Math.max(span.start, state.sent);
      out +=
        state.buffer.slice(state.sent, start) +
        (span.replacement ?? filter.render(span.type, state.buffer.slice(start, span.end)));
      state.sent = span.end;
      state.matches++;
    }
  }
  state.pending = later;
  if (until > state.sent) {
    out += state.buffer.slice(state.sent, until);
    state.sent = until;
  }
  return out;
}

function trim(state: State): void {
  const keep = Math.max(0, Math.min(state.sent, ...state.resume) - CONTEXT);
  if (keep === 0) return;
  state.buffer = state.buffer.slice(keep);
  state.begin += keep;
  state.sent -= keep;
  for (const [index, from] of state.resume.entries()) state.resume[index] = from - keep;
  state.pending = state.pending.map((span) => ({ ...span, start: span.start - keep, end: span.end - keep }));
}
