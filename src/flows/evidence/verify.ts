import {
  type DecisionEvent,
  type FindingCode,
  type GatewayEvent,
  type Hash,
  type IntentEvent,
  instantText,
  type Json,
  type JsonObject,
  type OrgSlug,
  type Sha256Hex,
} from '../../core/model/index.ts';
import type { ChainRow, LineRow, RuntimeStore } from '../../ports/index.ts';
import { type Claims, contradicted, noteClaim } from './answers.ts';
import { allLines } from './copy.ts';
import { createIdSet, type IdSet } from './ids.ts';
import { compareLedger, decidedSums, type SpentSums } from './ledger.ts';
import { createQuestions, type Questions, takeEnd, takeQuestion, whyNotOut } from './questions.ts';
import { linkOf, misfitOf } from './shapes.ts';

/** What is wrong with stored evidence, and where. */
export interface EvidenceFault {
  readonly code: Extract<FindingCode, `EVENT_${string}`>;
  readonly gateway: string | null;
  readonly chain: number | null;
  readonly sequence: number | null;
  readonly message: string;
}

/** One journal of one gateway as it is stored. */
export interface ChainReport {
  readonly gateway: string;
  /** The enrolment under which the journal began. */
  readonly chain: number;
  /** False when the gateway began another journal later: nothing more comes of this one. */
  readonly isNewest: boolean;
  readonly lines: number;
  readonly last: { readonly sequence: number; readonly hash: Sha256Hex };
  readonly intents: number;
  readonly decisions: number;
  /** Requests that went out and have no decision yet. */
  readonly open: readonly { readonly requestId: string; readonly sequence: number; readonly at: number }[];
}

export interface EvidenceReport {
  readonly org: OrgSlug;
  readonly ok: boolean;
  readonly lines: number;
  readonly chains: readonly ChainReport[];
  readonly faults: readonly EvidenceFault[];
  /** Faults beyond those listed. */
  readonly moreFaults: number;
}

const FIRST_PREVIOUS = '0'.repeat(64);
/** The rest is counted. */
const MOST_FAULTS = 1000;

interface Chain {
  readonly gateway: string;
  readonly chain: number;
  /** Its last line as the store kept it beside the lines; null for one that began meanwhile. */
  kept: ChainRow | null;
  lines: number;
  sequence: number;
  /** Of the text of the last line, recomputed. */
  hash: Sha256Hex;
  intents: number;
  decisions: number;
  /** Requests that went out and have no decision yet, with how often they did. */
  readonly open: Map<string, { readonly sequence: number; readonly at: number; attempts: number }>;
  readonly questions: Questions;
}

/**
 * Proves the evidence of an org from the stored texts alone: each line has the hash that is kept beside it, names the hash of
 * the line before, and follows it without a gap from 1 on; each request that went out has one decision, and none has two, over all journals and gateways; each
 * decision has an intent before it for every time that its request went out; what
 * decisions settled is what the ledger booked; nothing goes out while a person is asked about it, or against the answer,
 * and what a gateway says that people answered is what the queue's own log says. A request without a decision in a gateway's newest journal is open, not a
 * fault. Each journal that was ever stored has to be there, through the line that the store kept as its last. What a gateway
 * has not delivered yet cannot show here, nor what somebody took out of lines and ends alike: the last sequence and hash are
 * reported to be compared with the gateway's.
 */
export async function verifyEvidence(
  parts: {
    readonly runtime: Pick<RuntimeStore, 'chains' | 'evidenceEnd' | 'lines' | 'ledger' | 'escalationLog' | 'refusals'>;
    readonly hash: Hash;
  },
  org: OrgSlug,
): Promise<EvidenceReport> {
  const { runtime, hash } = parts;
  const chains = new Map<string, Chain>();
  // Before the lines, so that all of these have to be among them; what a gateway delivers meanwhile is more.
  for (const row of await runtime.chains(org)) chainOf(chains, row).kept = row;
  // What comes to one of lines and ledger meanwhile comes to the other too, after this end of both.
  const end = await runtime.evidenceEnd(org);
  const faults = collectFaults();
  const sums: SpentSums = new Map();
  const claims: Claims<Chain> = new Map();
  const decided = createIdSet(hash);
  let lines = 0;
  for await (const row of allLines(runtime, org, { through: end.position })) {
    lines += 1;
    const chain = chainOf(chains, row);
    verifyLine(chain, row, { hash, faults, sums, claims, decided });
  }
  judgeEnds(chains, faults);
  for (const { claim, message } of await contradicted(runtime, org, claims))
    faults.add(claim.where, claim.sequence, 'EVENT_ESCALATION_CONTRADICTED', message);
  for (const { gateway, enrolment: chain, code, at, missing } of await runtime.refusals(org))
    if (missing !== null)
      faults.add(
        { gateway, chain },
        missing.sequence,
        'EVENT_DELIVERY_REFUSED',
        `${code} at ${instantText(at)}, expected lines through ${missing.sequence} with hash ${missing.hash}, found none`,
      );
  for (const message of await compareLedger(runtime, org, { decided: sums, through: end.entry }))
    faults.addWhole('EVENT_LEDGER_DIFFERS', message);
  return {
    org,
    ok: faults.count() === 0,
    lines,
    chains: [...chains.values()].map((chain) => reportOf(chain, isNewest(chains, chain))),
    faults: faults.listed,
    moreFaults: faults.count() - faults.listed.length,
  };
}

