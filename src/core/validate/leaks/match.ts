import type { LeakClass } from '../rule.ts';
import type { LeakValue } from './values.ts';

/** What may not stand right before and right after a value, or it is part of another one. */
const EDGES: { readonly [kind in LeakClass]: { readonly before: RegExp; readonly after: RegExp } } = {
  // `my-acme.example` and `acme.example.org` are other domains; `www.acme.example` is of this one.
  domain: { before: /[\p{L}\p{N}-]$/u, after: /^(?:[\p{L}\p{N}-]|\.[\p{L}\p{N}])/u },
  address: { before: /[\p{L}\p{N}._%+-]$/u, after: /^(?:[\p{L}\p{N}-]|\.[\p{L}\p{N}])/u },
  account: { before: /[\p{L}\p{N}_-]$/u, after: /^[\p{L}\p{N}_-]/u },
  secret: { before: /[\p{L}\p{N}_-]$/u, after: /^[\p{L}\p{N}_-]/u },
  uid: { before: /[\p{L}\p{N}]$/u, after: /^[\p{L}\p{N}]/u },
  name: { before: /[\p{L}\p{N}]$/u, after: /^[\p{L}\p{N}]/u },
};

/** A value found in folded text, from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the value stands by itself in folded text. */
export function spansOf(text: string, value: Pick<LeakValue, 'class' | 'text'>): readonly Span[] {
  const { before, after } = EDGES[value.class];
  const spans: Span[] = [];
  for (let start = text.indexOf(value.text); start >= 0; start = text.indexOf(value.text, start + 1)) {
    const end = start + value.text.length;
    // Two characters on each side are enough for every edge.
    if (before.test(text.slice(Math.max(0, start - 2), start)) || after.test(text.slice(end, end + 2))) continue;
    spans.push({ start, end });
  }
  return spans;
}

/** Where the value stands and is not part of a longer value that the text may hold: `acme` in `acme-eu` of org acme-eu. */
export function foreignSpans(text: string, value: LeakValue, own: readonly LeakValue[]): readonly Span[] {
  const spans = spansOf(text, value);
  if (spans.length === 0) return spans;
  const covering = own.flatMap((mine) => (text.includes(mine.text) ? spansOf(text, mine) : []));
  if (value.class === 'name') {
    // Names of variables and hosts are made of names of orgs: ACME_EU_KEY is of acme-eu.
    const dashed = joined(text);
    for (const mine of own)
      if (mine.class === 'name') covering.push(...spansOf(dashed, { class: 'name', text: joined(mine.text) }));
  }
  return spans.filter(({ start, end }) => !covering.some((span) => span.start <= start && end <= span.end));
}

/** The text with every sign that joins words as the same one. */
function joined(text: string): string {
  return text.replace(/[_. ]/g, '-');
}
