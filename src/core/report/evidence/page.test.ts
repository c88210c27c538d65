import { describe, expect, it } from 'vitest';
import { html, htmlTable } from './html.ts';
import type { EvidencePack } from './pack.ts';
import { evidencePage } from './page.ts';

const EVIL = `</td><script>alert("'1")</script>\u202e\u0007&amp;`;
const SAFE = '&lt;/td&gt;&lt;script&gt;alert(&quot;&#39;1&quot;)&lt;/script&gt;';

/** A pack in which every text of people, gateways and providers is one that a page must not run. */
const hostile = {
  schema: 'tenantry/evidence-pack/v1',
  ...{ fleet: EVIL, org: EVIL, orgUid: EVIL, period: { from: EVIL, to: EVIL }, made: { at: EVIL, by: EVIL } },
  scope: {
    ...{ displayName: EVIL, template: EVIL, generation: 1, commit: EVIL, appliedAt: EVIL, isolation: EVIL },
    ...{ regions: [EVIL], domains: [EVIL], retired: EVIL, removed: EVIL },
    gateways: [
      {
        ...{ gateway: EVIL, environment: EVIL, workload: EVIL, hostname: EVIL, region: EVIL, policy: EVIL },
        upstreams: [{ id: EVIL, provider: EVIL, region: EVIL }],
      },
    ],
    used: [
      { provider: EVIL, target: EVIL, model: EVIL, requests: 1, inputTokens: 1, outputTokens: 1, simulated: true },
    ],
  },
  configuration: {
    changes: [
      {
        ...{ sequence: 1, at: EVIL, action: EVIL, actor: EVIL, generation: 1, commit: EVIL, committedAt: EVIL },
        ...{
          subject: EVIL,
          merged: { commit: EVIL, author: EVIL, subject: EVIL },
          approval: EVIL,
          words: [EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, EVIL],
        },
      },
    ],
    policies: [
      {
        ...{ environment: EVIL, name: EVIL, version: 1, packVersion: EVIL, generation: 1, commit: EVIL },
        ...{ author: EVIL, digest: EVIL, since: EVIL, until: EVIL },
      },
    ],
    acknowledged: [{ gateway: EVIL, generation: 1, contentDigest: EVIL, state: EVIL, since: EVIL }],
    inEffect: [{ gateway: EVIL, generation: 1, contentDigest: EVIL, firstDecisionAt: EVIL, requests: 1 }],
  },
  controls: [
    {
      ...{ environment: EVIL, policy: EVIL, position: 1, kind: EVIL, isConditional: true },
      controls: [{ id: EVIL, title: EVIL }],
    },
  ],
  enforcement: {
    ...{ requests: 1, wentOut: 1, simulated: 1, unread: 1, verdicts: { allow: 1, block: 0, redact: 0, escalate: 0 } },
    gateways: [{ gateway: EVIL, requests: 1, allow: 1, block: 0, redact: 0, escalate: 0 }],
    policies: [
      {
        ...{ policy: EVIL, phase: 'input', ran: 1, warn: 0, redactions: 0 },
        ...{ allow: 1, block: 0, redact: 0, escalate: 0 },
      },
    ],
    reasons: [{ reasonCode: EVIL, requests: 1 }],
  },
  oversight: {
    ...{ queued: 1, approved: 1, denied: 0, expired: 0, open: 0, medianSeconds: 3 },
    escalations: [
      {
        ...{ id: EVIL, gateway: EVIL, policy: EVIL, reasonCode: EVIL, queuedAt: EVIL, claimedAt: EVIL },
        ...{ resolvedAt: EVIL, by: EVIL, outcome: EVIL, ended: EVIL, note: EVIL },
      },
    ],
  },
  spend: {
    limits: [{ wallet: EVIL, scope: EVIL, period: EVIL, currency: EVIL, limit: EVIL, whenExhausted: EVIL }],
    accounts: [
      {
        ...{ wallet: EVIL, period: EVIL, currency: EVIL, settled: EVIL, excess: EVIL, presumed: EVIL },
        ...{ credited: EVIL, charged: EVIL, added: EVIL },
      },
    ],
    adjustments: [
      {
        ...{ at: EVIL, wallet: EVIL, period: EVIL, currency: EVIL, kind: EVIL, amount: EVIL },
        ...{ author: EVIL, note: EVIL },
      },
    ],
    priceBook: EVIL,
  },
  identity: {
    tokens: [
      {
        ...{ token: EVIL, owner: EVIL, team: EVIL, scopes: [EVIL], gateways: [EVIL], expires: EVIL },
        credentials: [{ id: EVIL, notBefore: EVIL, notAfter: EVIL }],
      },
    ],
    revocations: [{ token: EVIL, revokedAt: EVIL, by: 'deny', actor: EVIL, complete: false, acceptedForMs: 1500 }],
    gatewayKeys: [{ gateway: EVIL, enrolment: 1, publicKey: EVIL, enrolledAt: EVIL, revokedAt: EVIL }],
    actors: [{ actor: EVIL, actions: 1 }],
  },
  incidents: [{ at: EVIL, what: 'deny', actor: EVIL, words: EVIL }],
  isolation: {
    commit: EVIL,
    checks: [{ id: EVIL, check: EVIL, decided: EVIL, verdict: 'broken' }],
    waivers: [{ code: EVIL, object: EVIL, owner: EVIL, approvers: [EVIL], reason: EVIL, expires: EVIL }],
  },
  integrity: {
    ok: false,
    events: {
      ...{ lines: 1, faults: 1, listed: [EVIL] },
      journals: [{ gateway: EVIL, journal: 1, lines: 1, lastSequence: 1, lastHash: EVIL, open: 0 }],
    },
    history: { entries: 1, withheld: 1, brokenAt: 2 },
    copied: [{ gateway: EVIL, journal: 1, from: 1, through: 1 }],
    signedBy: { keyId: EVIL, rootVersion: 1 },
    retention: EVIL,
  },
} as unknown as EvidencePack;

describe('a page', () => {
  it('shows as text whatever texts hold, and loads and runs nothing', () => {
    const page = evidencePage(hostile);
    expect(page).toContain(SAFE);
    for (const part of ['<script', '\u202e', '\u0007', '</td><s', 'src=', 'href=', 'url('])
      expect(page).not.toContain(part);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('says what is not whole and what is broken, and that a key did not go everywhere', () => {
    const page = evidencePage(hostile);
    expect(page).toContain(
      'class="verdict bad">Not whole: 1 fault in journals and ledger; the history is broken at entry 2.',
    );
    expect(page).toContain('<span class="broken">broken</span>');
    expect(page).toContain('<td>not yet</td><td>1.5 s</td>');
    expect(page).toContain('<summary>9 lines</summary>');
    // On paper nobody can unfold them.
    expect(page).toMatch(/@media print \{[^@]*details::details-content \{ content-visibility: visible;/);
  });

  it('has its ten sections, and a line of words in the place of a table without rows', () => {
    const page = evidencePage(hostile);
    expect([...page.matchAll(/<h2>(\d+)\. /g)].map(([, number]) => Number(number))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(evidencePage({ ...hostile, incidents: [] })).toContain('<p class="none">None within the period.</p>');
  });
});

describe('html', () => {
  it('escapes what is put in, and leaves pieces as they are', () => {
    expect(html`<b>${'<&>'}</b>${html`<i>${1}</i>`}${null}`.text).toBe('<b>&lt;&amp;&gt;</b><i>1</i>');
    expect(htmlTable(['<a>'], [['<b>', 0, null]], 'none').text).toContain('<td>&lt;b&gt;</td><td>0</td><td></td>');
  });
});
