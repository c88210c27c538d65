// The load of the `proxy` bench, as a process of its own: sends the same chat request over keep-alive connections, each
// with one request under way at a time, and prints one JSON line.
//
// `main.ts <base url> <connections> <milliseconds> [key] [headers as JSON]`; the request is fixed, so that figures stay comparable.

import { Client } from 'undici';

const [base = '', connections = '16', milliseconds = '2000', key = '', more = '{}'] = process.argv.slice(2);

const PROMPT = `Summarise for a colleague: ${'the ring rollout waits for the soak time. '.repeat(20)}`;
const BODY = JSON.stringify({
  model: 'gpt-4o-mini',
  max_tokens: 64,
  messages: [
    { role: 'system', content: 'You are helpful.' },
    { role: 'user', content: PROMPT },
  ],
});
const ASKED = {
  path: '/v1/chat/completions',
  method: 'POST' as const,
  headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...JSON.parse(more) },
  body: BODY,
};

const latencies: number[] = [];
const refused = new Map<number, number>();

/** Ask again and again until the time is over. */
const askUntil = async (client: Client, end: number): Promise<void> => {
  while (performance.now() < end) {
    const started = performance.now();
    const { statusCode, body } = await client.request(ASKED);
    await body.dump();
    if (statusCode === 200) latencies.push(performance.now() - started);
    else refused.set(statusCode, (refused.get(statusCode) ?? 0) + 1);
  }
};

const started = performance.now();
const clients = Array.from({ length: Number(connections) }, () => new Client(base, { pipelining: 1 }));
await Promise.all(clients.map((client) => askUntil(client, started + Number(milliseconds))));
const seconds = (performance.now() - started) / 1_000;
await Promise.all(clients.map((client) => client.close()));

const sorted = latencies.toSorted((a, b) => a - b);
const percentile = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
process.stdout.write(
  `${JSON.stringify({
    requests: latencies.length,
    seconds,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    refused: Object.fromEntries(refused),
  })}\n`,
);
