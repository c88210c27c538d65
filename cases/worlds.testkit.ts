import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generateFleet } from '../scripts/fleet/index.ts';
import { emit } from '../src/core/kinds/index.ts';
import type { CommitId, JsonObject } from '../src/core/model/index.ts';
import { reportChanges, reportFindings } from '../src/core/report/index.ts';
import { check, type DiffReport, diff } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
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

/** What a pull request from `base` to the checked out commit is told: what must be repaired, then what changes. */
export async function commentOf(fleet: TestFleet, base: CommitId): Promise<string> {
  const { repository } = await wireRepository(fleet.dir);
  const head = fleet.head();
  const clock = { nowMs: () => START_MS };
  const parts = { repository, hash: nodeHash, clock, cache: null, threads: null };
  const checked = await check(parts, { tree: repository.treeAt(head), touched: null, orgs: null });
  const told = await diff({ repository, hash: nodeHash }, { base, head });
  const whole = 'tenantry diff --base main --head topic --all';
  const changes = reportChanges({ ...told, base: 'main', head: 'topic', whole }, 'markdown');
  if (checked.ok) return changes;
  const { findings } = checked;
  return `${reportFindings({ findings, counters: {}, durationMs: 0 }, 'markdown')}\n${changes}`;
}
