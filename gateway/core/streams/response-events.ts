import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';
import { annotationOf, type Item, type Part, partJson, partOf, textIn } from './response-items.ts';
import { indexOf, type Scan, unreadable } from './stream.ts';

// The events of the texts of a streamed response, each built from what was let out.

interface TextEvents {
  readonly type: Part['type'];
  readonly index: string | null;
  readonly whole: string;
}

/** The texts that grow by deltas: the name of their events, their index, and where a whole text stands at the end. */
const TEXTS: ReadonlyMap<string, TextEvents> = new Map<string, TextEvents>([
  ['response.output_text', { type: 'output_text', index: 'content_index', whole: 'text' }],
  ['response.refusal', { type: 'refusal', index: 'content_index', whole: 'refusal' }],
  ['response.reasoning_text', { type: 'reasoning_text', index: 'content_index', whole: 'text' }],
  ['response.reasoning_summary_text', { type: 'summary_text', index: 'summary_index', whole: 'text' }],
  ['response.function_call_arguments', { type: 'arguments', index: null, whole: 'arguments' }],
  ['response.custom_tool_call_input', { type: 'input', index: null, whole: 'input' }],
]);
const EVENT_OF: ReadonlyMap<Part['type'], string> = new Map([...TEXTS].map(([name, { type }]) => [type, name]));

export type Handler = (event: JsonObject, frames: string[]) => void;

/** How texts grow and end. `numbered` makes the frame of an event. */
export interface Texts {
  add(item: Item, part: Part, text: string, frames: string[]): void;
  /** What a provider repeats of a part at its end: more than came in pieces is read like one, and not after the end. */
  catchUp(item: Item, part: Part, whole: Json | undefined, frames: string[]): void;
  /** The rest of a part; `whole` is all that came of it, should a provider send less in pieces. */
  end(item: Item, part: Part, whole: Json | undefined, frames: string[]): void;
}

export function createTexts(scan: Scan, numbered: (event: JsonObject) => string): Texts {
  const grow = (item: Item, part: Part, text: string, frames: string[]): void => {
    part.text += text;
    if (text === '' || item.isHeld) return;
    frames.push(numbered(deltaEvent(item, part, text)));
  };
  const add: Texts['add'] = (item, part, text, frames) => {
    if (part.isEnded) unreadable();
    part.received += text.length;
    grow(item, part, scan.push(part.channel, text), frames);
  };
  const catchUp: Texts['catchUp'] = (item, part, whole, frames) => {
    if (typeof whole === 'string' && whole.length > part.received) add(item, part, whole.slice(part.received), frames);
  };
  return {
    add,
    catchUp,
    end: (item, part, whole, frames) => {
      catchUp(item, part, whole, frames);
      if (part.isEnded) return;
      grow(item, part, scan.end(part.channel, item.call ?? undefined), frames);
      part.isEnded = true;
    },
  };
}

/** What the events of texts need. */
export interface Hands {
  readonly scan: Scan;
  readonly numbered: (event: JsonObject) => string;
  readonly texts: Texts;
  readonly itemAt: (event: JsonObject) => Item;
}

/** What each event of a text, of a part or of an annotation does. */
export function textHandlers(hands: Hands): readonly (readonly [string, Handler])[] {
  return [
    ...[...TEXTS].flatMap(([name, text]) => growHandlers(hands, name, text)),
    ...partHandlers(hands, 'response.content_part', 'content_index'),
    ...partHandlers(hands, 'response.reasoning_summary_part', 'summary_index'),
    ['response.output_text.annotation.added', annotationHandler(hands)],
  ];
}

