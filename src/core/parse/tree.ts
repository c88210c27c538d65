import { type Document, isAlias, isNode, isScalar, type Node, type Pair, visit, type YAMLError } from 'yaml';
import { startOfNode } from './document.ts';

/** Something in a parsed document that no file of a fleet may use, at an offset of its text. */
export interface Misuse {
  readonly code: YamlCode;
  readonly offset: number;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
}

export type YamlCode =
  | 'YAML_SYNTAX'
  | 'YAML_TOO_DEEP'
  | 'YAML_DUPLICATE_KEY'
  | 'YAML_MULTIPLE_DOCUMENTS'
  | 'YAML_DIRECTIVE'
  | 'YAML_ALIAS'
  | 'YAML_TAG'
  | 'YAML_MERGE'
  | 'YAML_KEY'
  | 'YAML_NUMBER';

/** Everything of a document that must not be, by offset: what the parser says, then what it let pass. */
export function misusesOf(document: Document.Parsed, text: string): readonly Misuse[] {
  const said = [...document.errors, ...document.warnings].map((error) => fromParser(error));
  const found = [...said, ...directiveMisuses(document, text), ...nodeMisuses(document)];
  const sorted = found.sort((a, b) => a.offset - b.offset);
  // After the first error of syntax the parser guesses, so only what stands before it and the error itself count.
  const first = sorted.findIndex(({ code }) => code === 'YAML_SYNTAX' || code === 'YAML_TOO_DEEP');
  if (first === -1) return sorted;
  return [...sorted.slice(0, first), unfinishedMerge(text) ?? sorted[first]].filter((item) => item !== undefined);
}

/** What git leaves where two sides met and nobody chose. No parser has a word for it, so it is told apart. */
function unfinishedMerge(text: string): Misuse | undefined {
  const marker = /^(?:<{7}|>{7}) .*$/m.exec(text);
  const words = ['a merge stands unfinished here', 'one of the two sides', 'a conflict marker'] as const;
  return marker === null ? undefined : misuse('YAML_SYNTAX', marker.index, words);
}

function fromParser(error: YAMLError): Misuse {
  const offset = error.pos[0];
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return misuse('YAML_DUPLICATE_KEY', offset, ['a key stands twice in one map', 'every key once', 'it again']);
    case 'MULTIPLE_DOCS':
      return misuse('YAML_MULTIPLE_DOCUMENTS', offset, ['a second document begins', 'one document', 'another one']);
    case 'TAG_RESOLVE_FAILED':
      return misuse('YAML_TAG', offset, ['a value has a tag', 'no tags', 'a tag that is not known']);
    case 'BAD_ALIAS':
      return misuse('YAML_ALIAS', offset, ['an alias is used', 'no aliases', 'an alias']);
    case 'BAD_DIRECTIVE':
      return misuse('YAML_DIRECTIVE', offset, ['a directive is used', 'no directives', 'a directive']);
    case 'RESOURCE_EXHAUSTION':
      return misuse('YAML_TOO_DEEP', offset, ['the file is nested too deeply', 'a few levels', 'too many']);
    default:
      return misuse('YAML_SYNTAX', offset, [sentence(error.message), 'valid YAML 1.2', 'something else']);
  }
}

function misuse(code: YamlCode, offset: number, words: readonly [string, string, string]): Misuse {
  const [message, expected, found] = words;
  return { code, offset, message, expected, found };
}

/** The parser's words without its own picture of the place, and never long: they may quote the file. */
function sentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

function directiveMisuses(document: Document.Parsed, text: string): readonly Misuse[] {
  const { yaml, tags } = document.directives;
  if (yaml.explicit !== true && Object.keys(tags).length === 1) return [];
  const offset = Math.max(0, text.search(/^%/m));
  return [misuse('YAML_DIRECTIVE', offset, ['a directive is used', 'no directives', 'a directive'])];
}

function nodeMisuses(document: Document.Parsed): readonly Misuse[] {
  const found: Misuse[] = [];
  visit(document, {
    Node: (_key, node) => {
      found.push(...ofNode(node));
    },
    Pair: (_key, pair) => {
      found.push(...ofKey(pair));
    },
  });
  return found;
}

function ofNode(node: Node): readonly Misuse[] {
  const offset = startOfNode(node) ?? 0;
  if (isAlias(node)) return [misuse('YAML_ALIAS', offset, ['an alias is used', 'the value itself', 'an alias'])];
  const found: Misuse[] = [];
  if (node.anchor !== undefined) {
    found.push(misuse('YAML_ALIAS', offset, ['a value has an anchor', 'no anchors', 'an anchor']));
  }
  if (node.tag !== undefined) found.push(misuse('YAML_TAG', offset, ['a value has a tag', 'no tags', 'a tag']));
  if (isScalar(node) && typeof node.value === 'number' && /^[-+]?0[0-9]/.test(node.source ?? '')) {
    found.push(misuse('YAML_NUMBER', offset, ['a number begins with zero', 'no leading zero', `${node.source}`]));
  }
  return found;
}

function ofKey({ key }: Pair<unknown, unknown>): readonly Misuse[] {
  const offset = startOfNode(key) ?? 0;
  if (!isScalar(key)) return isNode(key) ? [wrongKey(offset, 'a collection')] : [wrongKey(offset, 'no key')];
  if (key.value === '<<') {
    return [misuse('YAML_MERGE', offset, ['a merge key is used', 'the fields themselves', '"<<"'])];
  }
  if (typeof key.value !== 'string') return [wrongKey(offset, String(key.value))];
  if (key.value !== '__proto__') return [];
  return [misuse('YAML_KEY', offset, ['a key is not allowed', 'another key', '__proto__'])];
}

function wrongKey(offset: number, found: string): Misuse {
  return misuse('YAML_KEY', offset, ['a key is no text', 'a key that is a text', found]);
}
