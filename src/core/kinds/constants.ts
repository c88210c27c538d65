import type { Json } from '../model/index.ts';

// Weakly, so that what a template version states goes with it.
const shared = new WeakSet<object>();

/**
 * Freezes a map or list, with all in it, that stands in documents of any number of orgs: what a pure function makes of
 * it may be remembered by its identity. Nobody can change it, so an overlay has to copy what it touches.
 */
export function shareConstant<T extends object & Json>(value: T): T {
  for (const child of Object.values(value) as readonly Json[]) {
    if (typeof child === 'object' && child !== null) shareConstant(child);
  }
  shared.add(value);
  return Object.freeze(value);
}

/** True for a map or list that was shared, or is part of one. */
export function isShared(value: object): boolean {
  return shared.has(value);
}
