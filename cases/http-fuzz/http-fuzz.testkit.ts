import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TOKEN } from '../../gateway/io/plane.testkit.ts';
import { until } from '../../gateway/io/upstream.testkit.ts';
import { drawFrom } from '../../scripts/soak/draw.ts';
import type { JournalLine } from '../../src/core/model/index.ts';
import { type Answer, faultOfAnswer, readAnswers } from './answers.testkit.ts';
import { caseOf, type FuzzCase } from './requests.testkit.ts';
import { talk } from './talk.testkit.ts';
import { type FuzzWorld, NOBODY_READS_ANSWERS, openFuzzWorld, SECRETS } from './world.testkit.ts';

export interface HttpFuzzOptions {
  readonly seed: number;
  readonly count: number;
  /** Only the case of this number; null: all. */
  readonly only: number | null;
}

export interface HttpFuzzReport {
  readonly connections: number;
  readonly answers: number;
  /** Requests that reached a provider. */
  readonly forwarded: number;
  readonly statuses: { readonly [status: string]: number };
  /** Each names its case, so that it can be played again. */
  readonly faults: readonly string[];
  /** What was sent and what came, of the one case that was asked for. */
  readonly transcript: string;
  /** Of the heap after a collection, between the first part and the last, for each connection. */
  readonly grownBytes: number;
}

const AT_ONCE = 24;
/** Below it, the heap is looked at twice alone: each look waits for the slowest connection. */
const LARGE = 2_000;
/** What requests say; nothing of it may stand in log, metrics or evidence. */
const CONTENT = 'fault:';
const SHOWN = 400;
/** What the gateway may answer for a provider. */
const FOR_PROVIDERS = [502, 504];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function leakIn(text: string, more: readonly string[] = []): string | null {
  const found = [...SECRETS, ...more].find((secret) => text.includes(secret));
  return found === undefined ? null : `holds ${JSON.stringify(found)}`;
}

/** What is wrong with the answers of one connection, or null. */
function faultOf(played: FuzzCase, answers: readonly Answer[], isRead: boolean): string | null {
  for (const answer of answers) {
    const { status } = answer;
    if (status >= 500 && !(played.hasFault && FOR_PROVIDERS.includes(status))) {
      return `answered ${status}: ${answer.body.toString('utf8').slice(0, SHOWN)}`;
    }
    const fault = faultOfAnswer(answer, isRead);
    if (fault !== null) return `${status}: ${fault}`;
  }
  return null;
}

interface Played {
  readonly bytes: Buffer;
  readonly answers: readonly Answer[];
  readonly fault: string | null;
}

async function play({ running, port }: FuzzWorld, played: FuzzCase): Promise<Played> {
  const isRead = running.service.snapshot?.policy.scansOutput === true;
  const { bytes, isHung, hasLeft } = await talk(port, played);
  const { whole, fault, isCut } = readAnswers(bytes, played.methods);
  const isWhole = !isCut && whole.length === played.methods.length;
  const faults = [
    isHung ? 'the connection did not end' : null,
    leakIn(bytes.toString('latin1')),
    fault,
    faultOf(played, whole, isRead),
    played.isSound && !hasLeft && !isWhole ? `${whole.length} answers to ${played.methods.length} requests` : null,
  ];
  return { bytes, answers: whole, fault: faults.find((one) => one !== null) ?? null };
}

const transcriptOf = ({ pieces, ending }: FuzzCase, bytes: Buffer): string =>
  `${Buffer.concat(pieces).toString('latin1')}\n--- ${ending}\n${bytes.toString('latin1')}\n`;

/** What is wrong with what the gateway keeps and shows after all of it. */
async function faultsAtTheEnd({ running, plane }: FuzzWorld): Promise<readonly string[]> {
  const { service, url } = running;
  await until(() => service.active === 0, 'the end of every request');
  const isDelivered = await running.shipping?.drain();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const inFlight = service.snapshot === null ? [] : service.measures.describe(service.snapshot.policy);
  const faults = [
    isDelivered === true ? null : 'evidence was not delivered',
    leakIn(metrics, [CONTENT]) === null ? null : 'metrics hold a secret or content',
    metrics.includes('internal_error') ? 'a request failed inside' : null,
    inFlight.every((target) => target.inFlight === 0) ? null : 'a target counts requests that are over',
    ...faultsOfEvidence(plane.lines),
    ...plane.refused.map((refused) => `the control plane refused ${refused}`),
  ];
  return faults.filter((fault) => fault !== null);
}

/** Every intent has one decision, which ends its holds; nothing of content or secrets is written. */
function faultsOfEvidence(lines: readonly JournalLine[]): readonly string[] {
  const open = new Map<string, number>();
  const faults: string[] = [];
  for (const { event } of lines) {
    const leak = leakIn(JSON.stringify(event), [CONTENT]);
    if (leak !== null) faults.push(`an event ${leak}`);
    if (event.type === 'intent') open.set(event.requestId, (open.get(event.requestId) ?? 0) + event.wallets.length);
    if (event.type !== 'decision') continue;
    const held = open.get(event.requestId) ?? 0;
    if (event.wallets.length !== held) faults.push(`${event.requestId}: ${held} holds, ${event.wallets.length} ended`);
    open.delete(event.requestId);
  }
  return open.size === 0 ? faults : [...faults, `${open.size} intents without decision`];
}

/** Plays the cases, the second half of them against policies that read no answers. */
export async function fuzzHttp({ seed, count, only }: HttpFuzzOptions): Promise<HttpFuzzReport> {
  const world = await openFuzzWorld();
  const statuses: { [status: string]: number } = {};
  const faults: string[] = [];
  const heaps: number[] = [];
  let [next, answers] = [0, 0];
  let transcript = '';
  const playUntil = async (end: number): Promise<void> => {
    while (next < end) {
      const number = next;
      next += 1;
      if (only !== null && number !== only) continue;
      const played = caseOf(TOKEN, drawFrom(seed + number));
      const { bytes, answers: got, fault } = await play(world, played);
      answers += got.length;
      for (const { status } of got) statuses[status] = (statuses[status] ?? 0) + 1;
      if (only !== null) transcript = transcriptOf(played, bytes);
      if (fault !== null) faults.push(`case ${number}: ${fault}`);
    }
  };
  try {
    const parts = count < LARGE ? 2 : 10;
    for (let part = 1; part <= parts; part += 1) {
      if (part === parts / 2 + 1) await world.enforce(NOBODY_READS_ANSWERS);
      const end = Math.round((count * part) / parts);
      await Promise.all(Array.from({ length: AT_ONCE }, () => playUntil(end)));
      const logged = world.logged();
      const leak = leakIn(logged, [CONTENT, 'a request failed']);
      if (leak !== null)
        faults.push(
          `the log ${leak}: ${logged.slice(Math.max(0, logged.indexOf('failed') - SHOWN)).slice(0, SHOWN * 2)}`,
        );
      collect();
      heaps.push(process.memoryUsage().heapUsed);
    }
    faults.push(...(await faultsAtTheEnd(world)));
    const grownBytes = ((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)) / (count - count / parts);
    const forwarded = world.upstreams.reduce((sum, { asked }) => sum + asked(), 0);
    return { connections: count, answers, forwarded, statuses, faults, transcript, grownBytes };
  } finally {
    await world.close();
  }
}
