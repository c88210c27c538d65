import { compile } from 'json-schema-to-typescript';
import ts from 'typescript';
import { standAlone } from './references.ts';
import { isSchema, pascalCase, type Schema, type SchemaFile } from './schemas.ts';

/** The exported types of one schema: name → declaration with its comment. */
type Declarations = ReadonlyMap<string, string>;

const CONDITIONS = new Set(['if', 'then', 'else', 'not', 'title', '$schema', '$id', 'examples', 'default']);
const COMBINATORS = new Set(['anyOf', 'oneOf', 'allOf']);

const namesNothing = (branch: unknown): boolean =>
  isSchema(branch) && !('$ref' in branch) && !('type' in branch) && !('enum' in branch) && !('const' in branch);

/**
 * What a type can say of a schema. Conditions narrow values, not shapes, and are left to the validators. A description
 * beside a `$ref` would make an anonymous copy of the definition, so the reference moves into an `allOf`.
 */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (!isSchema(value)) return value;
  if (typeof value['$ref'] === 'string') {
    const { $ref, description } = value;
    return description === undefined ? { $ref } : { description, allOf: [{ $ref }] };
  }
  const typed = 'properties' in value || (typeof value['type'] === 'string' && value['type'] !== 'object');
  const entries = Object.entries(value)
    .filter(([key]) => !CONDITIONS.has(key) && !key.startsWith('x-'))
    .filter(([key, item]) => !(typed && COMBINATORS.has(key) && Array.isArray(item) && item.every(namesNothing)));
  return Object.fromEntries(
    entries.map(([key, item]) => [key, isNameMap(key, item) ? mapValues(item) : shapeOf(item)]),
  );
};

// Below these keywords the keys are names that people chose: one called "not" or "x-api-key" is no keyword.
const NAME_MAPS = new Set(['properties', 'patternProperties', '$defs']);
const isNameMap = (key: string, item: unknown): item is Schema => NAME_MAPS.has(key) && isSchema(item);
const mapValues = (names: Schema): Schema =>
  Object.fromEntries(Object.entries(names).map(([name, item]) => [name, shapeOf(item)]));

const readonlyModifiers = [ts.factory.createModifier(ts.SyntaxKind.ReadonlyKeyword)];

const makeReadonly = (context: ts.TransformationContext) => (source: ts.SourceFile) => {
  const visit = (node: ts.Node): ts.Node => {
    const visited = ts.visitEachChild(node, visit, context);
    if (ts.isPropertySignature(visited)) {
      const { name, questionToken, type } = visited;
      return ts.factory.updatePropertySignature(visited, readonlyModifiers, name, questionToken, type);
    }
    if (ts.isIndexSignatureDeclaration(visited)) {
      return ts.factory.updateIndexSignature(visited, readonlyModifiers, visited.parameters, visited.type);
    }
    if (ts.isArrayTypeNode(visited) || ts.isTupleTypeNode(visited)) {
      return ts.factory.createTypeOperatorNode(ts.SyntaxKind.ReadonlyKeyword, visited);
    }
    return visited;
  };
  return ts.visitEachChild(source, visit, context);
};

const parse = (text: string): ts.SourceFile => ts.createSourceFile('types.ts', text, ts.ScriptTarget.ES2024, true);

/** The printer indents by four; a JSDoc line starts with one space more. */
const indentByTwo = (text: string): string =>
  text.replace(/^( {4})+/gm, (indent) => ' '.repeat(indent.length / 2)).replace(/[ \t]+$/gm, '');

const withoutOrigin = (text: string): string =>
  text
    .replace(/^[ \t]*\*[ \t]*\n(?=[ \t]*\* (This interface was referenced|@minItems|@maxItems))/gm, '')
    .replace(/^[ \t]*\* This interface was referenced by .*\n[ \t]*\* via the `.*\n/gm, '')
    .replace(/^[ \t]*\* @(min|max)Items \d+\n/gm, '')
    .replace(/^[ \t]*\/\*\*[ \t]*\n[ \t]*\*\/\n/gm, '');

const declarationsOf = (text: string): Declarations => {
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const { transformed } = ts.transform(parse(withoutOrigin(text)), [makeReadonly]);
  const printed = parse(indentByTwo(printer.printFile(transformed[0] as ts.SourceFile)));
  const named = printed.statements.filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node));
  return new Map(named.map((node) => [node.name.text, node.getFullText(printed).trim()]));
};

/** Compile one schema to its types: the root under its own name, each definition it reaches under the definition's. */
export const compileTypes = async (files: readonly SchemaFile[], file: SchemaFile): Promise<Declarations> => {
  const schema = shapeOf(standAlone(files, file)) as Schema;
  const text = await compile(schema, file.typeName, {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: false,
    unknownAny: true,
  });
  const declarations = declarationsOf(text);
  const expected = new Set([file.typeName, ...Object.keys(schema['$defs'] as Schema).map(pascalCase)]);
  const odd = [...declarations.keys()].filter((name) => !expected.has(name));
  if (odd.length > 0) {
    throw new Error(
      `${file.path}: expected one type per name, found ${odd.join(', ')}. Two definitions, or a definition and a kind, have the same name: rename one.`,
    );
  }
  return declarations;
};

/** The names of types that a declaration mentions. */
export const mentionedTypes = (declaration: string): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) names.add(node.typeName.text);
    ts.forEachChild(node, visit);
  };
  visit(parse(declaration));
  return names;
};
