import { nearest } from '../kinds/index.ts';
import { byCodeUnit, type Json } from '../model/index.ts';
import { type Argument, type Part, parseExpression } from './expression.ts';
import { complain, type Report } from './report.ts';
import {
  type Evaluate,
  type Frame,
  isPath,
  itemsOf,
  type Path,
  readCondition,
  readPath,
  resolvePath,
  type Scope,
  textOf,
  withPresent,
} from './scope.ts';
import { type Scalar, type Shape, shapeWords } from './shape.ts';

/** Where a leaf stands, for findings. */
interface At {
  readonly pointer: string;
  readonly report: Report;
}

interface Compiled {
  readonly evaluate: Evaluate;
  readonly shape: Shape;
  /** What is read for the value: first what gives it, then what decides which one it is. */
  readonly sources: (frame: Frame) => readonly Path[];
}

const NO_SOURCES = (): readonly Path[] => [];

const TEXT: Shape = { type: 'scalar', scalar: 'string', values: null };

/** Compiles a string leaf: a lone {{path}} keeps the type of its value, everything else becomes a string. */
export function compileLeaf(text: string, scope: Scope, at: At): Evaluate {
  if (!text.includes('{{')) return literal(text, at.pointer);
  const parts = parseExpression(text, at.pointer, at.report);
  if (parts === null) return () => null;
  const [first] = parts;
  const lone = parts.length === 1 && first !== undefined && (first.type === 'path' || first.type === 'call');
  const compiled = lone ? compilePart(first, scope, at) : compileText(parts, scope, at);
  return compiled === null ? () => null : recorded(compiled, at.pointer);
}

/** A value that the template states itself. */
export function literal(value: Json, pointer: string): Evaluate {
  return (frame) => {
    frame.recorder?.leaf(pointer, [], value);
    return value;
  };
}

function recorded(compiled: Compiled, pointer: string): Evaluate {
  const { evaluate, sources } = compiled;
  return (frame) => {
    const value = evaluate(frame);
    if (value !== undefined) frame.recorder?.leaf(pointer, sources(frame), value);
    return value;
  };
}

function compilePart(part: Part, scope: Scope, at: At): Compiled | null {
  switch (part.type) {
    case 'text':
      return { evaluate: () => part.text, shape: TEXT, sources: NO_SOURCES };
    case 'path':
      return compilePath(part.parts, scope, at);
    case 'call':
      return compileCall(part.helper, part.args, scope, at);
    case 'choice':
      return compileChoice(part, scope, at);
  }
}

function compilePath(parts: readonly string[], scope: Scope, at: At): Compiled | null {
  const path = usePath(parts, scope, at);
  return path === null ? null : { evaluate: readPath(path), shape: path.shape, sources: () => [path] };
}

/** Resolves a path whose value must be there; findings otherwise. */
export function usePath(parts: readonly string[], scope: Scope, at: At): Path | null {
  const path = findPath(parts, scope, at);
  if (path === null || path.mayLack === null) return path;
  complain(at.report, 'TEMPLATE_OPTIONAL_UNGUARDED', {
    pointer: at.pointer,
    message: `${path.mayLack} may be missing`,
    expected: `a value for every org, or $if: ${path.mayLack} around it`,
    found: 'an optional input',
  });
  return null;
}

/** Resolves a path that may be missing; TEMPLATE_UNKNOWN_PATH when it is not declared. */
export function findPath(parts: readonly string[], scope: Scope, at: At): Path | null {
  const path = resolvePath(parts, scope);
  if (isPath(path)) return path;
  complain(at.report, 'TEMPLATE_UNKNOWN_PATH', {
    pointer: at.pointer,
    message: `the path ${parts.join('.')} names something that does not exist`,
    expected: path.expected,
    found: path.found,
    ...(path.meant === undefined ? {} : { fix: `Write ${path.meant} instead of ${path.found}.` }),
  });
  return null;
}

/** Joins the parts with String(); every part must be a scalar. */
function compileText(parts: readonly Part[], scope: Scope, at: At): Compiled | null {
  const compiled = parts.map((part) => compilePart(part, scope, at));
  const known = compiled.filter((part) => part !== null);
  for (const part of known) if (part.shape.type !== 'scalar') refuseType(at, 'text', 'a scalar', part.shape);
  if (known.length < compiled.length || known.some((part) => part.shape.type !== 'scalar')) return null;
  const evaluators = known.map((part) => part.evaluate);
  const evaluate = (frame: Frame): string => {
    let text = '';
    for (const part of evaluators) text += textOf(part(frame));
    return text;
  };
  return { evaluate, shape: TEXT, sources: (frame) => known.flatMap((part) => part.sources(frame)) };
}

