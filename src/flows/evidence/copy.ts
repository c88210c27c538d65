import { EVENT_TYPES, type JournalLine, type OrgSlug, parseJson } from '../../core/model/index.ts';
import type { LineRow, RuntimeStore } from '../../ports/index.ts';
import { LAST_MS, type LinkText, linkOf } from './shapes.ts';

/** Rows of one question to the store, and what their texts may come to: a gateway of the org makes its lines as long as it will. */
const PAGE = 1000;
export const MOST_OF_PAGE = 8 << 20;

/** Whether more rows may follow those of a page that was asked for with `MOST_OF_PAGE`. */
export function isCut(rows: readonly LineRow[], limit: number): boolean {
  return rows.length === limit || rows.reduce((size, { text }) => size + text.length, 0) >= MOST_OF_PAGE;
}

/** A stored line with where it came from. */
export interface LineCopy extends LineRow {
  /** Undefined for a text that is no line any more; `verifyEvidence` says which. */
  readonly line: LinkText | undefined;
}

/** Every stored line of an org above `after` and up to `through`, first received first, a page at a time. */
export async function* allLines(
  runtime: Pick<RuntimeStore, 'lines'>,
  org: OrgSlug,
  { after = 0, through = Number.MAX_SAFE_INTEGER }: { readonly after?: number; readonly through?: number } = {},
): AsyncGenerator<LineRow, void, undefined> {
  let last = after;
  while (last < through) {
    const page = await runtime.lines(org, { limit: PAGE, most: MOST_OF_PAGE, after: String(last) });
    yield* page.filter(({ position }) => position <= through);
    last = page.at(-1)?.position ?? last;
    if (!isCut(page, PAGE)) return;
  }
}

/** When a line's event happened, by the clock of its gateway; from inclusive, to exclusive, Unix milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Lines above a position whose event lies in the span; those that cannot be read lie in every span. */
export async function* copyLines(
  runtime: Pick<RuntimeStore, 'lines'>,
  org: OrgSlug,
  { fromMs, toMs, after = 0 }: Span & { readonly after?: number },
): AsyncGenerator<LineCopy, void, undefined> {
  for await (const row of allLines(runtime, org, { after })) {
    const line = linkOf(row.text);
    const at = line?.event['at'];
    if (typeof at !== 'number' || (at >= fromMs && at < toMs)) yield { ...row, line };
  }
}

/** The position of the last line that is stored, 0 without one. */
export async function newestPosition(runtime: Pick<RuntimeStore, 'events'>, org: OrgSlug): Promise<number> {
  const [newest] = await runtime.events(org, { limit: 1 });
  return newest?.position ?? 0;
}

/**
 * The line of a text, or undefined for one that says of nothing what it is, of which request, and when. Nothing else that it
 * says is of its type for that; `misfitOf` tells.
 */
export function readLine(text: string): JournalLine | undefined {
  try {
    const line = parseJson(text) as Partial<JournalLine> | null;
    const event = line?.event as {
      readonly type?: unknown;
      readonly requestId?: unknown;
      readonly at?: unknown;
    } | null;
    const isEvent =
      EVENT_TYPES.some((type) => type === event?.type) &&
      typeof event?.requestId === 'string' &&
      Number.isSafeInteger(event.at) &&
      Number(event.at) >= 0 &&
      Number(event.at) <= LAST_MS;
    return isEvent && Number.isSafeInteger(line?.sequence) ? (line as JournalLine) : undefined;
  } catch {
    return undefined;
  }
}
