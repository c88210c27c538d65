import { exactAs, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';
import type { Phase } from '../types.ts';

// What the visitors of texts have in common: how a body is walked through, and what is told of each text.

/** What is known of a text beside who says it. */
export interface TextFacts {
  /** The name of the field that it is the value of, where that may say what the text is. */
  readonly key?: string;
  /** Another text in its place would break the interface: it is read, and what an edit answers is not taken. */
  readonly isFixed?: boolean;
}

/** Answers the text to put in place of `text`, or `text` itself. `role` is who says it: user, assistant, system, tool … */
export type EditText = (text: string, role: string, facts: TextFacts) => string;

export interface Pass {
  readonly edit: EditText;
  readonly phase: Phase;
}

export type EditNode = (value: Json, role: string, pass: Pass) => Json;

/** Roles of texts that nobody says in a conversation. */
export const DEFINITION = 'definition';
export const SETTING = 'setting';
export const OTHER = 'other';

export const PLAIN: TextFacts = {};
const FIXED: TextFacts = { isFixed: true };

/** Reads a text that nothing can stand in the place of. */
export function readFixed(text: string, role: string, { edit }: Pass): void {
  edit(text, role, FIXED);
}

/** The same object where no entry changed. */
export function editEntries(value: JsonObject, editEntry: (key: string, item: Json) => Json): JsonObject {
  let copy: Record<string, Json> | null = null;
  for (const key of Object.keys(value)) {
    const item = value[key] as Json;
    const edited = editEntry(key, item);
    if (edited === item) continue;
    copy ??= { ...value };
    copy[key] = edited;
  }
  return copy === null ? value : exactAs(copy, value);
}

/** The same list where no item changed. */
export function editItems(list: JsonArray, editItem: (item: Json, index: number) => Json): JsonArray {
  let copy: Json[] | null = null;
  for (let index = 0; index < list.length; index++) {
    const item = list[index] as Json;
    const edited = editItem(item, index);
    if (edited === item) continue;
    copy ??= [...list];
    copy[index] = edited;
  }
  return copy === null ? list : exactAs(copy, list);
}
