import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emit } from '../kinds/index.ts';
import {
  contentDigestOf,
  digested,
  isJsonObject,
  type Json,
  type JsonObject,
  objectKey,
  type RenderedObject,
  unseenIn,
  valueAt,
} from '../model/index.ts';
import { readYaml } from '../parse/index.ts';
import { type RenderInput, rendererOf, renderOrg, renderVersions } from './index.ts';
import {
  compiled,
  leafTemplate,
  manifest,
  mustBe,
  organization,
  renderInput,
  type TemplateFiles,
  testHash,
} from './render.testkit.ts';

const render = (input: RenderInput) => renderOrg(input);

function objects(files: TemplateFiles, inputs: JsonObject, rest: Partial<RenderInput> = {}): readonly RenderedObject[] {
  const template = mustBe(compiled(files));
  return mustBe(render(renderInput(template, { organization: organization(inputs), ...rest }))).objects;
}

const spec = (list: readonly RenderedObject[], key: string): Json | undefined =>
  list.find((object) => objectKey(object.id) === key)?.document['spec'];

const team = (fields: string): TemplateFiles => ({
  bodies: { 'teams.yaml': `manifests:\n  - kind: Team\n    metadata: { name: a }\n    spec:\n${fields}` },
});

/** The displayName that a leaf renders to. */
const text = (leaf: string, inputs: JsonObject): Json | undefined => {
  const [object] = objects(leafTemplate(leaf), inputs).filter((item) => item.id.kind === 'Team');
  return valueAt(object?.document ?? null, '/spec/displayName');
};

test.each([
  ['{{inputs.title}}{{org.slug}}', { title: 'x' }, 'xacme'],
  ['{{inputs.size}}{{inputs.size}}', { title: 'x', size: 1 }, '11'],
  ['{{inputs.size}}-{{inputs.open}}', { title: 'x', size: 0 }, '0-false'],
  ['{{join org.domains ", "}}', { title: 'x' }, 'acme.example, acme.test.example'],
  ['{{default inputs.note "none"}}', { title: 'x' }, 'none'],
  ['{{default inputs.note "none"}}!', { title: 'x', note: '' }, '!'],
  ['{{default inputs.note inputs.title}}!', { title: 'x' }, 'x!'],
  ['a{{#if inputs.open}}b{{/if}}c', { title: 'x' }, 'ac'],
  ['a{{#if inputs.open}}b{{/if}}c', { title: 'x', open: true }, 'abc'],
  ['{{#unless inputs.open}}closed{{/unless}}', { title: 'x' }, 'closed'],
  ['{{#if inputs.note}}[{{inputs.note}}]{{else}}none{{/if}}', { title: 'x', note: '' }, '[]'],
  ['{{#if inputs.share}}[{{inputs.share}}]{{else}}none{{/if}}', { title: 'x', share: 0 }, '[0]'],
  [
    '{{#if inputs.note}}{{inputs.note}}{{else if inputs.share}}{{inputs.share}}{{else}}-{{/if}}',
    { title: 'x', share: 2 },
    '2',
  ],
  ['\\{{inputs.title}} {{inputs.title}}', { title: 'x' }, '{{inputs.title}} x'],
  ['  {{inputs.title}} \n', { title: 'x' }, '  x \n'],
])('the leaf %s with %j is %j', (leaf, inputs, expected) => {
  expect(text(leaf, inputs)).toBe(expected);
});

test('a lone path keeps its type, text does not', () => {
  const files: TemplateFiles = {
    bodies: {
      'policies.yaml': `manifests:
  - kind: Policy
    metadata: { name: p, environment: production }
    spec:
      document: { size: '{{inputs.size}}', text: '{{inputs.size}} ', open: '{{inputs.open}}', names: '{{inputs.names}}', labels: '{{inputs.labels}}' }`,
    },
  };
  const made = objects(files, { title: 'x', names: ['b', 'a'], labels: { k: 'v' } });
  const expected = { size: 3, text: '3 ', open: false, names: ['b', 'a'], labels: { k: 'v' } };
  expect(spec(made, 'Policy/production/p')).toEqual({ document: expected });
});

