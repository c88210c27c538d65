// The load of the `stream` bench, as a process of its own: asks for streams over keep-alive connections, each with one under
// way at a time, and prints one JSON line with what the frames took.
//
// `stream.ts <base url> <connections> <streams of each> <frames> <ms between frames> [key]`

import { Client } from 'undici';

const [base = '', connections = '4', streams = '20', frames = '40', everyMs = '5', key = ''] = process.argv.slice(2);

/** With text in it: the frame before the first text says the role alone. */
const TEXT = /"content":"[^"]/;
const WORDS = 'plain words of no interest '.repeat(Number(frames)).trim();
const SCRIPT = { chunks: Number(frames), chunkDelayMs: Number(everyMs), reply: WORDS };
const ASKED = {
  path: '/v1/chat/completions',
  method: 'POST' as const,
  headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  body: JSON.stringify({
    model: 'gpt-4o-mini',
    stream: true,
    max_tokens: 4 * Number(frames),
    messages: [{ role: 'user', content: `simulate: ${JSON.stringify(SCRIPT)}\nTell me something.` }],
  }),
};

const firsts: number[] = [];
const gaps: number[] = [];
const wholes: number[] = [];
const refused = new Map<number, number>();

const askOnce = async (client: Client): Promise<void> => {
  const started = performance.now();
  const { statusCode, body } = await client.request(ASKED);
  let before = started;
  let isFirst = true;
  for await (const part of body) {
    const now = performance.now();
    if (TEXT.test(Buffer.from(part).toString('latin1'))) {
      (isFirst ? firsts : gaps).push(now - before);
      isFirst = false;
      before = now;
    }
  }
  if (statusCode === 200) wholes.push(performance.now() - started);
  else refused.set(statusCode, (refused.get(statusCode) ?? 0) + 1);
};

const clients = Array.from({ length: Number(connections) }, () => new Client(base, { pipelining: 1 }));
await Promise.all(
  clients.map(async (client) => {
    for (let count = 0; count < Number(streams); count += 1) await askOnce(client);
    await client.close();
  }),
);

const percentilesOf = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), count: values.length };
};
process.stdout.write(
  `${JSON.stringify({
    first: percentilesOf(firsts),
    gap: percentilesOf(gaps),
    whole: percentilesOf(wholes),
    refused: Object.fromEntries(refused),
  })}\n`,
);
