import { isName, type ObjectId, type OrgSlug, orgSlug, type RepoPath, repoPath, sha256Hex } from '../model/index.ts';
import type { KindDescriptor } from './descriptor.ts';
import { descriptorOf, descriptors } from './descriptors.ts';

/** What a path of the repository means, from the path alone. */
export type PathMeaning =
  /** The manifest of the object `id`. */
  | { readonly type: 'manifest'; readonly org: OrgSlug | null; readonly id: ObjectId }
  /** A hand-written manifest under custom/; which object it is, only the content says. */
  | { readonly type: 'custom'; readonly org: OrgSlug }
  /** A body of the template `template` (name@version). */
  | { readonly type: 'template-body'; readonly template: string; readonly file: string };

const VERSION = /^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$/;
const YAML_FILE = /^[a-z0-9]([a-z0-9._-]{0,120}[a-z0-9])?\.yaml$/;

/**
 * The one path of an object. `org` counts for kinds of an org only; a singleton ignores the id's name.
 * Throws RangeError when the id cannot have a path: no org, a name that is none, an environment too many or too few.
 */
export function pathOf(org: OrgSlug | null, id: ObjectId): RepoPath {
  const descriptor = descriptorOf(id.kind);
  const path = repoPath(prefixOf(descriptor, org) + tailOf(descriptor, id));
  if (path === undefined) throw new RangeError(`${id.kind} has no path`);
  return path;
}

function prefixOf(descriptor: KindDescriptor, org: OrgSlug | null): string {
  if (descriptor.scope === 'repository') return '';
  if (org === null || orgSlug(org) === undefined) throw new RangeError(`${descriptor.kind} has no path without an org`);
  return `orgs/${org}/`;
}

function tailOf(descriptor: KindDescriptor, id: ObjectId): string {
  if ((id.environment !== null) !== (descriptor.environments === 'required')) {
    throw new RangeError(`${id.kind}: environment ${descriptor.environments}, found ${id.environment ?? 'none'}`);
  }
  const { layout } = descriptor;
  switch (layout.type) {
    case 'single':
      return layout.file;
    case 'named': {
      if (!fits(layout.names, id.name)) throw new RangeError(`${id.kind}: the name is not one`);
      if (id.environment === null) return `${layout.folder}/${id.name}.yaml`;
      if (!isName(id.environment)) throw new RangeError(`${id.kind}: the environment is not a name`);
      return `${layout.folder}/${id.environment}/${id.name}.yaml`;
    }
    case 'versioned': {
      const [name = '', version = '', ...rest] = id.name.split('@');
      if (rest.length > 0 || !isName(name) || !VERSION.test(version)) {
        throw new RangeError(`${id.kind}: expected name@version`);
      }
      return `${layout.folder}/${name}/${version}/${layout.file}`;
    }
  }
}

function fits(names: 'name' | 'digest', text: string): boolean {
  return names === 'digest' ? sha256Hex(text) !== undefined : isName(text);
}

/** What a path means, or undefined when no file of a fleet belongs there. The way back from `pathOf`. */
export function idOfPath(path: string): PathMeaning | undefined {
  const steps = path.split('/');
  if (steps[0] !== 'orgs') return repositoryMeaning(steps);
  const org = orgSlug(steps[1] ?? '');
  if (org === undefined) return undefined;
  const inside = steps.slice(2);
  if (inside[0] === 'custom') return isCustom(inside.slice(1)) ? { type: 'custom', org } : undefined;
  const id = findId('org', inside, org);
  return id === undefined ? undefined : { type: 'manifest', org, id };
}

function repositoryMeaning(steps: readonly string[]): PathMeaning | undefined {
  const id = findId('repository', steps, null);
  if (id !== undefined) return { type: 'manifest', org: null, id };
  const [folder, name = '', version = '', file = '', ...rest] = steps;
  const isBody = folder === 'templates' && rest.length === 0 && isName(name) && VERSION.test(version);
  return isBody && YAML_FILE.test(file) ? { type: 'template-body', template: `${name}@${version}`, file } : undefined;
}

function isCustom(steps: readonly string[]): boolean {
  const file = steps.at(-1) ?? '';
  return YAML_FILE.test(file) && steps.slice(0, -1).every(isName);
}

function findId(scope: 'org' | 'repository', steps: readonly string[], org: OrgSlug | null): ObjectId | undefined {
  for (const descriptor of descriptors) {
    if (descriptor.scope !== scope) continue;
    const id = idUnder(descriptor, steps, org);
    if (id !== undefined) return id;
  }
  return undefined;
}

function idUnder(descriptor: KindDescriptor, steps: readonly string[], org: OrgSlug | null): ObjectId | undefined {
  const { layout, kind } = descriptor;
  switch (layout.type) {
    case 'single':
      return steps.length === 1 && steps[0] === layout.file
        ? { kind, environment: null, name: layout.name ?? org ?? '' }
        : undefined;
    case 'named': {
      const withEnvironment = descriptor.environments === 'required';
      if (steps[0] !== layout.folder || steps.length !== (withEnvironment ? 3 : 2)) return undefined;
      const file = steps.at(-1) ?? '';
      const name = file.endsWith('.yaml') ? file.slice(0, -'.yaml'.length) : '';
      const environment = withEnvironment ? (steps[1] ?? '') : null;
      if (!fits(layout.names, name) || (environment !== null && !isName(environment))) return undefined;
      return { kind, environment, name };
    }
    case 'versioned': {
      const [folder, name = '', version = '', file] = steps;
      if (folder !== layout.folder || steps.length !== 4 || file !== layout.file) return undefined;
      return isName(name) && VERSION.test(version)
        ? { kind, environment: null, name: `${name}@${version}` }
        : undefined;
    }
  }
}
