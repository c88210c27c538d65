import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { FLEET_ORG, instantText, type OrgSlug, ofKind } from '../../core/model/index.ts';
import {
  type Answer,
  type ApplyParts,
  advanceAll,
  answer,
  type ControlPlane,
  createEnrolmentCode,
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
  type Refreshed,
  type RotationRequest,
  refreshAll,
  refusal,
  rotateKeys,
  watchSilence,
} from '../../flows/index.ts';
import type { Notifier } from '../../ports/index.ts';
import {
  gatewayEntry,
  removeControllerFile,
  timers,
  wireIdentityKeys,
  wireKeys,
  wireNotifier,
  wireProcesses,
  wireRepository,
  wireSeeds,
  wireServer,
  writeControllerFile,
} from '../../wire.ts';
import { meantCommit, openFleet } from '../fleet.ts';
import { type HeldLease, takeLease } from '../lease.ts';
import { sleep } from '../sleep.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { applyParts, type OpenedState, openState } from '../state.ts';
import { CommandError, EXIT, type ExitCode } from '../terminal.ts';

/** How often HEAD is looked at for a new commit. */
const WATCH_MS = 1000;
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
/** A gateway may take this long to drain. */
const DRAIN_MS = 20_000;

type Child = Awaited<ReturnType<Awaited<ReturnType<typeof wireProcesses>>['startChild']>>;

/** A running controller: control plane on its address, commits applied as they come. */
interface Running {
  readonly opened: OpenedState;
  readonly plane: ControlPlane;
  readonly url: string;
  /** Aborted with the reason once another process is the only writer. */
  readonly lost: AbortSignal;
  reconcile(commit?: string): Promise<void>;
  stop(): Promise<void>;
}

/** `tenantry controller`. */
export const controllerCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const running = await startController(context, flags);
  context.terminal.log.info(`control plane on ${running.url}; every new commit on the checked-out branch is applied`);
  const nothing = () => Promise.resolve();
  return untilStopped(running, { afterReconcile: nothing, end: nothing });
};

/** `tenantry up`: the controller, and every gateway of the fleet as a child process. */
export const upCommand: CommandSpec['run'] = async (context, _args, flags) => {
  await wireSeeds(context.dir);
  const running = await startController(context, flags);
  const children = new Map<string, Child>();
  const simulatorUrl = typeof flags['simulator'] === 'string' ? flags['simulator'] : null;
  const start = (): Promise<void> => startGateways(context, { running, children, simulatorUrl });
  await start();
  const report = {
    controlPlane: running.url,
    pid: process.pid,
    gateways: [...children].map(([name, child]) => ({ name, url: child.url, pid: child.pid, log: child.logFile })),
  };
  if (typeof flags['report'] === 'string') writeFileSync(flags['report'], JSON.stringify(report));
  for (const item of report.gateways) context.terminal.log.info(`gateway ${item.name} on ${item.url}`);
  context.terminal.log.info(`control plane on ${running.url}`);
  const end = async (): Promise<void> => {
    await Promise.all([...children.values()].map((child) => child.stop(DRAIN_MS)));
  };
  return untilStopped(running, { afterReconcile: start, end });
};

/** The address of a flag, or of fleet.yaml. */
interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

function listenAddress(text: string): ListenAddress {
  const [, host, port] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new CommandError(EXIT.usage, 'USAGE', `expected --listen <host>:<port>, found ${JSON.stringify(text)}`);
}

async function startController(context: CommandContext, flags: Flags): Promise<Running> {
  const given = typeof flags['listen'] === 'string' ? listenAddress(flags['listen']) : null;
  const fleet = await openFleet(context);
  const { commit, isMeant } = await meantCommit(fleet, undefined);
  await isMeant();
  const opened = await openState(context, commit);
  const lease = await takeLease(opened, 'controller');
  try {
    return await serve(context, {
      opened,
      lease,
      listen: given ?? listenAddress(opened.settings.spec.controlPlane.listen),
      notifier: await wireNotifier(Array.isArray(flags['allowPrivate']) ? flags['allowPrivate'] : []),
    });
  } catch (cause) {
    await lease.release();
    opened.state.close();
    throw cause;
  }
}

