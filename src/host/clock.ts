import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../core/model/index.ts';

/** The system's clock. */
export const nodeClock: Clock = { nowMs: () => Date.now() };

/** The system's cryptographic generator. */
export const nodeRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };
