import { byCodeUnit, type Finding, finding, type OrgSlug, type RepoPath, startOf } from '../../model/index.ts';
import { type OwnerLine, openOwnerFile, readOwnerFile } from '../owner-rules.ts';

/** The owner file that the forge reads, and what it should amount to (isolation catalogue I-49). */
export interface OwnerFacts {
  /** null: there is none, although the repository has files for a forge. */
  readonly file: { readonly path: RepoPath; readonly text: string } | null;
  readonly platform: readonly string[];
  /** Orgs whose org.yaml could be read, with their owners. */
  readonly orgs: ReadonlyMap<OrgSlug, readonly string[]>;
  /** Every file below orgs/. */
  readonly paths: readonly RepoPath[];
}

/** The forge ignores a larger one. */
const MOST_BYTES = 3 * 1024 * 1024;
const NEW = 'a-new-file.yaml';
/** Folders whose files accept exceptions: the platform team's alone (rulings 29). */
const ALONE: ReadonlySet<string> = new Set(['waivers', 'pins']);
const OUTSIDE = [
  'fleet.yaml',
  NEW,
  `a-new-folder/${NEW}`,
  'templates/a/1.0.0/template.yaml',
  `approvals/${NEW}`,
  `prices/${NEW}`,
  `.github/workflows/${NEW}`,
  `orgs/${NEW}`,
];

/** Who decides about each file, and about one that is not there yet in each folder. */
export function ownerFindings(facts: OwnerFacts): readonly Finding[] {
  const { file } = facts;
  if (file === null) return [missing()];
  if (file.text.length > MOST_BYTES) return [tooLarge(file.path)];
  const read = readOwnerFile(file.text);
  const decides = openOwnerFile(read);
  return [
    ...read.unreadable.map((line) => unreadable(file.path, line)),
    ...outsideFindings(facts, file.path, decides),
    ...orgFindings(facts, file.path, decides),
  ];
}

type Decides = (path: string) => OwnerLine | undefined;

function outsideFindings(facts: OwnerFacts, file: RepoPath, decides: Decides): readonly Finding[] {
  const wanted = lower(facts.platform);
  const wrong = [...OUTSIDE, file].flatMap((path) => {
    const line = decides(path);
    return wanted.every((owner) => line?.owners.includes(owner)) ? [] : [{ path, line }];
  });
  const groups = Map.groupBy(wrong, ({ line }) => line?.line ?? 0);
  return [...groups].map(([line, items]) =>
    finding('OWNERS_CATCH_ALL', {
      place: { file, line: Math.max(1, line), column: 1 },
      message: `${items[0]?.path ?? ''}${more(items.length)} is not owned by the platform team`,
      expected: facts.platform.join(' '),
      found: shown(items[0]?.line),
    }),
  );
}

function orgFindings(facts: OwnerFacts, file: RepoPath, decides: Decides): readonly Finding[] {
  const byOrg = Map.groupBy(facts.paths, (path) => path.split('/')[1] ?? '');
  const orgs = [...facts.orgs].sort(([a], [b]) => byCodeUnit(a, b));
  return orgs.flatMap(([org, owners]) => {
    const paths = withNewFiles(org, byOrg.get(org) ?? []);
    const both = sorted([...owners, ...facts.platform]);
    const platform = sorted(facts.platform);
    const wrong = paths.flatMap((path) => {
      const wanted = ALONE.has(path.split('/')[2] ?? '') ? platform : both;
      const line = decides(path);
      return sorted(line?.owners ?? []).join(' ') === wanted.join(' ') ? [] : [{ path, line, wanted }];
    });
    const groups = Map.groupBy(wrong, ({ line, wanted }) => `${line?.line ?? 0} ${wanted.join(' ')}`);
    return [...groups.values()].map((items) => wrongOwners(org, file, items));
  });
}

/** The files of an org, and one that is not there yet in each folder and in a new one. */
function withNewFiles(org: OrgSlug, paths: readonly RepoPath[]): readonly string[] {
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const always = ['', '/waivers', '/pins', '/a-new-folder'].map((folder) => `orgs/${org}${folder}`);
  return [...paths, ...[...new Set([...folders, ...always])].map((folder) => `${folder}/${NEW}`)];
}

interface Wrong {
  readonly path: string;
  readonly line: OwnerLine | undefined;
  readonly wanted: readonly string[];
}

function wrongOwners(org: OrgSlug, file: RepoPath, items: readonly Wrong[]): Finding {
  const [first] = items;
  return finding('OWNERS_WRONG', {
    org,
    place: { file, line: first?.line?.line ?? 1, column: 1 },
    message: `${first?.path ?? ''}${more(items.length)} has other owners than its org and the platform team`,
    expected: (first?.wanted ?? []).join(' '),
    found: shown(first?.line),
  });
}

function missing(): Finding {
  return finding('OWNERS_MISSING', {
    place: startOf('.github/CODEOWNERS' as RepoPath),
    message: 'the repository has files for a forge and no owner file',
    expected: '.github/CODEOWNERS',
    found: 'no such file',
  });
}

function tooLarge(path: RepoPath): Finding {
  const facts = { expected: `at most ${MOST_BYTES} bytes`, found: 'a larger file' };
  return finding('OWNERS_SYNTAX', {
    place: startOf(path),
    message: 'the forge does not read this owner file',
    ...facts,
  });
}

function unreadable(file: RepoPath, line: number): Finding {
  return finding('OWNERS_SYNTAX', {
    place: { file, line, column: 1 },
    message: 'the forge skips this line',
    expected: 'a pattern without !, [ ] and \\, then users, teams or addresses',
    found: 'another line',
  });
}

const lower = (owners: readonly string[]): readonly string[] => owners.map((owner) => owner.toLowerCase());
const sorted = (owners: readonly string[]): readonly string[] => [...new Set(lower(owners))].sort(byCodeUnit);
const more = (count: number): string => (count > 1 ? ` and ${count - 1} more` : '');
const shown = (line: OwnerLine | undefined): string =>
  line === undefined ? 'no line that matches' : line.owners.length === 0 ? 'nobody' : line.owners.join(' ');
