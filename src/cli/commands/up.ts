import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLEET_ORG, ofKind } from '../../core/model/index.ts';
import { type ControlPlane, createEnrolmentCode } from '../../flows/index.ts';
import { gatewayEntry, wireProcesses, wireSeeds } from '../../wire.ts';
import { simulatorOrigin } from '../listen.ts';
import type { Repeated } from '../repeat.ts';
import { type Running, runController } from '../running.ts';
import type { CommandContext, CommandSpec } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** How often gateways that do not run are looked for. */
const TEND_MS = 5000;
/** A gateway may take this long to drain. */
const DRAIN_MS = 20_000;

type Child = Awaited<ReturnType<Awaited<ReturnType<typeof wireProcesses>>['startChild']>>;

/** `tenantry up`: the controller, and every gateway of the fleet as a child process. */
export const upCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const { simulator } = flags;
  const gateways = new LocalGateways(context, typeof simulator === 'string' ? simulatorOrigin(simulator) : null);
  let tending: Repeated | undefined;
  await runController(context, flags, {
    verb: 'up',
    commits: 'followed',
    async prepare() {
      await wireSeeds(context.dir);
    },
    async start(running) {
      const waiting = await gateways.tend(running);
      const report = {
        controlPlane: running.url,
        pid: process.pid,
        gateways: gateways.running(),
        waiting,
      };
      if (typeof flags['report'] === 'string') writeFileSync(flags['report'], JSON.stringify(report));
      for (const item of report.gateways) context.terminal.log.info(`gateway ${item.name} on ${item.url}`);
      context.terminal.log.info(`control plane on ${running.url}`);
      tending = running.repeat(() => gateways.tend(running), TEND_MS);
    },
    async stop() {
      await tending?.stop();
      await gateways.stop();
    },
  });
  return EXIT.ok;
};

/** A gateway as it is applied, and where it runs on this machine. */
interface Wanted {
  readonly org: Parameters<ControlPlane['orgs']['observe']>[0];
  readonly gateway: string;
  readonly listen: string;
}

/** The gateways of a fleet as children of this process. One that does not start, or that ends, is that one's trouble alone. */
class LocalGateways {
  readonly #context: CommandContext;
  readonly #simulatorUrl: string | null;
  readonly #children = new Map<string, { readonly child: Child; readonly listen: string }>();

  constructor(context: CommandContext, simulatorUrl: string | null) {
    this.#context = context;
    this.#simulatorUrl = simulatorUrl;
  }

  running() {
    return [...this.#children].map(([name, { child }]) => {
      const { url, pid, logFile: log } = child;
      return { name, url, pid, log };
    });
  }

  /**
   * Starts every applied and published gateway that does not run where it should, one that is to listen elsewhere once it has
   * drained; gives what to tell of those that did not start.
   */
  async tend({ plane, url }: Running): Promise<readonly string[]> {
    const troubles: string[] = [];
    for (const wanted of await wantedOf(plane)) {
      const name = `${wanted.org}/${wanted.gateway}`;
      const known = this.#children.get(name);
      if (known?.listen === wanted.listen) continue;
      try {
        if (known !== undefined) await this.#leave(name, known.child, wanted.listen);
        await this.#start({ plane, url }, name, wanted);
      } catch (cause) {
        const { code, message } = cause as Error & { readonly code?: unknown };
        if (typeof code !== 'string') throw cause;
        troubles.push(`gateway ${name} does not run: ${code}: ${message}; tried again every ${TEND_MS / 1000} seconds`);
      }
    }
    return troubles;
  }

  async #start(running: Pick<Running, 'plane' | 'url'>, name: string, wanted: Wanted): Promise<void> {
    const { org, gateway, listen } = wanted;
    const stateDir = join(this.#context.dir, '.tenantry/gateways', org, gateway);
    const program = { entry: gatewayEntry(), stateDir, listen, simulatorUrl: this.#simulatorUrl };
    await enrolOnce(running, wanted, program);
    const child = await (await wireProcesses()).startChild(program);
    this.#children.set(name, { child, listen });
    void child.ended.then((how) => {
      if (this.#children.get(name)?.child !== child) return;
      this.#children.delete(name);
      this.#context.terminal.log.warn(`gateway ${name} ended with ${how}; see ${child.logFile}; it is started again`);
    });
  }

  async #leave(name: string, child: Child, listen: string): Promise<void> {
    this.#context.terminal.log.info(`gateway ${name} moves to ${listen}`);
    this.#children.delete(name);
    await child.stop(DRAIN_MS);
  }

  /** Ends them all, draining; none is started again. */
  async stop(): Promise<void> {
    const children = [...this.#children.values()];
    this.#children.clear();
    await Promise.all(children.map(({ child }) => child.stop(DRAIN_MS)));
  }
}

/** Gateways that are applied and published. */
async function wantedOf({ orgs }: ControlPlane): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const { org } of (await orgs.heads()).filter((head) => head.org !== FLEET_ORG)) {
    const published = await orgs.publication(org);
    for (const { id, document } of ofKind((await orgs.observe(org))?.objects ?? [], 'Gateway'))
      if (published?.targets[id.name] !== undefined)
        wanted.push({ org, gateway: id.name, listen: document.spec.listen });
  }
  return wanted;
}

/** Keeps an identity that the store still knows; makes a new one otherwise. */
async function enrolOnce(
  { plane, url }: Pick<Running, 'plane' | 'url'>,
  { org, gateway }: Wanted,
  program: Parameters<Awaited<ReturnType<typeof wireProcesses>>['enrolChild']>[0],
): Promise<void> {
  const known = await plane.runtime.gateway(org, gateway);
  const kept = known !== undefined && known.revokedAt === null && existsSync(join(program.stateDir, 'identity.json'));
  if (kept) return;
  rmSync(program.stateDir, { recursive: true, force: true });
  const made = await createEnrolmentCode(plane, org, gateway);
  if (!made.ok) throw new CommandError(EXIT.refused, made.code, made.message);
  const { enrolChild } = await wireProcesses();
  await enrolChild(program, { code: made.value.code, source: url });
}
