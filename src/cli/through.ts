import { type IncomingMessage, request } from 'node:http';
import { parseJson } from '../core/model/index.ts';
import { type ControllerFile, readControllerFile } from '../wire.ts';
import { isAlive } from './lease.ts';
import { CommandError, EXIT } from './terminal.ts';

/** A controller that is there says so at once, also while it works on many orgs. */
const PROBE_MS = 10_000;

/**
 * The controller that runs on this fleet folder, or null where none does. Its file alone proves nothing: one that was killed
 * leaves it, and its process id and address may be another program's by now, so the controller is asked for what only it and
 * that file know. Where nothing answers at its address although the process is there, CONTROLLER_SILENT.
 */
export async function liveController(dir: string): Promise<ControllerFile | null> {
  const controller = readControllerFile(dir);
  if (controller === null || !isAlive(controller.pid)) return null;
  switch (await probe(controller)) {
    case 'itself':
      return controller;
    case 'another':
      return null;
    case 'silent':
      throw new CommandError(
        EXIT.unavailable,
        'CONTROLLER_SILENT',
        `expected an answer of the controller at ${controller.url} within ${PROBE_MS / 1000} s, found none, while process ${controller.pid} is there; let it go on or end it, then run the command again`,
      );
  }
}

async function probe(controller: ControllerFile): Promise<'itself' | 'another' | 'silent'> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    const { status, text } = await ask(controller, { method: 'GET', path: '/api/v1/fleet/controller', signal });
    const { run } = parseJson(text) as { readonly run?: unknown };
    return status === 200 && typeof run === 'string' && run === controller.run ? 'itself' : 'another';
  } catch {
    return signal.aborted ? 'silent' : 'another';
  }
}

/**
 * Asks the controller that runs on this fleet folder to do it, since it alone writes meanwhile (rulings 11); null where none
 * runs. Its refusals end the command. There is no time-out: work over many orgs takes its time.
 */
export async function throughController<Body>(dir: string, path: string, body: object): Promise<Body | null> {
  const controller = await liveController(dir);
  if (controller === null) return null;
  const { status, text } = await ask(controller, { method: 'POST', path, body: JSON.stringify(body) }).catch(
    (cause: Error) => {
      throw gone(controller, cause.message);
    },
  );
  const answered = parsed<Body>(text);
  if (answered === undefined) throw gone(controller, `status ${status} without JSON`);
  if (answered.error === undefined) return answered;
  const { code, message } = answered.error;
  throw new CommandError(status >= 500 ? EXIT.unavailable : EXIT.refused, code, message);
}

type Answered<Body> = Body & { readonly error?: { readonly code: string; readonly message: string } };

function parsed<Body>(text: string): Answered<Body> | undefined {
  try {
    return parseJson(text) as Answered<Body>;
  } catch {
    return undefined;
  }
}

const gone = ({ url }: ControllerFile, found: string): CommandError =>
  new CommandError(
    EXIT.unavailable,
    'CONTROLLER_GONE',
    `expected an answer of the controller at ${url}, found ${found}; look whether it was done (\`tenantry history\`), then run the command again`,
  );

interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

function ask(
  { url, token }: ControllerFile,
  { method, path, body, signal }: Ask,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const read = async (answer: IncomingMessage): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
    };
    const asked = request(
      new URL(path, url),
      { method, headers, ...(signal === undefined ? {} : { signal }) },
      (answer) => read(answer).catch(reject),
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
