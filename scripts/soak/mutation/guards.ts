// Finds the guards of a module in the forms in which this project writes them, and how each reads when it is gone.

import ts from 'typescript';
import type { Entry } from './entries.ts';

/** Takes any text for a refusal: `return 'expected …'`. */
const ANY_TEXT = 'text';
/** Takes a return of nothing for a refusal, of a function that does something or leaves it. */
const NOTHING = 'return';

/** How a file refuses, besides throwing. */
export interface GuardWords {
  /** What is a refusal when returned, or called and never back: `refused`, `NOT_FOUND`, `undefined`, `null`, `false`, `0`; and `break`, `continue`, and `return` of nothing. */
  readonly refusals: readonly string[];
  /** Functions that are called for nothing but their refusal, besides those named `check…`, `assert…` and `refuse…`. */
  readonly readers: readonly string[];
}

interface Reading {
  readonly file: ts.SourceFile;
  readonly refusals: ReadonlySet<string>;
  readonly readers: ReadonlySet<string>;
}

const nameOf = (callee: ts.Expression): string => {
  if (ts.isIdentifier(callee)) return callee.text;
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
};

/** `null`, `false` and numbers refuse where the file says that they do. */
const BARE_VALUES = new Set([ts.SyntaxKind.NullKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NumericLiteral]);

/** `{ ok: false, … }` refuses in every file. */
const isNotOk = (value: ts.ObjectLiteralExpression): boolean =>
  value.properties.some(
    (property) =>
      ts.isPropertyAssignment(property) &&
      property.name.getText() === 'ok' &&
      property.initializer.kind === ts.SyntaxKind.FalseKeyword,
  );

/** Is this value a refusal in the words of the file? */
const isRefusal = ({ refusals }: Reading, value: ts.Expression | undefined): boolean => {
  if (value === undefined) return false;
  if (ts.isObjectLiteralExpression(value)) return isNotOk(value);
  if (ts.isCallExpression(value) || ts.isNewExpression(value)) return refusals.has(nameOf(value.expression));
  if (BARE_VALUES.has(value.kind)) return refusals.has(value.getText());
  if (ts.isIdentifier(value)) return refusals.has(value.text);
  if (ts.isStringLiteralLike(value)) return refusals.has(ANY_TEXT) || refusals.has(value.text);
  return ts.isTemplateExpression(value) && refusals.has(ANY_TEXT);
};

/** A throw, a return of a refusal, a call that never returns, or a block that prepares one and ends in it. */
const refuses = (reading: Reading, statement: ts.Statement): boolean => {
  if (ts.isThrowStatement(statement)) return true;
  if (ts.isBreakStatement(statement)) return reading.refusals.has('break');
  if (ts.isContinueStatement(statement)) return reading.refusals.has('continue');
  if (ts.isReturnStatement(statement)) {
    return statement.expression === undefined
      ? reading.refusals.has(NOTHING)
      : isRefusal(reading, statement.expression);
  }
  if (ts.isExpressionStatement(statement)) {
    return ts.isCallExpression(statement.expression) && isRefusal(reading, statement.expression);
  }
  if (!ts.isBlock(statement)) return false;
  const last = statement.statements.at(-1);
  const before = statement.statements.slice(0, -1);
  return last !== undefined && refuses(reading, last) && before.every((each) => ts.isVariableStatement(each));
};

