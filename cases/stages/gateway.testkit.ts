import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chainDocument, startStandalone, targetAt } from '../../gateway/io/standalone.testkit.ts';
import { sendJson, startUpstream, type TestUpstream } from '../../gateway/io/upstream.testkit.ts';
import type { JournalLine, JsonObject, Verdict } from '../../src/core/model/index.ts';
import { eventsOf, SHAPES, streamedText, wholeAnswer } from '../offsets/shapes.testkit.ts';
import type { StageCase } from './cases.testkit.ts';

// Plays a case through a whole gateway and says what everyone saw.

export interface Played {
  readonly status: number;
  /** Of a refusal. */
  readonly code: string | null;
  /** The text, or the arguments of the call, that the caller got; null: a refusal. */
  readonly text: string | null;
  /** A stream ended well. */
  readonly isEnded: boolean;
  /** The last request that the provider got; null: none. */
  readonly sent: JsonObject | null;
  /** In the evidence. */
  readonly verdict: Verdict | undefined;
}

const [chat] = SHAPES;

const serve = (provider: TestUpstream, { reply }: StageCase): void => {
  if (chat === undefined) throw new Error('expected a shape');
  provider.script = (request, response) => {
    if (request.body['stream'] !== true) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(wholeAnswer(chat, reply));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(eventsOf(chat, reply, [...reply.text]));
  };
};

/** `isStream`: the answer is asked for as a stream. */
export async function playStage(one: StageCase, isStream: boolean): Promise<Played> {
  const [provider, service] = await Promise.all([startUpstream(), startUpstream()]);
  serve(provider, one);
  service.script = (_, response) => sendJson(response, 200, one.service);
  const document = chainDocument({ [one.kind]: one.settings }, [
    targetAt(provider.url),
    targetAt(provider.url, { id: 'safe', model: 'safe', data_policy: { zero_data_retention: true } }),
  ]);
  const gateway = await startStandalone({
    document: JSON.stringify(document).replaceAll('@service', service.url),
    listen: (folder) => ({ sinks: { eventsFile: join(folder, 'events.ndjson'), gatherMs: 1 } }),
  });
  try {
    const body = { ...(one.ask as JsonObject), ...(isStream ? { stream: true } : {}) };
    for (let time = 1; time < one.times; time += 1) await (await gateway.post('/v1/chat/completions', body)).text();
    provider.received.length = 0;
    const response = await gateway.post('/v1/chat/completions', body);
    const got = await response.text();
    await gateway.running.service.sinks.drain();
    const lines = readFileSync(join(gateway.folder, 'events.ndjson'), 'utf8').trimEnd().split('\n');
    const decided = lines
      .map((line) => (JSON.parse(line) as JournalLine).event)
      .findLast((event) => event.type === 'decision');
    return {
      status: response.status,
      code: /"code":"(\w+)"/.exec(got)?.[1] ?? null,
      text: response.status === 200 ? textOf(got, isStream) : null,
      isEnded: got.endsWith('data: [DONE]\n\n'),
      sent: (provider.received.at(-1)?.body as JsonObject | undefined) ?? null,
      verdict: decided?.verdict,
    };
  } finally {
    await gateway.close(200);
    await Promise.all([provider.close(), service.close()]);
  }
}

function textOf(got: string, isStream: boolean): string {
  if (chat === undefined) throw new Error('expected a shape');
  return isStream ? streamedText(chat, got) : String(chat.ofWhole(JSON.parse(got) as never));
}
