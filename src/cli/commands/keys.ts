import { duePublications, publishOne, refreshAll } from '../../flows/index.ts';
import { wireSeeds } from '../../wire.ts';
import { answerWith } from '../fleet.ts';
import { withLease } from '../lease.ts';
import type { CommandSpec } from '../spec.ts';
import { applyParts, openState } from '../state.ts';
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

/** `tenantry publish [--refresh]`: what is applied and not published; with --refresh also what is past half of its life. */
export const publishCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openState(context);
  try {
    const published = await withLease(opened, 'publish', async (fence) => {
      const parts = applyParts(context, opened, { fence });
      const done = [];
      for (const org of await duePublications(parts.store)) done.push(await publishOne(parts, org));
      const refreshed = flags['refresh'] === true ? await refreshAll(parts) : [];
      return { done, refreshed };
    });
    const signatures = [...published.done, ...published.refreshed].reduce((sum, item) => sum + item.signatures, 0);
    answerWith(
      context,
      { schema: 'tenantry/publish/v1', published: published.done, refreshed: published.refreshed, signatures },
      () =>
        `Published ${published.done.length} orgs, refreshed ${published.refreshed.length}; ${signatures} signatures.`,
    );
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};
