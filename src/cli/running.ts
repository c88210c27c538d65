import { userInfo } from 'node:os';
import { finished } from 'node:stream';
import { type CommitId, instantText } from '../core/model/index.ts';
import {
  type Answer,
  type ApplyParts,
  advanceAll,
  answer,
  type ControlPlane,
  drift,
  expireLeases,
  forgetEscalations,
  localStaff,
  notifyReviewers,
  openDirectory,
  openLanes,
  openReconciler,
  openWakes,
  operate,
  pruneAll,
  publishDue,
  type RotationRequest,
  refreshAll,
  refusal,
  rotateKeys,
  watchSilence,
} from '../flows/index.ts';
import type { Notifier } from '../ports/index.ts';
import {
  type CommitsApplied,
  removeControllerFile,
  timers,
  wireIdentityKeys,
  wireKeys,
  wireNotifier,
  wireRepository,
  wireServer,
  writeControllerFile,
} from '../wire.ts';
import { meantCommit, openFleet } from './fleet.ts';
import { type Followed, follow, openReconcile } from './follow.ts';
import { type HeldLease, takeLease } from './lease.ts';
import { type ListenAddress, listenAddress, urlOf } from './listen.ts';
import { openRepeats, type Repeated } from './repeat.ts';
import type { CommandContext, Flags } from './spec.ts';
import { applyParts, type OpenedState, openState } from './state.ts';

const REFRESH_MS = 3_600_000;
const PRUNE_MS = 24 * REFRESH_MS;
/** How often open rollouts and overrides are looked at. */
const ADVANCE_MS = 1000;
/** How often what is not published yet is tried again. */
const RETRY_MS = 60_000;
/** How often it looks who fell silent. */
const LISTEN_MS = 60_000;
/** How often slices that ran out are looked for. */
const EXPIRE_MS = 60_000;
/** How often messages to reviewers are looked for. */
const NOTIFY_MS = 1000;

/** A running controller: control plane on its address, commits applied as they come. */
export interface Running {
  readonly plane: ControlPlane;
  readonly url: string;
  /** Does something again and again beside it, until it is stopped or the controller is. */
  readonly repeat: (work: () => Promise<readonly string[]>, pauseMs: number) => Repeated;
}

/** What runs beside a controller: begun when it serves and has applied the first commit that it follows, stopped before it is. */
export interface Beside {
  /** What has to be there before anything is signed; done once this process alone writes, so that a refused one leaves nothing. */
  prepare(): Promise<void>;
  start(running: Running): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Whoever holds the other end has closed it, or is gone: the system closes what a killed process had open. A file, and what is
 * nothing (`</dev/null`), have an end and are never closed.
 */
function onStdinEnd(work: () => void): void {
  finished(process.stdin, { writable: false }, () => work());
  process.stdin.resume();
}

/**
 * Runs a controller, and what is to run beside it, until SIGINT or SIGTERM (a second one ends it at once), or the end of standard
 * input where that is asked for. However it ends, what
 * was started is stopped, its file is removed and its lease given back. Once another process has the lease, the control plane
 * ends first, since two would write ledgers, and STORE_FENCED is thrown.
 */
export async function runController(
  context: CommandContext,
  flags: Flags,
  beside: Beside & { readonly verb: 'up' | 'controller' | 'serve'; readonly commits: CommitsApplied },
): Promise<void> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  if (flags['untilStdinEnds'] === true) onStdinEnd(() => stopped.abort());
  const controller = await startController(context, flags, beside);
  const ended = AbortSignal.any([stopped.signal, controller.lost]);
  try {
    await beside.start(controller);
    await (beside.commits === 'followed' ? follow(context, controller, ended) : untilAborted(ended));
  } finally {
    const ends = [() => beside.stop(), controller.stop];
    await inTurn(controller.lost.aborted ? ends.reverse() : ends);
  }
  controller.lost.throwIfAborted();
}

/** All of them, one after the other, also where one fails; then the first failure. */
async function inTurn(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (cause) {
      failures.push(cause);
    }
  }
  if (failures.length > 0) throw failures[0];
}

