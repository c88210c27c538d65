import { expect, test } from 'vitest';
import { markdownCode, markdownText } from './text.ts';

/** What GitHub's filters look at after Markdown is done: entities resolved, backslashes gone, nodes apart from each other. */
function nodesOf(markdown: string): readonly string[] {
  const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', grave: '`' };
  return markdown
    .split(/<!-- -->|<\/?span>/)
    .map((part) => part.replace(/\\(\W|_)/g, '$1').replace(/&(\w+);/g, (all, name) => entities[name] ?? all));
}

/** By GitHub's documentation of mentions, references, autolinked addresses, emoji and formulas. */
const READ_BY_GITHUB = /@[a-z0-9]|#\d|\bgh-\d|:\/\/|www\.|:[a-z+-][a-z0-9_+-]*:|\$.*\$/i;

test.each([
  'ask @northlight/platform, or ann@example.com',
  'fixes #12, northlight/fleet#3, GH-7 and gh-8',
  'https://evil.example and www.evil.example, WWW.evil.example, _www.evil.example',
  'git@github.com:northlight/fleet@0123456',
  'approved :shipit: :+1:',
  'is $\\color{green}{\\text{approved}}$ and $$x$$',
  '` @everyone `, &#64;everyone, \\@everyone',
  'at 2026-12-30T17:53:02Z',
])('markdown reads back, and GitHub makes nothing of it: %s', (text) => {
  const nodes = nodesOf(markdownText(text));
  expect(nodes.join('')).toBe(text);
  for (const node of nodes) expect(node).not.toMatch(READ_BY_GITHUB);
});

test('a code span holds any text', () => {
  expect(markdownCode('a`b')).toBe('`` a`b ``');
  expect(markdownCode('x')).toBe('`x`');
});
