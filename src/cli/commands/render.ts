import { fails } from '../../core/model/index.ts';
import { counted } from '../../core/report/index.ts';
import { render } from '../../flows/index.ts';
import { complain } from '../complain.ts';
import { type Answer, answerWith, openFleet, orgsOf } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry render`: compares, or with --write makes, the generated manifests. */
export const renderCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const fleet = await openFleet(context);
  const write = flags['write'] === true ? fleet.write : null;
  const run = () => render(fleet.hash, { tree: fleet.repository.workTree(), orgs: orgsOf(flags), write });
  const report = await (write === null ? run() : fleet.alone(run));
  const failing = report.findings.filter(fails);
  const { stale, ownerFile, written } = report;
  const data = {
    schema: 'tenantry/render/v1',
    ok: failing.length === 0,
    stale,
    ownerFile,
    written,
    findings: report.findings,
    counters: report.counters,
  } satisfies Answer;
  answerWith(context, data, () => {
    const lines = stale.map((item) => {
      const parts = [
        `${item.missing.length} missing`,
        `${item.differing.length} different`,
        `${item.extra.length} left over`,
      ];
      return `${item.org}  ${parts.join(', ')}`;
    });
    if (ownerFile === 'stale') lines.push('.github/CODEOWNERS  names other owners than org.yaml and fleet.yaml');
    const isHalf = failing.length > 0;
    if (write !== null && written.length > 0)
      return stale.length === 0
        ? 'Wrote .github/CODEOWNERS.'
        : `Wrote ${counted(written.length, 'file')} in ${counted(stale.length, 'org')}.`;
    if (isHalf && (write !== null || lines.length === 0))
      return 'Not everything could be rendered; the findings say why.';
    if (write !== null) return 'Nothing to write: the manifests are what the inputs render to.';
    return lines.length === 0
      ? 'The manifests are what the inputs render to.'
      : `${lines.join('\n')}\nRun \`tenantry render --write\` and commit.`;
  });
  if (failing.length > 0) {
    complain(context, failing);
    return EXIT.refused;
  }
  return flags['exitCode'] === true && (stale.length > 0 || ownerFile === 'stale') && write === null
    ? EXIT.differences
    : EXIT.ok;
};
