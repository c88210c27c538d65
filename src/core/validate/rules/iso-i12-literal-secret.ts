import { type Finding, finding, orgSlug } from '../../model/index.ts';
import type { TextFile, TextRule } from '../rule.ts';

/** How keys look, by what gives them out. Each begins in a way that no word does, so that a match is a key or an example. */
const SHAPES: readonly { readonly what: string; readonly shape: string }[] = [
  { what: 'a private key', shape: '-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----' },
  { what: 'a signed token (JWT)', shape: 'eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{16,}' },
  {
    what: 'a key of a model provider',
    shape:
      'sk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{20,}|AIza[0-9A-Za-z_-]{35}|gsk_[A-Za-z0-9]{32,}|hf_[A-Za-z0-9]{30,}',
  },
  { what: 'a key of a cloud', shape: '(?:AKIA|ASIA)[0-9A-Z]{16}|AccountKey=[A-Za-z0-9+/]{60,}' },
  {
    what: 'a token of a code forge',
    shape: 'gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}',
  },
  {
    what: 'a key of a payment or chat service',
    shape: '[sr]k_live_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{20,}|SG\\.[A-Za-z0-9_-]{20,}\\.[A-Za-z0-9_-]{20,}',
  },
  { what: 'a token of a package registry', shape: 'npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{50,}' },
  { what: 'a token of a gateway', shape: 'tnt_[a-z0-9]{4,32}_[A-Za-z0-9]{40,}|kt_(?:gk|live)_[A-Za-z0-9]{20,}' },
  {
    what: 'a password in a connection string',
    shape: '[a-z][a-z0-9+]{1,20}://[^\\s:/@\'"<>{}\\[\\]]{1,60}:[^\\s:/@\'"<>{}\\[\\]]{8,100}@[A-Za-z0-9]',
  },
];
const KEYS = new RegExp(SHAPES.map(({ shape }, index) => `(?<k${index}>(?<![A-Za-z0-9])(?:${shape}))`).join('|'), 'g');

/** A value of random characters under a name that says what it is. */
const NAMED =
  /(?<![A-Za-z])(?:password|passwd|passphrase|api[_-]?key|client[_-]?secret|access[_-]?token|auth[_-]?token|private[_-]?key|secret[_-]?(?:key|access[_-]?key))["']?\s{0,8}[:=]\s{0,8}["']?([A-Za-z0-9+/_=.~-]{20,200})/gi;
/** Where it is worth looking with NAMED at all: this runs over every written file of the fleet. */
const NAMED_HINT = /pass(?:w|phrase)|key|secret|token/i;
const RANDOM_BITS = 3.5;
/** Published examples and placeholders say so, or repeat themselves. */
const MADE_UP = /example|placeholder|dummy|changeme|redacted|xxxx|0000000|1234567|abcdefg/i;
const DISTINCT = 6;

export const i12LiteralSecret: TextRule = {
  code: 'ISO_I12_LITERAL_SECRET',
  needs: 'text',
  decide: (file) => {
    const found = [...keysIn(file.text), ...namedIn(file.text)];
    if (found.length === 0) return [];
    const byLine = new Map(found.map((item) => [lineOf(file.text, item.at), item]));
    return [...byLine].map(([line, item]) => said(file, line, item));
  },
};

interface Secret {
  readonly what: string;
  readonly at: number;
  readonly length: number;
}

function keysIn(text: string): readonly Secret[] {
  return [...text.matchAll(KEYS)].flatMap(({ 0: value, index, groups = {} }): readonly Secret[] => {
    if (isMadeUp(value)) return [];
    const kind = SHAPES.findIndex((_, number) => groups[`k${number}`] !== undefined);
    return [{ what: SHAPES[kind]?.what ?? 'a key', at: index, length: value.length }];
  });
}

function namedIn(text: string): readonly Secret[] {
  if (!NAMED_HINT.test(text)) return [];
  return [...text.matchAll(NAMED)].flatMap(({ 0: whole, 1: value = '', index }): readonly Secret[] => {
    const mixed = /[0-9]/.test(value) && /[A-Za-z]/.test(value);
    if (!mixed || isMadeUp(value) || entropyBits(value) < RANDOM_BITS) return [];
    return [
      {
        what: 'random characters where a name says secret',
        at: index + whole.length - value.length,
        length: value.length,
      },
    ];
  });
}

function isMadeUp(value: string): boolean {
  return MADE_UP.test(value) || (!value.startsWith('-----') && new Set(value).size < DISTINCT);
}

/** Shannon entropy of one character of the text. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line += 1;
  return line;
}

function said({ path, text }: TextFile, line: number, { what, at, length }: Secret): Finding {
  const slug = path.startsWith('orgs/') ? orgSlug(path.split('/')[1] ?? '') : undefined;
  return finding('ISO_I12_LITERAL_SECRET', {
    place: { file: path, line, column: at - text.lastIndexOf('\n', at - 1) },
    org: slug ?? null,
    message: `${path} holds ${what}`,
    expected: 'a reference to a secret: an environment variable or a path of the secret store',
    found: `${length} characters that look like ${what}`,
  });
}
