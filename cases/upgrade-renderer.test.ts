import { afterAll, beforeAll, expect, it } from 'vitest';
import { emit } from '../src/core/kinds/index.ts';
import { fails, type JsonObject, type RenderedOrg } from '../src/core/model/index.ts';
import { type Renderer, type RenderInput, rendererOf } from '../src/core/render/index.ts';
import { check, diff, render } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { createFleet, START_MS, type TestFleet } from './fleet.testkit.ts';

// How a renderer is replaced (docs/templates.md, renderVersion): the new one lands beside the old one, which changes no
// byte; then fleet.yaml names it and the generated files are made again. Both steps are green, and nothing between is.

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await createFleet();
});
afterAll(() => fleet.destroy());

const first = rendererOf(1);

/** A renderer that gives other bytes: each team says which renderer made it. */
const second: Renderer | undefined = first && {
  ...first,
  version: 2,
  renderOrg(input: RenderInput) {
    const result = first.renderOrg(input);
    return result.ok ? { ...result, value: labelled(result.value) } : result;
  },
};

function labelled(desired: RenderedOrg): RenderedOrg {
  const objects = desired.objects.map((object) => {
    if (object.id.kind !== 'Team') return object;
    const metadata = { ...(object.document['metadata'] as JsonObject), labels: { renderer: 'second' } };
    const document = { ...object.document, metadata };
    return { ...object, document, text: emit(document) };
  });
  return { ...desired, objects };
}

const both = (version: number): Renderer | undefined => (version === 2 ? second : rendererOf(version));

async function failing(renderers = both): Promise<readonly string[]> {
  const { repository } = await wireRepository(fleet.dir);
  const clock = { nowMs: () => START_MS };
  const parts = {
    repository,
    hash: nodeHash,
    zoneOffset: nodeZoneOffset,
    clock,
    cache: null,
    threads: null,
    renderers,
  };
  const report = await check(parts, { tree: repository.workTree(), touched: null, orgs: null });
  return [...new Set(report.findings.filter(fails).map(({ code }) => code))];
}

it('lands a renderer beside the old one, then moves renderVersion, each step green', async () => {
  const before = fleet.head();
  expect(await failing(rendererOf)).toEqual([]);
  expect(await failing(both)).toEqual([]);

  fleet.edit('fleet.yaml', 'renderVersion: 1', 'renderVersion: 2');
  expect(await failing(rendererOf)).toEqual(['FLEET_RENDERER']);
  expect(await failing(both)).toEqual(['GENERATED_STALE']);

  const { repository, write } = await wireRepository(fleet.dir);
  const report = await render(nodeHash, { tree: repository.workTree(), orgs: null, write, renderers: both });
  expect(report.written.map((path) => path.split('/').slice(0, 3).join('/'))).toContain('orgs/alder/teams');
  expect(report.written.every((path) => path.split('/')[2] === 'teams')).toBe(true);
  const after = fleet.commit('renderer 2');
  expect(await failing(both)).toEqual([]);
  expect(fleet.read('orgs/alder/teams/desk.yaml')).toContain('renderer: second');
  // A program without the new renderer reads neither side wrongly: it says that it lacks it.
  const blind = await diff(
    { repository: (await wireRepository(fleet.dir)).repository, hash: nodeHash },
    { base: before, head: after },
  );
  expect(blind.findings.map(({ code }) => code)).toContain('FLEET_RENDERER');
});
