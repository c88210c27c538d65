// The denominator of the `propagate` bench: a file server that does nothing but read a file and send it. KEPT FIXED.
// `main.ts <folder>`

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

const [folder = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const file = createReadStream(join(folder, normalize(`/${request.url ?? ''}`)));
  file.once('error', () => response.writeHead(404).end());
  file.once('open', () => file.pipe(response));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
});