/** Journals that end too early, and what those leave open that nothing more comes of. */
function judgeEnds(chains: ReadonlyMap<string, Chain>, faults: Faults): void {
  for (const chain of chains.values()) {
    const { kept, sequence } = chain;
    if (kept !== null && sequence < kept.sequence)
      faults.add(
        chain,
        kept.sequence,
        'EVENT_LINES_MISSING',
        `expected lines through ${kept.sequence}, found ${sequence === 0 ? 'none' : `none after ${sequence}`}`,
      );
    if (isNewest(chains, chain)) continue;
    for (const [requestId, { sequence }] of chain.open)
      faults.add(chain, sequence, 'EVENT_DECISION_MISSING', `request ${requestId} went out, expected its decision`);
    for (const [requestId, sequence] of chain.questions.undecided)
      if (!chain.open.has(requestId))
        faults.add(chain, sequence, 'EVENT_DECISION_MISSING', `request ${requestId} waited, expected its decision`);
  }
}

interface Faults {
  readonly listed: readonly EvidenceFault[];
  add(chain: Pick<Chain, 'gateway' | 'chain'>, sequence: number, code: EvidenceFault['code'], message: string): void;
  addWhole(code: EvidenceFault['code'], message: string): void;
  count(): number;
}

function collectFaults(): Faults {
  const listed: EvidenceFault[] = [];
  let count = 0;
  const put = (fault: EvidenceFault): void => {
    count += 1;
    if (listed.length < MOST_FAULTS) listed.push(fault);
  };
  return {
    listed,
    add: ({ gateway, chain }, sequence, code, message) => put({ code, gateway, chain, sequence, message }),
    addWhole: (code, message) => put({ code, gateway: null, chain: null, sequence: null, message }),
    count: () => count,
  };
}

interface Judging {
  readonly hash: Hash;
  readonly faults: Faults;
  readonly sums: SpentSums;
  readonly claims: Claims<Chain>;
  /** Requests of the org that have a decision, in whichever journal of whichever gateway. */
  readonly decided: IdSet;
}

function verifyLine(chain: Chain, row: LineRow, judging: Judging): void {
  const { sequence } = row;
  const { hash, faults } = judging;
  const found = hash.sha256(row.text);
  if (found !== row.hash)
    faults.add(chain, sequence, 'EVENT_LINE_CHANGED', `expected a line with hash ${row.hash}, found ${found}`);
  if (sequence > chain.sequence + 1)
    faults.add(chain, sequence, 'EVENT_LINES_MISSING', `expected line ${chain.sequence + 1}, found ${sequence}`);
  if (sequence <= chain.sequence)
    faults.add(chain, sequence, 'EVENT_CHAIN_BROKEN', `expected line ${chain.sequence + 1}, found ${sequence} again`);
  if (sequence === chain.kept?.sequence && row.hash !== chain.kept.hash)
    faults.add(
      chain,
      sequence,
      'EVENT_CHAIN_BROKEN',
      `expected line ${sequence} with hash ${chain.kept.hash}, found ${row.hash}`,
    );
  const line = linkOf(row.text);
  if (line === undefined)
    faults.add(chain, sequence, 'EVENT_LINE_CHANGED', 'expected a line of a journal, found another text');
  else {
    const follows = sequence === chain.sequence + 1 && line.previous !== chain.hash;
    if (follows || line.sequence !== sequence)
      faults.add(
        chain,
        sequence,
        'EVENT_CHAIN_BROKEN',
        `expected line ${sequence} after ${chain.hash}, found line ${line.sequence} after ${line.previous}`,
      );
    const misfit = misfitOf(line.event);
    if (misfit !== null) faults.add(chain, sequence, 'EVENT_MISSHAPEN', misfit);
    const event = judgeable(line.event, misfit !== null);
    if (event !== undefined) takeEvent(chain, sequence, event, judging);
  }
  chain.lines += 1;
  chain.sequence = sequence;
  chain.hash = found;
}

