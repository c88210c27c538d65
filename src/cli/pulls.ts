import type { PullParts } from '../flows/index.ts';
import { wireForge, wireRemoteBranches } from '../wire.ts';
import { forgePlace, WORKFLOW_BOT } from './event.ts';
import type { OpenedFleet } from './fleet.ts';
import type { CommandContext, Flags } from './spec.ts';

/** What `--open` of a command needs: the forge of the environment, a remote, and whose pull requests are ours. */
export async function pullParts(context: CommandContext, fleet: OpenedFleet, flags: Flags): Promise<PullParts> {
  return {
    repository: fleet.repository,
    branches: await wireRemoteBranches(fleet.dir, textOr(flags, 'remote', 'origin')),
    forge: await wireForge(forgePlace(process.env), context.terminal.log),
    pause: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
    self: textOr(flags, 'as', WORKFLOW_BOT),
    writes: flags['dryRun'] !== true,
  };
}

/** The text of a flag, or what is meant where none was given. */
export function textOr(flags: Flags, name: string, otherwise: string): string {
  const given = flags[name];
  return typeof given === 'string' ? given : otherwise;
}