interface Serving {
  readonly opened: OpenedState;
  readonly lease: HeldLease;
  readonly listen: ListenAddress;
  readonly notifier: Notifier;
}

async function serve(context: CommandContext, { opened, lease, listen, notifier }: Serving): Promise<Running> {
  const staff = localStaff(opened.random, userInfo().username);
  const plane = planeOf(context, opened, { staff, lease, identityKeys: await wireIdentityKeys(opened.clock) });
  const fresh = async (): Promise<ApplyParts> => {
    const { repository } = await wireRepository(context.dir);
    const { wakes, lanes } = plane;
    return { ...applyParts(context, opened, { fence: lease.fence, wake: wakes.wake, lanes }), repository };
  };
  const reconciler = openReconciler(fresh);
  const first = await reconciler({ heal: false });
  report(context, first);
  const parts = applyParts(context, opened, { fence: lease.fence, wake: plane.wakes.wake, lanes: plane.lanes });
  const { createApp, listen: bind } = await wireServer();
  const app = createApp({
    plane,
    reconcile: reconciler,
    operate: (ask, by) => operate(parts, ask, by),
    drift: async () => answer(await drift(await fresh(), { orgs: null, heal: null })),
    rotateKeys: async (ask, actor) => rotateFor(context, opened, { ask, actor, parts: await fresh() }),
    requestId: () => `req-${Buffer.from(opened.random.bytes(9)).toString('base64url')}`,
  });
  const server = await bind(app, listen.host, listen.port);
  const url = `http://${listen.host}:${server.port}`;
  writeControllerFile(context.dir, { url, pid: process.pid, token: staff.text, run: staff.run });
  const { warn } = context.terminal.log;
  const tell = ({ findings }: Pick<Refreshed, 'findings'>): void => {
    for (const { org, code, message, found } of findings) warn(`${org ?? 'fleet.yaml'}: ${code}: ${message}: ${found}`);
  };
  const refreshing = repeat(async () => tell(await refreshAll(parts)), REFRESH_MS, warn);
  const pruning = repeat(async () => tell(await pruneAll(parts)), PRUNE_MS, warn);
  const forgetting = repeat(async () => void (await forgetEscalations(plane)), PRUNE_MS, warn);
  const advancing = repeat(async () => void (await advanceAll(parts)), ADVANCE_MS, warn);
  const retrying = repeat(async () => (await publishDue(parts)).forEach(tell), RETRY_MS, warn);
  const look = watchSilence(plane);
  const listening = repeat(
    async () => {
      const { fell, back } = await look();
      for (const { gateway, heardAt } of fell) warn(`${gateway} is silent: last heard ${instantText(heardAt)}`);
      for (const gateway of back) context.terminal.log.info(`${gateway} is heard again`);
    },
    LISTEN_MS,
    warn,
  );
  const expiring = repeat(
    async () => {
      for (const words of await expireLeases(plane)) warn(words);
    },
    EXPIRE_MS,
    warn,
  );
  const notifying = repeat(
    async () => {
      for (const words of (await notifyReviewers(plane, notifier)).failed) warn(`nobody is told: ${words}`);
    },
    NOTIFY_MS,
    warn,
  );
  return {
    opened,
    plane,
    url,
    lost: lease.lost,
    reconcile: async (commit) =>
      report(context, await reconciler(commit === undefined ? { heal: false } : { commit, heal: false })),
    async stop() {
      removeControllerFile(context.dir, staff.text);
      await server.close();
      await Promise.all(
        [refreshing, pruning, forgetting, advancing, retrying, listening, expiring, notifying].map((work) =>
          work.stop(),
        ),
      );
      await lease.release();
      opened.state.close();
    },
  };
}

/** Does `work` again and again, `pauseMs` after it ended; a failure is told once, and does not end it. */
function repeat(
  work: () => Promise<void>,
  pauseMs: number,
  tell: (text: string) => void,
): { readonly stop: () => Promise<void> } {
  const stopped = new AbortController();
  let told = '';
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const words = await work().then(
        () => '',
        (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
      );
      if (words !== '' && words !== told) tell(words);
      told = words;
      if (!stopped.signal.aborted) await sleep(pauseMs, stopped.signal);
    }
  };
  const ended = run();
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
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

