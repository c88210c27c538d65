// Finds the entries of a list in source text and writes the text without one of them.

import ts from 'typescript';

/** One entry of a list: what it says, and where it stands in the text. */
export interface Entry {
  readonly text: string;
  readonly start: number;
  /** After the entry and the comma that follows it, if one does. */
  readonly end: number;
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
    };
  });
};

/** A block that only throws, or a throw. */
const onlyThrows = (statement: ts.Statement): boolean => {
  if (!ts.isBlock(statement)) return ts.isThrowStatement(statement);
  const [first, ...rest] = statement.statements;
  return first !== undefined && rest.length === 0 && ts.isThrowStatement(first);
};

const calleeName = (expression: ts.Expression): string => {
  if (!ts.isCallExpression(expression)) return '';
  const callee = expression.expression;
  if (ts.isIdentifier(callee)) return callee.text;
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
};

const isGuard = (node: ts.Node): boolean => {
  if (ts.isIfStatement(node)) return node.elseStatement === undefined && onlyThrows(node.thenStatement);
  return ts.isExpressionStatement(node) && /^check[A-Z]/.test(calleeName(node.expression));
};

/** The guards of a module: `if (…) throw …` without an else, and calls of `check…()` whose value nobody uses. */
export const guardsOf = (source: string): readonly Entry[] => {
  const file = ts.createSourceFile('guards.ts', source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const guards: Entry[] = [];
  const visit = (node: ts.Node): void => {
    if (isGuard(node)) {
      guards.push({ text: node.getText(file).replace(/\s+/g, ' '), start: node.getStart(file), end: node.end });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return guards;
};

/** The text with this entry taken out of its list. */
export const withoutEntry = (source: string, entry: Entry): string =>
  `${source.slice(0, entry.start)}${source.slice(entry.end)}`;
