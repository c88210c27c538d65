import type { Bench } from './bench.ts';
import { render } from './render.ts';

/** Every bench; a new one is its file and its line here. */
export const benches: readonly Bench[] = [render];
