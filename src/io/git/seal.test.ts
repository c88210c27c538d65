import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RepoPath } from '../../core/model/index.ts';
import { openRepository } from './index.ts';

const PATHS = ['fleet.yaml', 'orgs', 'approvals'] as readonly string[] as readonly RepoPath[];
const FILE = 'orgs/acme/org.yaml';

/** A minute on, so that what was written just now is settled. */
const later = (): number => Date.now() + 60_000;

const never = (): never => {
  throw new Error('expected a value');
};

let dir = '';
const git = (...args: string[]): string => execFileSync('git', args, { cwd: dir, encoding: 'utf8' }).trim();
const put = (file: string, text: string): void => {
  mkdirSync(join(dir, file, '..'), { recursive: true });
  writeFileSync(join(dir, file), text);
};
const commit = (): void => {
  git('add', '-A');
  git('commit', '-q', '--no-gpg-sign', '-m', 'a commit');
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-seal-'));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ana');
  git('config', 'user.email', 'ana@acme.example');
  put(FILE, 'a: 1\n');
  put('orgs/acme/teams/support.yaml', 'b: 2\n');
  put('orgs/bravo/org.yaml', 'c: 3\n');
  put('fleet.yaml', 'd: 4\n');
  put('README.md', 'e\n');
  put('.gitignore', '*.bak\n');
  commit();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const sealed = async (nowMs = later): ReturnType<ReturnType<typeof openRepository>['seal']> => {
  const repository = openRepository(dir, nowMs);
  return repository.seal(PATHS, (await repository.head()) ?? never());
};

/** What a new process finds by a seal that was made before `change`. */
const foundAfter = async (change: () => void): Promise<readonly string[] | undefined> => {
  const { seal, folders } = (await sealed()) ?? never();
  change();
  return openRepository(dir).editedSince(seal, () => folders);
};

/** Another text of the same length, with the old times put back: only the change time tells. */
const editUnseen = (file: string): void => {
  const { atime, mtime } = statSync(join(dir, file));
  const text = readFileSync(join(dir, file), 'utf8');
  writeFileSync(join(dir, file), text.replace(/\d/, '9'));
  utimesSync(join(dir, file), atime, mtime);
};

