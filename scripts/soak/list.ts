import { crash } from './crash.ts';
import { mutation } from './mutation.ts';
import type { Soak } from './soak.ts';
import { workflows } from './workflows.ts';

/** Every soak test; a new one is its file and its line here. */
export const soaks: readonly Soak[] = [mutation, crash, workflows];
