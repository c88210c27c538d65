import type { OrgSlug } from '../../core/model/index.ts';
import { journalLine, PACK_FILES } from '../../core/report/index.ts';
import type { LoggedStep, RuntimeStore } from '../../ports/index.ts';
import { allLines, type FocusRow, focusCsv, focusRows, linkOf } from '../evidence/index.ts';
import { type HistoryFacts, readHistory } from './history.ts';
import { type LedgerFacts, ledgerOf, openBook } from './ledger.ts';
import { countLines, type LineFacts } from './lines.ts';
import { type NamesOther, toldNote } from './others.ts';
import { readSteps } from './oversight.ts';
import type { PackAsk, PackParts } from './parts.ts';
import type { Sums } from './sums.ts';

/** What the rows tell that a pack has copies of. */
export interface CopiedFacts {
  readonly lines: LineFacts;
  readonly history: HistoryFacts;
  /** By escalation. */
  readonly steps: ReadonlyMap<string, readonly LoggedStep[]>;
  readonly ledger: LedgerFacts;
}

interface CopyParts extends PackParts {
  readonly namesOther: NamesOther;
}

/** Writes journals, history, escalations, ledger and charges of the span, through one end of lines and ledger. */
export async function writeCopies(parts: CopyParts, ask: PackAsk, sums: Sums): Promise<CopiedFacts> {
  const { runtime, namesOther } = parts;
  const { org } = ask;
  const end = await runtime.evidenceEnd(org);
  const lines = await countLines(runtime, org, { span: ask, through: end.position });
  await sums.stream(PACK_FILES.events, copiedLines(runtime, org, { lines, through: end.position }));
  const history = await readHistory(parts, org, ask);
  await sums.stream(PACK_FILES.history, ndjson(history.told));
  const steps = await readSteps(runtime, org, ask);
  await sums.stream(PACK_FILES.escalations, ndjson([...steps.values()].flat()));
  const book = openBook();
  const entries = ledgerOf(runtime, org, { span: ask, through: end.entry, namesOther });
  await sums.stream(PACK_FILES.ledger, booked(entries, book.add));
  await sums.put(PACK_FILES.charges, focusCsv(await chargesOf(parts, ask)));
  return { lines, history, steps, ledger: book.facts() };
}

async function chargesOf(parts: CopyParts, ask: PackAsk): Promise<readonly FocusRow[]> {
  const rows = (await focusRows({ ...parts, orgs: parts.store }, ask.org, ask)) ?? [];
  return rows.map((row) => {
    return row.x_Reason === null ? row : { ...row, x_Reason: toldNote(String(row.x_Reason), parts.namesOther) };
  });
}

/** Lines of the journals, each as `events export` writes it: who hashes `line` as it stands has `hash`. */
async function* copiedLines(
  runtime: Pick<RuntimeStore, 'lines'>,
  org: OrgSlug,
  { lines, through }: { readonly lines: LineFacts; readonly through: number },
): AsyncGenerator<string, void, undefined> {
  const wanted = new Map(lines.journals.map((journal) => [`${journal.gateway} ${journal.chain}`, journal]));
  for await (const row of allLines(runtime, org, { through })) {
    const journal = wanted.get(`${row.gateway} ${row.chain}`);
    if (journal === undefined || row.sequence < journal.from || row.sequence > journal.through) continue;
    yield `${journalLine(org, row, linkOf(row.text) !== undefined)}\n`;
  }
}

async function* ndjson(rows: readonly object[]): AsyncGenerator<string, void, undefined> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

async function* booked<Row extends object>(
  rows: AsyncIterable<Row>,
  add: (row: Row) => void,
): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) {
    add(row);
    yield `${JSON.stringify(row)}\n`;
  }
}