const bare = (expression: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(expression) ? bare(expression.expression) : expression;

type Joint = ts.SyntaxKind.BarBarToken | ts.SyntaxKind.AmpersandAmpersandToken;

/** `a || b || c` as its operands; any other expression as itself. */
const operandsOf = (expression: ts.Expression, joint: Joint): readonly ts.Expression[] => {
  const inner = bare(expression);
  if (!ts.isBinaryExpression(inner) || inner.operatorToken.kind !== joint) return [expression];
  return [...operandsOf(inner.left, joint), ...operandsOf(inner.right, joint)];
};

const entryOf = ({ file }: Reading, node: ts.Node, replacement: string): Entry => ({
  text: node.getText(file).replace(/\s+/g, ' '),
  start: node.getStart(file),
  end: node.end,
  replacement,
});

/** What refuses when any operand is true: each operand gone, or the whole where there is one. */
const refusingWhen = (reading: Reading, condition: ts.Expression, whole: Entry): readonly Entry[] => {
  const operands = operandsOf(condition, ts.SyntaxKind.BarBarToken);
  return operands.length === 1 ? [whole] : operands.map((operand) => entryOf(reading, operand, 'false'));
};

/** What passes when every operand is true: each operand gone. */
const passingWhen = (reading: Reading, condition: ts.Expression): readonly Entry[] =>
  operandsOf(condition, ts.SyntaxKind.AmpersandAmpersandToken)
    .filter((operand) => operand.kind !== ts.SyntaxKind.FalseKeyword && operand.kind !== ts.SyntaxKind.TrueKeyword)
    .map((operand) => entryOf(reading, operand, 'true'));

/** `if (…) refuse`, and `if (…) return value` with nothing but refusals after it. */
const ofIf = (reading: Reading, node: ts.IfStatement): readonly Entry[] => {
  if (node.elseStatement !== undefined) return [];
  if (refuses(reading, node.thenStatement)) {
    return refusingWhen(reading, node.expression, entryOf(reading, node, '{}'));
  }
  if (!ts.isReturnStatement(node.thenStatement) || !ts.isBlock(node.parent)) return [];
  const after = node.parent.statements.slice(node.parent.statements.indexOf(node) + 1);
  const onlyRefusals = after.every((each) =>
    ts.isIfStatement(each) ? refuses(reading, each.thenStatement) : refuses(reading, each),
  );
  return after.length > 0 && onlyRefusals ? passingWhen(reading, node.expression) : [];
};

/** `x.ok ? x.value : refuse` only opens what was decided before. */
const onlyOpens = ({ file }: Reading, node: ts.ConditionalExpression): boolean => {
  const [, subject] = /^(\w+)\.ok$/.exec(node.condition.getText(file)) ?? [];
  const passed = node.whenTrue.getText(file);
  return subject !== undefined && (passed === subject || passed === `${subject}.value`);
};

const ofConditional = (reading: Reading, node: ts.ConditionalExpression): readonly Entry[] => {
  if (isRefusal(reading, node.whenTrue)) {
    return refusingWhen(reading, node.condition, entryOf(reading, node, node.whenFalse.getText(reading.file)));
  }
  if (!isRefusal(reading, node.whenFalse) || onlyOpens(reading, node)) return [];
  return passingWhen(reading, node.condition);
};

/** A call for nothing but its refusal: nobody uses its value. */
const isCallForRefusal = (reading: Reading, node: ts.ExpressionStatement): boolean => {
  const call = node.expression;
  if (!ts.isCallExpression(call)) return false;
  const name = nameOf(call.expression);
  return reading.readers.has(name) || /^#?(check|assert|refuse)[A-Z]/.test(name);
};

/** `const fits = a && b`, where `!fits` refuses somewhere. */
const ofConstant = (reading: Reading, node: ts.VariableDeclaration, denied: ReadonlySet<string>): readonly Entry[] => {
  const isDenied = ts.isIdentifier(node.name) && denied.has(node.name.text);
  return isDenied && node.initializer !== undefined ? passingWhen(reading, node.initializer) : [];
};

/** `return a && b`, with constants before it, of a function whose name asks: `isCurrent`. */
const ofPredicate = (reading: Reading, node: ts.FunctionDeclaration): readonly Entry[] => {
  const statements = node.body?.statements ?? [];
  const last = statements.at(-1);
  const onlyPrepares = statements.slice(0, -1).every((each) => ts.isVariableStatement(each));
  if (last === undefined || !ts.isReturnStatement(last) || last.expression === undefined || !onlyPrepares) return [];
  return /^is[A-Z]/.test(node.name?.text ?? '') ? passingWhen(reading, last.expression) : [];
};

const entriesAt = (reading: Reading, node: ts.Node, denied: ReadonlySet<string>): readonly Entry[] => {
  if (ts.isIfStatement(node)) return ofIf(reading, node);
  if (ts.isConditionalExpression(node)) return ofConditional(reading, node);
  if (ts.isVariableDeclaration(node)) return ofConstant(reading, node, denied);
  if (ts.isFunctionDeclaration(node)) return ofPredicate(reading, node);
  if (ts.isExpressionStatement(node) && isCallForRefusal(reading, node)) return [entryOf(reading, node, '{}')];
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.QuestionQuestionToken) return [];
  return isRefusal(reading, node.right) ? [entryOf(reading, node, node.left.getText(reading.file))] : [];
};

/** The names that stand denied somewhere: `!fits`. */
const deniedNames = (file: ts.SourceFile): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const denies = ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken;
    if (denies && ts.isIdentifier(node.operand)) names.add(node.operand.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
};

/**
 * The guards of a module, in the order of the text. A condition of several parts is as many guards: what is taken out is
 * one part.
 */
export const guardsOf = (source: string, words: GuardWords): readonly Entry[] => {
  const file = ts.createSourceFile('guards.ts', source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const reading = { file, refusals: new Set(words.refusals), readers: new Set(words.readers) };
  const denied = deniedNames(file);
  const guards: Entry[] = [];
  const visit = (node: ts.Node): void => {
    guards.push(...entriesAt(reading, node, denied));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return guards;
};
