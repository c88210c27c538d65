// Promise: one fault for each rule: how it comes into a fleet, and where it must be found.
// Input: two orgs that a seed chose, and a number of it.
// Output: edits of a clean fleet, and the line that a finding must name.
// Invariants: a fault stands alone; what it cannot but cause beside it is listed with it.

import type { Fault } from './fault.ts';
import { network } from './network.ts';
import { objects } from './objects.ts';
import { records } from './records.ts';
import { texts } from './texts.ts';

export { type ChangeFault, changes } from './changes.ts';
export type { Fault, Planted } from './fault.ts';

export const faults: readonly Fault[] = [...objects, ...records, ...network, ...texts];
