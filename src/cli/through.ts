import { request } from 'node:http';
import { readControllerFile } from '../wire.ts';
import { isAlive } from './lease.ts';
import { CommandError, EXIT } from './terminal.ts';

/**
 * Asks the controller that runs on this fleet folder to do it, since it alone writes meanwhile (rulings 11); null where none
 * runs. Its refusals end the command. There is no time-out: work over many orgs takes its time.
 */
export async function throughController<Body>(dir: string, path: string, ask: object): Promise<Body | null> {
  const controller = readControllerFile(dir);
  if (controller === null || !isAlive(controller.pid)) return null;
  const { status, text } = await post(new URL(path, controller.url), controller.token, JSON.stringify(ask));
  const body = JSON.parse(text) as Body & { readonly error?: { readonly code: string; readonly message: string } };
  if (body.error !== undefined)
    throw new CommandError(status >= 500 ? EXIT.unavailable : EXIT.refused, body.error.code, body.error.message);
  return body;
}

function post(url: URL, token: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = request(url, { method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