interface Controller extends Running, Followed {
  /** Aborted with the reason once another process is the only writer. */
  readonly lost: AbortSignal;
  readonly stop: () => Promise<void>;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function startController(
  context: CommandContext,
  flags: Flags,
  { verb, commits, prepare }: Pick<Beside, 'prepare'> & { readonly verb: string; readonly commits: CommitsApplied },
): Promise<Controller> {
  const given = typeof flags['listen'] === 'string' ? listenAddress(flags['listen'], '--listen') : null;
  const fleet = await openFleet(context);
  const { commit, isMeant } = await meantCommit(fleet, undefined, 'or undo them');
  if (commits === 'followed') await isMeant();
  const opened = await openState(context, commit);
  try {
    const lease = await takeLease(opened, verb);
    try {
      await prepare();
      const own = listenAddress(opened.settings.spec.controlPlane.listen, 'controlPlane.listen of fleet.yaml');
      const notifier = await wireNotifier(Array.isArray(flags['allowPrivate']) ? flags['allowPrivate'] : []);
      return await serve(context, { opened, lease, commit, commits, listen: given ?? own, notifier });
    } catch (cause) {
      await lease.release();
      throw cause;
    }
  } catch (cause) {
    opened.state.close();
    throw cause;
  }
}

interface Serving {
  readonly opened: OpenedState;
  readonly lease: HeldLease;
  readonly commit: CommitId;
  readonly commits: CommitsApplied;
  readonly listen: ListenAddress;
  readonly notifier: Notifier;
}

/** Listens first, so that an address that cannot be had leaves everything as it was; then the commit is applied, where commits are followed. */
async function serve(context: CommandContext, serving: Serving): Promise<Controller> {
  const { opened, lease, commit, commits, listen, notifier } = serving;
  const staff = localStaff(opened.random, userInfo().username);
  const plane = planeOf(context, opened, { staff, lease, identityKeys: await wireIdentityKeys(opened.clock) });
  const writing = { fence: lease.fence, wake: plane.wakes.wake, lanes: plane.lanes };
  const parts = applyParts(context, opened, writing);
  const fresh = async (): Promise<ApplyParts> => {
    const { repository } = await wireRepository(context.dir);
    return { ...parts, repository };
  };
  const reconciler = openReconciler(fresh);
  const server = await bound({ context, opened, plane, parts, fresh, reconciler }, listen);
  const reconcile = openReconcile(context, reconciler);
  const unlisten = (): Promise<void> =>
    inTurn([() => removeControllerFile(context.dir, staff.text), () => server.close()]);
  try {
    const url = urlOf(listen.host, server.port);
    // A first commit may be much work: who has a token to deny meanwhile must find whom to ask.
    writeControllerFile(context.dir, { url, pid: process.pid, token: staff.text, run: staff.run, commits });
    const isAgain = commits === 'followed' && (await reconcile(commit));
    const repeat = openRepeats(context.terminal.log.warn);
    const works = repeated(context, { plane, parts, notifier }).map((work) => repeat(...work));
    const stop = (): Promise<void> =>
      inTurn([
        unlisten,
        () => Promise.all(works.map((work) => work.stop())),
        () => lease.release(),
        () => opened.state.close(),
      ]);
    return { opened, commit, isAgain, plane, url, lost: lease.lost, repeat, reconcile, stop };
  } catch (cause) {
    await unlisten();
    throw cause;
  }
}

interface Bound {
  readonly context: CommandContext;
  readonly opened: OpenedState;
  readonly plane: ControlPlane;
  readonly parts: ApplyParts;
  readonly fresh: () => Promise<ApplyParts>;
  readonly reconciler: ReturnType<typeof openReconciler>;
}

async function bound({ context, opened, plane, parts, fresh, reconciler }: Bound, listen: ListenAddress) {
  const { createApp, listen: bind } = await wireServer();
  const app = createApp({
    plane,
    reconcile: reconciler,
    operate: (ask, by) => operate(parts, ask, by),
    drift: async () => answer(await drift(await fresh(), { orgs: null, heal: null })),
    rotateKeys: async (ask, actor) => rotateFor(context, opened, { ask, actor, parts: await fresh() }),
    requestId: () => `req-${Buffer.from(opened.random.bytes(9)).toString('base64url')}`,
  });
  return bind(app, listen.host, listen.port);
}

type Work = readonly [work: () => Promise<readonly string[]>, pauseMs: number];

interface Repeating {
  readonly plane: ControlPlane;
  readonly parts: ApplyParts;
  readonly notifier: Notifier;
}

/** What a controller does beside applying: troubles that stand are lines, what happens once is told by the work itself. */
function repeated(context: CommandContext, { plane, parts, notifier }: Repeating): readonly Work[] {
  const { warn, info } = context.terminal.log;
  const look = watchSilence(plane);
  return [
    [async () => linesOf([await refreshAll(parts)]), REFRESH_MS],
    [async () => linesOf([await pruneAll(parts)]), PRUNE_MS],
    [
      async () => {
        await forgetEscalations(plane);
        return [];
      },
      PRUNE_MS,
    ],
    [async () => linesOf(await advanceAll(parts)), ADVANCE_MS],
    [async () => linesOf(await publishDue(parts)), RETRY_MS],
    [
      async () => {
        const { fell, back } = await look();
        for (const { gateway, heardAt } of fell) warn(`${gateway} is silent: last heard ${instantText(heardAt)}`);
        for (const gateway of back) info(`${gateway} is heard again`);
        return [];
      },
      LISTEN_MS,
    ],
    [
      async () => {
        for (const words of await expireLeases(plane)) warn(words);
        return [];
      },
      EXPIRE_MS,
    ],
    [
      async () => {
        for (const words of (await notifyReviewers(plane, notifier)).failed) warn(`nobody is told: ${words}`);
        return [];
      },
      NOTIFY_MS,
    ],
  ];
}

type Reported = Pick<Awaited<ReturnType<typeof publishDue>>[number], 'findings'>;

function linesOf(reports: readonly Reported[]): readonly string[] {
  return reports.flatMap(({ findings }) =>
    findings.map(
      ({ org, code, message, found, fix }) => `${org ?? 'fleet.yaml'}: ${code}: ${message}: ${found}. ${fix}`,
    ),
  );
}

interface RotateWork {
  readonly ask: RotationRequest;
  readonly actor: string;
  readonly parts: ApplyParts;
}

/** A rotation for who asks the running controller: with its lease and lanes, so that long polls hear of it. */
async function rotateFor(
  context: CommandContext,
  { settings }: OpenedState,
  { ask, actor, parts }: RotateWork,
): Promise<Answer<object>> {
  const keys = await wireKeys(context.dir, { signer: settings.spec.signer, rootDirs: ask.rootDirs });
  try {
    const rotated = await rotateKeys({ ...parts, ...keys, actor }, ask);
    return rotated.ok ? answer(rotated.value) : refusal(422, rotated.code, rotated.message);
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('SIGNER_')) throw cause;
    return refusal(409, code, (cause as Error).message);
  }
}

interface PlaneParts extends Pick<ControlPlane, 'identityKeys'> {
  readonly staff: ControlPlane['localStaff'];
  readonly lease: HeldLease;
}

function planeOf(
  context: CommandContext,
  opened: OpenedState,
  { staff, lease, identityKeys }: PlaneParts,
): ControlPlane {
  const { store, runtime, publisher, signer } = opened.state;
  const { hash, clock, random, zoneOffset } = opened;
  return {
    fleet: opened.settings.metadata.name,
    orgs: store,
    runtime,
    publisher,
    fence: lease.fence,
    signer,
    hash,
    clock,
    random,
    zoneOffset,
    log: context.terminal.log,
    wakes: openWakes(timers),
    decisions: openWakes(timers),
    directory: openDirectory(store, clock),
    lanes: openLanes(),
    localStaff: staff,
    identityKeys,
  };
}
