import { expect, it } from 'vitest';
import { type Published, say, startEnrolled } from '../../gateway/io/enrolled.testkit.ts';
import { documentOf } from '../../gateway/io/routing.testkit.ts';
import { echo, until } from '../../gateway/io/upstream.testkit.ts';

// Fields that matter only where there are tokens and teams, or several requests at once.

const limitedBy = (limits: object): Published => ({
  policy: documentOf({ targets: [{}], providers: { scope_rate_limits: limits } }),
});
const serve = async (limits: object) => {
  const gateway = await startEnrolled(limitedBy(limits));
  const ask = async (): Promise<number> => {
    const response = await gateway.ask(say('hi', { max_tokens: 5 }));
    await response.text();
    return response.status;
  };
  return { ...gateway, ask };
};

it.each(['rpm', 'tpm'])('providers.scope_rate_limits.per_team.%s changes what a gateway does', async (what) => {
  const { host, change, ask } = await serve({ per_team: { [what]: 1000 } });
  expect([await ask(), await ask()]).toEqual([200, 200]);
  await change(limitedBy({ per_team: { [what]: 1 } }));
  // What was counted before has left its minute.
  host.aheadMs += 120_000;
  await ask();
  expect(await ask()).toBe(429);
});

it.each([
  [1, 1],
  [2, 0],
])('providers.scope_rate_limits.max_parallel_requests of %i refuses %i of two', async (most, refused) => {
  const { upstream, ask } = await serve({ max_parallel_requests: most });
  const waiting: (() => void)[] = [];
  upstream.script = (request, response) => {
    waiting.push(() => void echo(request, response));
  };
  const asked = [ask(), ask()];
  await until(() => waiting.length === 2 - refused);
  const early = refused === 0 ? undefined : await Promise.race(asked);
  for (const answer of waiting) answer();
  upstream.script = echo;
  expect([early, (await Promise.all(asked)).filter((status) => status === 429).length]).toEqual([
    refused === 0 ? undefined : 429,
    refused,
  ]);
});
