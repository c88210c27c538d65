// Finds the entries of a list in source text and writes the text without one of them.

import ts from 'typescript';

/** One entry of a list: what it says, and where it stands in the text. */
export interface Entry {
  readonly text: string;
  readonly start: number;
  /** After the entry and the comma that follows it, if one does. */
  readonly end: number;
  /** What stands in its place when it is gone. */
  readonly replacement: string;
}

/** The array literal that an expression is, or that it passes on: `[…] as const`, `new Map([…])`, `freeze([…])`. */
const arrayIn = (expression: ts.Expression | undefined): ts.ArrayLiteralExpression | undefined => {
  if (expression === undefined) return undefined;
  if (ts.isArrayLiteralExpression(expression)) return expression;
  if (
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
  ) {
    return arrayIn(expression.expression);
  }
  if (ts.isNewExpression(expression) || ts.isCallExpression(expression)) return arrayIn(expression.arguments?.[0]);
  return undefined;
};

/** The array that a function returns at its top level. */
const returnedArray = (body: ts.ConciseBody | undefined): ts.ArrayLiteralExpression | undefined => {
  if (body === undefined) return undefined;
  if (!ts.isBlock(body)) return arrayIn(body);
  const returns = body.statements.filter((statement) => ts.isReturnStatement(statement));
  return returns.map((statement) => arrayIn(statement.expression)).find((array) => array !== undefined);
};

const declaredArray = (statement: ts.Statement, name: string): ts.ArrayLiteralExpression | undefined => {
  if (ts.isFunctionDeclaration(statement)) {
    return statement.name?.text === name ? returnedArray(statement.body) : undefined;
  }
  if (!ts.isVariableStatement(statement)) return undefined;
  const found = statement.declarationList.declarations.find(
    (declaration) => ts.isIdentifier(declaration.name) && declaration.name.text === name,
  );
  const value = found?.initializer;
  if (value !== undefined && ts.isArrowFunction(value)) return returnedArray(value.body);
  return arrayIn(value);
};

/**
 * The entries of the list that `name` declares at the top of a module: a constant that is an array, or a function that
 * returns one. Throws when there is none, so that a list that moved is not silently left out.
 */
export const entriesOf = (source: string, name: string): readonly Entry[] => {
  const file = ts.createSourceFile('list.ts', source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const array = file.statements.map((statement) => declaredArray(statement, name)).find((found) => found !== undefined);
  if (array === undefined)
    throw new Error(`Expected a list named ${name}, found none. Correct scripts/soak/mutation/lists.ts.`);
  return array.elements.map((element) => {
    const rest = source.slice(element.end);
    const comma = /^\s*,/.exec(rest);
    return {
      text: element.getText(file).replace(/\s+/g, ' '),
      start: element.getStart(file),
      end: element.end + (comma?.[0].length ?? 0),
      replacement: '',
    };
  });
};

/** The entries but those of these texts. Throws for a text that no entry has, so that none stays excepted that is gone. */
export const exceptThese = (entries: readonly Entry[], texts: readonly string[]): readonly Entry[] => {
  const gone = texts.find((text) => !entries.some((entry) => entry.text === text));
  if (gone !== undefined) throw new Error(`Expected a guard to except that reads ${gone}, found none.`);
  return entries.filter(({ text }) => !texts.includes(text));
};

/** The text without this entry; throws when that is no TypeScript, which every test would notice. */
export const withoutEntry = (source: string, entry: Entry): string => {
  const text = `${source.slice(0, entry.start)}${entry.replacement}${source.slice(entry.end)}`;
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true, fileName: 'without.ts' });
  if (diagnostics.length > 0) throw new Error(`Expected TypeScript without ${entry.text}, found a text that is none.`);
  return text;
};
