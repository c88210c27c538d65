import { type CommitId, instantMs, isName, type OrgSlug, orgSlug, wholeNumber } from '../core/model/index.ts';
import { counted, oneLine } from '../core/report/index.ts';
import { type Host, type WiredRepository, wireHost, wireRepository } from '../wire.ts';
import type { CommandContext, Flags } from './spec.ts';
import { CommandError, EXIT, type Terminal } from './terminal.ts';

/** The orgs of `--org`, or null for all. */
export function orgsOf(flags: Flags): readonly OrgSlug[] | null {
  const given = flags['org'];
  if (given === undefined) return null;
  const names = Array.isArray(given) ? (given as readonly string[]) : [String(given)];
  return names.map(slugOf);
}

export function slugOf(text: string): OrgSlug {
  const org = orgSlug(text);
  if (org === undefined) {
    const reserved = isName(text) ? ', which is reserved' : '';
    throw new CommandError(EXIT.usage, 'USAGE', `expected an org name, found ${JSON.stringify(text)}${reserved}`);
  }
  return org;
}

export function requiredOrg(flags: Flags): OrgSlug {
  const [org] = orgsOf(flags) ?? [];
  if (org === undefined) throw new CommandError(EXIT.usage, 'USAGE', 'expected --org <org>');
  return org;
}

/** Options by their flags' names, as a person writes them: `--max-open, --as`. */
export function optionsText(names: readonly string[]): string {
  return names.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`).join(', ');
}

export function countOf(flags: Flags, name: string, otherwise: number): number {
  const given = flags[name];
  const count = given === undefined ? otherwise : wholeNumber(String(given));
  if (count === undefined || count < 1)
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected ${optionsText([name])} to be a whole number above 0, found ${String(given)}`,
    );
  return count;
}

/**
 * `--from` and `--to` in Unix milliseconds, from inclusive, to exclusive; all of time where they are left out. Refuses a span that
 * holds no moment: nothing in it would read as nothing to charge.
 */
export function spanOf(flags: Flags): { readonly fromMs: number; readonly toMs: number } {
  const at = (name: 'from' | 'to', otherwise: number): number => {
    const given = flags[name];
    if (given === undefined) return otherwise;
    const text = String(given);
    const instant = instantMs(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
    if (instant === undefined)
      throw new CommandError(
        EXIT.usage,
        'USAGE',
        `expected --${name} to be a day or an instant such as 2027-01-31T00:00:00Z, found ${JSON.stringify(text)}`,
      );
    return instant;
  };
  const span = { fromMs: at('from', 0), toMs: at('to', Number.MAX_SAFE_INTEGER) };
  if (span.fromMs >= span.toMs)
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected --to to be after --from, found ${flags['to'] ?? 'none'}: --to is not part of the span`,
    );
  return span;
}

/** `<org>/<name>` of an argument. */
export function orgAndName(text: string): { readonly org: OrgSlug; readonly name: string } {
  const [org = '', name = '', ...rest] = text.split('/');
  if (name === '' || rest.length > 0)
    throw new CommandError(EXIT.usage, 'USAGE', `expected <org>/<name>, found ${JSON.stringify(text)}`);
  return { org: slugOf(org), name };
}

export interface OpenedFleet extends Host, WiredRepository {}

export async function openFleet(context: CommandContext): Promise<OpenedFleet> {
  const [host, repository] = await Promise.all([wireHost(), wireRepository(context.dir)]);
  return { ...host, ...repository };
}

/** The commit that a person named; exit 64 when it names none. */
export async function commitOf(fleet: OpenedFleet, ref: string): Promise<CommitId> {
  const commit = await fleet.repository.resolve(ref);
  if (commit === undefined) {
    throw new CommandError(
      EXIT.refused,
      'REF_UNKNOWN',
      `expected a commit, branch or tag of this repository, found ${JSON.stringify(ref)}; a shallow clone may need \`git fetch --unshallow\``,
    );
  }
  return commit;
}

/** A commit to plan or apply; `isMeant` must be awaited before anything is said of it or written. */
export interface Meant {
  readonly commit: CommitId;
  /** Resolves when it is what the user sees; refuses DIRTY_TREE. */
  readonly isMeant: () => Promise<void>;
}

/**
 * The commit that is named, else HEAD with nothing uncommitted under it: plan and apply look at commits only (architecture
 * section 8). Looking at every file takes git longest of all, so it does that while the commit is read. `otherwise` is what a command
 * can do beside committing.
 */
export async function meantCommit(
  fleet: OpenedFleet,
  ref: string | undefined,
  otherwise = 'or name a commit with --commit',
): Promise<Meant> {
  const [commit, dirty] = ref === undefined ? await headAt(fleet) : [await commitOf(fleet, ref), noPaths()];
  // Also where the work beside it fails first.
  dirty.catch(() => undefined);
  return {
    commit,
    isMeant: async () => {
      const paths = await dirty;
      if (paths.length > 0) throw dirtyTree(paths, otherwise);
    },
  };
}

const noPaths = (): Promise<readonly string[]> => Promise.resolve([]);

async function headAt(fleet: OpenedFleet): Promise<readonly [CommitId, Promise<readonly string[]>]> {
  const head = await fleet.repository.resolve('HEAD');
  if (head !== undefined) return [head, fleet.repository.dirtyPaths()];
  throw new CommandError(
    EXIT.refused,
    'NO_COMMIT',
    'expected a commit, found an empty repository; commit the fleet first',
  );
}

function dirtyTree(paths: readonly string[], otherwise: string): CommandError {
  const shown = `${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ', …' : ''}`;
  return new CommandError(
    EXIT.refused,
    'DIRTY_TREE',
    `expected a clean work tree, found ${counted(paths.length, 'uncommitted file')} (${shown}); commit them, ${otherwise}`,
  );
}

/** What a command says as JSON: its `schema` names the published one, src/core/report/schemas/<name>.schema.json. */
export interface Answer {
  readonly schema: `tenantry/${string}/v1`;
  readonly [field: string]: unknown;
}

/** JSON for programs, laid-out text for people. */
export function answerWith(context: CommandContext, data: Answer, human: () => string): void {
  context.terminal.out(context.format === 'json' ? JSON.stringify(data, null, 2) : human());
}

/** Prints what nobody can be told again; throws OUTPUT_CLOSED, with `advice`, where nobody can have read it. */
export function shownOnce(context: CommandContext, print: () => void, advice: string): void {
  const lost = (found: string): CommandError =>
    new CommandError(
      EXIT.unavailable,
      'OUTPUT_CLOSED',
      `expected somebody who reads what is shown once, found ${found}; ${advice}`,
    );
  try {
    print();
  } catch (cause) {
    throw lost(cause instanceof Error ? cause.message : String(cause));
  }
  if (context.terminal.readerGone.aborted) throw lost('the output closed');
}

/**
 * Rows as aligned columns, the header dimmed; on a terminal that is not wide enough for them one below the other, each cell beside
 * its title, as database shells do. Cells may hold what callers and gateways say: none can steer the terminal.
 */
export function table(
  { terminal }: Pick<CommandContext, 'terminal'>,
  header: readonly string[],
  told: readonly (readonly string[])[],
): string {
  const rows = told.map((cells) => cells.map(oneLine));
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = [line(header), ...rows.map(line)];
  const columns = terminal.columns();
  if (columns !== undefined && rows.length > 0 && lines.some((text) => text.length > columns))
    return blocks(terminal, header, rows);
  return lines.map((text, index) => (index === 0 ? terminal.paint('dim', text) : text)).join('\n');
}

function blocks({ paint }: Terminal, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...header.map((title) => title.length));
  const block = (row: readonly string[]): string =>
    header.map((title, column) => `${paint('dim', title.padEnd(width))}  ${row[column] ?? ''}`.trimEnd()).join('\n');
  return `${rows.map(block).join('\n\n')}\n`;
}
