import { type Detector, TextView } from '../detect/detector.ts';

/** What to look for in a text, and what stands in its place afterwards. */
export interface TextFilter {
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
}

export interface Filtered {
  readonly text: string;
  readonly matches: number;
}

/** Left to right; of two that start together the longer one first. */
export const bySpan = (a: Span, b: Span): number => a.start - b.start || b.end - a.end || a.order - b.order;

/** Everything that the filter finds in a whole text; the text is edited only where the action is to redact. */
export function filterText(filter: TextFilter, text: string): Filtered {
  const spans = spansOf(filter.detectors, text);
  if (spans.length === 0) return { text, matches: 0 };
  if (filter.action === 'block') return { text, matches: spans.length };
  let out = '';
  let at = 0;
  let matches = 0;
  for (const span of spans) {
    if (span.end <= at) continue;
    const start = Math.max(span.start, at);
    out += text.slice(at, start) + filter.render(span.type, text.slice(start, span.end));
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
    // Detectors with the same gate stand together, so it is asked once.
    if (detector.gate !== gate) {
      gate = detector.gate;
      open = gate(view);
    }
    if (!open) continue;
    for (let match = detector.find(text, 0); match !== null; match = detector.find(text, match.end)) {
      spans.push({ start: match.valueStart, end: match.end, type: detector.type, order });
    }
  }
  return spans.sort(bySpan);
}
