import type { GatewayEvent, JsonObject, Sha256Hex } from '../../core/model/index.ts';
import type { LineRow } from '../../ports/index.ts';
import { isTooDeep, linkOf, misfitOf } from './shapes.ts';

type Place = Omit<LineRow, 'text'>;

/** A stored line as a page shows it: what it says, or that it is no event of its shape, or no line any more. */
export type ShownEvent = Place &
  (
    | { readonly previous: Sha256Hex; readonly event: GatewayEvent }
    | { readonly previous: Sha256Hex; readonly event: JsonObject; readonly misshapen: string }
    | { readonly damaged: true }
  );

/** Reads a row for people and programs; nothing that a row holds stops the page that it is on. */
export function shownEvent({ text, ...place }: LineRow): ShownEvent {
  const line = linkOf(text);
  if (line === undefined) return { ...place, damaged: true };
  const { previous, event } = line;
  const misshapen = misfitOf(event);
  // What it says stands in the line, which `events export` copies as it is.
  if (misshapen !== null) return { ...place, previous, event: isTooDeep(event) ? {} : event, misshapen };
  return { ...place, previous, event: event as unknown as GatewayEvent };
}
