import { byCodeUnit, type Manifest, type OrgSlug, ofKind, type RepoPath, type Template } from '../core/model/index.ts';
import type { Migrations } from '../core/render/index.ts';
import { type Frame, readManifests } from './frame.ts';

/** What an org is pinned to, from its org.yaml alone: nothing is rendered. */
export interface Pinned {
  readonly org: OrgSlug;
  /** `name@version` */
  readonly template: string;
  readonly labels: { readonly [key: string]: string };
}

export interface Pins {
  /** By slug. */
  readonly pins: readonly Pinned[];
  /** Orgs whose org.yaml cannot be read: nobody knows what they are pinned to. */
  readonly unread: readonly OrgSlug[];
}

/** The pin of every org. */
export async function readPins(frame: Frame): Promise<Pins> {
  const orgs = [...frame.orgTrees.keys()].sort(byCodeUnit);
  if (orgs.length === 0) return { pins: [], unread: [] };
  const { entries } = await frame.reading.tree.list(orgs.map((org) => `orgs/${org}/org.yaml` as RepoPath));
  const { manifests } = await readManifests(frame.reading, entries);
  const pins = ofKind(manifests, 'Organization').map(({ document }) => ({
    org: document.metadata.name as OrgSlug,
    template: document.spec.template,
    labels: document.metadata.labels ?? {},
  }));
  const read = new Set(pins.map(({ org }) => org));
  return { pins, unread: orgs.filter((org) => !read.has(org)) };
}

/**
 * Whether an org is meant by `--orgs`: names (with `*` for any characters) separated by commas are alternatives, terms
 * with `=` are labels that it must have. An empty selector means every org.
 */
export function isSelected(pinned: Pick<Pinned, 'org' | 'labels'>, selector: string): boolean {
  const labels = termsOf(selector).filter((term) => term.includes('='));
  return isNamed(pinned.org, selector) && labels.every((term) => hasLabel(pinned.labels, term));
}

/** Whether a selector means an org as far as its name says. */
export function isNamed(org: OrgSlug, selector: string): boolean {
  const names = namesOf(selector);
  return names.length === 0 || names.some((term) => fitsName(org, term));
}

/** The names and patterns of a selector that no org has. */
export function namesOfNobody(selector: string, orgs: readonly OrgSlug[]): readonly string[] {
  return namesOf(selector).filter((term) => !orgs.some((org) => fitsName(org, term)));
}

function namesOf(selector: string): readonly string[] {
  return termsOf(selector).filter((term) => !term.includes('='));
}

function termsOf(selector: string): readonly string[] {
  return selector
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function hasLabel(labels: Pinned['labels'], term: string): boolean {
  const at = term.indexOf('=');
  const key = term.slice(0, at);
  return Object.hasOwn(labels, key) && labels[key] === term.slice(at + 1);
}

/** Pieces between stars must follow each other; no pattern of a person is compiled. */
function fitsName(org: string, term: string): boolean {
  const [head = '', ...pieces] = term.split('*');
  if (pieces.length === 0) return org === head;
  if (!org.startsWith(head)) return false;
  let at = head.length;
  const tail = pieces.pop() ?? '';
  for (const piece of pieces) {
    const found = org.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return org.length - tail.length >= at && org.endsWith(tail);
}

/**
 * The migrations that lead from one version of a template to another, oldest first: `migrations.from` walked back from the
 * new one. null where the walk ends or goes round before it meets the old one.
 */
export async function migrationsBetween(
  frame: Frame,
  name: string,
  versions: { readonly from: string; readonly to: string },
): Promise<readonly Migrations[] | null> {
  const steps: Migrations[] = [];
  const seen = new Set<string>();
  let version = versions.to;
  while (version !== versions.from) {
    const manifest: Manifest | null = (await frame.template(`${name}@${version}`)).manifest;
    const migrations = (manifest?.spec as unknown as Template['spec'] | undefined)?.migrations;
    if (migrations === undefined || seen.has(version)) return null;
    seen.add(version);
    steps.unshift(migrations);
    version = migrations.from;
  }
  return steps;
}
