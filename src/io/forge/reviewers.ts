import type { ForgeAnswer, ForgeHandle } from '../../ports/index.ts';
import type { Repo } from './client.ts';
import { isRateLimit } from './error.ts';

/** `@org/team` to its slug, `@login` to the login; a team of another owner cannot be asked. */
function split(owner: string, handles: readonly ForgeHandle[]) {
  const names = handles.map((handle) => handle.replace(/^@/, '').split('/'));
  const teams = names.filter(([, team]) => team !== undefined);
  return {
    reviewers: names.flatMap(([login, team]) => (team === undefined && login !== undefined ? [login] : [])),
    team_reviewers: teams.flatMap(([, team]) => (team === undefined ? [] : [team])),
    foreign: teams.filter(([org]) => org?.toLowerCase() !== owner.toLowerCase()).map((parts) => `@${parts.join('/')}`),
  };
}

/** Who is asked already and has not answered. */
export async function reviewersOf({ client, at }: Repo, pull: number): Promise<readonly ForgeHandle[]> {
  const { data } = await client.rest.pulls.listRequestedReviewers({ ...at, pull_number: pull });
  return [...data.users.map(({ login }) => `@${login}`), ...data.teams.map(({ slug }) => `@${at.owner}/${slug}`)];
}

export async function askReviewers(
  { client, at }: Repo,
  pull: number,
  handles: readonly ForgeHandle[],
): Promise<ForgeAnswer> {
  const { foreign, ...asked } = split(at.owner, handles);
  if (foreign.length > 0) return { ok: false, reason: `${foreign.join(', ')}: not a team of ${at.owner}` };
  try {
    await client.rest.pulls.requestReviewers({ ...at, pull_number: pull, ...asked });
    return { ok: true };
  } catch (cause) {
    const { status } = cause as { readonly status?: number };
    // 422: not a collaborator, or no such team. 403: the token may not see teams.
    if ((status !== 422 && status !== 403) || isRateLimit(cause)) throw cause;
    return { ok: false, reason: `${handles.join(', ')}: the forge answered ${status}` };
  }
}
