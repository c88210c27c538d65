import { expect, it } from 'vitest';
import { sentWords } from './sent.ts';

it.each([
  [['desk'], [], ['desk']],
  [[], ['front'], ['no more front']],
  [['desk'], ['front'], ['desk', 'no more front']],
  [[], [], []],
])('a publication that brings %j and takes away %j says %j', (changed, removed, words) => {
  expect(sentWords({ changed, removed })).toEqual(words);
});
