import { type JsonObject, wholeNumber } from '../../core/model/index.ts';
import type { Page } from '../../ports/index.ts';
import { type Answer, answer, refusal } from './context.ts';

/** One page of rows; `next` is the cursor of the following page, or null at the end. */
export interface PageOf {
  readonly items: readonly JsonObject[];
  readonly next: string | null;
}

/** `?limit=` and `?cursor=` as they came. */
export interface PageAsk {
  readonly limit: string | undefined;
  readonly cursor: string | undefined;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** The page that is asked for; refuses PAGE_LIMIT and PAGE_CURSOR. */
export function pageOf({ limit: asked, cursor }: PageAsk): Answer<Page> {
  const limit = asked === undefined ? DEFAULT_LIMIT : wholeNumber(asked);
  if (limit === undefined || limit < 1 || limit > MAX_LIMIT)
    return refusal(422, 'PAGE_LIMIT', `expected limit between 1 and ${MAX_LIMIT}, found ${asked}`);
  if (cursor !== undefined && !/^[A-Za-z0-9:._/-]{1,200}$/.test(cursor))
    return refusal(422, 'PAGE_CURSOR', 'expected a cursor as `next` gave it');
  return answer({ limit, ...(cursor === undefined ? {} : { after: cursor }) });
}

/** Rows that the store pages, as one page with its next cursor. */
export function paged<Row>(
  rows: readonly Row[],
  page: Page,
  view: { readonly of: (row: Row) => JsonObject; readonly cursor: (row: Row) => string },
): PageOf {
  const last = rows.at(-1);
  return { items: rows.map(view.of), next: rows.length < page.limit || last === undefined ? null : view.cursor(last) };
}
