import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgSlug } from '../src/core/model/index.ts';
import { type PullReport, reportChanges } from '../src/core/report/index.ts';
import { publishPull, syncDriftIssues } from '../src/flows/index.ts';
import { upsertCheck } from '../src/flows/pr/check-run.ts';
import { syncLabels } from '../src/flows/pr/labels.ts';
import { askReviewers } from '../src/flows/pr/reviewers.ts';
import { upsertComment } from '../src/flows/pr/sticky.ts';
import { nodeHash } from '../src/host/index.ts';
import type { Forge, ForgeAnnotation } from '../src/ports/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ROOT } from './fleet.testkit.ts';
import { BOT, changesOf, type Forged, findingsOf, HEAD, silent, startForge } from './forge.testkit.ts';

// The real client and the real flows against a server that answers as GitHub does and knows what GitHub would refuse.

let forged: Forged;

beforeEach(async () => {
  forged = await startForge();
});
afterEach(async () => {
  await forged.fake.close();
  expect(forged.fake.violations).toEqual([]);
});

const soon = async (): Promise<void> => undefined;
const stickyParts = (forge: Forge = forged.forge) => ({ forge, pause: soon, self: BOT });
const ask = (body: string, order = 1, scope = 'fleet') => ({ pull: 7, scope, order, body, asked: [] });
const bodies = (): string[] => forged.fake.state.comments.map(({ body }) => body.split('\n').slice(1).join('\n'));

describe('the sticky comment', () => {
  it('is made once, then updated in place, then left alone', async () => {
    const did = [];
    for (const [body, order] of [
      ['one', 1],
      ['two', 2],
      ['two', 3],
    ] as const)
      did.push((await upsertComment(stickyParts(), ask(body, order))).did);
    expect(did).toEqual(['created', 'updated', 'unchanged']);
    expect(bodies()).toEqual(['two']);
  });

  it('is one for each scope', async () => {
    await upsertComment(stickyParts(), ask('of one', 1, 'one'));
    await upsertComment(stickyParts(), ask('of two', 1, 'two'));
    expect(bodies().sort()).toEqual(['of one', 'of two']);
  });

  it('is never one that somebody else wrote with our marker', async () => {
    const marker = '<!-- tenantry:comment fleet 99 -->\nnothing stands against this';
    await forged.client('stranger').createComment(7, marker);
    await upsertComment(stickyParts(), ask('ours'));
    expect(forged.fake.state.comments.map(({ user, body }) => [user, body.split('\n')[1]])).toEqual([
      ['mallory', 'nothing stands against this'],
      [BOT, 'ours'],
    ]);
  });

  it('is found behind two hundred other comments', async () => {
    await upsertComment(stickyParts(), ask('first'));
    const { comments } = forged.fake.state;
    for (let id = 1; id <= 250; id += 1)
      comments.unshift({ id, issue: 7, user: 'ana', body: `talk ${id}`, visibleFrom: 0 });
    const result = await upsertComment(stickyParts(), ask('second', 2));
    expect([result.did, comments.filter(({ user }) => user === BOT).length]).toEqual(['updated', 1]);
    expect(forged.fake.seen.filter(({ operation }) => operation === 'issues/list-comments').length).toBeGreaterThan(5);
  });

  it.each([0, 1, 2, 3])('is one after two runs raced, with lists that lag by %i requests', async (lag) => {
    forged.fake.lag(lag);
    const [older, newer] = [forged.client(), forged.client()];
    await Promise.all([
      upsertComment(stickyParts(older), ask('older', 1)),
      upsertComment(stickyParts(newer), ask('newer', 2)),
    ]);
    expect(bodies()).toEqual(['newer']);
  });

  it('collapses what former races left, and keeps the newest text in the oldest comment', async () => {
    for (const order of [4, 6, 5])
      await forged.forge.createComment(7, `<!-- tenantry:comment fleet ${order} -->\nrun ${order}`);
    const oldest = forged.fake.state.comments[0]?.id;
    const result = await upsertComment(stickyParts(), ask('run 3', 3));
    expect([result.did, result.removed, bodies()]).toEqual(['left to a newer run', 2, ['run 6']]);
    expect(forged.fake.state.comments[0]?.id).toBe(oldest);
  });

  it('is one also when an answer was lost after the comment was made', async () => {
    forged.fake.fail({ kind: 'lost', times: 1, operation: 'issues/create-comment' });
    await upsertComment(stickyParts(), ask('once'));
    expect(bodies()).toEqual(['once']);
  });
});

