// A file layer that fails at one of its changes: the process is dead from there on, perhaps with half a file written, or
// the disk is full from there on. Everything before is done by the real layer.

export type Fault = 'dead' | 'torn' | 'full';
export const FAULTS: readonly Fault[] = ['dead', 'torn', 'full'];

type Layer = { readonly [name: string]: (...args: never[]) => Promise<unknown> };

/** Which functions of a layer do what. */
export interface Roles<T> {
  readonly reads: readonly (keyof T)[];
  /** Changes that need no room; they go on on a full disk. */
  readonly frees: readonly (keyof T)[];
  /** Leaves half of what a write would have written; only for functions that write a file in place. */
  readonly half: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly writes: readonly (keyof T)[];
}

export interface Faulty<T> {
  readonly files: T;
  /** Changes so far; those that free room do not count on a full disk. */
  changes(): number;
}

export class Killed extends Error {}

/** The layer with a fault at its `step`-th change, counted from 1. */
export function withFault<T extends object>(real: T, roles: Roles<T>, fault: Fault, step: number): Faulty<T> {
  let changes = 0;
  const isIn = (names: readonly (keyof T)[], name: string): boolean => names.includes(name as keyof T);
  const failed = (): Error =>
    fault === 'full'
      ? Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      : new Killed('killed');
  const wrap = (name: string, work: (...args: unknown[]) => Promise<unknown>) => {
    return async (...args: unknown[]): Promise<unknown> => {
      if (isIn(roles.reads, name) || (fault === 'full' && isIn(roles.frees, name))) {
        if (fault !== 'full' && changes >= step) throw failed();
        return work(...args);
      }
      changes += 1;
      if (changes < step) return work(...args);
      if (changes === step && fault === 'torn' && isIn(roles.writes, name)) {
        const [path, bytes] = args as [string, Uint8Array];
        await roles.half(path, bytes.subarray(0, bytes.length / 2));
      }
      throw failed();
    };
  };
  const entries = Object.entries(real as unknown as Layer).map(([name, work]) => [
    name,
    wrap(name, work as unknown as (...args: unknown[]) => Promise<unknown>),
  ]);
  return { files: Object.fromEntries(entries) as T, changes: () => changes };
}

/** Runs `attempt` with the fault at the first change, then at the second and so on, until none is left to fail; gives how many there were. */
export async function failEverywhere(
  attempt: (step: number) => Promise<{ readonly reached: boolean }>,
): Promise<number> {
  for (let step = 1; ; step += 1) if (!(await attempt(step)).reached) return step - 1;
}
