import { expect, test } from 'vitest';
import { byCodeUnit, type ObjectKey, type Place } from '../model/index.ts';
import { renderOrg, traceOrg } from './index.ts';
import { compiled, mustBe, organization, overlay, renderInput } from './render.testkit.ts';

const BODY = `manifests:
  - $each: inputs.people
    $as: person
    kind: Team
    metadata: { name: '{{person.name}}' }
    spec:
      displayName: '{{inputs.title}}, {{person.name}}'
      leads: ['{{default person.lead "none@x.example"}}']
      members: '{{person.members}}'
      delegation: { mayManageTokens: '{{inputs.open}}', mayAdjustWallets: false }
`;
const template = mustBe(compiled({ bodies: { 'teams.yaml': BODY } }));
const org = organization({
  title: 'Team',
  people: [{ name: 'a' }, { name: 'b', members: ['z@x.example', 'm@x.example'] }],
});
const input = renderInput(template, {
  organization: org,
  overlays: [
    overlay('o', { kind: 'Team', name: 'b' }, [
      { op: 'replace', path: '/spec/displayName', was: 'Team, b', value: 'B' },
      { op: 'add', path: '/spec/members/n@x.example', value: true },
    ]),
  ],
});
const trace = mustBe(traceOrg(input));
const at = (key: string, pointer: string) => trace.at(key as ObjectKey, pointer);
const line = (number: number): Partial<Place> => ({ file: 'templates/t/1.0.0/teams.yaml' as never, line: number });

test('tracing gives the same bytes', () => {
  const plain = mustBe(renderOrg(input));
  expect(trace.desired).toEqual(plain);
});

test('a leaf names its template line and the lines of org.yaml that were read', () => {
  expect(at('Team/a', '/spec/displayName')).toMatchObject({
    template: line(7),
    inputs: [org.placeOf('/spec/inputs/title'), org.placeOf('/spec/inputs/people/0/name')],
    overlay: null,
  });
  expect(at('Team/b', '/metadata/name')).toMatchObject({ inputs: [org.placeOf('/spec/inputs/people/1/name')] });
  expect(at('Team/b', '/spec/delegation/mayAdjustWallets')).toMatchObject({ template: line(10), inputs: [] });
});

test('an item of a list from the inputs names its own line, in keyed form and by index', () => {
  const place = org.placeOf('/spec/inputs/people/1/members/0');
  expect(at('Team/b', '/spec/members/z@x.example')).toMatchObject({ template: line(9), inputs: [place] });
  const plain = mustBe(traceOrg({ ...input, overlays: [] }));
  expect(plain.at('Team/b' as ObjectKey, '/spec/members/0')?.inputs).toEqual([place]);
});

test('a default names its line in template.yaml', () => {
  const [place] = at('Team/a', '/spec/delegation/mayManageTokens')?.inputs ?? [];
  expect(place).toMatchObject({ file: 'templates/t/1.0.0/template.yaml' });
  expect(place).toEqual(template.placeOf('/spec/inputs/properties/open/default'));
});

test('an overlay is named on what it set, and only there', () => {
  expect(at('Team/b', '/spec/displayName')).toMatchObject({
    template: line(7),
    overlay: { file: 'orgs/acme/overlays/o.yaml' },
  });
  expect(at('Team/b', '/spec/members/n@x.example')).toMatchObject({ overlay: { file: 'orgs/acme/overlays/o.yaml' } });
  expect(at('Team/b', '/spec/members/z@x.example')).toMatchObject({ overlay: null });
  expect(at('Team/a', '/spec/displayName')).toMatchObject({ overlay: null });
});

test('what the renderer writes, and what a person wrote, have a place too', () => {
  expect(at('Team/a', '/metadata/org')).toMatchObject({ template: line(2), inputs: [org.placeOf('/metadata/org')] });
  expect(at('Organization/acme', '/spec/displayName')).toEqual({
    template: null,
    inputs: [],
    sources: [],
    overlay: null,
    written: org.placeOf('/spec/displayName'),
  });
  expect(at('Team/none', '/spec')).toBeUndefined();
});

