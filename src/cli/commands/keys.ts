import { wireSeeds } from '../../wire.ts';
import { answerWith } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry keys init`: three sealed seed files; never overwrites. */
export const keysInit: CommandSpec['run'] = async (context) => {
  const { created, keysDir } = await wireSeeds(context.dir);
  answerWith(context, { schema: 'tenantry/keys/v1', created, keysDir }, () =>
    created
      ? `Three seeds written to ${keysDir} (mode 0600). Move root.seed offline and keep copies.`
      : `Seeds stand in ${keysDir} already; nothing was changed.`,
  );
  return EXIT.ok;
};
