import { expect, test } from 'vitest';
import type { ObjectKey, RepoPath } from '../../core/model/index.ts';
import type { Frame } from '../frame.ts';
import { type Draft, tried } from './draft.ts';

// What is refused before anything is rendered; the rest is in cases/adopt.test.ts.

const FILE = 'orgs/acme/custom/night.yaml' as RepoPath;
const wanted = {
  id: { kind: 'Team', environment: null, name: 'night' },
  key: 'Team/night' as ObjectKey,
  pointer: '/spec/displayName',
  value: 'Late',
} as const;

test.each([
  [
    'a text that does not let itself be edited',
    undefined,
    /^orgs\/acme\/custom\/night\.yaml cannot be edited in place there$/,
  ],
  ['a text that is no manifest any more', 'kind: [', /^YAML_/],
])('%s is no draft', (_, text, refused) => {
  const rendersNothing = {} as Frame;
  const proposal = { file: FILE, text };
  expect(tried(rendersNothing, {} as Draft, { proposal, wanted })).toEqual({
    refused: expect.stringMatching(refused),
    elsewhere: false,
  });
});