describe('a forge that limits and fails', () => {
  it.each(['primary', 'secondary', 'broken'] as const)('is waited out: %s', async (kind) => {
    forged.fake.fail({ kind, times: 1, operation: 'issues/list-comments' });
    forged.fake.fail({ kind, times: 2, operation: 'issues/create-comment' });
    await upsertComment(stickyParts(), ask('told'));
    expect(bodies()).toEqual(['told']);
    expect(forged.fake.seen.filter(({ status }) => status >= 400)).toHaveLength(3);
  });

  it('ends with a code and without the token when it stays away', async () => {
    forged.fake.fail({ kind: 'broken', times: 100 });
    const failed = await upsertComment(stickyParts(), ask('told')).catch((cause: unknown) => cause);
    expect(failed).toMatchObject({ code: 'FORGE_UNAVAILABLE', status: 502 });
    expect(JSON.stringify(failed) + String(failed)).not.toContain('bot-token');
    expect(forged.fake.seen).toHaveLength(5);
  });

  it('says what a token may not do', async () => {
    const stranger = forged.client('stranger');
    await forged.fake.close();
    await expect(stranger.comments(7)).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
    forged = await startForge();
    await expect(forged.forge.updateComment(404, 'x')).rejects.toMatchObject({ code: 'FORGE_REFUSED', status: 404 });
  });
});

const annotations = (count: number): readonly ForgeAnnotation[] =>
  Array.from({ length: count }, (_, index) => ({
    file: 'orgs/acme/org.yaml' as ForgeAnnotation['file'],
    line: index + 1,
    level: 'failure' as const,
    title: 'CODE',
    message: `number ${index + 1}`,
  }));
const checkAsk = (count: number, summary = 'text') => ({
  name: 'tenantry report (fleet)',
  head: HEAD,
  conclusion: 'failure' as const,
  title: 'title',
  summary,
  annotations: annotations(count),
});
const checkParts = () => ({ forge: forged.forge, hash: nodeHash });
const lines = (): readonly (readonly number[])[] =>
  forged.fake.state.checks.map((run) => run.annotations.map(({ start_line }) => start_line));

describe('the check run', () => {
  it('carries 120 annotations in three requests, each once', async () => {
    expect(await upsertCheck(checkParts(), checkAsk(120))).toBe('created');
    expect(lines()).toEqual([annotations(120).map(({ line }) => line)]);
    const writes = forged.fake.seen.filter(({ operation }) => /checks\/(create|update)/.test(operation));
    expect(writes).toHaveLength(3);
  });

  it('is left alone by a second run, and goes on where one was interrupted', async () => {
    const healthy = forged.forge;
    const dies: Forge = { ...healthy, addToCheck: () => Promise.reject(new Error('killed')) };
    await expect(upsertCheck({ forge: dies, hash: nodeHash }, checkAsk(120))).rejects.toThrow('killed');
    expect(await upsertCheck(checkParts(), checkAsk(120))).toBe('completed');
    expect(await upsertCheck(checkParts(), checkAsk(120))).toBe('unchanged');
    expect(lines()).toEqual([annotations(120).map(({ line }) => line)]);
  });

  it('is a new one for other content', async () => {
    await upsertCheck(checkParts(), checkAsk(1));
    await upsertCheck(checkParts(), checkAsk(1, 'other'));
    expect(forged.fake.state.checks.map(({ summary }) => summary)).toEqual(['text', 'other']);
  });
});

describe('labels, reviewers and SARIF', () => {
  it('takes away our labels that do not hold any more, and no others', async () => {
    forged.pull.labels.push('bug', 'tenantry/hazard', 'tenantry/one-org');
    await syncLabels(forged.forge, 7, ['tenantry/one-org', 'tenantry/platform']);
    expect([...forged.pull.labels].sort()).toEqual(['bug', 'tenantry/one-org', 'tenantry/platform']);
  });

  it('adds what labels it may, and says which the token cannot make', async () => {
    forged.fake.state.labels = ['tenantry/one-org'];
    const refused = await syncLabels(forged.forge, 7, ['tenantry/one-org', 'tenantry/platform']);
    expect(forged.pull.labels).toEqual(['tenantry/one-org']);
    expect(refused).toEqual([expect.stringMatching(/^label tenantry\/platform: You do not have permission to create/)]);
  });

  it.each(['issues/add-labels', 'pulls/request-reviewers', 'code-scanning/upload-sarif'])(
    'takes a rate limit of %s that does not end for no answer of its own',
    async (operation) => {
      forged.fake.state.collaborators.push('otto');
      forged.fake.fail({ kind: 'secondary', times: 20, operation });
      const work = {
        'issues/add-labels': () => forged.forge.addLabels(7, ['tenantry/one-org']),
        'pulls/request-reviewers': () => forged.forge.requestReviewers(7, ['@otto']),
        'code-scanning/upload-sarif': () =>
          forged.forge.uploadSarif({ head: HEAD, ref: 'refs/pull/7/head', text: '{}' }),
      }[operation];
      await expect(work?.()).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
    },
  );

  it('asks everybody who was not asked, never the author, and goes on when one is refused', async () => {
    forged.fake.state.collaborators.push('ana', 'otto', 'west');
    const wanted = ['@ana', '@otto', '@gone', '@northlight/west', '@elsewhere/team'];
    const refused = await askReviewers(forged.forge, { pull: 7, author: 'Ana', wanted, asked: [] });
    expect([forged.pull.reviewers, forged.pull.teams]).toEqual([['otto'], ['west']]);
    expect(refused.join(' ')).toMatch(/@elsewhere\/team|@gone/);
    expect(await askReviewers(forged.forge, { pull: 7, author: 'ana', wanted, asked: wanted })).toEqual([]);
  });

  it('uploads SARIF, and says so where code scanning is off', async () => {
    const report = { head: HEAD, ref: 'refs/pull/7/head', text: '{"version":"2.1.0"}' };
    expect(await forged.forge.uploadSarif(report)).toEqual({ ok: true });
    forged.fake.state.codeScanning = false;
    expect(await forged.forge.uploadSarif(report)).toMatchObject({ ok: false });
    expect(forged.fake.state.sarifs).toEqual([{ commit_sha: HEAD, ref: report.ref, text: report.text }]);
  });
});

