import { nearest, shareConstant } from '../kinds/index.ts';
import { byCodeUnit, isJsonObject, type Json, type JsonArray, type JsonObject, pointerStep } from '../model/index.ts';
import { compileCondition } from './condition.ts';
import { compileLeaf, literal, usePath } from './leaf.ts';
import { complain, type Report } from './report.ts';
import { type Evaluate, type Frame, itemsOf, type Path, readPath, type Scope } from './scope.ts';
import { shapeWords } from './shape.ts';

/** Adds what an item of a list becomes: one value, several, or none. */
export type Spread = (frame: Frame, out: Json[]) => void;

/** A node of a body with where it stands. */
export interface Node {
  readonly value: Json;
  readonly pointer: string;
  readonly scope: Scope;
  readonly report: Report;
}

const DIRECTIVES = ['$as', '$distinct', '$each', '$if', '$items', '$merge', '$value'];
const ITEM_ONLY = ['$each', '$as', '$items', '$distinct'];
const BESIDE_VALUE = ['$value', '$if', '$each', '$as', '$distinct'];
const NAME = /^[a-z][A-Za-z0-9]{0,40}$/;
const WORDS = new Set([
  'if',
  'unless',
  'else',
  'each',
  'with',
  'lookup',
  'log',
  'this',
  'true',
  'false',
  'null',
  'default',
  'join',
]);

/** Compiles any value of a body; findings for everything that cannot be rendered for every org. */
export function compileValue(node: Node): Evaluate {
  const { value, pointer, scope, report } = node;
  if (typeof value === 'string') return compileLeaf(value, scope, { pointer, report });
  if (Array.isArray(value)) return compileList(node, value);
  if (!isJsonObject(value)) return literal(value, pointer);
  const misplaced = ITEM_ONLY.find((key) => Object.hasOwn(value, key));
  if (misplaced !== undefined) refuseDirective(node, misplaced, 'it in an item of a list', misplaced);
  return compileMap(node, value);
}

function compileList(node: Node, list: JsonArray): Evaluate {
  const spreads = list.map((value, index) => compileItem({ ...node, value, pointer: `${node.pointer}/${index}` }));
  return folded(list, (frame) => {
    const out: Json[] = [];
    for (const spread of spreads) spread(frame, out);
    if (out.length === 0) frame.recorder?.leaf(node.pointer, [], out);
    return out;
  });
}

/** What has no expression and no directive in it is the same for every org: it is made once, and all share it. */
function folded(source: Json, evaluate: Evaluate): Evaluate {
  if (!isConstant(source)) return evaluate;
  const made = evaluate({ slots: [], faults: [], recorder: null });
  if (typeof made !== 'object' || made === null) return evaluate;
  const constant = shareConstant(made);
  // A trace hears of each leaf, so that is evaluated.
  return (frame) => (frame.recorder === null ? constant : evaluate(frame));
}

function isConstant(value: Json): boolean {
  if (typeof value === 'string') return !value.includes('{{');
  if (Array.isArray(value)) return value.every(isConstant);
  if (!isJsonObject(value)) return true;
  return Object.keys(value).every((key) => !key.startsWith('$') && isConstant(value[key] ?? null));
}

/** Compiles an item of a list, with $each, then $if, then its content. */
export function compileItem(node: Node): Spread {
  const { value } = node;
  if (!isJsonObject(value) || !Object.hasOwn(value, '$each')) {
    const alone = isJsonObject(value) ? ['$as', '$distinct'].find((key) => Object.hasOwn(value, key)) : undefined;
    if (alone !== undefined) refuseDirective(node, alone, '$each beside it', 'nothing');
    return compileConditional(node);
  }
  return compileEach(node, value);
}

