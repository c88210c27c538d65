// A share of the bench `render` in a thread of its own, as `check` has one for each core.

import { parentPort } from 'node:worker_threads';
import { type KernelAsk, runKernel } from './kernel.ts';

parentPort?.on('message', (ask: KernelAsk) => parentPort?.postMessage({ answer: runKernel(ask) }));
