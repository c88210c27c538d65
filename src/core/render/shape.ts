import type { Json } from '../model/index.ts';

export type ScalarType = 'string' | 'integer' | 'number' | 'boolean';
export type Scalar = string | number | boolean;

/** What a value may be, as far as paths and leaves need it; made from the input schema. */
export type Shape =
  | { readonly type: 'scalar'; readonly scalar: ScalarType; readonly values: readonly Scalar[] | null }
  | { readonly type: 'list'; readonly items: Shape }
  /** A closed object. */
  | { readonly type: 'map'; readonly fields: ReadonlyMap<string, Field> }
  /** An object with free keys whose values are alike. */
  | { readonly type: 'dict'; readonly values: Shape };

export interface Field {
  readonly shape: Shape;
  /** Required, or filled from the default. */
  readonly always: boolean;
  /** Undefined: no default. */
  readonly fallback: Json | undefined;
  /** JSON pointer of the default, from the root of template.yaml. */
  readonly fallbackPointer: string;
}

/** How a message calls a shape. */
export function shapeWords(shape: Shape): string {
  switch (shape.type) {
    case 'scalar':
      return shape.scalar === 'integer' ? 'an integer' : `a ${shape.scalar}`;
    case 'list':
      return 'a list';
    case 'map':
    case 'dict':
      return 'a map';
  }
}

export function isScalar(value: Json | undefined): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** True when the value has the scalar type, and is one of the listed values where there is a list. */
export function scalarFits(shape: Extract<Shape, { type: 'scalar' }>, value: Scalar): boolean {
  if (shape.values !== null) return shape.values.includes(value);
  if (shape.scalar === 'integer') return Number.isInteger(value);
  return typeof value === shape.scalar;
}

const TEXT: Shape = { type: 'scalar', scalar: 'string', values: null };
const always = (shape: Shape): Field => ({ shape, always: true, fallback: undefined, fallbackPointer: '' });

/** What templates see of the org itself. */
export const ORG_SHAPE: Shape = {
  type: 'map',
  fields: new Map([
    ['slug', always(TEXT)],
    ['uid', always(TEXT)],
    ['displayName', always(TEXT)],
    ['isolation', always({ type: 'scalar', scalar: 'string', values: ['dedicated', 'shared'] })],
    ['domains', always({ type: 'list', items: TEXT })],
  ]),
};
