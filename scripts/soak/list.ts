import { crash } from './crash.ts';
import { faultsSoak } from './faults.ts';
import { mutation } from './mutation.ts';
import type { Soak } from './soak.ts';

/** Every soak test; a new one is its file and its line here. */
export const soaks: readonly Soak[] = [mutation, crash, faultsSoak];