function growHandlers(
  { texts, numbered, itemAt }: Hands,
  name: string,
  { type, index, whole }: TextEvents,
): readonly (readonly [string, Handler])[] {
  const partAt = (event: JsonObject): [Item, Part] => {
    const item = itemAt(event);
    if ((item.call === null) !== (index !== null)) unreadable();
    return [item, partOf(item, type, index === null ? 0 : indexOf(event[index]))];
  };
  const grow: Handler = (event, frames) => {
    const [item, part] = partAt(event);
    texts.add(item, part, typeof event['delta'] === 'string' ? event['delta'] : unreadable(), frames);
  };
  const end: Handler = (event, frames) => {
    const [item, part] = partAt(event);
    // A call that is judged ends with its item.
    if (item.isHeld) return texts.catchUp(item, part, event[whole], frames);
    texts.end(item, part, event[whole], frames);
    frames.push(numbered(doneEvent(item, part)));
  };
  return [
    [`${name}.delta`, grow],
    [`${name}.done`, end],
  ];
}

function partHandlers(
  { texts, numbered, itemAt }: Hands,
  name: string,
  index: string,
): readonly (readonly [string, Handler])[] {
  const partAt = (event: JsonObject): { readonly item: Item; readonly part: Part; readonly given: JsonObject } => {
    const given = objectAt(event['part']);
    const item = itemAt(event);
    const type = PART_TYPES.get(String(given['type'])) ?? unreadable();
    return { item, part: partOf(item, type, indexOf(event[index])), given };
  };
  const add: Handler = (event, frames) => {
    const before = itemAt(event).parts.length;
    const { item, part, given } = partAt(event);
    if (item.parts.length === before) unreadable();
    const empty = partJson({ ...part, text: '' });
    frames.push(numbered({ ...partPlace(item, part, index), type: `${name}.added`, part: empty }));
    const text = textIn(given, part.type);
    if (typeof text === 'string' && text !== '') texts.add(item, part, text, frames);
  };
  const end: Handler = (event, frames) => {
    const { item, part, given } = partAt(event);
    texts.end(item, part, textIn(given, part.type), frames);
    frames.push(numbered({ ...partPlace(item, part, index), type: `${name}.done`, part: partJson(part) }));
  };
  return [
    [`${name}.added`, add],
    [`${name}.done`, end],
  ];
}

function annotationHandler({ scan, numbered, itemAt }: Hands): Handler {
  return (event, frames) => {
    const item = itemAt(event);
    const part = partOf(item, 'output_text', indexOf(event['content_index']));
    const annotation_index = part.annotations.length;
    const annotation = annotationOf(scan, part, event['annotation']);
    const place = partPlace(item, part, 'content_index');
    frames.push(numbered({ ...place, type: String(event['type']), annotation_index, annotation }));
  };
}

/** An object that has to be one. */
export function objectAt(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : unreadable();
}

const PART_TYPES: ReadonlyMap<string, Part['type']> = new Map(
  (['output_text', 'refusal', 'reasoning_text', 'summary_text'] as const).map((type) => [type, type]),
);

function partPlace(item: Item, part: Part, index: string): JsonObject {
  return { item_id: item.id, output_index: item.index, [index]: part.at };
}

/** The head of an event of a text. */
function placeOf(item: Item, part: Part, what: 'delta' | 'done'): JsonObject {
  const name = EVENT_OF.get(part.type) ?? '';
  const index = TEXTS.get(name)?.index ?? null;
  return {
    type: `${name}.${what}`,
    item_id: item.id,
    output_index: item.index,
    ...(index === null ? {} : { [index]: part.at }),
    ...(part.type === 'output_text' ? { logprobs: [] } : {}),
  };
}

/** A piece of a text that may go out. */
export function deltaEvent(item: Item, part: Part, delta: string): JsonObject {
  return { ...placeOf(item, part, 'delta'), delta };
}

/** The end of a text, which repeats what went out of it. */
export function doneEvent(item: Item, part: Part): JsonObject {
  const name = EVENT_OF.get(part.type) ?? '';
  return { ...placeOf(item, part, 'done'), [TEXTS.get(name)?.whole ?? 'text']: part.text };
}