const PEOPLE = `manifests:
  - $each: inputs.people
    $as: person
    $if: person.lead
    kind: Team
    metadata: { name: '{{person.name}}' }
    spec:
      displayName: '{{person.name}} of {{inputs.title}}'
      leads: ['{{person.lead}}']
      members:
        - $each: inputs.people
          $as: other
          $items:
            - { $each: other.members, $as: member, $distinct: true, $value: '{{member}}' }
`;

test('items are repeated, left out, spliced and made distinct', () => {
  const inputs = {
    title: 'x',
    people: [
      { name: 'a', lead: 'a@x.example', members: ['m@x.example'] },
      { name: 'b', members: ['m@x.example', 'n@x.example'] },
    ],
  };
  const made = objects({ bodies: { 'teams.yaml': PEOPLE } }, inputs).filter((item) => item.id.kind === 'Team');
  expect(made.map((item) => item.document['spec'])).toEqual([
    { displayName: 'a of x', leads: ['a@x.example'], members: ['m@x.example', 'n@x.example'] },
  ]);
});

test.each([
  ['inputs.open', { open: true }, true],
  ['inputs.open', { open: false }, false],
  ['inputs.open', {}, false],
  ['inputs.note', { note: '' }, true],
  ['inputs.share', { share: 0 }, true],
  ['inputs.note', {}, false],
  ['{ not: inputs.note }', {}, true],
  ['{ not: inputs.note }', { note: 'n' }, false],
  ['{ path: inputs.mode, equals: safe }', {}, true],
  ['{ path: inputs.mode, equals: fast }', {}, false],
  ['{ path: inputs.size, equals: 3 }', {}, true],
  ['{ path: inputs.note, equals: n }', { note: 'n' }, true],
  ['{ path: inputs.note, equals: n }', {}, false],
])('$if: %s with %j is %s', (condition, inputs, holds) => {
  const files = team(`      displayName: x
      leads: []
      members: []
      delegation: { $if: ${condition}, mayManageTokens: true, mayAdjustWallets: true }
`);
  const made = spec(objects(files, { title: 'x', ...inputs }), 'Team/a');
  expect(isJsonObject(made) && Object.hasOwn(made, 'delegation')).toBe(holds);
});

const MERGE: TemplateFiles = {
  bodies: {
    'teams.yaml': `manifests:
  - kind: Team
    metadata: { name: a, labels: { tier: gold, $merge: inputs.labels } }
    spec: { displayName: x, leads: [], members: [] }
`,
  },
};

test('$merge adds the keys of a map', () => {
  const [made] = objects(MERGE, { title: 'x', labels: { region: 'eu' } }).filter((item) => item.id.kind === 'Team');
  expect(valueAt(made?.document ?? null, '/metadata/labels')).toEqual({ tier: 'gold', region: 'eu' });
});

test('$merge never replaces a key', () => {
  const org = organization({ title: 'x', labels: { tier: 'lead' } });
  const { findings } = render(renderInput(mustBe(compiled(MERGE)), { organization: org }));
  expect(findings).toMatchObject([{ code: 'MERGE_COLLISION', found: 'tier', place: { file: 'orgs/acme/org.yaml' } }]);
});

test('the renderer writes apiVersion, metadata.org and pack.version', () => {
  const files: TemplateFiles = {
    bodies: {
      'policies.yaml': `manifests:
  - kind: Policy
    metadata: { name: p, environment: production }
    spec: { document: { pack: { name: x } } }`,
    },
  };
  const [made] = objects(files, { title: 'x' }).filter((item) => item.id.kind === 'Policy');
  expect(made).toMatchObject({
    path: 'orgs/acme/policies/production/p.yaml',
    origin: 'generated',
    document: {
      apiVersion: 'tenantry/v1',
      metadata: { org: 'acme' },
      spec: { document: { pack: { name: 'x', version: '1.0.0' } } },
    },
  });
});

test.each([
  ['teams.yaml', '{ kind: Team, metadata: { name: a, org: bravo }, spec: {} }', 'RENDERED_IDENTITY'],
  ['teams.yaml', `{ kind: Team, metadata: { name: '{{inputs.title}}' }, spec: {} }`, 'RENDERED_INVALID'],
  [
    'teams.yaml',
    '{ kind: Team, metadata: { name: a }, spec: { displayName: x, leads: [], members: [], more: 1 } }',
    'RENDERED_INVALID',
  ],
  ['teams.yaml', '{ kind: Team, metadata: { name: a } }', 'RENDERED_INVALID'],
  [
    'policies.yaml',
    '{ kind: Policy, metadata: { name: a, environment: x }, spec: { document: { pack: { version: 9.9.9 } } } }',
    'RENDERED_IDENTITY',
  ],
])('in %s, %s is refused with %s', (file, item, code) => {
  const template = mustBe(compiled({ bodies: { [file]: `manifests:\n  - ${item}` } }));
  const { findings } = render(renderInput(template, { organization: organization({ title: 'Not a name' }) }));
  expect(findings).toMatchObject([{ code, org: 'acme' }]);
});

