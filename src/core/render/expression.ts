import { parseWithoutProcessing } from 'handlebars/dist/cjs/handlebars/compiler/base.js';
import type { Report } from './report.ts';
import { complain } from './report.ts';
import type { Scalar } from './shape.ts';

/** A leaf's expression, read by Handlebars' parser and reduced to what templates have. Nothing is typed yet. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'path'; readonly parts: readonly string[] }
  | { readonly type: 'call'; readonly helper: string; readonly args: readonly Argument[] }
  | {
      readonly type: 'choice';
      readonly test: readonly string[];
      readonly whenPresent: readonly Part[];
      readonly otherwise: readonly Part[];
    };

export type Argument =
  | { readonly type: 'path'; readonly parts: readonly string[] }
  | { readonly type: 'literal'; readonly value: Scalar };

const LONGEST_LEAF = 10_000;
const DEEPEST = 20;
const STEP = /^[A-Za-z0-9_-]+$/;

/** A node of the syntax tree, as far as it is looked at; everything is checked before it is used. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Why an expression is refused; thrown and caught inside this file only. */
class Refusal extends Error {}

/** The parts of a string leaf, or null after a TEMPLATE_SYNTAX finding. */
export function parseExpression(text: string, pointer: string, report: Report): readonly Part[] | null {
  try {
    if (text.length > LONGEST_LEAF) throw new Refusal(`a text of ${text.length} characters`);
    return partsOf(parse(text), 0);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    complain(report, 'TEMPLATE_SYNTAX', {
      pointer,
      message: 'the expression uses what templates do not have',
      expected: '{{path}}, {{helper path "literal"}}, {{#if path}} or {{#unless path}} with {{else}}',
      found: error.message,
    });
    return null;
  }
}

/** `parseWithoutProcessing`: text stays exactly as written, no line is taken away around a block. */
function parse(text: string): unknown {
  try {
    return parseWithoutProcessing(text);
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n') : [];
    throw new Refusal(`${lines[1] ?? lines[0] ?? 'no expression'} (${lines.at(-1)?.slice(0, 60) ?? ''}…)`);
  }
}

function partsOf(program: unknown, depth: number): readonly Part[] {
  if (program === undefined || program === null) return [];
  if (depth > DEEPEST) throw new Refusal('blocks nested too deep');
  const body = isNode(program) && program.type === 'Program' ? program['body'] : undefined;
  if (!Array.isArray(body) || hasBlockParams(program)) throw new Refusal('block parameters');
  return body.map((node: unknown) => partOf(node, depth));
}

function hasBlockParams(program: unknown): boolean {
  return isNode(program) && program['blockParams'] !== undefined;
}

function partOf(node: unknown, depth: number): Part {
  if (!isNode(node)) throw new Refusal('an unknown node');
  refuseStripping(node);
  switch (node.type) {
    case 'ContentStatement':
      return { type: 'text', text: String(node['value']) };
    case 'MustacheStatement':
      return mustacheOf(node);
    case 'BlockStatement':
      return choiceOf(node, depth);
    default:
      throw new Refusal(node.type);
  }
}

function mustacheOf(node: Node): Part {
  if (node['escaped'] !== true)
    throw new Refusal('a triple mustache or &: nothing is escaped here, two braces are enough');
  const params = paramsOf(node);
  const parts = pathParts(node['path']);
  if (params.length === 0) return { type: 'path', parts };
  if (parts.length !== 1) throw new Refusal(`a call of ${parts.join('.')}`);
  return { type: 'call', helper: parts[0] ?? '', args: params.map(argumentOf) };
}

function choiceOf(node: Node, depth: number): Part {
  const word = pathParts(node['path']).join('.');
  if (word !== 'if' && word !== 'unless') throw new Refusal(`the block #${word}`);
  const params = paramsOf(node);
  if (params.length !== 1) throw new Refusal(`#${word} with ${params.length} arguments`);
  const test = pathParts(params[0]);
  const first = partsOf(node['program'], depth + 1);
  const second = partsOf(node['inverse'], depth + 1);
  return word === 'if'
    ? { type: 'choice', test, whenPresent: first, otherwise: second }
    : { type: 'choice', test, whenPresent: second, otherwise: first };
}

function paramsOf(node: Node): readonly unknown[] {
  if (node['hash'] !== undefined) throw new Refusal('named arguments');
  return Array.isArray(node['params']) ? node['params'] : [];
}

function argumentOf(node: unknown): Argument {
  if (!isNode(node)) throw new Refusal('an unknown argument');
  switch (node.type) {
    case 'StringLiteral':
    case 'NumberLiteral':
    case 'BooleanLiteral':
      return { type: 'literal', value: node['value'] as Scalar };
    case 'PathExpression':
      return { type: 'path', parts: pathParts(node) };
    default:
      throw new Refusal(`a ${node.type} as argument`);
  }
}

/** Plain dotted names only: no `this`, `..`, `@data`, `a/b` or `[…]` with other characters. */
function pathParts(node: unknown): readonly string[] {
  if (!isNode(node) || node.type !== 'PathExpression') throw new Refusal(isNode(node) ? node.type : 'no path');
  const parts = Array.isArray(node['parts']) ? node['parts'] : [];
  const names = parts.filter((part): part is string => typeof part === 'string' && STEP.test(part));
  const isPlain = names.length > 0 && names.length === parts.length && node['original'] === names.join('.');
  if (!isPlain || node['data'] !== false || node['depth'] !== 0)
    throw new Refusal(`the path ${String(node['original'])}`);
  return names;
}

function refuseStripping(node: Node): void {
  for (const field of ['strip', 'openStrip', 'inverseStrip', 'closeStrip']) {
    const strip = node[field];
    if (typeof strip !== 'object' || strip === null) continue;
    if (Object.values(strip).some((value) => value === true)) throw new Refusal('whitespace control (~)');
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
