// The program of a thread: takes its share of a check. It reads nothing but what it is sent.
import { parentPort } from 'node:worker_threads';
import { openShard, type ShardAsk } from '../flows/index.ts';
import { wireHost } from '../wire.ts';

const port = parentPort;
if (port === null) throw new Error('Expected to run in a thread of the command line.');
const answer = openShard(await wireHost());
port.on('message', (ask: ShardAsk) => {
  answer(ask).then(
    (given) => port.postMessage({ answer: given }),
    (error: unknown) => port.postMessage({ error }),
  );
});
