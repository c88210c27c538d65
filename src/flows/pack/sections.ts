import { instantText, type OrgSlug } from '../../core/model/index.ts';
import type { EvidencePack } from '../../core/report/index.ts';
import type { RuntimeStore } from '../../ports/index.ts';
import type { CopiedFacts } from './copies.ts';
import { identityOf } from './identity.ts';
import { incidentsOf } from './incidents.ts';
import { isolationOf } from './isolation.ts';
import type { NamesOther } from './others.ts';
import { oversightOf } from './oversight.ts';
import type { PackAsk, PackParts } from './parts.ts';
import { policiesInForce, readVersions } from './policies.ts';
import { controlsOf, limitsOf, scopeOf } from './scope.ts';
import type { StandingOrg } from './standing.ts';

/** What a pack says of the org and of the span, all but what proves it. */
export type Sections = Omit<EvidencePack, 'schema' | 'fleet' | 'org' | 'orgUid' | 'period' | 'made' | 'integrity'>;

interface SectionFacts {
  readonly standing: StandingOrg;
  readonly copied: CopiedFacts;
  readonly namesOther: NamesOther;
}

export async function sectionsOf(
  parts: PackParts,
  ask: PackAsk,
  { standing, copied, namesOther }: SectionFacts,
): Promise<Sections> {
  const { objects, head } = standing;
  const { lines, history, steps, ledger } = copied;
  const { accounts, adjustments } = ledger;
  return {
    scope: { ...scopeOf(standing), used: lines.used },
    configuration: {
      changes: history.changes,
      policies: policiesInForce(history.all, await readVersions(parts.store, ask.org), ask),
      acknowledged: await acknowledged(parts.runtime, ask.org),
      inEffect: lines.inEffect,
    },
    controls: controlsOf(objects),
    enforcement: lines.enforcement,
    oversight: oversightOf(steps, lines.questions),
    spend: { limits: limitsOf(objects), accounts, adjustments, priceBook: parts.priceBook },
    identity: await identityOf(parts, ask, { objects, history, ledger }),
    incidents: await incidentsOf(parts, ask, copied),
    isolation: await isolationOf({ ...parts, namesOther }, head, objects),
  };
}

async function acknowledged(
  runtime: Pick<RuntimeStore, 'acks'>,
  org: OrgSlug,
): Promise<EvidencePack['configuration']['acknowledged']> {
  return (await runtime.acks(org)).map(({ gateway, generation, contentDigest, state, at }) => {
    return { gateway, generation, contentDigest, state, since: instantText(at) };
  });
}