function compileEach(node: Node, value: JsonObject): Spread {
  const at = { pointer: `${node.pointer}/$each`, report: node.report };
  const [text, name] = [value['$each'], value['$as']];
  const isName = typeof name === 'string' && NAME.test(name) && !WORDS.has(name) && !node.scope.names.has(name);
  if (typeof text !== 'string' || !isName) {
    const expected = '$each: <path of a list> and $as: <a new name that is not in scope yet>';
    refuseDirective(
      node,
      typeof text === 'string' ? '$as' : '$each',
      expected,
      typeof name === 'string' ? name : 'nothing',
    );
    return () => undefined;
  }
  const path = usePath(text.split('.'), node.scope, at);
  if (path === null) return () => undefined;
  if (path.shape.type !== 'list') {
    const facts = {
      pointer: at.pointer,
      message: `${text} is no list`,
      expected: 'a list',
      found: shapeWords(path.shape),
    };
    complain(node.report, 'TEMPLATE_TYPE', facts);
    return () => undefined;
  }
  const slot = node.scope.names.size;
  const names = new Map(node.scope.names).set(name, { slot, shape: path.shape.items });
  const body = compileConditional({ ...node, scope: { names, present: node.scope.present } });
  return loop(path, slot, isDistinct(node, value) ? distinct(body) : body);
}

/** $distinct: a value that the list has already is left out; for lists of scalars. */
function isDistinct(node: Node, value: JsonObject): boolean {
  if (!Object.hasOwn(value, '$distinct')) return false;
  const fits = value['$distinct'] === true && Object.hasOwn(value, '$value');
  if (!fits) refuseDirective(node, '$distinct', '$distinct: true beside $value', 'something else');
  return fits;
}

function distinct(body: Spread): Spread {
  return (frame, out) => {
    const at = out.length;
    body(frame, out);
    if (out.length > at && out.indexOf(out[at] ?? null) < at) out.length = at;
  };
}

function loop(path: Path, slot: number, body: Spread): Spread {
  const read = readPath(path);
  return (frame, out) => {
    const items = itemsOf(read(frame));
    for (let index = 0; index < items.length; index += 1) {
      frame.slots[slot] = items[index];
      frame.recorder?.bind(slot, path, index);
      body(frame, out);
    }
  };
}

function compileConditional(node: Node): Spread {
  const { value } = node;
  if (!isJsonObject(value) || !Object.hasOwn(value, '$items')) {
    const content = isJsonObject(value) ? compileMap(node, value) : compileValue(node);
    return (frame, out) => {
      frame.recorder?.enter(String(out.length));
      const item = content(frame);
      frame.recorder?.leave();
      if (item !== undefined) out.push(item);
    };
  }
  const list = value['$items'];
  const other = Object.keys(value).find((key) => !['$items', '$each', '$as', '$if'].includes(key));
  if (!Array.isArray(list) || other !== undefined) {
    refuseDirective(node, '$items', 'a list, with no key but $each, $as and $if beside it', other ?? 'no list');
    return () => undefined;
  }
  const { holds, scope } = conditionOf(node, value);
  const inner = list.map((item: Json, index) =>
    compileItem({ ...node, value: item, scope, pointer: `${node.pointer}/$items/${index}` }),
  );
  return (frame, out) => {
    if (holds(frame)) for (const spread of inner) spread(frame, out);
  };
}

function conditionOf(node: Node, value: JsonObject): { holds: (frame: Frame) => boolean; scope: Scope } {
  const condition = Object.hasOwn(value, '$if') ? value['$if'] : undefined;
  if (condition === undefined) return { holds: () => true, scope: node.scope };
  return compileCondition(condition, node.scope, { pointer: `${node.pointer}/$if`, report: node.report });
}

/** A map: left out when its $if does not hold, else its $value, or its fields and those of $merge. */
function compileMap(node: Node, value: JsonObject): Evaluate {
  checkKeys(node, value);
  const { holds, scope } = conditionOf(node, value);
  const inner: Node = { ...node, scope };
  const content = Object.hasOwn(value, '$value') ? compileReplacement(inner, value) : compileFields(inner, value);
  return Object.hasOwn(value, '$if') ? (frame) => (holds(frame) ? content(frame) : undefined) : content;
}

