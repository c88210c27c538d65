import { timingSafeEqual } from 'node:crypto';

/** True when two texts are equal; takes as long for a first difference early as for one late. Lengths may show. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
}
