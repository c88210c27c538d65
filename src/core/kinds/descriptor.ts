import type { JsonObject, Kind } from '../model/index.ts';

/** Where the file of an object lies: from the repository root for scope `repository`, from orgs/<org>/ for scope `org`. */
export type Layout =
  /** One object in one file; `name` is the object's name in ids, null when that is the org's slug. */
  | { readonly type: 'single'; readonly file: string; readonly name: string | null }
  /** <folder>/<name>.yaml, or <folder>/<environment>/<name>.yaml for kinds with environments. */
  | { readonly type: 'named'; readonly folder: string; readonly names: 'name' | 'digest' }
  /** <folder>/<name>/<version>/<file>; the object's name is <name>@<version>. */
  | { readonly type: 'versioned'; readonly folder: string; readonly file: string };

/** What code knows of one manifest kind. Everything about its fields is in the schema. */
export interface KindDescriptor {
  readonly kind: Kind;
  /** How a sentence calls one of them. */
  readonly noun: string;
  readonly scope: 'org' | 'repository';
  /** `generated` manifests come from a template (or from custom/); `written` ones from a person or a command. */
  readonly origin: 'generated' | 'written';
  readonly environments: 'required' | 'none';
  readonly layout: Layout;
  /** Which deletion is a danger: of one that still holds a balance, or of the last one of its org; null: none as such. */
  readonly protects: 'balance' | 'last' | null;
  readonly schema: JsonObject;
}
