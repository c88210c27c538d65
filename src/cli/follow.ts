import type { CommitId } from '../core/model/index.ts';
import { counted } from '../core/report/index.ts';
import type { openReconciler } from '../flows/index.ts';
import { outsideWords } from './outside.ts';
import { sentWords } from './sent.ts';
import { sleep } from './sleep.ts';
import type { CommandContext } from './spec.ts';
import type { OpenedState } from './state.ts';

/** How often HEAD is looked at for a new commit. */
const WATCH_MS = 1000;
/** So often HEAD may be missed before that is told: git moves it in steps. */
const UNREAD_LOOKS = 3;
/** How soon a commit that is not applied whole is tried again: sooner at first, then once a minute. */
const RETRY_MS = { first: 2000, most: 60_000 };
/** What holds a commit and may pass without another one: a window ends, rows are healed, the remote's branch is fetched. */
const PASSING = /^(APPLY_FROZEN|COMMIT_OFF_BRANCH|DRIFT_FIRST|PLAN_STALE|STORE_[A-Z_]+)$/;

type Reconciled = Awaited<ReturnType<ReturnType<typeof openReconciler>>>;

/** Applies a commit and tells what became of it; true where the same commit is worth another try. */
export type Reconcile = (commit: CommitId) => Promise<boolean>;

/** A reconciler whose outcomes are told: what holds an org once for each commit, however often that is tried. */
export function openReconcile(context: CommandContext, reconciler: ReturnType<typeof openReconciler>): Reconcile {
  let told: { readonly commit: CommitId; readonly lines: Set<string> } | null = null;
  return async (commit) => {
    const result = await reconciler({ commit });
    if (told?.commit !== commit) told = { commit, lines: new Set() };
    report(context, result, told.lines);
    return result.ok && result.body.orgs.some((item) => item.outcome === 'held' && PASSING.test(item.code));
  };
}

function report({ terminal: { log } }: CommandContext, result: Reconciled, told: Set<string>): void {
  const warn = (line: string): void => {
    if (!told.has(line)) log.warn(line);
    told.add(line);
  };
  if (!result.ok) {
    warn(`${result.code}: ${result.message}`);
    return;
  }
  const { commit, orgs, published } = result.body;
  for (const item of orgs) {
    if (item.outcome === 'applied')
      log.info(
        `applied ${item.org} at ${commit.slice(0, 12)}: generation ${item.generation}, ${counted(item.changes, 'change')}`,
      );
    else warn(`${item.org} is held: ${item.code}: ${item.message}`);
  }
  for (const item of published) {
    const words = sentWords(item);
    if (words.length > 0) log.info(`published ${item.org}: ${words.join(', ')} at generation ${item.generation}`);
  }
}

/** What a controller is followed with. */
export interface Followed {
  readonly opened: Pick<OpenedState, 'repository' | 'clock'>;
  /** The commit that it began with. */
  readonly commit: CommitId;
  /** True where that one is worth another try. */
  readonly isAgain: boolean;
  readonly reconcile: Reconcile;
}

/**
 * Applies what HEAD comes to name. What of the outside stands in the way ends nothing: it is told, and tried again, and so is what
 * holds a commit only for a time.
 */
export async function follow(context: CommandContext, controller: Followed, stopped: AbortSignal): Promise<void> {
  const { repository, clock } = controller.opened;
  let tried = controller.commit;
  let pauseMs = RETRY_MS.first;
  let againAt = controller.isAgain ? clock.nowMs() + pauseMs : Number.POSITIVE_INFINITY;
  const looked = headWatch(context, repository);
  for (;;) {
    await sleep(WATCH_MS, stopped);
    if (stopped.aborted) return;
    const head = (await looked()) ?? tried;
    if (head === tried && clock.nowMs() < againAt) continue;
    pauseMs = head === tried ? Math.min(2 * pauseMs, RETRY_MS.most) : RETRY_MS.first;
    tried = head;
    const isAgain = await controller.reconcile(head).catch((cause: unknown) => {
      const words = outsideWords(cause);
      if (words === undefined || words.startsWith('STORE_FENCED')) throw cause;
      context.terminal.log.warn(`${head.slice(0, 12)} is not applied: ${words}; tried again in a minute`);
      pauseMs = RETRY_MS.most;
      return true;
    });
    againAt = isAgain ? clock.nowMs() + pauseMs : Number.POSITIVE_INFINITY;
  }
}

/** What HEAD names; where it names nothing for a while, that is told once, and so is its return. */
function headWatch(
  { terminal: { log } }: CommandContext,
  repository: OpenedState['repository'],
): () => Promise<CommitId | undefined> {
  let misses = 0;
  return async () => {
    let words = 'it names no commit';
    const head = await repository.resolve('HEAD').catch((cause: unknown) => {
      words = cause instanceof Error ? cause.message : String(cause);
      return undefined;
    });
    misses = head === undefined ? misses + 1 : misses;
    if (misses === UNREAD_LOOKS)
      log.warn(`HEAD cannot be read, so that nothing new is applied: ${words}; looked at again every second`);
    if (head !== undefined && misses >= UNREAD_LOOKS) log.info('HEAD can be read again');
    if (head !== undefined) misses = 0;
    return head;
  };
}
