import type { OrgSlug } from '../../core/model/index.ts';
import type { PackEscalation, PackOversight } from '../../core/report/index.ts';
import type { LoggedStep, RuntimeStore } from '../../ports/index.ts';
import type { Span } from '../evidence/index.ts';
import type { Question } from './lines.ts';
import { isIn, sortedBy, textAt } from './span.ts';

const PAGE = 1000;

/** Every step of every escalation that was queued within the span, by id and number. */
export async function readSteps(
  runtime: Pick<RuntimeStore, 'escalationLog'>,
  org: OrgSlug,
  span: Span,
): Promise<ReadonlyMap<string, readonly LoggedStep[]>> {
  const all = new Map<string, LoggedStep[]>();
  let after: string | undefined;
  for (;;) {
    const page = await runtime.escalationLog(org, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const step of page) all.set(step.id, [...(all.get(step.id) ?? []), step]);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = `${last.number}:${last.id}`;
  }
  return new Map([...all].filter(([, steps]) => isIn(span, steps[0]?.at ?? Number.NaN)));
}

/** What became of the escalations, as the queue's own log says; who asked, as the gateways' journals say. */
export function oversightOf(
  steps: ReadonlyMap<string, readonly LoggedStep[]>,
  questions: ReadonlyMap<string, Question>,
): PackOversight {
  const rows = [...steps].map(([id, of]) => ({ ...escalationOf(id, of, questions.get(id)), waitedMs: waitedMs(of) }));
  const waits = rows.flatMap(({ waitedMs: one }) => one ?? []).sort((a, b) => a - b);
  const median = waits[Math.floor((waits.length - 1) / 2)];
  const of = (outcome: string | null): number => rows.filter((row) => row.outcome === outcome).length;
  return {
    ...{ queued: rows.length, approved: of('approved'), denied: of('denied'), expired: of('expired'), open: of(null) },
    medianSeconds: median === undefined ? null : Math.round(median / 1000),
    escalations: sortedBy(rows, ({ queuedAt, id }) => `${queuedAt} ${id}`).map(({ waitedMs: _, ...row }) => row),
  };
}

function escalationOf(id: string, steps: readonly LoggedStep[], question: Question | undefined): PackEscalation {
  const step = (what: LoggedStep['what']): LoggedStep | undefined => steps.findLast((item) => item.what === what);
  const [claimed, resolved] = [step('claimed'), step('resolved')];
  const { gateway = null, policy = null, reasonCode = null } = question ?? {};
  return {
    ...{ id, gateway, policy, reasonCode, queuedAt: textAt(steps[0]?.at) ?? '', claimedAt: textAt(claimed?.at) },
    ...{ resolvedAt: textAt(resolved?.at), by: resolved?.actor ?? null, outcome: resolved?.outcome ?? null },
    ...{ ended: step('ended')?.outcome ?? null, note: resolved?.note ?? null },
  };
}

/** From queued to the answer of a person; undefined where none gave one. */
function waitedMs(steps: readonly LoggedStep[]): number | undefined {
  const resolved = steps.findLast(({ what }) => what === 'resolved');
  if (resolved === undefined || !resolved.actor.startsWith('token ')) return undefined;
  return Math.max(0, resolved.at - (steps[0]?.at ?? resolved.at));
}
