import { isJsonObject, type Json, type JsonObject, pointerStep, valueAt } from '../../model/index.ts';
import { APPLICATORS } from './applicators.ts';
import { ASSERTIONS } from './assertions.ts';
import { type Check, nameOf, spend } from './check.ts';

// JSON Schema draft-07 without code generation: a schema becomes a tree of functions. What is not supported is refused when
// the schema is compiled, and a value that would take too long is refused when it is checked, so nothing passes unexamined.

/** What is wrong with a schema. */
export interface SchemaFault {
  /** Relative to the schema. */
  readonly pointer: string;
  readonly kind: 'unsupported' | 'invalid';
  readonly expected: string;
  readonly found: string;
}

/** The most work that one value may cost; what costs more is not valid. */
export const SCHEMA_BUDGET = 250_000;
const MOST_SCHEMAS = 2000;

const KEYWORDS = new Map([...ASSERTIONS, ...APPLICATORS]);
/** Keys that say something to people and check nothing. */
const ANNOTATIONS = new Set('title description default examples $comment readOnly writeOnly deprecated'.split(' '));

export type CompiledSchema =
  | { readonly check: (value: Json) => string | null }
  | { readonly faults: readonly SchemaFault[] };

/** Compiles a schema, or says all that is wrong with it. The check answers where it fails, or null. */
export function compileSchema(schema: Json): CompiledSchema {
  const compiler: Compiler = { root: schema, faults: [], known: new Map(), open: new Set() };
  const check = compileAt(compiler, schema, '');
  if (compiler.faults.length > 0) return { faults: compiler.faults };
  return {
    check: (value) => {
      try {
        return check(value, { left: SCHEMA_BUDGET });
      } catch {
        // Too much work, or nested too deep: what cannot be checked is not valid.
        return '';
      }
    },
  };
}

interface Compiler {
  readonly root: Json;
  readonly faults: SchemaFault[];
  /** Checks by the place of their schema. */
  readonly known: Map<string, Check>;
  /** Places of the schemas that are being compiled. */
  readonly open: Set<string>;
}

const valid: Check = () => null;

function fault({ faults }: Compiler, { pointer, kind, expected, found }: SchemaFault): null {
  faults.push({ pointer, kind, expected, found });
  return null;
}

const unsupported = (compiler: Compiler, pointer: string, expected: string, found: string): null =>
  fault(compiler, { pointer, kind: 'unsupported', expected, found });

function compileAt(compiler: Compiler, schema: Json, pointer: string): Check {
  const { known, open } = compiler;
  const before = known.get(pointer);
  if (before !== undefined) return before;
  if (open.has(pointer)) {
    unsupported(compiler, pointer, 'a schema that does not contain itself', 'a $ref that leads back here');
    return valid;
  }
  if (known.size >= MOST_SCHEMAS) {
    if (known.size === MOST_SCHEMAS) unsupported(compiler, pointer, `at most ${MOST_SCHEMAS} schemas`, 'more');
    known.set(pointer, valid);
    return valid;
  }
  open.add(pointer);
  const check = compileAnew(compiler, schema, pointer);
  open.delete(pointer);
  known.set(pointer, check);
  return check;
}

function compileAnew(compiler: Compiler, schema: Json, pointer: string): Check {
  if (schema === true) return valid;
  if (schema === false) return () => pointer;
  if (!isJsonObject(schema)) {
    fault(compiler, { pointer, kind: 'invalid', expected: 'an object, true or false', found: nameOf(schema) });
    return valid;
  }
  if (Object.hasOwn(schema, '$ref')) return compileReference(compiler, schema, pointer);
  const checks = Object.keys(schema).flatMap((key) => compileKeyword(compiler, schema, { key, at: pointer }) ?? []);
  if (checks.length === 0) return valid;
  return (value, budget) => {
    spend(budget, checks.length);
    for (const check of checks) {
      const failed = check(value, budget);
      if (failed !== null) return failed;
    }
    return null;
  };
}

interface KeyPlace {
  readonly key: string;
  /** Of the object that the key stands in. */
  readonly at: string;
}

function compileKeyword(compiler: Compiler, parent: JsonObject, { key, at }: KeyPlace): Check | null {
  const pointer = `${at}/${pointerStep(key)}`;
  const make = KEYWORDS.get(key);
  const given = parent[key] as Json;
  if (make !== undefined) {
    return make(given, {
      pointer,
      parent,
      below: (schema, ...steps) =>
        compileAt(compiler, schema, [pointer, ...steps.map((step) => pointerStep(String(step)))].join('/')),
      beside: (name) => compileAt(compiler, parent[name] as Json, `${at}/${name}`),
      fault: (expected, found) => fault(compiler, { pointer, kind: 'invalid', expected, found }),
    });
  }
  if (key === '$schema') {
    if (DRAFT_07.test(String(given))) return null;
    return unsupported(compiler, pointer, 'http://json-schema.org/draft-07/schema#', nameOf(given));
  }
  if (ANNOTATIONS.has(key)) return null;
  return unsupported(compiler, pointer, `one of ${[...KEYWORDS.keys(), '$ref'].join(', ')}`, key);
}

function compileReference(compiler: Compiler, schema: JsonObject, pointer: string): Check {
  const others = Object.keys(schema).filter((key) => key !== '$ref' && !ANNOTATIONS.has(key));
  // Draft-07 passes over what stands beside a reference: nobody who wrote it expects that.
  for (const key of others) unsupported(compiler, `${pointer}/${pointerStep(key)}`, 'nothing beside $ref', key);
  const to = schema['$ref'];
  const target = typeof to === 'string' && LOCAL.test(to) ? to.slice(1) : null;
  const found = target === null ? undefined : valueAt(compiler.root, target);
  if (target === null || found === undefined) {
    const expected = 'a place in the same schema, as in #/definitions/name';
    unsupported(compiler, `${pointer}/$ref`, expected, nameOf(to));
    return valid;
  }
  return compileAt(compiler, found, target);
}

const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const LOCAL = /^#(?:\/[^%]*)?$/;
