import type { DecisionEvent, EscalationEvent, OrgSlug, PolicyStep } from '../../core/model/index.ts';
import type { PackConfiguration, PackEnforcement, PackUse, Verdicts } from '../../core/report/index.ts';
import type { LineRow, RuntimeStore } from '../../ports/index.ts';
import { allLines, linkOf, misfitOf, type Span } from '../evidence/index.ts';
import { isIn, sortedBy, textAt } from './span.ts';

/** Which lines of one journal a pack has: all between the first and the last of the span, so that their links can be followed. */
export interface CopiedJournal {
  readonly gateway: string;
  readonly chain: number;
  from: number;
  through: number;
}

/** What one pass over the lines of an org tells of a span. */
export interface LineFacts {
  readonly journals: readonly CopiedJournal[];
  readonly enforcement: PackEnforcement;
  readonly used: readonly PackUse[];
  readonly inEffect: PackConfiguration['inEffect'];
  /** Escalations that gateways asked for, by id, with who asked, whenever it was. */
  readonly questions: ReadonlyMap<string, Question>;
}

export type Question = Pick<EscalationEvent, 'policy' | 'reasonCode'> & { readonly gateway: string };

/** Counts what lines say, up to a position. A line that is no event as gateways write them is counted as that, and copied. */
export async function countLines(
  runtime: Pick<RuntimeStore, 'lines'>,
  org: OrgSlug,
  { span, through }: { readonly span: Span; readonly through: number },
): Promise<LineFacts> {
  const tally = new Tally();
  for await (const row of allLines(runtime, org, { through })) {
    const event = linkOf(row.text)?.event;
    const at = event?.['at'];
    const isOfSpan = typeof at !== 'number' || isIn(span, at);
    if (isOfSpan) tally.copy(row);
    if (event === undefined || misfitOf(event) !== null) {
      if (isOfSpan) tally.unread();
      continue;
    }
    // Of its shape, as `misfitOf` says.
    if (event['type'] === 'escalation') tally.question(row.gateway, event as unknown as EscalationEvent);
    if (event['type'] === 'decision' && isOfSpan) tally.decision(row.gateway, event as unknown as DecisionEvent);
  }
  return tally.facts();
}

/** Journals of before say no number of attempts: what named a target was sent there. */
function wentOut({
  attempts,
  target,
}: Partial<Pick<DecisionEvent, 'attempts'>> & Pick<DecisionEvent, 'target'>): boolean {
  return attempts === undefined ? target !== null : attempts > 0;
}

const NO_VERDICTS: Verdicts = { allow: 0, block: 0, redact: 0, escalate: 0 };

/** The row under a key; a new one where there is none. */
function rowOf<Row>(rows: Map<string, Row>, key: readonly unknown[], make: () => Row): Row {
  const text = JSON.stringify(key);
  const row = rows.get(text) ?? make();
  rows.set(text, row);
  return row;
}

type Counting<Row> = { -readonly [Field in keyof Row]: Row[Field] };
type Content = Counting<LineFacts['inEffect'][number]> & { firstMs: number };

/** Adds one line after the other up to what a pack says of them. */
class Tally {
  readonly #journals = new Map<string, CopiedJournal>();
  readonly #questions = new Map<string, Question>();
  readonly #whole = { requests: 0, wentOut: 0, simulated: 0, unread: 0, ...NO_VERDICTS };
  readonly #gateways = new Map<string, Counting<PackEnforcement['gateways'][number]>>();
  readonly #policies = new Map<string, Counting<PackEnforcement['policies'][number]>>();
  readonly #reasons = new Map<string, Counting<PackEnforcement['reasons'][number]>>();
  readonly #used = new Map<string, Counting<PackUse>>();
  readonly #contents = new Map<string, Content>();

  copy({ gateway, chain, sequence }: LineRow): void {
    const row = rowOf(this.#journals, [gateway, chain], () => ({ gateway, chain, from: sequence, through: sequence }));
    row.from = Math.min(row.from, sequence);
    row.through = Math.max(row.through, sequence);
  }

  unread(): void {
    this.#whole.unread += 1;
  }

  question(gateway: string, { id, policy, reasonCode }: EscalationEvent): void {
    if (!this.#questions.has(id)) this.#questions.set(id, { gateway, policy, reasonCode });
  }

  decision(gateway: string, event: DecisionEvent): void {
    const { verdict, simulated, reasonCode, target, steps } = event;
    for (const counts of [
      this.#whole,
      rowOf(this.#gateways, [gateway], () => ({ gateway, requests: 0, ...NO_VERDICTS })),
    ]) {
      counts.requests += 1;
      counts[verdict] += 1;
    }
    if (reasonCode !== null) rowOf(this.#reasons, [reasonCode], () => ({ reasonCode, requests: 0 })).requests += 1;
    this.#content(gateway, event);
    for (const one of steps) this.#step(one);
    if (!wentOut(event)) return;
    this.#whole.wentOut += 1;
    if (simulated) this.#whole.simulated += 1;
    if (target !== null) this.#use(event, target);
  }

  #step({ policy, phase, verdict, redactions = 0 }: PolicyStep): void {
    const row = rowOf(this.#policies, [policy, phase], () => ({
      ...{ policy, phase, ran: 0, redactions: 0, warn: 0, ...NO_VERDICTS },
    }));
    row.ran += 1;
    row[verdict] += 1;
    row.redactions += redactions;
  }

  #use({ provider, model, simulated, inputTokens, outputTokens }: DecisionEvent, target: string): void {
    const row = rowOf(this.#used, [provider, target, model, simulated], () => ({
      ...{ provider, target, model, simulated, requests: 0, inputTokens: 0, outputTokens: 0 },
    }));
    row.requests += 1;
    row.inputTokens += inputTokens;
    row.outputTokens += outputTokens;
  }

  #content(gateway: string, { at, generation, contentDigest }: DecisionEvent): void {
    const row = rowOf(this.#contents, [gateway, generation, contentDigest], () => ({
      ...{ gateway, generation, contentDigest, firstMs: at, firstDecisionAt: '', requests: 0 },
    }));
    row.requests += 1;
    row.firstMs = Math.min(row.firstMs, at);
  }

  facts(): LineFacts {
    const { requests, wentOut: out, simulated, unread, ...verdicts } = this.#whole;
    const numbered = (text: string, number: number): string => `${text} ${String(number).padStart(15, '0')}`;
    return {
      journals: sortedBy(this.#journals.values(), ({ gateway, chain }) => numbered(gateway, chain)),
      enforcement: {
        ...{ requests, verdicts, wentOut: out, simulated, unread },
        gateways: sortedBy(this.#gateways.values(), ({ gateway }) => gateway),
        policies: sortedBy(this.#policies.values(), ({ policy, phase }) => `${policy} ${phase}`),
        reasons: sortedBy(this.#reasons.values(), ({ reasonCode }) => reasonCode),
      },
      used: sortedBy(this.#used.values(), (row) => `${row.target} ${row.model} ${row.simulated}`),
      inEffect: sortedBy(this.#contents.values(), (row) => numbered(row.gateway, row.firstMs)).map(
        ({ firstMs, ...row }) => ({ ...row, firstDecisionAt: textAt(firstMs) ?? '' }),
      ),
      questions: this.#questions,
    };
  }
}
