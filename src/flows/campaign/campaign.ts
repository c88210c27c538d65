import type { CommitId, Finding } from '../../core/model/index.ts';
import { planUpgrade } from '../upgrade-plan.ts';
import { type Campaign, type CampaignAsk, type CampaignParts, ours, type RingReport } from './parts.ts';
import { leftOver, runRing } from './ring.ts';

export interface CampaignReport {
  /** `name@version` */
  readonly to: string;
  /** The commit of the base branch; null when the remote has no such branch. */
  readonly base: CommitId | null;
  /**
   * In the order in which they roll out; with `ring`, up to that one, and none where nobody is in it. Then pull requests that move
   * nobody any more, of whatever version.
   */
  readonly rings: readonly RingReport[];
  readonly findings: readonly Finding[];
}

/**
 * Opens the pull request of the ring that is due, or brings the open one up to date. Rings are looked at in their order
 * until one is not merged; a run that was cut short anywhere is taken up by the next. Two runs at once leave one pull
 * request; two of different templates may together open one more than the limit.
 */
export async function openCampaign(parts: CampaignParts, ask: CampaignAsk): Promise<CampaignReport> {
  const to = `${ask.template}@${ask.to}`;
  const base = (await parts.branches.fetch([ask.base])).get(ask.base) ?? null;
  if (base === null) return { to, base, rings: [], findings: [] };
  const { repository, hash, renderers } = parts;
  const aim = { template: ask.template, to: ask.to, from: null, orgs: '', ring: ask.ring };
  const plan = await planUpgrade({ tree: repository.treeAt(base), hash, renderers }, aim);
  if (plan.findings.length > 0) return { to, base, rings: [], findings: plan.findings };
  const open = ours(await parts.forge.openPulls(), parts.self);
  const campaign: Campaign = { parts, ask, plan, base, open };
  const order = [...new Set(plan.members.map((member) => member.ring))];
  const rings: RingReport[] = [];
  for (const ring of ask.ring === null ? order : order.slice(0, order.indexOf(ask.ring) + 1)) {
    const before = rings.at(-1);
    rings.push(await runRing(campaign, ring, before !== undefined && before.did !== 'done' ? before : null));
  }
  return { to, base, rings: [...rings, ...leftOver(campaign)], findings: [] };
}
