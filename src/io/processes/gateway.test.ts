import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolChild, type GatewayProgram, startChild } from './index.ts';

// Programs in the place of the gateway's own, which `cases/up.test.ts` starts.

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-processes-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function program(text: string): GatewayProgram {
  const entry = join(dir, 'program.mjs');
  writeFileSync(entry, text);
  return { entry, stateDir: dir, listen: '127.0.0.1:1', simulatorUrl: null };
}
const saying = (text: string, exit: number): string =>
  `process.stderr.write(${JSON.stringify(text)}); process.exitCode = ${exit};`;

it.each([
  [
    '',
    'GATEWAY_NOT_STARTED',
    /^expected the gateway to listen, found that it ended with exit code 3; see .*gateway\.log$/,
  ],
  [
    'GATEWAY_PORT_IN_USE: Taken.\nexpected to listen, found EADDRINUSE\nStop it.\n',
    'GATEWAY_PORT_IN_USE',
    /^expected to listen, found EADDRINUSE. Stop it$/,
  ],
  ['a line of the log\nTRUST_STATE: no floors here\n', 'TRUST_STATE', /^no floors here$/],
  ['INTERNAL: x is not a function\n  at here\n', 'GATEWAY_NOT_STARTED', /exit code 3/],
  ['GATEWAY_PORT_IN_USE: Taken.\nthen\nmuch\nmore\n', 'GATEWAY_NOT_STARTED', /exit code 3/],
])('one that ends before it listens says why, where it does: %j', async (said, code, message) => {
  const start = startChild(program(saying(said, 3)));
  await expect(start).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

it('what an earlier run said is not said of this one', async () => {
  await expect(startChild(program(saying('TRUST_STATE: no floors here\n', 1)))).rejects.toThrow('no floors');
  await expect(startChild(program(saying('', 1)))).rejects.toMatchObject({ code: 'GATEWAY_NOT_STARTED' });
});

it('an enrolment that fails says why', async () => {
  const asked = { code: 'tne_x', source: 'http://127.0.0.1:1' };
  const refused = program(saying('ENROL_REFUSED: No.\nexpected a code, found none\nAsk for one.\n', 1));
  await expect(enrolChild(refused, asked)).rejects.toMatchObject({ code: 'ENROL_REFUSED' });
  await expect(enrolChild(program(saying('', 9)), asked)).rejects.toMatchObject({
    code: 'GATEWAY_NOT_STARTED',
    message: expect.stringContaining('exit code 9'),
  });
  await enrolChild(program('process.exitCode = process.env.TENANTRY_ENROLMENT_CODE === "tne_x" ? 0 : 1'), asked);
});

it('one that listens tells how it ended, and is killed where it does not drain in time', async () => {
  const listens = 'process.stdout.write(JSON.stringify({ listening: "http://127.0.0.1:1" }) + "\\n");';
  const child = await startChild(program(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); ${listens}`));
  expect(child.url).toBe('http://127.0.0.1:1');
  await child.stop(50);
  expect(await child.ended).toBe('signal SIGKILL');
  await child.stop(50);
});
