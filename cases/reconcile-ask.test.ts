import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALDER, forgetAppliedFleet } from './fleet.testkit.ts';
import { openReviewWorld, type ReviewWorld } from './reviews.testkit.ts';

// What the platform team may ask of a running controller over HTTP: nothing that goes around what an apply asks for.

let world: ReviewWorld;
beforeAll(async () => {
  world = await openReviewWorld([]);
});
afterAll(async () => {
  await world.close();
  await forgetAppliedFleet();
});

it('a hazard that nobody accepted is held, whatever the body says', async () => {
  const before = await world.open.state.store.observe(ALDER);
  world.fleet.edit(`orgs/${ALDER}/org.yaml`, '  displayName:', '  onExpired: keep-serving\n  displayName:');
  await world.fleet.save('keep serving');
  const ask = async (body: object) => {
    const answer = await fetch(`${world.url}/api/v1/fleet/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.plane.localStaff.text}` },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  expect(await ask({})).toMatchObject({
    status: 200,
    body: { ok: false, orgs: [{ org: ALDER, code: 'HAZARD_OPEN' }] },
  });
  // Rows are brought back by `tenantry drift --heal`, to the commit that was applied: to none that is named.
  for (const heal of [true, false])
    expect(await ask({ heal })).toMatchObject({ status: 422, body: { error: { code: 'MALFORMED_BODY' } } });
  expect(await world.open.state.store.observe(ALDER)).toEqual(before);
});
