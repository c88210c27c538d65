import { expect, it } from 'vitest';
import type { OrgUid } from '../../core/model/index.ts';
import type { AuthenticatedReader } from './authenticate.ts';
import { bundlePath } from './bundle-path.ts';

const UID = 'aaaabbbbccccddddeeee' as OrgUid;
const caller = { head: { uid: UID }, row: { gateway: 'desk' }, isDenied: false } as unknown as AuthenticatedReader;

it.each(['timestamp.json', '1.root.json', '12.snapshot.json', '3.targets.json', 'targets/desk/ab.bundle.tar'])(
  'a gateway reads %s of its org',
  (path) => {
    expect(bundlePath(caller, UID, path)).toEqual({ org: UID, path });
  },
);

it.each([
  ['of another org', 'zzzzbbbbccccddddeeee', 'timestamp.json'],
  ['of another gateway', UID, 'targets/other/ab.bundle.tar'],
  ['of a gateway whose name goes on', UID, 'targets/desk-2/ab.bundle.tar'],
  ['beside the metadata', UID, 'notes.json'],
  ['of a version that is none', UID, '01.root.json'],
  ['outside, over its own folder', UID, 'targets/desk/../other/ab.bundle.tar'],
  ['with an empty step', UID, 'targets/desk//ab.bundle.tar'],
])('a gateway does not read a file %s', (_, uid, path) => {
  expect(bundlePath(caller, uid, path)).toBeUndefined();
});

it('a denied gateway reads metadata, and none of its targets', () => {
  const denied = { ...caller, isDenied: true };
  expect(bundlePath(denied, UID, '3.targets.json')).toEqual({ org: UID, path: '3.targets.json' });
  expect(bundlePath(denied, UID, 'targets/desk/ab.bundle.tar')).toBeUndefined();
});
