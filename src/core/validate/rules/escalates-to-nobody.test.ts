import { expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { orgObjects } from '../../plan/objects.testkit.ts';
import { validateOrg } from '../index.ts';
import { contextOf, policyWith, withObjects } from '../isolation.testkit.ts';

const CODE = 'ESCALATION_WITHOUT_REVIEW';

/** Where the finding stands in an org whose policy has this chain and these settings, with or without a Review. */
function places(chain: readonly (string | JsonObject)[], policy: JsonObject, hasReview = false): readonly string[] {
  const objects = withObjects('acme', policyWith('acme', { policies: { chain: [...chain] }, policy }));
  const kept = objects.filter(({ id }) => hasReview || id.kind !== 'Review');
  return validateOrg(contextOf('acme', kept)).flatMap(({ code, place }) => (code === CODE ? [place.file] : []));
}

const at = (...indexes: readonly number[]): readonly string[] =>
  indexes.map((index) => `acme Policy/production/support/spec/document/policies/chain/${index}`);

it.each([
  ['human-oversight as it stands', ['prompt-injection', 'human-oversight'], {}, at(1)],
  ['human-oversight that escalates', ['human-oversight'], { 'human-oversight': { action: 'escalate' } }, at(0)],
  ['human-oversight under a condition', [{ 'human-oversight': { when: { stage: 'output' } } }], {}, at(0)],
  ['human-oversight that blocks', ['human-oversight'], { 'human-oversight': { action: 'block' } }, []],
  ['another that escalates', ['safety-filter'], { 'safety-filter': { action: 'escalate' } }, at(0)],
  ['one with a mode in a list', ['flagged-review'], { 'flagged-review': { rules: [{ mode: 'escalate' }] } }, at(0)],
  [
    'transactions, of which large ones need an approval',
    ['agent-firewall'],
    { 'agent-firewall': { transaction_limits: {} } },
    at(0),
  ],
  ['tools without limits of money', ['agent-firewall'], { 'agent-firewall': { rate_limits: {} } }, []],
  ['settings of a policy that is not in the chain', ['rbac'], { 'safety-filter': { action: 'escalate' } }, []],
  ['one that blocks', ['safety-filter'], { 'safety-filter': { action: 'block' } }, []],
  ['no chain', [], {}, []],
])('%s', (_what, chain, policy, expected) => {
  expect(places(chain, policy as JsonObject)).toEqual(expected);
  expect(places(chain, policy as JsonObject, true)).toEqual([]);
});

it('a tool that needs an approval', () => {
  const server = { id: 'docs', url: 'https://tools.example/mcp', allowed_tools: ['search'] };
  const found = (more: JsonObject, hasReview = false): readonly string[] => {
    const servers = { tool_servers: [server, { ...server, id: 'more', ...more }] };
    const objects = withObjects('acme', policyWith('acme', servers));
    const kept = objects.filter(({ id }) => hasReview || id.kind !== 'Review');
    return validateOrg(contextOf('acme', kept)).flatMap(({ code, place }) => (code === CODE ? [place.file] : []));
  };
  const place = 'acme Policy/production/support/spec/document/tool_servers/1/require_approval';
  expect(found({ require_approval: ['search'] })).toEqual([place]);
  expect(found({ require_approval: ['search'] }, true)).toEqual([]);
  expect(found({})).toEqual([]);
});

it('a wallet that holds', () => {
  const wallet = orgObjects('acme').wallet('main', { whenExhausted: 'hold' });
  const found = (hasReview: boolean) =>
    validateOrg(
      contextOf(
        'acme',
        withObjects('acme', wallet).filter(({ id }) => hasReview || id.kind !== 'Review'),
      ),
    )
      .filter(({ code }) => code === CODE)
      .map(({ place }) => place.file);
  expect(found(false)).toEqual(['acme Wallet/main/spec/whenExhausted']);
  expect(found(true)).toEqual([]);
});
