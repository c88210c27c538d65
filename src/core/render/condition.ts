import { isJsonObject, type Json } from '../model/index.ts';
import { findPath, useCondition } from './leaf.ts';
import { complain, type Report } from './report.ts';
import { type Frame, readCondition, readPath, type Scope, withPresent } from './scope.ts';
import { isScalar, scalarFits, shapeWords } from './shape.ts';

interface Condition {
  readonly holds: (frame: Frame) => boolean;
  /** The scope of what is rendered when it holds. */
  readonly scope: Scope;
}

interface At {
  readonly pointer: string;
  readonly report: Report;
}

/** Compiles `$if`: a path, {path, equals} or {not: condition}. */
export function compileCondition(condition: Json, scope: Scope, at: At): Condition {
  if (typeof condition === 'string') return presence(condition, scope, at);
  const keys = isJsonObject(condition) ? Object.keys(condition).sort().join(' ') : '';
  if (isJsonObject(condition) && keys === 'equals path')
    return comparison(condition['path'], condition['equals'], scope, at);
  if (isJsonObject(condition) && keys === 'not') {
    const { holds } = compileCondition(condition['not'] ?? null, scope, { ...at, pointer: `${at.pointer}/not` });
    return { holds: (frame) => !holds(frame), scope };
  }
  return refused(scope, at);
}

function refused(scope: Scope, at: At): Condition {
  complain(at.report, 'TEMPLATE_DIRECTIVE', {
    pointer: at.pointer,
    message: '$if takes another condition',
    expected: 'a path, {path, equals: value} or {not: condition}',
    found: 'something else',
  });
  return { holds: () => false, scope };
}

function presence(text: string, scope: Scope, at: At): Condition {
  const path = useCondition(text.split('.'), scope, at);
  return path === null
    ? { holds: () => false, scope }
    : { holds: readCondition(path), scope: withPresent(scope, path) };
}

function comparison(text: Json | undefined, value: Json | undefined, scope: Scope, at: At): Condition {
  if (typeof text !== 'string' || !isScalar(value)) return refused(scope, at);
  const path = findPath(text.split('.'), scope, at);
  if (path === null) return { holds: () => false, scope };
  if (path.shape.type !== 'scalar' || !scalarFits(path.shape, value)) {
    const { shape } = path;
    const listed =
      shape.type === 'scalar' && shape.values !== null ? `one of ${shape.values.join(', ')}` : shapeWords(shape);
    const expected = shape.type === 'scalar' ? listed : 'a path of a scalar';
    complain(at.report, 'TEMPLATE_TYPE', {
      pointer: at.pointer,
      message: `${text} is never equal to this`,
      expected,
      found: String(value),
    });
  }
  const read = readPath(path);
  return { holds: (frame) => read(frame) === value, scope: withPresent(scope, path) };
}
