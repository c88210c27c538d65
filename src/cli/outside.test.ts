import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { outsideWords } from './outside.ts';

/** As Node has it: the code in the message too. */
const failed = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each(['EAI_AGAIN', 'EAI_FAIL', 'ENOTFOUND'])(
  'a name of an address to listen on that cannot be resolved (%s) is no bug of ours',
  (code) => {
    expect(outsideWords(failed(code, `getaddrinfo ${code} control.example`))).toBe(
      `${code}: getaddrinfo ${code} control.example`,
    );
  },
);

test('an address that no interface has is told in the words of the system', async () => {
  const server = createServer();
  const error = await new Promise<unknown>((resolve) => {
    server.once('error', resolve);
    server.listen(0, '192.0.2.1');
  });
  expect(outsideWords(error)).toMatch(/^EADDRNOTAVAIL: listen EADDRNOTAVAIL/);
});

test('an error of ours stays one', () => {
  expect(outsideWords(new TypeError('x is undefined'))).toBeUndefined();
  expect(outsideWords(failed('ERR_ASSERTION', 'expected'))).toBeUndefined();
});
