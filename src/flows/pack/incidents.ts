import { instantText } from '../../core/model/index.ts';
import type { PackIncident } from '../../core/report/index.ts';
import type { CopiedFacts } from './copies.ts';
import type { PackAsk, PackParts } from './parts.ts';
import { isIn, sortedBy } from './span.ts';

/** What history, ledger and deliveries tell that is not the ordinary way, by time. */
export async function incidentsOf(
  { runtime }: Pick<PackParts, 'runtime'>,
  ask: PackAsk,
  { history, ledger }: Pick<CopiedFacts, 'history' | 'ledger'>,
): Promise<readonly PackIncident[]> {
  const refusals = (await runtime.refusals(ask.org))
    .filter(({ at }) => isIn(ask, at))
    .map(({ gateway, at, code, missing }): PackIncident => {
      const lost = missing === null ? 'nothing of it is missing' : `lines through ${missing.sequence} are not here`;
      const words = `${gateway}: a delivery was refused (${code}); ${lost}`;
      return { at: instantText(at), what: 'refused-delivery', actor: 'control plane', words };
    });
  return sortedBy([...history.incidents, ...ledger.incidents, ...refusals], ({ at }) => at);
}
