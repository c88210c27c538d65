import { EVENT_TYPES, instantText, type OrgSlug } from '../../core/model/index.ts';
import { journalLine, oneLine } from '../../core/report/index.ts';
import {
  copyLines,
  isCut,
  MOST_OF_PAGE,
  newestPosition,
  type ShownEvent,
  shownEvent,
  verifyEvidence,
} from '../../flows/index.ts';
import type { RuntimeStore } from '../../ports/index.ts';
import { type Answer, answerWith, countOf, requiredOrg, spanOf, table } from '../fleet.ts';
import { sleep } from '../sleep.ts';
import type { CommandContext, CommandSpec } from '../spec.ts';
import { openStore, unknownOrg } from '../state.ts';
import { EXIT } from '../terminal.ts';

const FOLLOW_MS = 500;
/** Rows of one question to the store. */
const PAGE = 1000;
/** Lines that are written at once. */
const BATCH = 500;
const HEADER = ['AT', 'GATEWAY', 'SEQUENCE', 'TOKEN', 'MODEL', 'STATUS', 'VERDICT', 'REASON'];

/** Refuses ORG_UNKNOWN for an org that was never applied: nothing to show is an answer, a typing error is not. */
async function known(context: CommandContext, org: OrgSlug) {
  const opened = await openStore(context);
  const heads = await opened.state.store.heads();
  if (heads.some((head) => head.org === org)) return opened;
  opened.state.close();
  throw unknownOrg(org);
}

/** `tenantry events tail --org`: the newest decisions, oldest of them first; `--follow` goes on with those that come. */
export const eventsTail: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const limit = countOf(flags, 'limit', 50);
  const opened = await known(context, org);
  try {
    const { runtime } = opened.state;
    const position = await newestPosition(runtime, org);
    const rows = await newestDecisions(runtime, org, { limit, before: position + 1 });
    if (flags['follow'] !== true) {
      answerWith(context, { schema: 'tenantry/events/v1', org, events: rows.map((row) => ({ org, ...row })) }, () => {
        const cells = rows.toReversed().map(cellsOf);
        return cells.length === 0 ? `No events of ${org}.` : table(context, HEADER, cells);
      });
      return EXIT.ok;
    }
    for (const row of rows.toReversed()) sayOne(context, org, row);
    await follow(context, runtime, { org, after: position });
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** Newest first. */
async function newestDecisions(
  runtime: Pick<RuntimeStore, 'events'>,
  org: OrgSlug,
  { limit, before }: { readonly limit: number; readonly before: number },
): Promise<readonly ShownEvent[]> {
  const rows: ShownEvent[] = [];
  let after = before;
  while (rows.length < limit) {
    const page = await runtime.events(org, { limit: PAGE, most: MOST_OF_PAGE, after: String(after) });
    rows.push(...page.map(shownEvent).filter(isShown));
    after = page.at(-1)?.position ?? after;
    if (!isCut(page, PAGE)) break;
  }
  return rows.slice(0, limit);
}

async function follow(
  context: CommandContext,
  runtime: Pick<RuntimeStore, 'lines'>,
  start: { readonly org: OrgSlug; readonly after: number },
): Promise<void> {
  const signalled = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => signalled.abort());
  const ended = AbortSignal.any([signalled.signal, context.terminal.readerGone]);
  let { after } = start;
  while (!ended.aborted) {
    for await (const copy of copyLines(runtime, start.org, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after })) {
      if (ended.aborted) return;
      after = copy.position;
      const { line: _line, ...row } = copy;
      const shown = shownEvent(row);
      if (isShown(shown)) sayOne(context, start.org, shown);
    }
    await sleep(FOLLOW_MS, ended);
  }
}

/** Decisions, and whatever cannot be told from one. */
function isShown(row: ShownEvent): boolean {
  if ('damaged' in row) return true;
  const { type } = row.event;
  return type === 'decision' || !EVENT_TYPES.some((name) => name === type);
}

/** One line; as JSON an answer of its own, since nobody knows the end of them. */
function sayOne(context: CommandContext, org: OrgSlug, row: ShownEvent): void {
  const answer = { schema: 'tenantry/event/v1', org, ...row } satisfies Answer;
  context.terminal.out(context.format === 'json' ? JSON.stringify(answer) : cellsOf(row).map(oneLine).join('  '));
}

function cellsOf(row: ShownEvent): readonly string[] {
  const { gateway, sequence } = row;
  const unread = (what: string, why: string) => ['-', gateway, String(sequence), '-', '-', '-', what, why];
  if ('damaged' in row) return unread('damaged', 'EVENT_LINE_CHANGED');
  if ('misshapen' in row) return unread('misshapen', row.misshapen);
  if (row.event.type !== 'decision') return unread(row.event.type, '-');
  const { at, token, model, status, verdict, reasonCode } = row.event;
  const who = [token ?? '-', model ?? '-', String(status), verdict, reasonCode ?? '-'];
  return [instantText(at), gateway, String(sequence), ...who];
}

/** `tenantry events export --org`: NDJSON; `line` is the text of the journal byte for byte, so its SHA-256 is `hash`. */
export const eventsExport: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const span = spanOf(flags);
  const opened = await known(context, org);
  try {
    let batch: string[] = [];
    let lines = 0;
    const flush = (): void => {
      if (batch.length > 0) context.terminal.out(batch.join('\n'));
      lines += batch.length;
      batch = [];
    };
    for await (const copy of copyLines(opened.state.runtime, org, span)) {
      batch.push(journalLine(org, copy, copy.line !== undefined));
      if (batch.length === BATCH) flush();
    }
    flush();
    context.terminal.log.info(`${lines} lines of ${org}.`);
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** `tenantry events verify --org`: exit 1 when anything is missing, changed or doubled. */
export const eventsVerify: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const opened = await known(context, org);
  try {
    const report = await verifyEvidence({ runtime: opened.state.runtime, hash: opened.hash }, org);
    answerWith(context, { schema: 'tenantry/events-verify/v1', ...report }, () => {
      const cells = report.chains.map(({ gateway, chain, lines, intents, decisions, open, last }) => [
        gateway,
        ...[chain, lines, intents, decisions, open.length, last.sequence].map(String),
        last.hash.slice(0, 12),
      ]);
      const header = ['GATEWAY', 'CHAIN', 'LINES', 'INTENTS', 'DECISIONS', 'OPEN', 'LAST', 'HASH'];
      const faults = report.faults.map(
        ({ code, gateway, chain, sequence, message }) =>
          `${code}: ${gateway === null ? org : `${gateway}, chain ${chain}, line ${sequence}`}: ${message}`,
      );
      const more = report.moreFaults > 0 ? [`and ${report.moreFaults} more`] : [];
      const verdict = report.ok
        ? `${report.lines} lines of ${org} are whole: every hash, link and number holds, and the ledger says what they say.`
        : `The evidence of ${org} is not whole: ${report.faults.length + report.moreFaults} faults.`;
      return [...(cells.length === 0 ? [] : [table(context, header, cells)]), ...faults, ...more, verdict].join('\n');
    });
    return report.ok ? EXIT.ok : EXIT.refused;
  } finally {
    opened.state.close();
  }
};
