import { runController } from '../running.ts';
import type { CommandSpec } from '../spec.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry serve`: the control plane of a controller that applies no commit but those that it is asked to. */
export const serveCommand: CommandSpec['run'] = async (context, _args, flags) => {
  await runController(context, flags, {
    verb: 'serve',
    commits: 'asked',
    async prepare() {},
    async start({ url }) {
      context.terminal.log.info(
        `control plane on ${url}; a commit is applied when \`tenantry apply\` or CI asks for it`,
      );
    },
    async stop() {},
  });
  return EXIT.ok;
};