function compileReplacement(node: Node, value: JsonObject): Evaluate {
  const other = Object.keys(value).find((key) => !BESIDE_VALUE.includes(key));
  if (other !== undefined) refuseDirective(node, '$value', 'no key but $each, $as, $distinct and $if beside it', other);
  return compileValue({ ...node, value: value['$value'] ?? null, pointer: `${node.pointer}/$value` });
}

function checkKeys(node: Node, value: JsonObject): void {
  for (const key of Object.keys(value)) {
    if (key.startsWith('$') && !DIRECTIVES.includes(key)) {
      refuseDirective(node, key, `one of ${DIRECTIVES.join(', ')}`, key);
    } else if (key.includes('{{') || key === '__proto__') {
      refuseDirective(node, key, 'a key without an expression', key);
    }
  }
}

function refuseDirective(node: Node, key: string, expected: string, found: string): void {
  const meant = expected.startsWith('one of') ? nearest(key, DIRECTIVES) : undefined;
  complain(node.report, 'TEMPLATE_DIRECTIVE', {
    pointer: `${node.pointer}/${pointerStep(key)}`,
    at: 'key',
    message: `${key} cannot be used like this`,
    expected,
    found,
    ...(meant === undefined ? {} : { fix: `Write ${meant}.` }),
  });
}

function compileFields(node: Node, value: JsonObject): Evaluate {
  const fields = Object.entries(value)
    .filter(([key]) => !key.startsWith('$') && key !== '__proto__')
    // The order of the emitter: what is rendered needs no sorting then, in any org.
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([key, child]) => {
      const evaluate = compileValue({ ...node, value: child, pointer: `${node.pointer}/${pointerStep(key)}` });
      return { key, evaluate };
    });
  const merge = Object.hasOwn(value, '$merge') ? compileMerge(node, value['$merge'], fields) : null;
  return folded(value, (frame) => {
    const { recorder } = frame;
    const out: Record<string, Json> = {};
    for (const { key, evaluate } of fields) {
      recorder?.enter(key);
      const child = evaluate(frame);
      recorder?.leave();
      if (child !== undefined) out[key] = child;
    }
    merge?.(frame, out);
    if (recorder !== null && Object.keys(out).length === 0) recorder.leaf(node.pointer, [], out);
    return out;
  });
}

/** $merge adds the keys of a map of the inputs; a key that is set already is a fault, never replaced. */
function compileMerge(
  node: Node,
  text: Json | undefined,
  fields: readonly { readonly key: string }[],
): ((frame: Frame, out: Record<string, Json>) => void) | null {
  const pointer = `${node.pointer}/$merge`;
  if (typeof text !== 'string') {
    refuseDirective(node, '$merge', 'the path of a map', 'another value');
    return null;
  }
  const path = usePath(text.split('.'), node.scope, { pointer, report: node.report });
  if (path === null) return null;
  const { shape } = path;
  if (shape.type !== 'map' && shape.type !== 'dict') {
    const facts = { pointer, message: `${text} is no map`, expected: 'a map', found: shapeWords(shape) };
    complain(node.report, 'TEMPLATE_TYPE', facts);
    return null;
  }
  const double = shape.type === 'map' ? fields.find(({ key }) => shape.fields.has(key)) : undefined;
  if (double !== undefined) {
    const message = `${text} may bring ${double.key}, which is set beside $merge`;
    complain(node.report, 'MERGE_COLLISION', { pointer, message, expected: 'other keys', found: double.key });
  }
  const read = readPath(path);
  return (frame, out) => mergeInto(frame, out, { path, pointer, value: read(frame) });
}

function mergeInto(
  frame: Frame,
  out: Record<string, Json>,
  from: { readonly path: Path; readonly pointer: string; readonly value: Json | undefined },
): void {
  if (!isJsonObject(from.value)) return;
  for (const [key, value] of Object.entries(from.value)) {
    if (Object.hasOwn(out, key) || key === '__proto__') {
      frame.faults.push({ pointer: from.pointer, key });
      continue;
    }
    frame.recorder?.enter(key);
    frame.recorder?.leaf(from.pointer, [{ ...from.path, keys: [...from.path.keys, key] }], value);
    frame.recorder?.leave();
    out[key] = value;
  }
}
