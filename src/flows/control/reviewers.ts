import { isBetween, type OrgSlug, ofKind, type Review } from '../../core/model/index.ts';
import { deniedNow } from './authenticate.ts';
import type { ControlPlane } from './context.ts';

/** Who may decide of an org's escalations at this moment. */
export interface Reviewers {
  readonly teams: readonly string[];
  /** Consoles of these teams that open something now: not denied, not expired, and with a secret. */
  readonly tokens: ReadonlySet<string>;
}

/** By the org's first Review by name, as it is applied; undefined without one. */
export async function reviewersOf(
  plane: Pick<ControlPlane, 'orgs' | 'clock'>,
  org: OrgSlug,
): Promise<Reviewers | undefined> {
  const objects = (await plane.orgs.observe(org))?.objects ?? [];
  const review: Review['spec'] | undefined = ofKind(objects, 'Review')[0]?.document.spec;
  if (review === undefined) return undefined;
  const { teams } = review.reviewers;
  const nowMs = plane.clock.nowMs();
  const secrets = ofKind(objects, 'Credentials').flatMap(({ document }) => document.spec.tokens);
  const open = new Set(
    secrets.filter((one) => isBetween(nowMs, one.notBefore, one.notAfter)).map(({ token }) => token),
  );
  const denied = await deniedNow(plane, org, 'token');
  const tokens = ofKind(objects, 'Token').filter(({ id: { name }, document: { spec } }) => {
    const isConsole =
      spec.scopes.includes('console') && teams.includes(spec.team) && isBetween(nowMs, null, spec.expires);
    return isConsole && open.has(name) && !denied.has(name);
  });
  return { teams, tokens: new Set(tokens.map(({ id }) => id.name)) };
}