describe('a sealed work tree', () => {
  it('is unbroken while nothing moved, by one git process and no blob', async () => {
    const { seal, folders } = (await sealed()) ?? never();
    const repository = openRepository(dir);
    expect(await repository.editedSince(seal, () => folders)).toEqual([]);
    expect(repository.counters).toEqual({ processes: 1, blobsRead: 0 });
  });

  const KEPT: readonly (readonly [what: string, change: () => void])[] = [
    ['a touched file', () => utimesSync(join(dir, FILE), new Date(), new Date())],
    ['a file that is written again with the same text', () => put(FILE, 'a: 1\n')],
    ['a file that nobody checks', () => put('README.md', 'f\n')],
    ['a new file that nobody checks', () => put('docs/new.md', 'f\n')],
  ];
  it.each(KEPT)('is not broken by %s', async (_what, change) => {
    expect(await foundAfter(change)).toEqual([]);
  });

  const EDITED: readonly (readonly [what: string, change: () => void])[] = [
    ['another text', () => put(FILE, 'a: 10\n')],
    ['a text of the same length with the old times', () => editUnseen(FILE)],
    ['an executable bit', () => chmodSync(join(dir, FILE), 0o755)],
  ];
  it.each(EDITED)('names the one file with %s, and reads it as dirty without a look at HEAD', async (_what, change) => {
    git('config', 'core.trustctime', 'false');
    const { seal, folders } = (await sealed()) ?? never();
    change();
    const repository = openRepository(dir);
    expect(await repository.editedSince(seal, () => folders)).toEqual([FILE]);
    expect(await repository.dirtyPaths()).toEqual([FILE]);
    expect(repository.counters.processes).toBe(1);
    const whole = await openRepository(dir).workTree().list(PATHS);
    expect(await repository.workTree().list(PATHS)).toEqual(whole);
  });

  const BROKEN: readonly (readonly [what: string, change: () => void])[] = [
    ['a new file', () => put('orgs/acme/teams/new.yaml', 'n: 1\n')],
    ['a new file in a new folder', () => put('orgs/acme/custom/deep/new.yaml', 'n: 1\n')],
    ['a new org', () => put('orgs/charlie/org.yaml', 'n: 1\n')],
    ['a folder that was not there', () => put('approvals/one.yaml', 'n: 1\n')],
    ['a deleted file', () => rmSync(join(dir, FILE))],
    ['a deleted folder', () => rmSync(join(dir, 'orgs/bravo'), { recursive: true })],
    ['a deleted file at the top', () => rmSync(join(dir, 'fleet.yaml'))],
    ['a renamed file', () => renameSync(join(dir, FILE), join(dir, 'orgs/acme/Org.yaml'))],
    [
      'a file behind a link',
      () => {
        renameSync(join(dir, FILE), join(dir, 'org.yaml'));
        symlinkSync('../../org.yaml', join(dir, FILE));
      },
    ],
    [
      'a folder behind a link',
      () => {
        renameSync(join(dir, 'orgs/acme'), join(dir, 'acme'));
        symlinkSync('../acme', join(dir, 'orgs/acme'));
      },
    ],
    [
      'an ignored file that is no longer ignored',
      () => {
        put('orgs/acme/old.bak', 'n: 1\n');
        put('.gitignore', '');
      },
    ],
    [
      'a staged edit',
      () => {
        put(FILE, 'a: 2\n');
        git('add', FILE);
      },
    ],
    [
      'a file that git was told to expect',
      () => {
        put('orgs/acme/new.yaml', 'n: 1\n');
        git('add', '-N', 'orgs/acme/new.yaml');
      },
    ],
    [
      'an edit that git was told not to look at',
      () => {
        git('update-index', '--assume-unchanged', FILE);
        put(FILE, 'a: 2\n');
      },
    ],
    [
      'another commit',
      () => {
        put('fleet.yaml', 'd: 5\n');
        commit();
      },
    ],
  ];
  it.each(BROKEN)('is broken by %s', async (_what, change) => {
    expect(await foundAfter(change)).toBeUndefined();
  });

  it('is asked without any git process when the index is another one', async () => {
    const { seal, folders } = (await sealed()) ?? never();
    put(FILE, 'a: 2\n');
    git('add', FILE);
    const repository = openRepository(dir);
    expect(await repository.editedSince(seal, () => folders)).toBeUndefined();
    expect(repository.counters.processes).toBe(0);
  });

  it('is worth nothing with the folders of another seal, or with none', async () => {
    const first = (await sealed()) ?? never();
    put('orgs/acme/teams/new.yaml', 'n: 1\n');
    commit();
    const second = (await sealed()) ?? never();
    expect(await openRepository(dir).editedSince(second.seal, () => first.folders)).toBeUndefined();
    expect(await openRepository(dir).editedSince(second.seal, () => undefined)).toBeUndefined();
    expect(await openRepository(dir).editedSince(second.seal, () => second.folders)).toEqual([]);
  });
});

describe('no seal is made', () => {
  const UNSEALED: readonly (readonly [what: string, state: () => void])[] = [
    ['of an edited file', () => put(FILE, 'a: 2\n')],
    ['of a new file', () => put('orgs/acme/new.yaml', 'n: 1\n')],
    ['beside an ignored file, which other rules could bring in', () => put('orgs/acme/old.bak', 'n: 1\n')],
    ['of a file that git was told to take for unchanged', () => git('update-index', '--assume-unchanged', FILE)],
    ['of a file that git was told to skip', () => git('update-index', '--skip-worktree', FILE)],
    [
      'of another repository inside',
      () => {
        mkdirSync(join(dir, 'orgs/inner'));
        execFileSync('git', ['init', '-q'], { cwd: join(dir, 'orgs/inner') });
        appendFileSync(join(dir, '.git/info/exclude'), 'orgs/inner\n');
      },
    ],
  ];
  it.each(UNSEALED)('%s', async (_what, state) => {
    state();
    expect(await sealed()).toBeUndefined();
  });

  it('of a folder that changed a moment ago: it could change again in the same tick', async () => {
    expect(await sealed(Date.now)).toBeUndefined();
  });

  it('of another commit than the one that is checked out', async () => {
    const repository = openRepository(dir, later);
    const first = (await repository.head()) ?? never();
    put(FILE, 'a: 2\n');
    commit();
    expect(await openRepository(dir, later).seal(PATHS, first)).toBeUndefined();
  });
});

it('a linked work tree is sealed by its own index', async () => {
  const linked = `${dir}-linked`;
  git('worktree', 'add', '-q', '-b', 'side', linked);
  try {
    const repository = openRepository(linked, later);
    const { seal, folders } = (await repository.seal(PATHS, (await repository.head()) ?? never())) ?? never();
    writeFileSync(join(linked, FILE), 'a: 7\n');
    expect(await openRepository(linked).editedSince(seal, () => folders)).toEqual([FILE]);
    expect(await foundAfter(() => undefined)).toEqual([]);
  } finally {
    rmSync(linked, { recursive: true, force: true });
  }
});