test('every leaf of a generated object has a template line', () => {
  const leaves = trace.leaves('Team/b' as ObjectKey) ?? new Map();
  expect([...leaves.keys()].sort(byCodeUnit)).toEqual([
    '/apiVersion',
    '/kind',
    '/metadata/name',
    '/metadata/org',
    '/spec/delegation/mayAdjustWallets',
    '/spec/delegation/mayManageTokens',
    '/spec/displayName',
    '/spec/leads/none@x.example',
    '/spec/members/m@x.example',
    '/spec/members/n@x.example',
    '/spec/members/z@x.example',
  ]);
  expect([...leaves.values()].every((leaf) => leaf.template !== null)).toBe(true);
});

const LISTS = `manifests:
  - kind: Policy
    metadata: { environment: production, name: p }
    spec:
      document:
        pack: { name: p, version: 1.0.0, enabled: true }
        policies: { chain: [prompt-injection, dlp-filter] }
        policy:
          dlp-filter:
            detect_patterns: ['AKIA[0-9]{16}', '{{inputs.title}}', 'sk-[a-z]{20}']
            action: block
        providers: { targets: [] }
`;

test('items behind one that an overlay took out keep their lines; the list, what was added and what is gone name the patch', () => {
  const own = organization({ title: 'ACO-[0-9]{7}' });
  const list = '/spec/document/policy/dlp-filter/detect_patterns';
  const action = '/spec/document/policy/dlp-filter/action';
  const changes = overlay('o', { kind: 'Policy', environment: 'production', name: 'p' }, [
    { op: 'remove', path: `${list}/0`, was: 'AKIA[0-9]{16}' },
    { op: 'add', path: `${list}/-`, value: 'NEW[0-9]{5}' },
    { op: 'remove', path: action, was: 'block' },
  ]);
  const bodies = { 'policies.yaml': LISTS };
  const traced = mustBe(
    traceOrg(renderInput(mustBe(compiled({ bodies })), { organization: own, overlays: [changes] })),
  );
  const where = (pointer: string) => {
    const found = traced.at('Policy/production/p' as ObjectKey, pointer);
    return { inputs: found?.inputs, overlay: found?.overlay ?? null };
  };
  const patch = (index: number) => changes.placeOf(`/spec/patches/${index}`);
  expect(where(`${list}/0`)).toEqual({ inputs: [own.placeOf('/spec/inputs/title')], overlay: null });
  expect(where(`${list}/1`)).toEqual({ inputs: [], overlay: null });
  expect(where(`${list}/2`).overlay).toEqual(patch(1));
  expect(where(list).overlay).toEqual(patch(1));
  expect(where(action).overlay).toEqual(patch(2));
  expect(where('/spec/document/policies/chain').overlay).toBeNull();
});

test('what gives a value comes before what decides which it is', () => {
  const body = `manifests:
  - $each: inputs.people
    $as: person
    kind: Team
    metadata: { name: '{{person.name}}' }
    spec:
      displayName: '{{#if person.lead}}{{person.lead}}{{else}}{{inputs.title}}{{/if}}'
      leads: ['{{default person.lead inputs.title}}']
      members: []
`;
  const own = organization({ title: 't@x.example', people: [{ name: 'a' }, { name: 'b', lead: 'l@x.example' }] });
  const traced = mustBe(
    traceOrg(renderInput(mustBe(compiled({ bodies: { 'teams.yaml': body } })), { organization: own })),
  );
  const inputs = (key: string, pointer: string) => traced.at(key as ObjectKey, pointer)?.inputs;
  const place = (pointer: string) => own.placeOf(`/spec/inputs/${pointer}`);
  expect(inputs('Team/a', '/spec/displayName')).toEqual([place('title'), place('people/0/lead')]);
  expect(inputs('Team/b', '/spec/displayName')).toEqual([place('people/1/lead')]);
  expect(inputs('Team/a', '/spec/leads/t@x.example')).toEqual([place('title'), place('people/0/lead')]);
  expect(inputs('Team/b', '/spec/leads/l@x.example')).toEqual([place('people/1/lead')]);
});
