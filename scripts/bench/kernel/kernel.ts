// What a full verification must do with the inputs of orgs, without a cache: parse, render, validate, emit and hash them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OrgSlug, ofKind, type RepoPath } from '../../../src/core/model/index.ts';
import { fleetFactsOf, fleetSettings, type OrgContext, validateOrg } from '../../../src/core/validate/index.ts';
import { type PackedFacts, packed } from '../../../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../../../src/host/index.ts';
import { compileVersion, type FleetFile, parsed, renderFiles, TEMPLATE } from '../../fleet/index.ts';

const NOW_MS = Date.UTC(2026, 11, 1);

/** Orgs of a fleet, by the paths of their written files below a folder. */
export interface KernelAsk {
  readonly dir: string;
  readonly shared: readonly FleetFile[];
  readonly orgs: readonly (readonly RepoPath[])[];
}

export interface KernelAnswer {
  readonly facts: readonly (readonly [OrgSlug, PackedFacts])[];
  readonly orgs: number;
  readonly documentsParsed: number;
  readonly objects: number;
  readonly findings: number;
}

export const runKernel = ({ dir, shared, orgs }: KernelAsk): KernelAnswer => {
  const template = compileVersion(shared, TEMPLATE.name, TEMPLATE.version);
  const ours = parsed(shared.filter(({ path }) => path === 'fleet.yaml' || path.startsWith('prices/')));
  const fleet = fleetSettings(
    ofKind(ours, 'Fleet')[0]?.document ?? null,
    ofKind(ours, 'PriceBook')[0]?.document.spec ?? 'none',
  );
  const otherOrgs = { slugs: new Set<string>(), uids: new Set<string>() };
  const facts: [OrgSlug, PackedFacts][] = [];
  const done = { orgs: 0, documentsParsed: 0, objects: 0, findings: 0 };
  for (const paths of orgs) {
    const read = paths.map((path) => ({ path, text: readFileSync(join(dir, path), 'utf8') }));
    const { org, uid, objects } = renderFiles(template, read);
    const context: OrgContext = { org, uid, objects, otherOrgs, fleet, nowMs: NOW_MS, zoneOffset: nodeZoneOffset };
    done.findings += validateOrg(context).length;
    facts.push([org, packed(fleetFactsOf(context))]);
    for (const { text } of objects) nodeHash.gitBlobId(text);
    done.orgs += 1;
    done.documentsParsed += read.length;
    done.objects += objects.length;
  }
  return { facts, ...done };
};
