import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { enrolGateway, say } from './enrolled.testkit.ts';
import { TOKEN } from './plane.testkit.ts';
import { until } from './upstream.testkit.ts';

// The real program as a child process, ended with SIGKILL at any moment.

const FIXTURE = readFileSync(
  new URL('../../cases/standalone/configs/teams/acme-support.yaml', import.meta.url),
  'utf8',
);
/** On a machine with other work a start alone takes seconds: what is waited for decides here, not the time. */
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Enrolled, but not of this process. */
const enrolled = () =>
  enrolGateway({ policy: ([url = '']) => FIXTURE.replaceAll(/https:\/\/(eu\.)?api\.openai\.com/g, url) });

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
}

async function start(folder: string): Promise<Started> {
  const env = { ...process.env, ACME_OPENAI_KEY: 'sk-one', ACME_OPENAI_EU_KEY: 'sk-two' };
  const arguments_ = [
    '--no-warnings',
    MAIN,
    'run',
    '--state',
    folder,
    '--listen',
    '127.0.0.1:0',
    '--poll-seconds',
    '5',
    '--events-file',
    join(folder, 'events.ndjson'),
    '--wrong-credentials',
    '1',
  ];
  const started = spawn(process.execPath, arguments_, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void started.kill('SIGKILL'));
  let errors = '';
  started.stderr.on('data', (part: Buffer) => {
    errors += part.toString('utf8');
  });
  const [line] = (await Promise.race([
    once(started.stdout, 'data'),
    once(started, 'exit').then(() => {
      throw new Error(errors);
    }),
  ])) as [Buffer];
  const { listening } = JSON.parse(line.toString('utf8')) as { readonly listening: string };
  await until(async () => (await fetch(`${listening}/readyz`)).status === 200, 'readiness');
  return { url: listening, child: started };
}

function ask(url: string, token = TOKEN): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(say()),
  });
}

test('after kill -9 nothing that was answered is lost, every intent has one decision, and open holds are settled whole', async () => {
  const { plane, upstream, folder, events } = await enrolled();
  const decisions = () => events('decision');
  const answered: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { url, child: victim } = await start(folder);
    let hanging = 0;
    const before = answered.length;
    const gone = once(victim, 'exit');
    const kill = (): boolean => victim.kill('SIGKILL');
    const quick = upstream.script;
    upstream.script = (request, response) => {
      if (request.headers['x-request-id'] !== undefined && upstream.received.length % 4 === 0) hanging += 1;
      else void quick(request, response);
    };
    const work = Array.from({ length: 24 }, async (_, index) => {
      const response = await ask(url);
      if (response.status === 200) answered.push(response.headers.get('x-request-id') ?? '');
      if (index === 12) kill();
    });
    const settled = Promise.allSettled(work);
    await until(() => answered.length > before && hanging > 0, 'some answers, and some that hang');
    setTimeout(kill, 300);
    await settled;
    await gone;
    upstream.script = quick;
    expect(hanging).toBeGreaterThan(0);
  }
  const { child } = await start(folder);
  await until(() => answered.every((id) => decisions().some((event) => event.requestId === id)), 'the decisions');
  const intents = new Set(events('intent').map(({ requestId }) => requestId));
  await until(
    () => [...intents].every((id) => decisions().some((event) => event.requestId === id)),
    'a decision for each intent',
  );
  // Also of one that the next start wrote, which knows of them by the journal alone.
  for (const { requestId, attempts } of decisions())
    expect(plane.lines.filter(({ event }) => event.type === 'intent' && event.requestId === requestId)).toHaveLength(
      attempts,
    );
  const ids = decisions().map((event) => event.requestId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(answered));
  const cut = decisions().filter((event) => event.reasonCode === 'gateway.interrupted');
  expect(cut.length).toBeGreaterThan(0);
  for (const { usageFlag } of cut) expect(usageFlag).toBe('unknown');
  for (const { wallets } of cut) for (const entry of wallets) expect(entry.settledMicros).toBe(entry.heldMicros);
  const booked = (): number => [...plane.settlements.values()].reduce((sum, item) => sum + item.settledMicros, 0);
  const owed = decisions().reduce(
    (sum, event) => sum + event.wallets.reduce((part, entry) => part + entry.settledMicros, 0),
    0,
  );
  await until(() => booked() === owed, 'the settlements');
  expect(plane.refused).toEqual([]);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  // The file has every line of the chain, and none twice.
  const lines = readFileSync(join(folder, 'events.ndjson'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(plane.lines);
}, 60_000);

test('a second process on the same folder is refused, bad flags are a usage error, and a good one is heeded', async () => {
  const { plane, folder } = await enrolled();
  const { url, child } = await start(folder);
  const wrong = async () => (await ask(url, 'tnt_wrong')).status;
  expect([await wrong(), await wrong()]).toEqual([401, 429]);
  const exitOf = async (...arguments_: string[]): Promise<{ readonly code: number; readonly text: string }> => {
    const other = spawn(process.execPath, ['--no-warnings', MAIN, ...arguments_], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    other.stderr.on('data', (part: Buffer) => {
      text += part.toString('utf8');
    });
    const [code] = (await once(other, 'exit')) as [number];
    return { code, text };
  };
  const [locked, usage, collector] = await Promise.all([
    exitOf('run', '--state', folder, '--listen', '127.0.0.1:0'),
    exitOf('run', '--nonsense'),
    exitOf('run', '--policy-config', 'none.yaml', '--otlp', 'planted'),
  ]);
  expect(locked).toMatchObject({ code: 1, text: expect.stringContaining('GATEWAY_STATE_LOCKED') as string });
  expect(usage.code).toBe(64);
  expect(collector).toMatchObject({ code: 64, text: expect.stringContaining('GATEWAY_OTLP_INVALID') as string });
  expect(collector.text).not.toContain('planted');
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  // Polling has begun by then, and does not keep the process.
  const taken = await exitOf('run', '--state', folder, '--listen', new URL(plane.url).host);
  expect(taken).toMatchObject({ code: 69, text: expect.stringContaining('GATEWAY_PORT_IN_USE') as string });
});
