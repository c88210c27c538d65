import { crash } from './crash.ts';
import { faultsSoak } from './faults.ts';
import { fields } from './fields.ts';
import { fuzz } from './fuzz.ts';
import { httpFuzz } from './http.ts';
import { kill } from './kill.ts';
import { memory } from './memory.ts';
import { mutation } from './mutation.ts';
import { offsets } from './offsets.ts';
import { properties } from './properties.ts';
import { rollout } from './rollout.ts';
import { routing } from './routing.ts';
import type { Soak } from './soak.ts';
import { workflows } from './workflows.ts';

/** Every soak test, the quickest first; a new one is its file and its line here. */
export const soaks: readonly Soak[] = [
  workflows,
  fuzz,
  httpFuzz,
  offsets,
  fields,
  routing,
  rollout,
  properties,
  memory,
  crash,
  kill,
  faultsSoak,
  mutation,
];
