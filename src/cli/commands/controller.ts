import { runController } from '../running.ts';
import type { CommandSpec } from '../spec.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry controller`. */
export const controllerCommand: CommandSpec['run'] = async (context, _args, flags) => {
  await runController(context, flags, {
    verb: 'controller',
    commits: 'followed',
    async prepare() {},
    async start({ url }) {
      context.terminal.log.info(`control plane on ${url}; every new commit on the checked-out branch is applied`);
    },
    async stop() {},
  });
  return EXIT.ok;
};
