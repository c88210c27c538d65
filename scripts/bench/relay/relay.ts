// The denominator of the `proxy` bench: the least that a proxy on node:http and undici must do. KEPT FIXED: it reads the
// body, forwards it with the caller's content type and key, and streams the answer. Changing it changes every past figure.

import { createServer } from 'node:http';
import { Pool } from 'undici';

const [upstream = ''] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { 'content-type': type = 'application/json', authorization = '' } = request.headers;
    const headers = { 'content-type': type, authorization };
    const asked = { path: request.url ?? '/', method: 'POST' as const, headers, body: Buffer.concat(parts) };
    const answered = pool.stream(asked, ({ statusCode, headers: received }) =>
      response.writeHead(statusCode, { 'content-type': String(received['content-type']) }),
    );
    answered.catch(() => response.destroy());
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
});
