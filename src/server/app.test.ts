import { expect, it } from 'vitest';
import { formatToken } from '../trust/index.ts';
import { createApp } from './app.ts';

const authorization = `Bearer ${formatToken('console', new Uint8Array(32))}`;

/** What is answered where the store fails so, and what the log says. */
async function failing(
  code: string | undefined,
): Promise<readonly [status: number, code: string, lines: readonly string[]]> {
  const lines: string[] = [];
  const cause = Object.assign(new Error('it stood still'), code === undefined ? {} : { code });
  const plane = {
    directory: { bySlug: () => Promise.reject(cause) },
    log: { warn: (line: string) => lines.push(line) },
  };
  const app = createApp({ plane, requestId: () => 'req-1' } as unknown as Parameters<typeof createApp>[0]);
  const answer = await app.request('/api/v1/orgs/acme/usage', { headers: { authorization } });
  const { error } = (await answer.json()) as { readonly error: { readonly code: string } };
  return [answer.status, error.code, lines];
}

const LINE = 'request req-1 failed: it stood still';

it.each(['STORE_FULL', 'STORE_READ_ONLY', 'STORE_UNREADABLE', 'STORE_CLOSED'])(
  '%s is no error of ours: it is named to who asks, and in the log',
  async (code) => {
    expect(await failing(code)).toEqual([503, code, [LINE]]);
  },
);

it.each([
  ['STORE_BUSY', 503],
  ['STORE_FENCED', 503],
  ['STORE_CURSOR_INVALID', 422],
])('%s is answered by %d, without a line', async (code, status) => {
  expect(await failing(code)).toEqual([status, code === 'STORE_CURSOR_INVALID' ? 'PAGE_CURSOR' : code, []]);
});

it('anything else is an error of ours', async () => {
  for (const code of [undefined, 'STORE_NESTED']) expect(await failing(code)).toEqual([500, 'INTERNAL', [LINE]]);
});
