import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommitId } from '../src/core/model/index.ts';
import { approveChange, judgePull, type PullJudgement } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ANA, CLOVE, createFleet, HOUR_MS, OTTO, START_MS, type TestFleet } from './fleet.testkit.ts';

// Hazards of a pull request and the Approvals of its head and base, by the rule that apply follows.

let fleet: TestFleet;
let from: CommitId;

beforeEach(async () => {
  fleet = await createFleet();
  from = fleet.head();
  fleet.git('checkout', '-q', '-b', 'topic');
  fleet.remove(`orgs/${CLOVE}`);
  await fleet.save('offboard', ANA);
});
afterEach(() => fleet.destroy());

async function judge(base = from): Promise<PullJudgement> {
  const { repository } = await wireRepository(fleet.dir);
  const parts = {
    repository,
    hash: nodeHash,
    zoneOffset: nodeZoneOffset,
    clock: { nowMs: () => START_MS },
    threads: null,
  };
  const judged = await judgePull(parts, { base, head: fleet.head() });
  if (judged === undefined) throw new Error('expected a base that the head comes from');
  return judged;
}

/** Writes the Approval of the change as it is now, into the work tree. */
async function approve(expiresMs = START_MS + HOUR_MS): Promise<string> {
  const { repository, write } = await wireRepository(fleet.dir);
  const digest = (await judge()).diff.changeDigest;
  const ask = { digest, base: from, head: fleet.head(), approver: '@msp/otto', reason: 'agreed', expiresMs };
  const written = await approveChange({ repository, hash: nodeHash, clock: { nowMs: () => START_MS }, write }, ask);
  if (!written.ok) throw new Error(written.message);
  return written.value.path;
}

const hazards = ({ diff }: PullJudgement): readonly string[] =>
  diff.orgs.flatMap((item) => item.hazards.map(({ id }) => id));

describe('hazards', () => {
  it('are approved by a file that somebody else brought, and the report says what that is worth', async () => {
    const path = await approve();
    expect((await judge()).diff.accepted).toEqual([]);
    fleet.commit('approve', OTTO);
    const judged = await judge();
    expect(judged.diff.accepted.map(({ id }) => id).sort()).toEqual([...hazards(judged)].sort());
    expect(
      new Set(judged.diff.accepted.map(({ approval, approver }) => [approver, `approvals/${approval}.yaml`].join())),
    ).toEqual(new Set([['@msp/otto', path].join()]));
    expect(judged.notes).toEqual([
      expect.stringContaining('a squash makes it'),
      expect.stringContaining('no signingKeys'),
    ]);
  });

  it('are approved by a file on the base, which no squash touches', async () => {
    const path = await approve();
    const text = fleet.read(path);
    fleet.git('clean', '-qfd');
    fleet.git('checkout', '-q', 'main');
    fleet.write(path, text);
    const base = fleet.commit('approve ahead', OTTO);
    fleet.git('checkout', '-q', 'topic');
    const judged = await judge(base);
    expect(judged.diff.accepted).toHaveLength(hazards(judged).length);
    expect(judged.notes).toEqual([
      expect.stringContaining('The base is ahead'),
      expect.stringContaining('no signingKeys'),
    ]);
  });

  it('stay open where an author of the change wrote the approval, alone or after another', async () => {
    const path = await approve();
    fleet.commit('approve my own', ANA);
    const own = await judge();
    expect(own.diff.accepted).toEqual([]);
    expect(own.notes).toEqual([
      expect.stringMatching(/^approvals\/.* does not count: Ana Author .* is an author of the change\.$/),
    ]);
    fleet.edit(path, 'reason: agreed', 'reason: agreed indeed');
    fleet.commit('touch it', OTTO);
    expect((await judge()).diff.accepted).toEqual([]);
  });

  it('stay open when the change is another one by now, and when the approval has expired', async () => {
    await approve(START_MS);
    fleet.commit('approve', OTTO);
    const late = await judge();
    expect(late.diff.accepted).toEqual([]);
    expect(late.notes).toEqual([expect.stringMatching(/^approvals\/.* has expired\.$/)]);
    fleet.git('revert', '--no-edit', 'HEAD');
    await approve();
    fleet.commit('approve again', OTTO);
    fleet.remove('orgs/birch');
    await fleet.save('and another one', ANA);
    const judged = await judge();
    const open = judged.diff.hazards.map(({ id }) => id);
    expect(judged.diff.accepted.some(({ org }) => org === 'birch')).toBe(false);
    expect(judged.diff.accepted.some(({ id }) => open.includes(id))).toBe(false);
    expect(judged.diff.accepted.some(({ org }) => org === CLOVE)).toBe(true);
  });
});
