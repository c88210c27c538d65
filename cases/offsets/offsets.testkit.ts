import { chainDocument, startStandalone } from '../../gateway/io/standalone.testkit.ts';
import { startUpstream, type TestUpstream } from '../../gateway/io/upstream.testkit.ts';
import type { Draw } from '../../scripts/soak/draw.ts';
import type { Plant } from './plants.testkit.ts';
import { eventsOf, type Reply, SHAPES, type ShapeUnderTest, streamedText, wholeAnswer } from './shapes.testkit.ts';

// Plants a match in the answers of a provider behind a real gateway, cut at every offset, and looks at each byte that comes out.

const BEFORE = 'Dear customer, ';
const AFTER = ' is what we have. Thank you, é😀.';

export interface OffsetOptions {
  readonly draw: Draw;
  /** Cuts of each text in each shape; null: at every offset. */
  readonly cuts: number | null;
}

export interface OffsetReport {
  readonly streams: number;
  readonly faults: readonly string[];
}

const documentOf = ({ kind, settings }: Plant, url: string): object => {
  const target = (id: string, provider: string): object => ({
    ...{ id, provider, model: id, base_url: url, secret_key_ref: { env: 'UPSTREAM_KEY' } },
  });
  return chainDocument({ [kind]: settings }, [target('gpt', 'openai'), target('claude', 'anthropic')]);
};

