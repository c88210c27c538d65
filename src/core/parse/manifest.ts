import { descriptorOf, idOfPath, nearest, type PathMeaning, type ShapeError, validateShape } from '../kinds/index.ts';
import {
  type FindingCode,
  isJsonObject,
  isKind,
  type Json,
  type JsonObject,
  KINDS,
  type Kind,
  type Manifest,
  type Metadata,
  type ObjectId,
  objectKey,
  type RepoPath,
  type Result,
  startOf,
  type YamlFile,
} from '../model/index.ts';
import { type ReadOptions, readYaml } from './read.ts';
import { type Fault, findingOf, type Source, sourceOf } from './source.ts';

export type ManifestOptions = ReadOptions;

const API_VERSION = 'tenantry/v1';

type ManifestPlace = Exclude<PathMeaning, { readonly type: 'template-body' }>;

const CODE_OF = {
  'unknown-field': 'FIELD_UNKNOWN',
  'missing-field': 'FIELD_MISSING',
  'wrong-value': 'FIELD_VALUE',
  'duplicate-item': 'ITEM_DUPLICATE',
} as const satisfies { readonly [cause in ShapeError['cause']]: FindingCode };

/**
 * Reads one manifest: YAML, then apiVersion and kind, then its shape, then whether it is the object that its path says.
 * Never throws; the findings name the org of the path and the object.
 */
export function parseManifest(
  data: Uint8Array | string,
  file: RepoPath,
  options: ManifestOptions = {},
): Result<Manifest> {
  const meaning = idOfPath(file);
  const source = sourceOf(file);
  if (meaning === undefined || meaning.type === 'template-body') return refuse(source, [wrongPlace(file)]);
  const read = readYaml(data, file, options);
  if (!read.ok) return read;
  const kind = kindOf(read.value);
  if (typeof kind !== 'string') return refuse(source, [kind]);
  const found: Source = { ...source, object: source.object ?? claimedKey(kind, read.value.value) };
  const shape = validateShape(kind, read.value.value).map((error) => shapeFault(error, read.value));
  const faults = [...shape, ...pathFaults(kind, meaning, read.value)];
  if (faults.length > 0) return refuse(found, faults);
  return { ok: true, value: manifestOf(meaning, kind, read.value), findings: [] };
}

function refuse(source: Source, faults: readonly Fault[]): Result<Manifest> {
  return { ok: false, findings: faults.map((fault) => findingOf(source, fault)) };
}

function wrongPlace(file: RepoPath): Fault {
  return {
    code: 'PATH_UNKNOWN',
    place: startOf(file),
    message: 'no manifest belongs at this path',
    expected: 'a path such as orgs/<org>/teams/<name>.yaml',
    found: file,
  };
}

function kindOf({ value, placeOf }: YamlFile): Kind | Fault {
  const [version, kind] = [value['apiVersion'], value['kind']];
  if (version !== API_VERSION) {
    return {
      code: 'MANIFEST_VERSION',
      place: placeOf('/apiVersion'),
      message: 'apiVersion is not one that is known',
      expected: API_VERSION,
      found: shown(version),
    };
  }
  if (typeof kind === 'string' && isKind(kind)) return kind;
  const meant = typeof kind === 'string' ? nearest(kind, KINDS) : undefined;
  return {
    code: 'MANIFEST_KIND',
    place: placeOf('/kind'),
    message: 'kind is not one that is known',
    expected: `one of ${KINDS.join(', ')}`,
    found: shown(kind),
    ...(meant === undefined ? {} : { fix: `Did you mean "${meant}"?` }),
  };
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'no such field';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : 'no text';
}

/** The key of the object that the content claims to be, for findings about a file in custom/. */
function claimedKey(kind: Kind, document: JsonObject): Source['object'] {
  const id = claimedId(kind, document);
  return id === undefined ? null : objectKey(id);
}

function claimedId(kind: Kind, { metadata }: JsonObject): ObjectId | undefined {
  if (!isJsonObject(metadata)) return undefined;
  const { name, environment } = metadata;
  if (typeof name !== 'string') return undefined;
  return { kind, environment: typeof environment === 'string' ? environment : null, name };
}

function shapeFault(error: ShapeError, { placeOf }: YamlFile): Fault {
  const { cause, pointer, at, ...words } = error;
  return { code: CODE_OF[cause], place: placeOf(pointer, at), ...words };
}

function pathFaults(kind: Kind, meaning: ManifestPlace, yaml: YamlFile): readonly Fault[] {
  if (meaning.type === 'manifest' && meaning.id.kind !== kind) {
    return [disagreement(yaml, '/kind', meaning.id.kind)];
  }
  if (meaning.type === 'custom' && descriptorOf(kind).origin !== 'generated') {
    const expected = 'a kind that templates generate: Team, Token, Wallet, Policy, Gateway or Review';
    return [disagreement(yaml, '/kind', expected)];
  }
  const { metadata } = yaml.value;
  if (!isJsonObject(metadata)) return [];
  return expectations(meaning)
    .filter(([field, expected]) => typeof metadata[field] === 'string' && metadata[field] !== expected)
    .map(([field, expected]) => disagreement(yaml, `/metadata/${field}`, expected));
}

/** What metadata must say at a path, field by field; fields that are missing or no text are faults of shape. */
function expectations(meaning: ManifestPlace): readonly (readonly [string, string])[] {
  const org: (readonly [string, string])[] = meaning.org === null ? [] : [['org', meaning.org]];
  if (meaning.type === 'custom') return org;
  const { id } = meaning;
  const environment: (readonly [string, string])[] = id.environment === null ? [] : [['environment', id.environment]];
  return [...org, ...environment, ...(id.kind === 'Fleet' ? [] : [['name', id.name] as const])];
}

function disagreement({ value, placeOf }: YamlFile, pointer: string, expected: string): Fault {
  const [, parent = '', field = ''] = pointer.split('/');
  const holder = field === '' ? value : value[parent];
  const found = isJsonObject(holder) ? holder[field === '' ? parent : field] : undefined;
  return {
    code: 'PATH_DISAGREES',
    place: placeOf(pointer),
    message: `${pointer.slice(1).replace('/', '.')} is not what the path says`,
    expected,
    found: shown(found),
  };
}

function manifestOf(meaning: ManifestPlace, kind: Kind, { file, value, placeOf }: YamlFile): Manifest {
  const id = meaning.type === 'manifest' ? meaning.id : claimedId(kind, value);
  const { metadata, spec } = value;
  return {
    id: id ?? { kind, environment: null, name: '' },
    org: meaning.org,
    file,
    // The schema of every kind requires both to be maps, and metadata to be of this shape.
    metadata: metadata as unknown as Metadata,
    spec: spec as JsonObject,
    document: value,
    placeOf,
  };
}
