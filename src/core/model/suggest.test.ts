import { expect, test } from 'vitest';
import { closest } from './suggest.ts';

test.each([
  ['slgu', ['slug', 'uid'], 'slug'],
  ['displayname', ['displayName', 'domains'], 'displayName'],
  ['enviroment', ['environment', 'environments'], 'environment'],
  ['wallet', ['team', 'policy'], undefined],
  ['x', ['y'], undefined],
  ['x', [], undefined],
  ['abc', ['abd', 'abe'], 'abd'],
])('%s of %j is most like %s', (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
});
