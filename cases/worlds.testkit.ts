import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generateFleet } from '../scripts/fleet/index.ts';
import { emit } from '../src/core/kinds/index.ts';
import type { CommitId, JsonObject } from '../src/core/model/index.ts';
import { pullMarkdown } from '../src/core/report/index.ts';
import { type DiffReport, diff, judgePull } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { fleetAt, START_MS, type TestFleet } from './fleet.testkit.ts';

/** A synthetic fleet of `orgs` orgs (org-00001 …) in one commit. */
export async function generatedFleet(orgs: number): Promise<TestFleet> {
  const dir = mkdtempSync(join(tmpdir(), 'tenantry-world-'));
  rmSync(dir, { recursive: true });
  await generateFleet({ orgs, seed: 1, dir, git: true });
  return fleetAt(dir);
}

/** `org-00007` for 7. */
export const slugOf = (index: number): string => `org-${String(index).padStart(5, '0')}`;

/** Plain data to change in place, as a test edits a document. */
// biome-ignore lint/suspicious/noExplicitAny: a document of unknown shape, edited by tests alone
type Editable = any;

/** Edits a YAML file as data and writes it as the emitter does. */
export function editYaml(fleet: TestFleet, path: string, edit: (document: Editable) => void): void {
  const document: JsonObject = parse(fleet.read(path));
  edit(document);
  fleet.write(path, emit(document));
}

/** The diff of two commits, from git alone. */
export async function diffOf(fleet: TestFleet, base: CommitId, head: CommitId): Promise<DiffReport> {
  const { repository } = await wireRepository(fleet.dir);
  return diff({ repository, hash: nodeHash }, { base, head });
}

/** The comment of a pull request from `base` to the checked out commit, as the jobs of the workflows make it. */
export async function commentOf(fleet: TestFleet, base: CommitId): Promise<string> {
  const { repository } = await wireRepository(fleet.dir);
  const head = fleet.head();
  const clock = { nowMs: () => START_MS };
  const judged = await judgePull(
    { repository, hash: nodeHash, zoneOffset: nodeZoneOffset, clock, threads: null },
    { base, head },
  );
  if (judged === undefined) throw new Error('expected a base that the head comes from');
  const findings = { findings: judged.check.findings, counters: {}, durationMs: 0 };
  const changes = { ...judged.diff, base: 'main', head: 'topic' };
  const body = pullMarkdown(
    { changes, findings, notes: judged.notes },
    { head, whole: 'the artefacts of the run', limitBytes: 65_000 },
  );
  // Commits of a test have the time at which it ran.
  return body.replaceAll(head, '<head>');
}
