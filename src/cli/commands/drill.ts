import { type DrillName, type DrillReport, drill } from '../../flows/index.ts';
import { wireDrill } from '../../wire.ts';
import { answerWith, orgsOf } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { openStore } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** `tenantry drill <name>`: a theft, played on a copy; exit 1 when something did not come as it should. */
export const drillCommand: CommandSpec['run'] = async (context, [name = ''], flags) => {
  if (name !== 'stolen-online-key' && name !== 'stolen-publish-key')
    throw new CommandError(EXIT.usage, 'USAGE', `expected stolen-online-key or stolen-publish-key, found ${name}`);
  const [org = null] = orgsOf(flags) ?? [];
  const opened = await openStore(context);
  const ground = await wireDrill();
  try {
    const { hash, clock } = opened;
    const parts = { fleet: opened.settings.metadata.name, store: opened.state.store, hash, clock, ground };
    const report = await drill(parts, { name, org });
    if (!report.ok) throw new CommandError(EXIT.refused, report.code, report.message);
    answerWith(context, { schema: 'tenantry/drill/v1', ...report.value }, () => drillText(report.value));
    return report.value.ok ? EXIT.ok : EXIT.refused;
  } finally {
    await ground.remove();
    opened.state.close();
  }
};

const TITLES: { readonly [name in DrillName]: string } = {
  'stolen-online-key': 'The online seed is stolen',
  'stolen-publish-key': 'The publish seed is stolen, then the online seed too',
};

/** A drill as Markdown, for the terminal and for docs/drills.md. */
export function drillText({ drill: name, org, gateway, steps, ok }: DrillReport): string {
  const lines = steps.flatMap((step, index) => [
    `${index + 1}. **${step.who}** ${step.what}.`,
    step.got === step.expected
      ? `   The gateway ${step.got}.`
      : `   NOT AS EXPECTED: the gateway ${step.got}; expected that it ${step.expected}.`,
    `   ${step.note}`,
  ]);
  const head = `## ${TITLES[name]}`;
  const where = `\`tenantry drill ${name}\`, with the content of ${org}/${gateway}, on a copy with seeds of its own:`;
  const end = ok ? 'Everything came as expected.' : 'Not everything came as expected.';
  return [head, '', where, '', ...lines, '', end].join('\n');
}