type Reconciled = Awaited<ReturnType<ReturnType<typeof openReconciler>>>;

function report(context: CommandContext, result: Reconciled): void {
  const { log } = context.terminal;
  if (!result.ok) {
    log.warn(`${result.code}: ${result.message}`);
    return;
  }
  for (const item of result.body.orgs) {
    if (item.outcome === 'applied')
      log.info(
        `applied ${item.org} at ${result.body.commit.slice(0, 12)}: generation ${item.generation}, ${item.changes} changes`,
      );
    else log.warn(`${item.org} is held: ${item.code}: ${item.message}`);
  }
  for (const item of result.body.published) {
    if (item.changed.length > 0)
      log.info(`published ${item.org}: ${item.changed.join(', ')} at generation ${item.generation}`);
  }
}

/** What goes on while a controller runs, besides itself. */
interface Beside {
  readonly afterReconcile: () => Promise<void>;
  /** Ends what belongs to it: gateways, which drain. */
  readonly end: () => Promise<void>;
}

/**
 * Follows HEAD until SIGINT or SIGTERM, then stops everything in order. Once another process has the lease the control plane
 * ends first and throws: two would write ledgers.
 */
async function untilStopped(running: Running, { afterReconcile, end }: Beside): Promise<ExitCode> {
  const { lost } = running;
  const told = new AbortController();
  const stop = (): void => told.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const stopped = AbortSignal.any([told.signal, lost]);
  let applied = await running.opened.repository.resolve('HEAD');
  while (!stopped.aborted) {
    await sleep(WATCH_MS, stopped);
    const head = stopped.aborted ? applied : await running.opened.repository.resolve('HEAD').catch(() => applied);
    if (head === undefined || head === applied) continue;
    applied = head;
    await running.reconcile(head);
    await afterReconcile();
  }
  const ends = lost.aborted ? [running.stop, end] : [end, running.stop];
  for (const step of ends) await step();
  lost.throwIfAborted();
  return EXIT.ok;
}

interface GatewayWork {
  readonly running: Running;
  readonly children: Map<string, Child>;
  readonly simulatorUrl: string | null;
}

/** Enrols and starts every applied gateway that does not run yet. */
async function startGateways(context: CommandContext, { running, children, simulatorUrl }: GatewayWork): Promise<void> {
  const { plane } = running;
  const heads = (await plane.orgs.heads()).filter((head) => head.org !== FLEET_ORG);
  for (const { org } of heads) {
    const published = await plane.orgs.publication(org);
    for (const { id, document } of ofKind((await plane.orgs.observe(org))?.objects ?? [], 'Gateway')) {
      const name = `${org}/${id.name}`;
      if (children.has(name) || published?.targets[id.name] === undefined) continue;
      const stateDir = join(context.dir, '.tenantry/gateways', org, id.name);
      const program = { entry: gatewayEntry(), stateDir, listen: document.spec.listen, simulatorUrl };
      await enrolOnce(running, { org, gateway: id.name, program });
      children.set(name, await (await wireProcesses()).startChild(program));
    }
  }
}

interface EnrolWork {
  readonly org: OrgSlug;
  readonly gateway: string;
  readonly program: {
    readonly entry: string;
    readonly stateDir: string;
    readonly listen: string;
    readonly simulatorUrl: string | null;
  };
}

/** Keeps an identity that the store still knows; makes a new one otherwise. */
async function enrolOnce(running: Running, { org, gateway, program }: EnrolWork): Promise<void> {
  const known = await running.plane.runtime.gateway(org, gateway);
  const kept = known !== undefined && known.revokedAt === null && existsSync(join(program.stateDir, 'identity.json'));
  if (kept) return;
  rmSync(program.stateDir, { recursive: true, force: true });
  const made = await createEnrolmentCode(running.plane, org, gateway);
  if (!made.ok) throw new CommandError(EXIT.refused, made.code, made.message);
  const { enrolChild } = await wireProcesses();
  await enrolChild(program, { code: made.value.code, source: running.url });
}
