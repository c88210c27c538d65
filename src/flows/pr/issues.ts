import { byCodeUnit, type OrgSlug } from '../../core/model/index.ts';
import { cutMarkdown, type DriftLine, driftMarkdown, type ReadDrift } from '../../core/report/index.ts';
import type { Forge, ForgeIssue } from '../../ports/index.ts';

const LABEL = 'tenantry/drift';
const ISSUE_BYTES = 65_000;

export interface IssueParts {
  readonly forge: Pick<Forge, 'issues' | 'createIssue' | 'updateIssue'>;
  /** The login that our issues carry. */
  readonly self: string;
}

export interface IssueOutcome {
  readonly org: OrgSlug;
  readonly issue: number;
  readonly did: 'opened' | 'reopened' | 'updated' | 'unchanged' | 'closed';
}

/**
 * One issue for each org that drifts, opened, kept up to date, and closed when the drift is gone. An issue of a former
 * drift is opened again; of several for one org the oldest counts and the others are closed. Of an org of which it is not known
 * whether it drifts, nothing is closed.
 */
export async function syncDriftIssues(
  parts: IssueParts,
  { drifts, unseen }: ReadDrift,
): Promise<readonly IssueOutcome[]> {
  const found = (await parts.forge.issues(LABEL)).filter(({ author }) => author === parts.self);
  const byOrg = new Map<OrgSlug, ForgeIssue[]>();
  for (const issue of found.sort((a, b) => a.number - b.number)) {
    const org = orgOf(issue.body);
    if (org !== undefined) byOrg.set(org, [...(byOrg.get(org) ?? []), issue]);
  }
  const orgs = [...new Set([...byOrg.keys(), ...drifts.map(({ org }) => org)])].sort(byCodeUnit);
  const outcomes: IssueOutcome[] = [];
  const unknown = new Set(unseen.flatMap((item) => item.orgs));
  for (const org of orgs) {
    const lines = drifts.filter((item) => item.org === org);
    if (lines.length === 0 && unknown.has(org)) continue;
    outcomes.push(...(await syncOne(parts, { org, lines, issues: byOrg.get(org) ?? [] })));
  }
  return outcomes;
}

interface OneOrg {
  readonly org: OrgSlug;
  readonly lines: readonly DriftLine[];
  readonly issues: readonly ForgeIssue[];
}

async function syncOne({ forge }: IssueParts, { org, lines, issues }: OneOrg): Promise<readonly IssueOutcome[]> {
  const title = `Drift: ${org}`;
  const [oldest, ...others] = issues;
  const outcomes: IssueOutcome[] = [];
  const close = async (issue: ForgeIssue): Promise<void> => {
    if (!issue.isOpen) return;
    await forge.updateIssue(issue.number, { title: issue.title, body: issue.body, isOpen: false });
    outcomes.push({ org, issue: issue.number, did: 'closed' });
  };
  for (const issue of others) await close(issue);
  if (lines.length === 0) {
    if (oldest !== undefined) await close(oldest);
    return outcomes;
  }
  const body = cutMarkdown(
    `${markerOf(org)}\n${driftMarkdown(org, lines)}`,
    ISSUE_BYTES,
    'the output of `tenantry drift`',
  );
  if (oldest === undefined) {
    const made = await forge.createIssue({ title, body, label: LABEL });
    return [...outcomes, { org, issue: made.number, did: 'opened' }];
  }
  const isSame = oldest.isOpen && oldest.body.replaceAll('\r\n', '\n').trimEnd() === body.trimEnd();
  if (!isSame) await forge.updateIssue(oldest.number, { title, body, isOpen: true });
  const did = isSame ? 'unchanged' : oldest.isOpen ? 'updated' : 'reopened';
  return [...outcomes, { org, issue: oldest.number, did }];
}

const MARKER = /^<!-- tenantry:drift ([a-z0-9_-]{1,63}) -->/;

function markerOf(org: OrgSlug): string {
  return `<!-- tenantry:drift ${org} -->`;
}

function orgOf(body: string): OrgSlug | undefined {
  return MARKER.exec(body)?.[1] as OrgSlug | undefined;
}