test('a wrong generated value is reported at the input that it comes from', () => {
  const files = team(`      displayName: x\n      leads: ['{{inputs.title}}']\n      members: []\n`);
  const org = organization({ title: 'no address' });
  const { findings } = render(renderInput(mustBe(compiled(files)), { organization: org }));
  expect(findings).toMatchObject([
    {
      code: 'RENDERED_INVALID',
      object: 'Team/a',
      place: org.placeOf('/spec/inputs/title'),
      related: [{ file: 'templates/t/1.0.0/teams.yaml', line: 6 }],
    },
  ]);
});

test('a value that no YAML text can say is a finding, not a crash', () => {
  const org = organization({ title: 'x', size: 3 });
  const document = { ...org.document, spec: { ...org.spec, inputs: { title: 'lone \ud800 surrogate' } } };
  const broken = { ...org, document, spec: document.spec };
  const { findings } = render(
    renderInput(mustBe(compiled(leafTemplate('{{inputs.title}}'))), { organization: broken }),
  );
  expect(findings).toMatchObject([
    { code: 'RENDERED_INVALID', object: 'Team/a', place: { file: 'orgs/acme/org.yaml' } },
  ]);
});

const SIMPLE = team('      displayName: x\n      leads: []\n      members: []\n');
const written = (name: string, kind = 'Team', org = 'acme'): ReturnType<typeof manifest> =>
  manifest(
    `orgs/${org}/custom/${name}.yaml`,
    emit({
      apiVersion: 'tenantry/v1',
      kind,
      metadata: { org, name },
      spec: { displayName: 'y', leads: [], members: [] },
    }),
  );

test('hand-written manifests stand beside generated ones, and never replace them', () => {
  const template = mustBe(compiled(SIMPLE));
  const both = mustBe(render(renderInput(template, { custom: [written('b')] })));
  expect(both.objects.map((object) => [objectKey(object.id), object.origin, object.path])).toEqual([
    ['Organization/acme', 'written', 'orgs/acme/org.yaml'],
    ['Team/a', 'generated', 'orgs/acme/teams/a.yaml'],
    ['Team/b', 'written', 'orgs/acme/custom/b.yaml'],
  ]);
  const { findings } = render(renderInput(template, { custom: [written('a')] }));
  expect(findings).toMatchObject([
    { code: 'DUPLICATE_OBJECT', object: 'Team/a', place: { file: 'orgs/acme/custom/a.yaml' } },
  ]);
});

test('custom/ is no way around the folders of other kinds, nor into another org', () => {
  const template = mustBe(compiled(SIMPLE));
  const foreign = render(renderInput(template, { custom: [written('b', 'Team', 'bravo')] }));
  expect(foreign.findings).toMatchObject([{ code: 'RENDERED_IDENTITY', expected: 'acme', found: 'bravo' }]);
  const pin = manifest(
    'orgs/acme/pins/hold.yaml',
    emit({
      apiVersion: 'tenantry/v1',
      kind: 'Pin',
      metadata: { org: 'acme', name: 'hold' },
      spec: { generation: 3, reason: 'a test', expires: '2027-01-01T00:00:00Z' },
    }),
  );
  expect(render(renderInput(template, { custom: [pin] })).findings).toMatchObject([{ code: 'CUSTOM_KIND' }]);
  expect(mustBe(render(renderInput(template, { pins: [pin] }))).objects).toHaveLength(3);
});

test('an org is rendered with the template that it is pinned to', () => {
  const org = organization({ title: 'x' }, { template: 't@2.0.0' });
  const { findings } = render(renderInput(mustBe(compiled(SIMPLE)), { organization: org }));
  expect(findings).toMatchObject([{ code: 'TEMPLATE_PIN', expected: 't@2.0.0', found: 't@1.0.0' }]);
});

