import type { Json } from '../model/index.ts';
import type { FactNode } from './facts.ts';
import type { ValidationError } from './generated/validators.js';

const SHOWN_MAX = 60;

const TYPES: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  null: 'nothing',
};

/** Text in quotes, on one line and not too long to read. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
}

/** What a validator error wanted, in words; `node` is the field that it is about. */
export function expectedText(error: ValidationError, node: FactNode | undefined): string {
  const { params } = error;
  const limit = String(params['limit']);
  switch (error.keyword) {
    case 'type':
      return typeText(params['type'], node);
    case 'enum':
      return `one of ${(params['allowedValues'] as readonly unknown[]).map(String).join(', ')}`;
    case 'const':
      return JSON.stringify(params['allowedValue']);
    case 'minimum':
      return `a number of at least ${limit}`;
    case 'maximum':
      return `a number of at most ${limit}`;
    case 'minLength':
      return `at least ${limit} characters`;
    case 'maxLength':
      return `at most ${limit} characters`;
    case 'minItems':
      return `at least ${limit} items`;
    case 'maxItems':
      return `at most ${limit} items`;
    case 'minProperties':
    case 'maxProperties':
      return sizeText(error.keyword, limit, node);
    default:
      return node === undefined ? 'lower-case letters, digits and inner hyphens' : formatText(node);
  }
}

function typeText(type: unknown, node: FactNode | undefined): string {
  const word = TYPES[String(type)] ?? String(type);
  return node === undefined || type !== 'string' ? word : `${word}: ${formatText(node)}`;
}

function sizeText(keyword: string, limit: string, node: FactNode | undefined): string {
  const names = [...(node?.properties.keys() ?? [])].join(', ');
  return `at ${keyword === 'minProperties' ? 'least' : 'most'} ${limit} of ${names === '' ? 'the fields' : names}`;
}

/** What a value of the field must look like, with an example where the schema has one. */
export function formatText({ format }: FactNode): string {
  const text = format.text.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
  return format.example === null ? text : `${text}, for example ${format.example}`;
}

/** What was there instead, in words; a sensitive value only by its type. */
export function foundText(error: ValidationError, value: Json | undefined, sensitive: boolean): string {
  if (typeof value === 'string') {
    if (sensitive) return error.keyword === 'type' ? 'text' : 'text that is not shown';
    return error.keyword === 'maxLength' ? `${[...value].length} characters` : quoted(value);
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'nothing (null)';
  if (typeof value === 'object') return `a map of ${Object.keys(value).length}`;
  return sensitive || value === undefined ? 'something else' : String(value);
}
