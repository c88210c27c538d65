import { type Offboarding, type OffboardStep, offboardOrg, readSettings } from '../../flows/index.ts';
import { type StoreAlone, wireStandingStore } from '../../wire.ts';
import { answerWith, type OpenedFleet, openFleet, slugOf } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** `tenantry org offboard <slug>`: the next step of the org's way out, ready to commit. */
export const offboard: CommandSpec['run'] = async (context, [slug = ''], flags) => {
  const org = slugOf(slug);
  const dryRun = flags['dryRun'] === true;
  const fleet = await openFleet(context);
  const applied = await standingStore(fleet);
  try {
    const parts = { ...fleet, write: dryRun ? null : fleet.write, applied };
    const done = await (dryRun ? offboardOrg(parts, org) : fleet.alone(() => offboardOrg(parts, org)));
    if (!done.ok) throw new CommandError(EXIT.refused, done.code, done.message);
    answerWith(context, { schema: 'tenantry/offboarding/v1', org, dryRun, ...done.value }, () =>
      wordsOf(org, done.value, dryRun),
    );
    return EXIT.ok;
  } finally {
    applied?.close();
  }
};

/** The store of fleet.yaml where it stands already: an operator's clone has none, and gets none by being asked. */
async function standingStore(fleet: OpenedFleet): Promise<StoreAlone | null> {
  const { fleet: settings } = await readSettings(fleet.repository.workTree());
  return settings === null ? null : wireStandingStore(fleet.dir, settings.spec, fleet.hash);
}

function wordsOf(org: string, done: Offboarding, dryRun: boolean): string {
  return [
    headline(org, done, dryRun),
    ...waitingWords(org, done),
    ...storeWords(done),
    '',
    ...done.steps.flatMap((step, index) => [
      `${MARKS[step.state]} ${String(index + 1).padStart(2)}  ${step.words}`,
      ...(step.state === 'done' ? [] : step.commands.map((command) => `         ${command}`)),
    ]),
    '',
    'x done, . to do, ? not known here',
  ].join('\n');
}

const MARKS: { readonly [state in OffboardStep['state']]: string } = { done: 'x', open: '.', unknown: '?' };

function headline(org: string, { step, retired, written, removed }: Offboarding, dryRun: boolean): string {
  if (step === 'gone')
    return `${org} is retired since ${retired} and removed from this repository. Nothing was written.`;
  const is = dryRun ? 'would be' : 'is';
  const what =
    step === 'retired' ? `${org} ${is} retired, ${retired}` : `${org}, retired since ${retired}, ${is} removed`;
  const files = `${written.length} ${written.length === 1 ? 'file' : 'files'} written, ${removed.length} removed`;
  return `${what}: ${files}${dryRun ? ' (--dry-run: nothing was)' : ''}.`;
}

/** Who decides has no token once this is applied, and nobody else decides for the org. */
function waitingWords(org: string, { step, waiting }: Offboarding): readonly string[] {
  if (waiting === null || waiting === 0) return [];
  const what = waiting === 1 ? '1 escalation waits' : `${waiting} escalations wait`;
  return step === 'retired'
    ? [`${what} for a reviewer of ${org}: let them be decided before this is applied; then nobody can, and time does.`]
    : [`${what} that no reviewer of ${org} can decide any more: time does.`];
}

/** What was looked at before the second step, since a reviewer cannot see it in the change. */
function storeWords({ step, gateways }: Offboarding): readonly string[] {
  if (step !== 'removed') return [];
  if (gateways === null)
    return [
      'No store stands in this folder, so it was not looked at whether the org is applied and published without gateways.',
      'The approver sees it: hazard ORG_OFFBOARDED says whether the org was retired before.',
    ];
  const told = gateways.map(({ gateway, state }) => `${gateway} ${state}`);
  return [
    `The store shows it applied and published without gateways${told.length === 0 ? '' : ` (${told.join(', ')})`}.`,
  ];
}
