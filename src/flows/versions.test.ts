import { expect, it } from 'vitest';
import { byVersion, newestOfEach } from './versions.ts';

it('orders versions by their numbers, and knows the newest of each template', () => {
  const pins = ['b@1.0.0', 'a@1.10.0', 'a@1.9.0', 'a@1.2.30', 'b@0.9.9'];
  expect([...pins].sort(byVersion)).toEqual(['a@1.2.30', 'a@1.9.0', 'a@1.10.0', 'b@0.9.9', 'b@1.0.0']);
  expect(newestOfEach(pins)).toEqual(['a@1.10.0', 'b@1.0.0']);
});