function refuseType(at: At, where: string, expected: string, shape: Shape): void {
  complain(at.report, 'TEMPLATE_TYPE', {
    pointer: at.pointer,
    message: `a value of the wrong type in ${where}`,
    expected,
    found: shapeWords(shape),
  });
}

function compileChoice(part: Extract<Part, { type: 'choice' }>, scope: Scope, at: At): Compiled | null {
  const test = useCondition(part.test, scope, at);
  if (test === null) return null;
  const first = compileText(part.whenPresent, withPresent(scope, test), at);
  const second = compileText(part.otherwise, scope, at);
  if (first === null || second === null) return null;
  const holds = readCondition(test);
  return {
    evaluate: (frame) => (holds(frame) ? first.evaluate(frame) : second.evaluate(frame)),
    shape: TEXT,
    sources: (frame) => [...(holds(frame) ? first : second).sources(frame), test],
  };
}

/** Resolves the path of a condition: a boolean, or something that may be missing. */
export function useCondition(parts: readonly string[], scope: Scope, at: At): Path | null {
  const path = findPath(parts, scope, at);
  if (path === null) return null;
  const isBoolean = path.shape.type === 'scalar' && path.shape.scalar === 'boolean';
  if (isBoolean || path.mayLack !== null) return path;
  refuseType(at, `the condition ${path.text}, which always holds`, 'a boolean, or an optional value', path.shape);
  return null;
}

/** The helpers: pure, typed, few. */
const HELPERS: ReadonlyMap<string, (args: readonly Argument[], scope: Scope, at: At) => Compiled | null> = new Map([
  ['default', compileDefault],
  ['join', compileJoin],
]);

function compileCall(helper: string, args: readonly Argument[], scope: Scope, at: At): Compiled | null {
  const compile = HELPERS.get(helper);
  if (compile !== undefined) return compile(args, scope, at);
  const known = [...HELPERS.keys()].sort(byCodeUnit);
  const meant = nearest(helper, known);
  complain(at.report, 'TEMPLATE_UNKNOWN_PATH', {
    pointer: at.pointer,
    message: `there is no helper ${helper}`,
    expected: `one of ${known.join(', ')}`,
    found: helper,
    ...(meant === undefined ? {} : { fix: `Write ${meant}.` }),
  });
  return null;
}

/** {{join list ", "}}: the scalars of a list as one text. */
function compileJoin(args: readonly Argument[], scope: Scope, at: At): Compiled | null {
  const [list, separator] = args;
  if (args.length !== 2 || list?.type !== 'path' || separator?.type !== 'literal') return badCall(at, 'join list ", "');
  const path = usePath(list.parts, scope, at);
  if (path === null) return null;
  if (path.shape.type !== 'list' || path.shape.items.type !== 'scalar') {
    refuseType(at, 'join', 'a list of scalars', path.shape);
    return null;
  }
  const [read, between] = [readPath(path), String(separator.value)];
  return { evaluate: (frame) => itemsOf(read(frame)).join(between), shape: TEXT, sources: () => [path] };
}

/** {{default path "value"}} or {{default path other.path}}: the first that is there; both have one type. */
function compileDefault(args: readonly Argument[], scope: Scope, at: At): Compiled | null {
  const [first, second] = args;
  if (args.length !== 2 || first?.type !== 'path' || second === undefined) return badCall(at, 'default path "value"');
  const path = findPath(first.parts, scope, at);
  const other = second.type === 'path' ? compilePath(second.parts, scope, at) : constant(second.value);
  if (path === null || other === null) return null;
  if (path.mayLack === null) {
    refuseType(at, `default: ${path.text} is always there`, 'an optional value', path.shape);
    return null;
  }
  if (path.shape.type !== 'scalar' || other.shape.type !== 'scalar' || path.shape.scalar !== other.shape.scalar) {
    refuseType(at, 'default', `${shapeWords(path.shape)}, a scalar, in both places`, other.shape);
    return null;
  }
  const read = readPath(path);
  const evaluate = (frame: Frame): Json | undefined => read(frame) ?? other.evaluate(frame);
  const sources = (frame: Frame): readonly Path[] =>
    read(frame) === undefined ? [...other.sources(frame), path] : [path];
  return { evaluate, shape: { ...path.shape, values: null }, sources };
}

function constant(value: Scalar): Compiled {
  const scalar = typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : numberType(value);
  return { evaluate: () => value, shape: { type: 'scalar', scalar, values: null }, sources: NO_SOURCES };
}

function numberType(value: number): 'integer' | 'number' {
  return Number.isInteger(value) ? 'integer' : 'number';
}

function badCall(at: At, expected: string): null {
  const complaint = {
    pointer: at.pointer,
    message: 'a helper is called with other arguments than it takes',
    found: 'others',
  };
  complain(at.report, 'TEMPLATE_TYPE', { ...complaint, expected: `{{${expected}}}` });
  return null;
}
