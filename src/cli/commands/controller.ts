import { runController } from '../running.ts';
import type { CommandSpec } from '../spec.ts';
import { EXIT } from '../terminal.ts';

/** A control plane with nothing beside it, until it is stopped. */
function controlPlane(
  how: Pick<Parameters<typeof runController>[2], 'verb' | 'commits'>,
  words: string,
): CommandSpec['run'] {
  return async (context, _args, flags) => {
    await runController(context, flags, {
      ...how,
      async prepare() {},
      async start({ url }) {
        context.terminal.log.info(`control plane on ${url}; ${words}`);
      },
      async stop() {},
    });
    return EXIT.ok;
  };
}

/** `tenantry controller`. */
export const controllerCommand = controlPlane(
  { verb: 'controller', commits: 'followed' },
  'every new commit on the checked-out branch is applied',
);

/** `tenantry serve`: applies no commit but those that it is asked to. */
export const serveCommand = controlPlane(
  { verb: 'serve', commits: 'asked' },
  'a commit is applied when `tenantry apply` or CI asks for it',
);
