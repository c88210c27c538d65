import { byCodeUnit } from '../core/model/index.ts';

/** Orders `name@version` of templates: by name, then by the three numbers of a version. */
export function byVersion(a: string, b: string): number {
  const [[left = '', older = ''], [right = '', newer = '']] = [a.split('@'), b.split('@')];
  const [one, other] = [older.split('.').map(Number), newer.split('.').map(Number)];
  const differing = one.findIndex((part, index) => part !== other[index]);
  return byCodeUnit(left, right) || (differing < 0 ? 0 : (one[differing] ?? 0) - (other[differing] ?? 0));
}

/** Of each name the newest version. */
export function newestOfEach(pins: readonly string[]): readonly string[] {
  return [...new Map([...pins].sort(byVersion).map((pin) => [pin.split('@')[0], pin] as const)).values()];
}
