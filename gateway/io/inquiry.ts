import { parseJson } from '../../src/core/model/index.ts';
import type { Inquiry, Question, ServiceReply } from '../../src/core/policy/index.ts';
import { nestsDeeperThan, refuse } from '../core/index.ts';
import { type AnswerFailure, openAnswer } from './answer.ts';
import { type Client, clientGone, evaluated } from './begun.ts';
import { type Exchange, intentEntries } from './exchange.ts';
import { Refused } from './intake.ts';
import type { PoolOwner } from './pools.ts';
import type { Service } from './service.ts';

// Asks what policies want to know of other services, over the connections of the upstreams: the address comes from the signed
// policy, the key from this machine. What is answered is read only when it is whole, bounded and JSON.

const MOST_BYTES = 256 * 1024;
const MOST_DEPTH = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Asks until nothing is left to ask: what the chain comes to then. Throws Refused for a client that has left, and where it cannot
 * be written down that content goes out.
 */
export async function settled<Outcome extends { readonly inquiry: Inquiry<Outcome> | null }>(
  service: Service,
  exchange: Exchange,
  response: Client['response'],
  outcome: Outcome,
): Promise<Outcome> {
  let current = outcome;
  for (let asked = current.inquiry; asked !== null; asked = current.inquiry) {
    const { questions, answered } = asked;
    await writeIntents(service, exchange, questions);
    const { tenant } = exchange.snapshot;
    const asker: Asker = { org: tenant === null ? null : tenant.orgUid, response };
    const replies = await Promise.all(questions.map((question) => ask(service, asker, question)));
    if (response.destroyed) {
      exchange.reasonCode ??= 'gateway.client_gone';
      throw clientGone();
    }
    current = evaluated(() => answered(replies));
  }
  return current;
}

/** For whom a question is asked, and who waits for it. */
interface Asker extends Pick<PoolOwner, 'org'> {
  readonly response: Client['response'];
}

/**
 * What is asked holds content, so it is on record before it goes out, as what goes to a provider is. Once the decision is written
 * nothing of the request is: an answer that waited is judged again then, and went out to its provider before.
 */
async function writeIntents(service: Service, exchange: Exchange, questions: readonly Question[]): Promise<void> {
  if (exchange.isDecided) return;
  const { requestId, attempts, held } = exchange;
  const at = service.nowMs();
  const write = ({ policy }: Question, index: number): Promise<void> =>
    service.evidence.intent({
      ...{ type: 'intent', id: `int${requestId.slice(3)}.q${attempts + index}`, at, requestId },
      ...{ target: policy, policy },
      ...intentEntries(exchange, held),
    });
  try {
    await Promise.all(questions.map(write));
  } catch {
    throw new Refused(refuse('journal_unavailable'));
  }
  exchange.attempts += questions.length;
}

async function ask(service: Service, asker: Asker, question: Question): Promise<ServiceReply> {
  const reply = await replyTo(service, asker, question);
  // Without address and content: who asked, and why nothing came of it.
  if (reply.kind === 'failed' && !asker.response.destroyed)
    service.log.warn('a service that a policy asks gave no answer', { policy: question.policy, why: reply.why });
  return reply;
}

const failed = (why: Extract<ServiceReply, { kind: 'failed' }>['why']): ServiceReply => ({ kind: 'failed', why });

async function replyTo(service: Service, asker: Asker, question: Question): Promise<ServiceReply> {
  const { secret } = question;
  const found = secret === null ? null : await service.secrets.read(secret);
  if (found !== null && 'missing' in found) return failed('no_key');
  const key = found === null ? null : found.value;
  const reply = await post(service, asker, { question, key });
  if (reply.kind === 'failed') {
    if (secret !== null && (reply.status === 401 || reply.status === 403)) service.secrets.refused(secret);
    return failed(reply.why);
  }
  // Who repeats the key has no business with it, and nothing else that is said there is believed.
  return key !== null && Buffer.from(reply.bytes).includes(key) ? failed('malformed') : parsed(reply.bytes);
}

type Posted =
  | { readonly kind: 'answered'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'failed';
      readonly why: Extract<ServiceReply, { kind: 'failed' }>['why'];
      readonly status?: number;
    };

interface Post {
  readonly question: Question;
  readonly key: string | null;
}

/** Sends the question and reads the whole answer within its time; a client that leaves ends it. */
async function post({ upstreams }: Service, { org, response }: Asker, { question, key }: Post): Promise<Posted> {
  const { policy, origin, path, headers, body, timeoutMs } = question;
  const answer = openAnswer(
    upstreams,
    {
      // No target has such an id.
      owner: { org, target: `policy ${policy}` },
      origin,
      path,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'tenantry-gateway',
        ...headers,
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      },
      body: Buffer.from(body, 'utf8'),
      maxBytes: MOST_BYTES,
      isStream: false,
      idleTimeoutMs: timeoutMs,
    },
    () => {},
  );
  let isLate = false;
  // The time of the whole answer, however it drips.
  const timer = setTimeout(() => {
    isLate = true;
    answer.abort();
  }, timeoutMs);
  response.once('close', answer.abort);
  try {
    const start = await answer.started;
    if (start.kind !== 'started') return { kind: 'failed', why: isLate ? 'timeout' : faultOf(start) };
    if (start.status !== 200) {
      answer.abort();
      return { kind: 'failed', why: 'status', status: start.status };
    }
    const bytes = await answer.collect();
    if (bytes instanceof Uint8Array) return { kind: 'answered', bytes };
    return { kind: 'failed', why: isLate ? 'timeout' : faultOf(bytes) };
  } finally {
    clearTimeout(timer);
    response.off('close', answer.abort);
  }
}

function faultOf({ kind }: AnswerFailure): Extract<ServiceReply, { kind: 'failed' }>['why'] {
  if (kind === 'timeout') return 'timeout';
  return kind === 'too-large' ? 'too_large' : 'unreachable';
}

function parsed(bytes: Uint8Array): ServiceReply {
  if (nestsDeeperThan(bytes, MOST_DEPTH)) return failed('malformed');
  try {
    return { kind: 'answered', body: parseJson(utf8.decode(bytes)) };
  } catch {
    return failed('malformed');
  }
}
