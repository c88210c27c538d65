import { addOrg, listOrgs } from '../../flows/index.ts';
import { wireKeys } from '../../wire.ts';
import { answerWith, openFleet, slugOf, table } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** `tenantry org add <slug> --template <pin> --set path=value …`. */
export const add: CommandSpec['run'] = async (context, [slug = ''], flags) => {
  if (typeof flags['template'] !== 'string')
    throw new CommandError(EXIT.usage, 'USAGE', 'expected --template <name@version>');
  const sets = Array.isArray(flags['set']) ? (flags['set'] as readonly string[]) : [];
  const fleet = await openFleet(context);
  const { roots } = await wireKeys(fleet.dir, {});
  const ask = { org: slugOf(slug), template: flags['template'], sets };
  const added = await fleet.alone(() => addOrg({ ...fleet, tree: fleet.repository.workTree(), roots }, ask));
  if (!added.ok) throw new CommandError(EXIT.refused, added.code, added.message);
  const { files, uid, owners, presignedLeft, parts: made } = added.value;
  const isGiven = sets.some((set) => set.startsWith('owners='));
  answerWith(context, { schema: 'tenantry/org/v1', org: slug, uid, owners, presignedLeft, files, parts: made }, () => {
    const beside = files.filter((path) => !path.startsWith(`orgs/${slug}/`));
    const lines = Object.entries(made).map(([name, objects]) => `  ${name.padEnd(24)} ${objects.join(', ')}`);
    return [
      `orgs/${slug} stands: ${files.length} files.`,
      ...lines,
      `  owners                   ${owners.join(', ')}${isGiven ? '' : '; another team: --set owners=\'["@org/team"]\', or in org.yaml'}`,
      ...(presignedLeft === null
        ? []
        : [`  root                     signed in advance; ${presignedLeft} more are left`]),
      `Next: git add ${[`orgs/${slug}`, ...beside].join(' ')} && git commit`,
    ].join('\n');
  });
  return EXIT.ok;
};

/** `tenantry org list`. */
export const list: CommandSpec['run'] = async (context) => {
  const fleet = await openFleet(context);
  const orgs = await listOrgs({ tree: fleet.repository.workTree(), hash: fleet.hash });
  answerWith(context, { schema: 'tenantry/orgs/v1', orgs }, () => {
    const rows = orgs.map(({ org, displayName, template, isolation, objects }) => [
      org,
      displayName ?? '-',
      template ?? '-',
      isolation ?? '-',
      String(objects),
    ]);
    return rows.length === 0
      ? 'No orgs yet. Add one with `tenantry org add`.'
      : table(context, ['ORG', 'NAME', 'TEMPLATE', 'ISOLATION', 'OBJECTS'], rows);
  });
  return EXIT.ok;
};
