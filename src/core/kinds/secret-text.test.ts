import { expect, test } from 'vitest';
import { holdsSecretText, isSecretText } from './index.ts';

const key = `sk-${'a1'.repeat(12)}`;

test.each([
  ['a key of a model provider', key, true, true],
  ['a key inside of a sentence', `use ${key} for now`, false, true],
  ['a pattern for keys', 'sk-[A-Za-z0-9]{20,40}', false, false],
  ['a pattern for private keys', '-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----', false, false],
  ['a word that ends like the start of a key', `task-${'a1'.repeat(12)}`, false, false],
  ['an ordinary text', 'Project Larkspur', false, false],
])('%s', (_, text, whole, anywhere) => {
  expect([isSecretText(text), holdsSecretText(text)]).toEqual([whole, anywhere]);
});
