import type { PackIntegrity } from '../../core/report/index.ts';
import { type EvidenceReport, verifyEvidence } from '../evidence/index.ts';
import type { CopiedFacts } from './copies.ts';
import type { PackAsk, PackParts } from './parts.ts';

const RETENTION =
  'Lines of journals, ledger and history are never deleted by the control plane; what people did in the review queue stays in its log.';
/** The rest is counted. */
const MOST_LISTED = 100;

/** What is proved of all that is stored, and what of it a pack has. */
export async function integrityOf(
  parts: PackParts,
  { org }: PackAsk,
  { lines, history }: Pick<CopiedFacts, 'lines' | 'history'>,
): Promise<Omit<PackIntegrity, 'signedBy'>> {
  const report = await verifyEvidence(parts, org);
  const brokenAt = await parts.store.verifyHistory(org);
  const faults = report.faults.length + report.moreFaults;
  return {
    ok: report.ok && brokenAt === null,
    events: {
      ...{ lines: report.lines, faults, journals: report.chains.map(journalOf) },
      listed: report.faults.slice(0, MOST_LISTED).map(({ code, gateway, sequence, message }) => {
        return `${code}${gateway === null ? '' : ` ${gateway} line ${sequence}`}: ${message}`;
      }),
    },
    history: { ...withheldIn(history, parts.log), brokenAt },
    copied: lines.journals.map(({ gateway, chain, from, through }) => ({ gateway, journal: chain, from, through })),
    retention: RETENTION,
  };
}

function journalOf({ gateway, chain, lines, last, open }: EvidenceReport['chains'][number]) {
  const end = { lastSequence: last.sequence, lastHash: last.hash };
  return { gateway, journal: chain, lines, ...end, open: open.length };
}

function withheldIn(
  { told }: CopiedFacts['history'],
  log: PackParts['log'],
): Omit<PackIntegrity['history'], 'brokenAt'> {
  const [entries, withheld] = [told.length, told.filter((entry) => 'withheld' in entry).length];
  if (withheld > 0)
    log.warn(
      `${withheld} of ${entries} entries of the history name another org: the pack has them without their words`,
    );
  return { entries, withheld };
}
