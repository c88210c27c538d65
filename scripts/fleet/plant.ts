// Plants faults one after the other in a clean fleet, checks the whole fleet each time, and says what was not as it must be.

import { type Finding, fails, type OrgSlug } from '../../src/core/model/index.ts';
import { type CheckCache, check, type KeptOrg, type PackedFacts } from '../../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../../src/host/index.ts';
import type { Repository } from '../../src/ports/index.ts';
import { type ChangeFault, changes, type Fault, faults, type Planted } from './faults/index.ts';
import { type FleetMaker, fleetMaker } from './faulty.ts';
import { fleetOrgs } from './generate.ts';
import type { OrgIdentity } from './identity.ts';
import { type MemoryFleet, memoryTree } from './memory.ts';

const NOW = '2026-12-01T00:00:00Z';
const EXPIRES = '2027-06-30T00:00:00Z';

/** What came of one fault. */
export interface PlantResult {
  readonly code: string;
  readonly org: OrgSlug;
  /** What is wrong; empty when it was found where it stands, and nothing else critical. */
  readonly complaints: readonly string[];
}

export interface PlantOptions {
  readonly orgs: number;
  readonly seed: number;
  /** From 0 to 1, from the seed. */
  readonly draw: () => number;
}

/** Checks fleets of one maker; an org that is the same as before is answered from memory, as on a developer's machine. */
const checker = () => {
  const known = new Map<string, readonly [KeptOrg, PackedFacts]>();
  const cache: CheckCache = {
    get: (key) => known.get(key)?.[0],
    facts: (key) => known.get(key)?.[1],
    put: (key, ...answer) => known.set(key, answer),
  };
  // The check of a tree asks its repository only for its history, and a fleet in memory has none.
  const repository = { head: async () => undefined } as Partial<Repository> as Repository;
  const clock = { nowMs: () => Date.parse(NOW) };
  return (fleet: MemoryFleet, base?: MemoryFleet) =>
    check(
      { repository, hash: nodeHash, zoneOffset: nodeZoneOffset, clock, cache, threads: null },
      {
        tree: memoryTree(fleet),
        touched: new Set(),
        orgs: null,
        ...(base === undefined ? {} : { base: memoryTree(base) }),
      },
    );
};

/** Every fault, each in the clean fleet; first the clean fleet itself, under the code CLEAN. */
export async function* plantAll(options: PlantOptions): AsyncGenerator<PlantResult> {
  const orgs = fleetOrgs(options);
  const maker = fleetMaker(orgs, EXPIRES);
  const checked = checker();
  const clean = await checked(maker.clean);
  const complaints = clean.findings.filter(fails).map(shown);
  yield { code: 'CLEAN', org: orgs[0]?.slug as OrgSlug, complaints };
  for (const fault of faults) {
    const { fleet, planted, own } = plantOne(maker, orgs, { fault, draw: options.draw });
    const { findings } = await checked(fleet);
    yield { code: fault.code, org: own.slug, complaints: complaintsOf(fault, findings, placesOf(fleet, planted)) };
  }
  for (const fault of changes) {
    const { fleet, planted, own } = changeOne(maker, orgs, { fault, draw: options.draw });
    const { findings } = await checked(fleet, maker.clean);
    // What is gone is named at the beginning of its file.
    const places = planted.holds === '' ? new Set([`${planted.file}:1`]) : placesOf(fleet, planted);
    yield { code: fault.code, org: own.slug, complaints: complaintsOf(fault, findings, places) };
  }
}

/** Two orgs, and a way to choose among things. */
const drawn = (orgs: readonly OrgIdentity[], draw: () => number) => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(draw() * items.length)] as T;
  const own = pick(orgs);
  return { pick, own, other: pick(orgs.filter((org) => org !== own)) };
};

const changeOne = (
  maker: FleetMaker,
  orgs: readonly OrgIdentity[],
  { fault, draw }: { readonly fault: ChangeFault; readonly draw: () => number },
) => {
  const { pick, own, other } = drawn(orgs, draw);
  return { own, ...fault.make({ maker, own, other, pick }) };
};

const plantOne = (
  maker: FleetMaker,
  orgs: readonly OrgIdentity[],
  { fault, draw }: { readonly fault: Fault; readonly draw: () => number },
): { readonly fleet: MemoryFleet; readonly planted: Planted; readonly own: OrgIdentity } => {
  const { pick, own, other } = drawn(orgs, draw);
  let planted: Planted = { file: '', holds: '' };
  const fleet = maker.withDrafts([own, other], (ownDraft, otherDraft) => {
    if (ownDraft !== undefined && otherDraft !== undefined)
      planted = fault.plant({ own: ownDraft, other: otherDraft, pick });
  });
  const { shared } = fault;
  if (shared === undefined) return { fleet, planted, own };
  const { file } = shared;
  const before = maker.clean.shared.get(file)?.text ?? '';
  const text = shared.edit(own, before);
  const holds = text.split('\n').findLast((line) => line !== '' && !before.includes(line)) ?? '';
  const changed = maker.withShared(fleet, file, () => text);
  return { fleet: changed, planted: planted.file === '' ? { file, holds } : planted, own };
};

/** The lines of the file that hold what was planted. */
const placesOf = (fleet: MemoryFleet, { file, holds }: Planted): ReadonlySet<string> => {
  const text =
    (fleet.orgs.get(file.split('/')[1] ?? '') ?? fleet.shared).get(file)?.text ?? fleet.shared.get(file)?.text;
  if (text === undefined) throw new Error(`Expected ${file} in the fleet.`);
  const lines = text.split('\n').flatMap((line, index) => (line.includes(holds) ? [`${file}:${index + 1}`] : []));
  if (lines.length === 0) throw new Error(`Expected ${holds} in ${file}.`);
  return new Set(lines);
};

const complaintsOf = (
  fault: Pick<Fault, 'code' | 'also'>,
  findings: readonly Finding[],
  places: ReadonlySet<string>,
): readonly string[] => {
  const own = findings.filter(({ code }) => code === fault.code);
  const isThere = own.some(({ place }) => places.has(`${place.file}:${place.line}`));
  const expected = new Set<string>([fault.code, ...(fault.also ?? [])]);
  const others = findings.filter(({ code, severity }) => severity === 'critical' && !expected.has(code));
  return [
    ...(isThere
      ? []
      : [`expected ${fault.code} at ${[...places].join(' or ')}, found ${own.map(shown).join('; ') || 'none'}`]),
    ...others.map((item) => `another critical finding: ${shown(item)}`),
  ];
};

const shown = ({ code, place, message }: Finding): string => `${code} ${place.file}:${place.line} ${message}`;
