import { ORDER_KEY } from '../kinds/index.ts';
import { type JsonObject, parseJson, pointerStep, pointerSteps, valueAt } from '../model/index.ts';

/** Where an entry stands in an ordered list, from 1. */
export interface Position {
  readonly place: number;
  readonly of: number;
}

/** True for the pointer of the order of an ordered list in keyed form. */
export function isOrder(pointer: string): boolean {
  return pointer.endsWith(`/${pointerStep(ORDER_KEY)}`);
}

/** True when entries that both documents have stand in another order: what coming and going alone does not tell. */
export function orderChanged(before: JsonObject, after: JsonObject, pointer: string): boolean {
  const [left, right] = [orderAt(before, pointer), orderAt(after, pointer)];
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  const common = left.filter((key) => inRight.has(key));
  const commonAfter = right.filter((key) => inLeft.has(key));
  return common.some((key, index) => commonAfter[index] !== key);
}

/** The position of the entry at a pointer, when it is one of an ordered list with more entries. */
export function positionOf(keyed: JsonObject, pointer: string): Position | null {
  const cut = pointer.lastIndexOf('/');
  const order = orderAt(keyed, `${pointer.slice(0, cut)}/${pointerStep(ORDER_KEY)}`);
  const place = order.indexOf(pointerSteps(pointer).at(-1) ?? '') + 1;
  return place === 0 ? null : { place, of: order.length };
}

/** The keys that the text of an order names. */
export function orderKeys(text: string): readonly string[] {
  const keys: unknown = parseJson(text);
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}

function orderAt(keyed: JsonObject, pointer: string): readonly string[] {
  const text = valueAt(keyed, pointer);
  return typeof text === 'string' ? orderKeys(text) : [];
}