test('the Organization is desired without its inputs', () => {
  const [made] = objects(SIMPLE, { title: 'x' });
  expect(made?.document['spec']).not.toHaveProperty('inputs');
  expect(made?.text).not.toContain('title');
});

test('an input that changes nothing rendered changes no digest; one that does, changes it', () => {
  const template = mustBe(compiled(leafTemplate('{{inputs.title}}')));
  const whole = (input: RenderInput) => digested(mustBe(render(input)), testHash);
  const digest = (inputs: JsonObject): string =>
    whole(renderInput(template, { organization: organization(inputs) })).contentDigest;
  expect(digest({ title: 'x', note: 'unused' })).toBe(digest({ title: 'x' }));
  expect(digest({ title: 'y' })).not.toBe(digest({ title: 'x' }));
  const desired = whole(renderInput(template));
  expect(desired.contentDigest).toBe(contentDigestOf([...desired.objects].reverse(), testHash));
});

test('renderer 1 is there, others are not', () => {
  expect(renderVersions).toEqual([1]);
  expect(rendererOf(1)?.renderOrg).toBe(renderOrg);
  expect(rendererOf(2)).toBeUndefined();
});

const TEXT = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    'a\nadmin: true',
    '{{org.uid}}',
    '- item',
    'a: b',
    '"',
    "'",
    '# no',
    '&a',
    '*a',
    '!!str x',
    '---',
    '...',
    '{a: 1}',
  ),
);
const mixed = mustBe(compiled(leafTemplate('{{inputs.title}} and {{inputs.title}}')));

test('whatever an input says, it is that text in one field and nothing else', () => {
  fc.assert(
    fc.property(TEXT, (title) => {
      const shown = `${title} and ${title}`;
      // Nothing brings these here: org.yaml with one is refused when it is read.
      fc.pre(title.isWellFormed() && shown.length <= 120 && unseenIn(title) === undefined);
      const { objects: made } = mustBe(render(renderInput(mixed, { organization: withInputs({ title }) })));
      const teamText = made.find((object) => object.id.kind === 'Team')?.text ?? '';
      const read = mustBe(readYaml(teamText, 'orgs/acme/teams/a.yaml' as never)).value;
      expect(read).toEqual({
        apiVersion: 'tenantry/v1',
        kind: 'Team',
        metadata: { org: 'acme', name: 'a' },
        spec: { displayName: shown, leads: [], members: [] },
      });
    }),
    { numRuns: 150 },
  );
});

/** As `organization`, without the reading of YAML in between. */
function withInputs(inputs: JsonObject): ReturnType<typeof organization> {
  const base = organization({ title: 'x' });
  const document = { ...base.document, spec: { ...base.spec, inputs } };
  return { ...base, document, spec: document.spec };
}

test('the order of keys in the inputs does not matter, and rendering twice gives the same bytes', () => {
  const template = mustBe(compiled({ bodies: { 'teams.yaml': PEOPLE } }));
  const people = [{ name: 'a', lead: 'l@x.example', members: ['m@x.example'] }, { name: 'b' }];
  const entries: readonly (readonly [string, Json])[] = [
    ['title', 'x'],
    ['open', true],
    ['labels', { a: '1', b: '2' }],
    ['people', people],
  ];
  const bytes = (inputs: JsonObject): readonly string[] =>
    mustBe(render(renderInput(template, { organization: withInputs(inputs) }))).objects.map((object) => object.text);
  const first = bytes(Object.fromEntries(entries));
  fc.assert(
    fc.property(fc.shuffledSubarray([...entries], { minLength: entries.length }), (shuffled) => {
      expect(bytes(Object.fromEntries(shuffled))).toEqual(first);
    }),
    { numRuns: 30 },
  );
});

test('inherited properties are no inputs', () => {
  const base = organization({ title: 'x' });
  const inputs = Object.assign(Object.create({ note: 'inherited' }) as JsonObject, { title: 'x' });
  const document = { ...base.document, spec: { ...base.spec, inputs } };
  const org = { ...base, document, spec: document.spec };
  const template = mustBe(compiled(leafTemplate('{{default inputs.note "own"}}')));
  const made = mustBe(render(renderInput(template, { organization: org }))).objects;
  expect(valueAt(spec(made, 'Team/a') ?? null, '/displayName')).toBe('own');
});
