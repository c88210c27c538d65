// Makes fleets with one planted fault: written files of an org are edited as a person would, and its manifests rendered.

import { parse } from 'yaml';
import { emit } from '../../src/core/kinds/index.ts';
import type { JsonObject, RepoPath } from '../../src/core/model/index.ts';
import type { OrgIdentity } from './identity.ts';
import type { MemoryFile, MemoryFleet } from './memory.ts';
import { TEMPLATE, writtenFiles } from './org.ts';
import { compileVersion, type FleetFile, renderFiles } from './render.ts';
import { sharedFiles } from './shared.ts';

/** A value that a plant may change: plain data without a type. */
// biome-ignore lint/suspicious/noExplicitAny: faults reach into documents of every shape
export type Draft = any;

/** Edits one org of a fleet: what a person writes, then what is rendered from it. */
export interface OrgDraft {
  readonly org: OrgIdentity;
  /** Changes a written file as data. */
  readonly edit: (path: string, change: (document: Draft) => void) => void;
  /** Adds text at the end of a written file. */
  readonly append: (path: string, text: string) => void;
  /** Adds or replaces a file as text. */
  readonly write: (path: string, file: MemoryFile) => void;
  /** Takes a written file, or every one of a folder, away. */
  readonly remove: (path: string) => void;
  /** Adds a hand-written manifest below custom/, waivers/ or overlays/; gives its path. */
  readonly manifest: (folder: string, kind: string, rest: ManifestRest) => string;
}

export interface ManifestRest {
  readonly name: string;
  readonly environment?: string;
  readonly spec: JsonObject;
}

export interface FleetMaker {
  readonly clean: MemoryFleet;
  /** The clean fleet with some orgs drafted anew. */
  readonly withDrafts: (drafts: readonly OrgIdentity[], plant: (...drafts: OrgDraft[]) => void) => MemoryFleet;
  /** The same fleet where the template has no floor of this path. */
  readonly withoutFloor: (path: string) => FleetMaker;
  /** The clean fleet with one org less. */
  readonly without: (org: OrgIdentity) => MemoryFleet;
  /** The clean fleet with a shared file as another text. */
  readonly withShared: (fleet: MemoryFleet, path: string, change: (text: string) => string) => MemoryFleet;
}

/** Written files that a render reads. */
const READ = /\/(?:org|credentials|(?:overlays|custom|waivers)\/[a-z0-9-]+)\.yaml$/;

const filesOf = (files: readonly FleetFile[]): Map<string, MemoryFile> =>
  new Map(files.map(({ path, text }) => [path, { text }]));

/** Everything that a fleet of these orgs is made with; the clean fleet is rendered once. */
export const fleetMaker = (
  orgs: readonly OrgIdentity[],
  expires: string,
  shared = sharedFiles('127.0.0.1:4100'),
): FleetMaker => {
  const template = compileVersion(shared, TEMPLATE.name, TEMPLATE.version);
  const rendered = (written: ReadonlyMap<string, MemoryFile>): ReadonlyMap<string, MemoryFile> => {
    const readable = [...written].filter(([path, { mode }]) => mode === undefined && READ.test(path));
    const inputs = readable.map(([path, { text }]) => ({ path: path as RepoPath, text }));
    const made = renderFiles(template, inputs).objects.filter(({ origin }) => origin === 'generated');
    return new Map([...written, ...filesOf(made)]);
  };
  const clean: MemoryFleet = {
    shared: filesOf(shared),
    orgs: new Map(orgs.map((org) => [org.slug, rendered(filesOf(writtenFiles(org, expires)))])),
  };
  return {
    clean,
    withShared: (fleet, path, change) => {
      const before = fleet.shared.get(path)?.text ?? '';
      const after = change(before);
      if (after === before) throw new Error(`Expected ${path} to change.`);
      return { ...fleet, shared: new Map(fleet.shared).set(path, { text: after }) };
    },
    withoutFloor: (path) => {
      const isFloor = (line: string): boolean => line.includes(`path: ${path},`);
      const without = (text: string): string =>
        text
          .split('\n')
          .filter((line) => !isFloor(line))
          .join('\n');
      return fleetMaker(
        orgs,
        expires,
        shared.map((file) => (file.path.endsWith('/template.yaml') ? { ...file, text: without(file.text) } : file)),
      );
    },
    without: (gone) => ({ ...clean, orgs: new Map([...clean.orgs].filter(([slug]) => slug !== gone.slug)) }),
    withDrafts: (drafted, plant) => {
      const drafts = drafted.map((org) => ({ org, files: filesOf(writtenFiles(org, expires)) }));
      plant(...drafts.map(({ org, files }) => draftOf(org, files)));
      const changed = drafts.map(({ org, files }) => [org.slug, rendered(files)] as const);
      return { ...clean, orgs: new Map([...clean.orgs, ...changed]) };
    },
  };
};

const draftOf = (org: OrgIdentity, files: Map<string, MemoryFile>): OrgDraft => {
  const full = (path: string): string => `orgs/${org.slug}/${path}`;
  return {
    org,
    edit: (path, change) => {
      const document = parse(files.get(full(path))?.text ?? '');
      change(document);
      files.set(full(path), { text: emit(document) });
    },
    append: (path, text) => {
      files.set(full(path), { text: `${files.get(full(path))?.text ?? ''}${text}` });
    },
    write: (path, file) => {
      files.set(full(path), file);
    },
    remove: (gone) => {
      for (const path of [...files.keys()])
        if (path === full(gone) || path.startsWith(full(`${gone}/`))) files.delete(path);
    },
    manifest: (folder, kind, { name, environment, spec }) => {
      const metadata = { org: org.slug, name, ...(environment === undefined ? {} : { environment }) };
      const path = full(`${folder}/${name}.yaml`);
      files.set(path, { text: emit({ apiVersion: 'tenantry/v1', kind, metadata, spec }) });
      return path;
    },
  };
};
