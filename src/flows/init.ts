import { descriptors, emit } from '../core/kinds/index.ts';
import type { JsonObject, RepoPath } from '../core/model/index.ts';
import { renderVersions } from '../core/render/index.ts';

export interface InitAsk {
  /** The framework's own files: templates, prices, workflows, package.json. */
  readonly framework: ReadonlyMap<RepoPath, string>;
  readonly name: string;
  /** `@org/team`: who owns everything that no org owns. */
  readonly platform: string;
  /** What npm installs as `tenantry`: a version, an address or a file. */
  readonly install: string;
}

/** The workflows of a fleet; the framework's own tests are not its affair. */
const WORKFLOWS = ['check', 'comment', 'reconcile', 'drift'].map((name) => `.github/workflows/${name}.yml` as RepoPath);
const OWN_COMMAND = 'TENANTRY: scripts/tenantry';
const FLEET_COMMAND = 'TENANTRY: node_modules/.bin/tenantry';
const SCHEMAS = './node_modules/tenantry/src/core/kinds/schemas';

/** Every file that a new fleet begins with, before its first org. Pure: the same input gives the same files. */
export function newFleet(ask: InitAsk): ReadonlyMap<RepoPath, string> {
  const { framework, name, platform, install } = ask;
  const isContent = (path: string): boolean => /^(templates|prices)\//.test(path);
  const content = [...framework].filter(([path]) => isContent(path));
  const workflows = WORKFLOWS.map(
    (path) => [path, (framework.get(path) ?? '').replaceAll(OWN_COMMAND, FLEET_COMMAND)] as const,
  );
  const written: readonly (readonly [string, string])[] = [
    ['fleet.yaml', emit(fleetOf(name, platform))],
    ['.github/CODEOWNERS', '# tenantry: begin\n'],
    ['.gitignore', 'node_modules/\n.tenantry/\n'],
    ['.npmrc', 'ignore-scripts=true\nsave-exact=true\n'],
    ['.vscode/settings.json', `${JSON.stringify(editorSettings(), null, 2)}\n`],
    ['package.json', `${JSON.stringify(packageOf(name, install), null, 2)}\n`],
    ['README.md', readme(name)],
  ];
  return new Map([...content, ...workflows, ...(written as readonly (readonly [RepoPath, string])[])]);
}

function fleetOf(name: string, platform: string): JsonObject {
  return {
    apiVersion: 'tenantry/v1',
    kind: 'Fleet',
    metadata: { name },
    spec: {
      displayName: name,
      renderVersion: Math.max(...renderVersions),
      owners: { platform: [platform] },
      staff: [{ address: 'group:msp-operations', displayName: 'Service operations' }],
      store: { driver: 'sqlite', path: '.tenantry/store.db' },
      publisher: { driver: 'files', path: '.tenantry/published' },
      controlPlane: { listen: '127.0.0.1:4100', url: 'http://127.0.0.1:4100' },
      rings: [
        { name: 'canary', soakMinutes: 60 },
        { name: 'general', soakMinutes: 0 },
      ],
      limits: { changedOrgsPercent: 25, changedOrgsCount: 50, deletedObjectsPercent: 20, deletedObjectsCount: 10 },
      onExpired: 'block',
      prices: 'default',
    },
  };
}

/** Editors with the YAML language server check manifests while they are written. */
function editorSettings(): JsonObject {
  const schemas = descriptors.map(({ kind, layout, scope, environments }) => {
    const top = scope === 'org' ? 'orgs/*/' : '';
    const folder = environments === 'required' ? '*/*.yaml' : '*.yaml';
    const path =
      layout.type === 'single'
        ? layout.file
        : layout.type === 'named'
          ? `${layout.folder}/${folder}`
          : `${layout.folder}/*/*/${layout.file}`;
    return [`${SCHEMAS}/${kind}.schema.json`, [`${top}${path}`]] as const;
  });
  return { 'yaml.schemas': Object.fromEntries(schemas) };
}

function packageOf(name: string, install: string): JsonObject {
  return { name, private: true, description: 'A Tenantry fleet', dependencies: { tenantry: install } };
}

function readme(name: string): string {
  return `# ${name}

AI-governance gateways of many customers, kept in one repository by Tenantry.

| Where | What |
|---|---|
| \`fleet.yaml\` | settings of the fleet, and who owns it |
| \`orgs/<org>/org.yaml\` | what operators edit; the manifests beside it are generated |
| \`templates/\`, \`prices/\` | what orgs are generated from; model prices |
| \`.github/\` | who must review what (generated), and the workflows that check, comment, reconcile and look for drift |

A change: edit \`org.yaml\`, run \`npx --no-install tenantry render --write\`, commit, open a pull request.
`;
}

/** The newest version of a template among files, or undefined. */
export function newestTemplate(framework: ReadonlyMap<RepoPath, string>, name: string): string | undefined {
  const versions = [...framework.keys()].flatMap((path) => {
    const [folder, template, version = '', file] = path.split('/');
    return folder === 'templates' && template === name && file === 'template.yaml' ? [version] : [];
  });
  const numbers = (version: string): readonly number[] => version.split('.').map(Number);
  const newest = versions.sort((a, b) => {
    const [x, y] = [numbers(a), numbers(b)];
    const at = x.findIndex((part, index) => part !== y[index]);
    return at < 0 ? 0 : (x[at] ?? 0) - (y[at] ?? 0);
  });
  const version = newest.at(-1);
  return version === undefined ? undefined : `${name}@${version}`;
}