describe('a whole report', () => {
  const orgs = ['acme', 'bravo', 'newcomer'] as readonly string[] as readonly OrgSlug[];
  const run = {
    head: HEAD,
    conclusion: 'failure' as const,
    order: 3101,
    url: null,
    pull: 7,
  };
  const publish = async (report: PullReport) => {
    const { repository } = await wireRepository(ROOT);
    const parts = { ...stickyParts(), hash: nodeHash, tree: repository.workTree(), log: silent };
    return publishPull(parts, { scope: 'fleet', run, report, orgs, platform: [], sarif: true });
  };

  it('of 300 KB is cut to what the forge takes, with a count and where the whole is', async () => {
    const words = 'limit 1 -> 2, as agreed with everybody who had to agree to it'.repeat(60);
    const changes = changesOf(
      Array.from({ length: 100 }, (_, index) => `org-${index}`),
      words,
    );
    expect(reportChanges(changes, 'json').length).toBeGreaterThan(300_000);
    await publish({ changes, findings: findingsOf(400), notes: [] });
    const body = forged.fake.state.comments[0]?.body ?? '';
    expect(body).toContain('100 orgs change');
    expect(body).toMatch(/and \d+ more changes|\d+ lines of \d+ missing/);
    expect(body).toContain('The whole is in the artefacts of the run');
    expect(Buffer.byteLength(forged.fake.state.checks[0]?.summary ?? '')).toBeLessThan(65_535);
  });

  it('of 1,200 findings has 1,000 annotations and says how many are left out', async () => {
    await publish({ changes: changesOf([]), findings: findingsOf(1200), notes: [] });
    const [check] = forged.fake.state.checks;
    expect(check?.annotations).toHaveLength(1000);
    expect(check?.summary).toContain('200 of 1200 annotations are left out.');
    expect(JSON.parse(forged.fake.state.sarifs[0]?.text ?? '{}').runs[0].results).toHaveLength(1200);
  });

  it('asks the owners of every org that it changes, and the platform for a new one', async () => {
    forged.fake.state.collaborators.push('platform', 'customers-west', 'customers-north');
    await publish({ changes: changesOf(orgs), findings: findingsOf(0), notes: [] });
    expect([...forged.pull.teams].sort()).toEqual(expect.arrayContaining(['customers-west', 'platform']));
    forged.pull.teams.length = 0;
    await publish({ changes: changesOf(orgs, 'other'), findings: findingsOf(0), notes: [] });
    expect(forged.pull.teams).toEqual([]);
    expect(forged.pull.labels).toEqual(['tenantry/2-10-orgs']);
  });
});

describe('issues of drift', () => {
  const drift = (org: string, words = 'rows differ') => ({ org: org as OrgSlug, where: 'store', words });
  const parts = () => ({ forge: forged.forge, self: BOT });
  const standing = () => forged.fake.state.issues.map(({ title, state }) => [title, state]);

  it('open, update, close and open again: one for each org', async () => {
    const did = async (...drifts: readonly ReturnType<typeof drift>[]) =>
      (await syncDriftIssues(parts(), { drifts, unseen: [] })).map((outcome) => `${outcome.org} ${outcome.did}`);
    expect(await did(drift('acme'), drift('bravo'))).toEqual(['acme opened', 'bravo opened']);
    expect(await did(drift('acme'), drift('bravo', 'other rows'))).toEqual(['acme unchanged', 'bravo updated']);
    expect(await did(drift('bravo', 'other rows'))).toEqual(['acme closed', 'bravo unchanged']);
    expect(await did(drift('acme'))).toEqual(['acme reopened', 'bravo closed']);
    expect(standing()).toEqual([
      ['Drift: acme', 'open'],
      ['Drift: bravo', 'closed'],
    ]);
  });

  it('are never those of somebody else', async () => {
    const body = '<!-- tenantry:drift acme -->\n';
    await forged.client('stranger').createIssue({ title: 'mine', body, label: 'tenantry/drift' });
    await syncDriftIssues(parts(), { drifts: [], unseen: [] });
    expect(standing()).toEqual([['mine', 'open']]);
  });
});