/** What can be judged of an event: all of one that has its shape, and of another what its request came to. */
function judgeable(event: JsonObject, isMisshapen: boolean): GatewayEvent | undefined {
  const { type, requestId } = event as { readonly type?: Json; readonly requestId?: Json };
  const isOfRequest = (type === 'decision' || type === 'intent') && typeof requestId === 'string';
  return isMisshapen && !isOfRequest ? undefined : (event as unknown as GatewayEvent);
}

function takeEvent(chain: Chain, sequence: number, event: GatewayEvent, judging: Judging): void {
  const { faults, claims } = judging;
  switch (event.type) {
    case 'intent':
      takeIntent(chain, sequence, event, judging);
      return;
    case 'decision':
      takeDecision(chain, sequence, event, judging);
      return;
    case 'escalation':
      takeQuestion(chain.questions, sequence, event, judging.decided.has(event.requestId));
      return;
    case 'escalation-end': {
      const fault = takeEnd(chain.questions, event);
      if (fault !== null) faults.add(chain, sequence, 'EVENT_ESCALATION_UNASKED', fault);
      noteClaim(claims, event, { where: chain, sequence, gateway: chain.gateway });
      return;
    }
  }
}

function takeIntent(chain: Chain, sequence: number, event: IntentEvent, { faults, decided }: Judging): void {
  const { requestId, at } = event;
  chain.intents += 1;
  // A policy may ask its service while people are asked, and again when they have approved.
  const bypass = event.policy === undefined ? whyNotOut(chain.questions, requestId) : null;
  if (bypass !== null) faults.add(chain, sequence, 'EVENT_ESCALATION_BYPASSED', bypass);
  if (decided.has(requestId))
    faults.add(chain, sequence, 'EVENT_DECISION_TWICE', `request ${requestId} goes out after its decision`);
  else {
    const before = chain.open.get(requestId);
    const since = Number.isSafeInteger(at) ? at : 0;
    if (before === undefined) chain.open.set(requestId, { sequence, at: since, attempts: 1 });
    else before.attempts += 1;
  }
}

function takeDecision(chain: Chain, sequence: number, event: DecisionEvent, { faults, sums, decided }: Judging): void {
  const { requestId } = event;
  chain.decisions += 1;
  if (!decided.add(requestId))
    faults.add(chain, sequence, 'EVENT_DECISION_TWICE', `expected one decision of request ${requestId}, found another`);
  else {
    const [expected, found] = [attemptsOf(event), chain.open.get(requestId)?.attempts ?? 0];
    if (found < expected)
      faults.add(
        chain,
        sequence,
        'EVENT_INTENT_MISSING',
        `request ${requestId} went out ${expected} times, expected as many intents before its decision, found ${found}`,
      );
  }
  chain.open.delete(requestId);
  chain.questions.undecided.delete(requestId);
  decidedSums(sums, event);
}

/**
 * How often a request went out at least: what its decision says, and once where it was paid for or reports tokens, whatever
 * it says. Decisions of before say no number.
 */
function attemptsOf({ attempts, wallets, inputTokens, outputTokens }: DecisionEvent): number {
  const isCostly = inputTokens > 0 || outputTokens > 0 || (Array.isArray(wallets) && wallets.length > 0);
  return Math.max(Number.isSafeInteger(attempts) ? attempts : 0, isCostly ? 1 : 0);
}

function chainOf(chains: Map<string, Chain>, { gateway, chain }: Pick<LineRow, 'gateway' | 'chain'>): Chain {
  const key = `${gateway}/${chain}`;
  const known = chains.get(key);
  if (known !== undefined) return known;
  const counts = { lines: 0, sequence: 0, intents: 0, decisions: 0 };
  const made: Chain = {
    ...{ gateway, chain, kept: null, ...counts, hash: FIRST_PREVIOUS as Sha256Hex },
    open: new Map(),
    questions: createQuestions(),
  };
  chains.set(key, made);
  return made;
}

function isNewest(chains: ReadonlyMap<string, Chain>, { gateway, chain }: Chain): boolean {
  return ![...chains.values()].some((other) => other.gateway === gateway && other.chain > chain);
}

function reportOf(chain: Chain, newest: boolean): ChainReport {
  const { gateway, lines, sequence, hash, intents, decisions } = chain;
  const open = [...chain.open].map(([requestId, { sequence, at }]) => ({ requestId, sequence, at }));
  return {
    ...{ gateway, chain: chain.chain, isNewest: newest, lines, last: { sequence, hash } },
    ...{ intents, decisions, open },
  };
}
