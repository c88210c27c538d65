import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Check } from './check.ts';

/** How long files and functions may be. The ninth decile and `longShare` bound how many are long, the others each one. */
const BUDGET = { fileLinesP90: 200, functionLinesP90: 30, functionLinesMost: 60, parametersMost: 4, longShare: 0.01 };
const NARROW = ['src/core', 'src/flows', 'gateway/core'];
const WHOLE = ['src', 'gateway', 'scripts'];
const LEFT_OUT = /\.(test|testkit)\.ts$|\.d\.ts$|\/generated\/|^scripts\/check\/fixtures\//;

/** One function: where it is, how long, how many parameters. */
export interface FunctionSize {
  readonly place: string;
  readonly lines: number;
  readonly parameters: number;
}

/** One source file and its functions. */
export interface FileSize {
  readonly path: string;
  readonly lines: number;
  readonly functions: readonly FunctionSize[];
}

const isFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

const nameOf = (node: ts.FunctionLikeDeclaration): string => {
  const owner =
    node.name ??
    (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined);
  return owner === undefined ? 'a function' : owner.getText();
};

/** Sizes of one file. A function's lines are those from its first token to its last, without what is nested inside. */
export const measure = (path: string, text: string): FileSize => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  const functions: FunctionSize[] = [];
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (isFunction(node)) {
      const [first, last] = [lineAt(node.getStart()), lineAt(node.getEnd())];
      const place = `${path}:${first + 1} ${nameOf(node)}`;
      functions.push({ place, lines: last - first + 1, parameters: node.parameters.length });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, lines: text.split('\n').length - 1, functions };
};

const listFiles = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((path) => path.endsWith('.ts') && !LEFT_OUT.test(path))
    : [];

/** The value that nine of ten do not exceed. */
export const p90 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * 0.9) - 1)] ?? 0;

interface Figure {
  readonly what: string;
  readonly found: number;
  readonly allowed: number;
  readonly offenders: readonly string[];
}

const longest = (functions: readonly FunctionSize[], above: number): readonly string[] =>
  functions
    .filter((one) => one.lines > above)
    .toSorted((a, b) => b.lines - a.lines)
    .map((one) => `${one.place}: ${one.lines} lines`);

/** Each budget with what was found and who exceeds it. */
export const figures = (narrow: readonly FileSize[], whole: readonly FileSize[]): readonly Figure[] => {
  const inner = narrow.flatMap((file) => file.functions);
  const all = whole.flatMap((file) => file.functions);
  const long = longest(all, BUDGET.functionLinesMost);
  const wide = inner.filter((one) => one.parameters > BUDGET.parametersMost);
  return [
    {
      what: 'core and flows: lines per file, p90',
      found: p90(narrow.map((file) => file.lines)),
      allowed: BUDGET.fileLinesP90,
      offenders: narrow
        .filter((file) => file.lines > BUDGET.fileLinesP90)
        .map((file) => `${file.path}: ${file.lines} lines`),
    },
    {
      what: 'core and flows: lines per function, p90',
      found: p90(inner.map((one) => one.lines)),
      allowed: BUDGET.functionLinesP90,
      offenders: longest(inner, BUDGET.functionLinesP90),
    },
    {
      what: 'core and flows: lines of the longest function',
      found: Math.max(0, ...inner.map((one) => one.lines)),
      allowed: BUDGET.functionLinesMost,
      offenders: longest(inner, BUDGET.functionLinesMost),
    },
    {
      what: 'core and flows: most parameters',
      found: Math.max(0, ...inner.map((one) => one.parameters)),
      allowed: BUDGET.parametersMost,
      offenders: wide.map((one) => `${one.place}: ${one.parameters} parameters`),
    },
    {
      what: `whole tree: functions above ${BUDGET.functionLinesMost} lines, of ${all.length}`,
      found: long.length,
      allowed: Math.floor(all.length * BUDGET.longShare),
      offenders: long,
    },
  ];
};

const row = ({ what, found, allowed }: Figure): string =>
  `    ${what.padEnd(56)} ${String(found).padStart(5)}  (at most ${allowed})`;

/** Files and functions stay small enough to be read. */
export const sizes: Check = {
  name: 'size budgets',
  run: async () => {
    const read = (folders: readonly string[]) =>
      folders.flatMap(listFiles).map((path) => measure(path, readFileSync(path, 'utf8')));
    const all = figures(read(NARROW), read(WHOLE));
    const exceeded = all.filter((figure) => figure.found > figure.allowed);
    const output = exceeded.map((figure) => [figure.what, ...figure.offenders.map((one) => `  ${one}`)].join('\n'));
    return { ok: exceeded.length === 0, output: output.join('\n'), table: all.map(row).join('\n') };
  },
};
