// The upstream simulator as a process: `node --import tsx scripts/simulator.ts [--port 0] [--listen 127.0.0.1] [--until-stdin-ends]`.
// Prints one JSON line with its address, and runs until it is told to stop.

import { parseArgs } from 'node:util';
import { startSimulator } from './simulator/index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    listen: { type: 'string', default: '127.0.0.1' },
    // A load test asks for 0: requests are then counted and not kept.
    recorded: { type: 'string', default: '100' },
    // So as never to outlive the program that started this one.
    'until-stdin-ends': { type: 'boolean', default: false },
  },
});

const simulator = await startSimulator({
  listen: values.listen,
  port: Number(values.port),
  recorded: Number(values.recorded),
});
process.stdout.write(`${JSON.stringify({ listening: simulator.url })}\n`);
const stop = (): void => {
  // What is still open of it would keep the process.
  process.stdin.destroy();
  simulator.close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
if (values['until-stdin-ends']) process.stdin.once('close', stop).resume();