/** What the provider answers next: whole, or as these bytes in these writes. */
interface Next {
  whole: string;
  writes: readonly Buffer[];
  isSlow: boolean;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function serve(upstream: TestUpstream, next: Next): void {
  upstream.script = async (request, response) => {
    if (request.body['stream'] !== true) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(next.whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const bytes of next.writes) {
      response.write(bytes);
      await (next.isSlow ? pause(1) : turn());
    }
    response.end();
  };
}

interface Stand {
  readonly url: string;
  readonly next: Next;
}

interface Cut {
  readonly parts: readonly string[];
  readonly writes: (bytes: Buffer) => readonly Buffer[];
}

const whole = (draw: Draw, below: number): number => Math.floor(draw() * below);
const split = (bytes: Buffer, edges: readonly number[]): readonly Buffer[] =>
  [...edges, bytes.length].map((edge, index) => bytes.subarray(edges[index - 1] ?? 0, edge));

/** Random pieces of what goes over the wire. */
const anywhere =
  (draw: Draw) =>
  (bytes: Buffer): readonly Buffer[] => {
    const edges = Array.from({ length: whole(draw, 12) }, () => whole(draw, bytes.length)).sort((a, b) => a - b);
    return split(bytes, edges);
  };

/** At each offset of the text, the text in two events; and at each byte of the event with the match, the bytes in two writes. */
function cutsOf(text: string, planted: string, { draw, cuts }: OffsetOptions): readonly Cut[] {
  const inText = [...text.split('').keys()].map((at): Cut => {
    const parts = [text.slice(0, at), text.slice(at)].filter((part) => part !== '');
    return { parts, writes: anywhere(draw) };
  });
  const inBytes = Array.from({ length: Buffer.byteLength(planted) + 2 }, (_, at): Cut => {
    const writes = (bytes: Buffer): readonly Buffer[] => {
      const from = bytes.indexOf(JSON.stringify(planted).slice(1, -1));
      return split(bytes, [Math.max(0, from - 1 + at)]);
    };
    return { parts: [text], writes };
  });
  const letters: Cut = { parts: [...text], writes: anywhere(draw) };
  const all = [...inText, ...inBytes, letters];
  return cuts === null ? all : Array.from({ length: cuts }, () => all[whole(draw, all.length)] ?? letters);
}

const ask = (url: string, shape: ShapeUnderTest, stream: boolean): Promise<Response> =>
  fetch(`${url}${shape.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...shape.request, model: shape.model, stream }),
  });

/** What a stream of this answer must come to. */
interface Wanted {
  readonly planted: string;
  /** The whole answer as the gateway gives it; null: it is blocked. */
  readonly text: string | null;
  /** The most that may come out of a stream that is blocked. */
  readonly before: string;
}

/** JSON that says the same, where it is JSON. */
const normal = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
};

function faultOf(shape: ShapeUnderTest, body: string, { planted, text, before }: Wanted): string | null {
  if (body.includes(planted)) return 'the match came out';
  const streamed = streamedText(shape, body);
  const isEnded = body.includes(shape.last);
  if (text === null) {
    if (!before.startsWith(streamed)) return `blocked after ${JSON.stringify(streamed)}`;
    return isEnded || !body.includes('output_blocked')
      ? 'a block without its error, or with the end of a stream'
      : null;
  }
  if (normal(streamed) !== normal(text)) return `streamed ${JSON.stringify(streamed)}, whole ${JSON.stringify(text)}`;
  return isEnded ? null : 'the stream did not end';
}

/** The answers that the plant stands in: a text, and the arguments of a call, or the call itself. */
function repliesOf(plant: Plant, planted: string): readonly { readonly reply: Reply; readonly before: string }[] {
  if (plant.isTool === true)
    return [{ reply: { text: '{"order":"to offshore","amount":12345}', tool: planted }, before: '' }];
  const before = plant.isAlone === true ? '' : BEFORE;
  const text = plant.isAlone === true ? planted : `${BEFORE}${planted}${AFTER}`;
  const words = { reply: { text, tool: null }, before };
  if (plant.isWordsOnly === true) return [words];
  return [words, { reply: { text: JSON.stringify({ note: text }), tool: 'keep' }, before: '' }];
}

async function wantedOf(
  stand: Stand,
  shape: ShapeUnderTest,
  plant: Plant,
  planted: string,
): Promise<string | Pick<Wanted, 'text'>> {
  const response = await ask(stand.url, shape, false);
  const body = await response.text();
  if (body.includes(planted)) return 'the whole answer holds the match';
  if (plant.verdict === 'block')
    return response.status === 409 ? { text: null } : `expected 409, found ${response.status}`;
  if (response.status !== 200) return `expected 200, found ${response.status}: ${body}`;
  return { text: String(shape.ofWhole(JSON.parse(body) as never)) };
}

async function playPlant(stand: Stand, plant: Plant, options: OffsetOptions): Promise<OffsetReport> {
  const faults: string[] = [];
  let streams = 0;
  for (const planted of plant.texts)
    for (const shape of SHAPES)
      for (const { reply, before } of repliesOf(plant, planted)) {
        if (shape.only !== undefined && reply.tool === null) continue;
        if (shape.only === 'calls' && plant.isTool === true) continue;
        const name = `${plant.kind} ${plant.verdict} ${shape.path} of ${shape.model} ${reply.tool === null ? 'text' : 'call'} ${planted}`;
        stand.next.whole = wholeAnswer(shape, reply);
        const wanted = await wantedOf(stand, shape, plant, planted);
        if (typeof wanted === 'string') {
          faults.push(`${name}: ${wanted}`);
          continue;
        }
        for (const { parts, writes } of cutsOf(reply.text, planted, options)) {
          stand.next.writes = writes(Buffer.from(eventsOf(shape, reply, parts)));
          stand.next.isSlow = options.draw() < 0.02;
          const body = await (await ask(stand.url, shape, true)).text();
          streams += 1;
          const fault = faultOf(shape, body, { planted, before, ...wanted });
          if (fault !== null) faults.push(`${name}, in ${JSON.stringify(parts)}: ${fault}`);
        }
      }
  return { streams, faults };
}

/** Plays one plant through a gateway of its own. */
export async function playOffsets(plant: Plant, options: OffsetOptions): Promise<OffsetReport> {
  const upstream = await startUpstream();
  const gateway = await startStandalone({
    document: documentOf(plant, upstream.url),
    variables: { UPSTREAM_KEY: 'sk-upstream' },
  });
  const next: Next = { whole: '', writes: [], isSlow: false };
  serve(upstream, next);
  try {
    return await playPlant({ url: gateway.url, next }, plant, options);
  } finally {
    await gateway.close(200);
    await upstream.close();
  }
}
